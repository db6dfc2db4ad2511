"""Where a lab's numbers come from: made up, or taken from one head of a real model."""

from dataclasses import dataclass

from attention.models import catalog
from attention.share.settings.kinds import choice, number, words

MADE, REAL = "made", "real"
SENTENCE = "The animal didn't cross the street because it was too tired."


@dataclass(frozen=True, slots=True, kw_only=True)
class RealHead:
    """What every lab has in common; the rest matters only while `source` is "real".

    other: a second sentence to compare with, or empty.
    """

    source: str = choice(MADE, {MADE: "Made-up numbers", REAL: "A real head"}, label="Numbers")
    model: str = words(catalog.default(), 200, label="Model, or any Hub id")
    text: str = words(SENTENCE, 20_000, label="Sentence")
    other: str = words("", 20_000, label="Compare with another sentence")
    layer: int = number(2, 0, 199, label="Layer")
    head: int = number(6, 0, 199, label="Head")

    @property
    def real(self) -> bool:
        """Whether the numbers are a model's own."""
        return self.source == REAL


NAMES = ("model", "text", "other", "layer", "head")
"""Fields that only matter while the numbers are a model's own."""
