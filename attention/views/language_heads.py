"""Heads that do the same in all languages, or differ most: a line each, every language a tick between chance and everything."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from attention.errors import ShapeError


@dataclass(frozen=True, slots=True)
class Row:
    """One head and pattern. name: of the pattern; scores: one per language, 0 to 1, None where it cannot be shown.

    number: what the list is ranked by, with its 95% interval low to high. least, most: the languages at both ends.
    """

    layer: int
    head: int
    name: str
    title: str
    scores: Sequence[float | None]
    number: float
    low: float
    high: float
    least: str
    most: str


def render(
    rows: Sequence[Row], *, languages: Sequence[str], measure: str, note: str, selected: tuple[int, int] | None = None
) -> dict:  # fmt: skip
    """What `mountLanguageHeads` draws; plain JSON. measure: what the number is, in a word or two.

    Raises: ShapeError where a row has more or fewer scores than there are languages.
    """
    for row in rows:
        if len(row.scores) != len(languages):
            raise ShapeError("shape", name="scores", got=(len(row.scores),), expected=(len(languages),))
    return {
        "rows": [asdict(row) | {"scores": [None if one is None else round(one, 3) for one in row.scores]} for row in rows],
        "languages": list(languages), "measure": measure, "note": note,
        "selected": None if selected is None else list(selected),
    }  # fmt: skip
