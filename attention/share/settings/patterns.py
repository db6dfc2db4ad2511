"""What the Patterns tab can be set to: the behavior check of a decoder."""

from dataclasses import dataclass

from attention.models import catalog
from attention.share.settings.kinds import number, switch, words

LENGTHS = (8, 128)
SEEDS = (0, 2**31 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """length: tokens of one copy. check: the decoder is checked when the view is opened, which takes some passes."""

    model: str = words(catalog.INDUCTION, 200, label="Decoder, or any Hub id")
    length: int = number(32, *LENGTHS, label="Tokens in a copy")
    seed: int = number(0, *SEEDS, label="Seed")
    check: bool = switch(False, label="Check by behavior")
