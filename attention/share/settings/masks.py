"""What the Masks lab can be set to."""

from dataclasses import dataclass

from attention.share.settings.kinds import choice, number, switch
from attention.share.settings.real_head import RealHead

VIEWS = {"weights": "Weights", "peeking": "Peeking", "empty": "Empty rows"}
KINDS = {
    "none": "None",
    "padding": "Padding",
    "causal": "Causal",
    "causal and padding": "Causal and padding",
    "sliding window": "Sliding window",
    "causal sliding window": "Causal sliding window",
}
"""The masks of attention.core.masks.KINDS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Masks(RealHead):
    """pads: how many tokens at the end are padding. row: whose weights are bars, and which token changes. tau: a power of ten.

    average: all heads instead of one, where weights are shown; whose output moves, and what an empty row gets, is one head's.
    """

    view: str = choice("weights", VIEWS, label="Show")
    kind: str = choice("causal", KINDS, label="Mask")
    row: int = number(4, 0, 63, label="Row")
    pads: int = number(2, 0, 64, label="Padding tokens", when={"kind": ("padding", "causal and padding")})
    width: int = number(3, 1, 24, label="Window width", when={"kind": ("sliding window", "causal sliding window")})
    tau: float = number(0.0, -2.0, 1.0, 0.05, label="Temperature, 10 to the", power="Temperature")
    n: int = number(8, 2, 24, label="Tokens", when={"source": ("made",)})
    seed: int = number(0, 0, 99, label="Seed", when={"source": ("made",)})
    silence: bool = switch(False, label="Silence padding rows too", when={"kind": ("padding", "causal and padding")})
    average: bool = switch(False, label="Average of heads", when={"view": ("weights",)})

    @property
    def temperature(self) -> float:
        """0.01 to 10."""
        return 10.0**self.tau

    @property
    def padded(self) -> bool:
        """Whether this mask knows of padding."""
        return "padding" in self.kind
