"""What the Scoring lab can be set to."""

from dataclasses import dataclass

from attention.share.settings.kinds import choice, number, switch
from attention.share.settings.real_head import RealHead

KINDS = {
    "scaled dot product": "Scaled dot product",
    "cosine": "Cosine",
    "bilinear": "Bilinear",
    "additive": "Additive",
}
VIEWS = {"spread": "Spread", "formats": "Formats", "torch": "PyTorch"}
LONGEST = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring(RealHead):
    """d_k: how many components the random vectors have. same: keys are the queries. kind: what stands beside q·k."""

    view: str = choice("spread", VIEWS, label="Show")
    d_k: int = number(16, 4, LONGEST, 4, label="Components, d_k", when={"source": ("made",)})
    n: int = number(10, 2, 32, label="Tokens", when={"source": ("made",)})
    same: bool = switch(False, label="K = Q", when={"source": ("made",)})
    kind: str = choice("scaled dot product", KINDS, label="Second picture's scoring")
    row: int = number(0, 0, 63, label="Row")
    seed: int = number(0, 0, 99, label="Seed", when={"source": ("made",)})
