"""One head on several sentences, side by side: their matrices on one scale, their words, and the head's scores on each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attention.errors import ShapeError


@dataclass(frozen=True, slots=True)
class Bar:
    """A score from 0 to 1 in one column: on this sentence, and over many (None: not there)."""

    here: float | None
    usual: float | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Column:
    """One sentence.

    name, own: its language, and that name in the language itself. code: ISO 639-1, or empty. mirrored: read from right to left.
    sentence: slices of the text in order, each with its word, or -1 between words. words: the first and last row of each
    word of the figure. specials: words that the tokenizer added. figure: of views.heatmap.render.
    """

    name: str
    own: str
    code: str
    mirrored: bool
    note: str
    sentence: Sequence[tuple[str, int]]
    words: Sequence[tuple[int, int]]
    specials: Sequence[int]
    figure: dict
    largest: float
    bars: Sequence[Bar]


def render(
    columns: Sequence[Column],
    *,
    key: str,
    title: str,
    said: str,
    aside: str,
    caption: str,
    patterns: Sequence[str],
    rest: str = "",
    selected: tuple[int, int] | None = None,
) -> dict:
    """What `mountSideBySide` draws; plain JSON. All columns share one scale, from 0 to the largest weight among them.

    key: what tells these texts from others; links that carry another one are not shown. said: the answer in a sentence; aside:
    what it rests on. patterns: titles of the bars, one for each of a column's. rest: about the patterns left out.
    Raises: ShapeError where a column has more or fewer bars.
    """
    for column in columns:
        if len(column.bars) != len(patterns):
            raise ShapeError("shape", name="bars", got=(len(column.bars),), expected=(len(patterns),))
    return {
        "key": key, "title": title, "said": said, "aside": aside, "caption": caption, "patterns": list(patterns), "rest": rest,
        "largest": max((column.largest for column in columns), default=0.0),
        "selected": None if selected is None else list(selected),
        "columns": [_column(column) for column in columns],
    }  # fmt: skip


def render_links(key: str, pairs: Mapping[tuple[int, int], Sequence[tuple[int, int, float]]]) -> dict:
    """The links between words of two columns each: word of the first, word of the second, similarity."""
    return {
        "key": key,
        "pairs": [
            [one, other, [[first, second, round(similarity, 3)] for first, second, similarity in found]]
            for (one, other), found in pairs.items()
        ],
    }


def _column(column: Column) -> dict:
    return {
        "name": column.name, "own": column.own, "code": column.code, "mirrored": column.mirrored, "note": column.note,
        "sentence": [list(part) for part in column.sentence], "words": [list(rows) for rows in column.words],
        "specials": list(column.specials), "figure": column.figure,
        "bars": [[_rounded(bar.here), _rounded(bar.usual)] for bar in column.bars],
    }  # fmt: skip


def _rounded(score: float | None) -> float | None:
    return None if score is None or score != score else round(score, 3)
