"""What the Multi-head lab can be set to."""

from dataclasses import dataclass

from attention.share.settings.kinds import choice, number
from attention.share.settings.real_head import RealHead

VIEWS = {"heads": "Heads", "shapes": "Shapes", "differ": "Differences", "torch": "Torch"}
SIZES = {str(size): str(size) for size in (16, 32, 64, 128, 256, 512)}
HEADS = {str(count): str(count) for count in (1, 2, 4, 8)}
"""Each divides each of SIZES, so that every pair fits."""
SHARED = {"8": "one each", "4": "4", "2": "2", "1": "1 for all"}
"""Each divides each of HEADS, or is more than that and then means one per head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiHead(RealHead):
    """n: tokens. The head that is enlarged is `head`, among made-up ones the last where there are fewer."""

    view: str = choice("heads", VIEWS, label="Show")
    heads: str = choice("4", HEADS, label="Heads", when={"source": ("made",)})
    shared: str = choice("8", SHARED, label="Key-value heads", when={"source": ("made",)})
    size: str = choice("64", SIZES, label="Numbers per token, d_model", when={"source": ("made",)})
    n: int = number(8, 2, 32, label="Tokens", when={"source": ("made",)})
    seed: int = number(0, 0, 99, label="Seed", when={"source": ("made",)})

    @property
    def n_heads(self) -> int:
        """1 to 8, of made-up numbers."""
        return int(self.heads)

    @property
    def n_kv_heads(self) -> int:
        """At most n_heads, which it divides."""
        return min(int(self.shared), self.n_heads)

    @property
    def d_model(self) -> int:
        """16 to 512, of made-up numbers."""
        return int(self.size)
