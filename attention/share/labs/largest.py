"""Which tokens of a long row are shown as bars."""

from jaxtyping import Float
from torch import Tensor

from attention.views.labels import Label, isolated

SHOWN = 20
"""More bars than this make a panel longer than the screen."""


def largest(values: Float[Tensor, " token"]) -> list[int]:
    """All positions of a short row, or those of the 20 largest values, in the order of the text; NaN counts as none."""
    if len(values) <= SHOWN:
        return list(range(len(values)))
    return sorted(values.nan_to_num(nan=-float("inf")).topk(SHOWN).indices.tolist())


def row_title(name: str, row: int, label: Label, count: int) -> str:
    """What a row's bars are called: its word where it is not just its number, and how many tokens of it are shown."""
    word = "" if label.text == str(row) else f": {isolated(label.text)}"
    return f"{name} {row}{word}" + (f", its {SHOWN} largest of {count}" if count > SHOWN else "")
