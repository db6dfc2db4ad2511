"""Numbers by language and tokenizer: a table that can be sorted, every number with its bar."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from attention.errors import ShapeError


@dataclass(frozen=True, slots=True)
class Language:
    """One row. own: its name in itself; code: ISO 639-1."""

    name: str
    own: str
    code: str


def render(
    languages: Sequence[Language], columns: Sequence[str], numbers: Mapping[str, Sequence[Sequence[float | int | None]]],
    *, titles: Mapping[str, str], caption: str,
) -> dict:  # fmt: skip
    """What `mountLanguageTable` draws; plain JSON.

    numbers: by measure, a row per language, a number per column, None where there is none. titles: of the measures.
    Raises: ShapeError where rows or columns are missing.
    """
    for measure, rows in numbers.items():
        if len(rows) != len(languages) or any(len(row) != len(columns) for row in rows):
            got = (len(rows), len(rows[0]) if rows else 0)
            raise ShapeError("shape", name=measure, got=got, expected=(len(languages), len(columns)))
    return {
        "languages": [asdict(one) for one in languages],
        "columns": list(columns),
        "numbers": {
            measure: [[None if one is None else round(float(one), 3) for one in row] for row in rows]
            for measure, rows in numbers.items()
        },
        "titles": dict(titles),
        "caption": caption,
    }
