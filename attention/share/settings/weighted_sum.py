"""What the Weighted sum lab can be set to."""

from dataclasses import dataclass

from attention.share.settings.kinds import choice, number, words
from attention.share.settings.real_head import SENTENCE, RealHead

VIEWS = {"steps": "Steps", "paint": "Paint", "rows": "All words"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedSum(RealHead):
    """focus: the word that looks, zero-based. tau: the temperature's power of ten. d_head: numbers per made-up vector.

    sentence: whose words get made-up vectors; a real head reads `text`.
    """

    view: str = choice("steps", VIEWS, label="Show")
    focus: int = number(7, 0, 63, label="Word that looks")
    tau: float = number(0.0, -2.0, 1.0, 0.05, label="Temperature, 10 to the", power="Temperature")
    d_head: int = number(8, 2, 64, 2, label="d_k of made-up vectors", when={"source": ("made",)})
    seed: int = number(2, 0, 99, label="Seed", when={"source": ("made",)})
    sentence: str = words(
        SENTENCE,
        400,
        label="Sentence for made-up numbers",
        info="any words, in any language",
        when={"source": ("made",)},
    )
    layer: int = number(8, 0, 199, label="Layer")
    head: int = number(8, 0, 199, label="Head")

    @property
    def temperature(self) -> float:
        """0.01 to 10."""
        return 10.0**self.tau
