"""The named patterns: one selector and one row each. A selector marks the cells a perfect head would fill."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from attention.core.patterns.layout import Band, Layout

Cells = Bool[Tensor, "*text row key_pos"]

NEAR = 2
FAR_OFFSETS = (2, 3, 4, 5, 6)


def _always(text: Layout) -> Bool[Tensor, "*text"]:
    return torch.ones(text.texts, dtype=torch.bool)


def _both_ways(text: Layout) -> Bool[Tensor, "*text"]:
    return torch.full(text.texts, not text.causal)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One row.

    null: what a head's own habits already explain: "column" (some keys are popular in every row), "distance" (some offsets
    are popular whatever the token), or "both" (whichever explains more).
    reason: one sentence; {share} and {chance} become parts of attention in percent, {offset} the distance of "offset".
    applies: whether the pattern can occur on a text at all.
    offset: the single distance it selects, for those that select one.
    wide: it holds the cells of narrow patterns, so its score is lowered where one distance or one key explains it.
    causal_only: listed only where no row may look ahead. Elsewhere the same cells are scored, but ordinary heads reach 0.3 on
    them (what follows another "the" is a noun, and nouns are looked at anyway).
    """

    name: str
    title: str
    select: Callable[[Band], Cells]
    null: Literal["column", "distance", "both"]
    reason: str
    source: str
    applies: Callable[[Layout], Bool[Tensor, "*text"]] = _always
    offset: int | None = None
    causal_only: bool = False
    wide: bool = False


def _at(distance: int) -> Callable[[Band], Cells]:
    return lambda band: band.text.content[..., None, :] & (band.distance == distance)


def _first(band: Band) -> Cells:
    text = band.text
    return (torch.arange(text.n) == text.first).expand(*text.texts, len(band.query_pos), -1)


def _separator(band: Band) -> Cells:
    text = band.text
    marks = text.special & (torch.arange(text.n) != text.first)
    return marks[..., None, :].expand(*text.texts, len(band.query_pos), -1)


def _punctuation(band: Band) -> Cells:
    return (band.text.content & band.text.punctuation)[..., None, :] & (band.distance != 0)


def _same(band: Band, of: Int[Tensor, "*text position"]) -> Cells:
    """Keys of content that have what the row's own token has in `of`."""
    return band.text.content[..., None, :] & (of[..., band.query_pos, None] == of[..., None, :])


def _same_token(band: Band) -> Cells:
    return _same(band, band.text.ids) & (band.distance != 0)


def _induction(band: Band) -> Cells:
    ids = band.text.ids
    before = torch.nn.functional.pad(ids, (1, -1), value=-1)
    found = ids[..., band.query_pos, None] == before[..., None, :]
    return band.text.content[..., None, :] & found & (band.distance != 0) & (band.distance != 1)


def _word_internal(band: Band) -> Cells:
    return _same(band, band.text.word) & (band.distance != 0)


def _local(band: Band) -> Cells:
    return band.text.content[..., None, :] & (band.distance.abs() <= NEAR)


def _long_range(band: Band) -> Cells:
    return band.text.content[..., None, :] & (3 * band.distance.abs() > band.text.length)


def _same_segment(band: Band) -> Cells:
    return _same(band, band.text.segment) & (band.distance.abs() > NEAR)


_CLARK = "Clark et al. 2019, section 3"
_SHARE = "{share} of its attention, where chance gives {chance}."

PATTERNS = (
    Pattern("previous", "Previous token", _at(-1), "column", f"Each token looks at the one before it: {_SHARE}", _CLARK, offset=-1),
    Pattern("next", "Next token", _at(1), "column", f"Each token looks at the one after it: {_SHARE}", _CLARK, applies=_both_ways, offset=1),
    Pattern("self", "Itself", _at(0), "column", f"Each token looks at itself: {_SHARE}", _CLARK, offset=0),
    Pattern("first", "First token", _first, "distance", f"Each token looks at the very first one, whatever it is: {_SHARE}", "Xiao et al. 2024, section 3.1"),
    Pattern("separator", "Separator", _separator, "distance", f"Each token looks at an added mark, such as the one that ends the text: {_SHARE}", _CLARK),
    Pattern("punctuation", "Punctuation", _punctuation, "distance", f"Each token looks at punctuation, wherever it stands: {_SHARE}", _CLARK),
    Pattern("same_token", "Same token", _same_token, "both", f"A repeated token looks at its other copies: {_SHARE}", "Wang et al. 2023, section 3"),
    Pattern("induction", "Induction", _induction, "both", f"A repeated token looks at what followed its earlier copies: {_SHARE}", "Olsson et al. 2022", causal_only=True),
    Pattern("word_internal", "Inside the word", _word_internal, "both", f"A piece of a word looks at the word's other pieces: {_SHARE}", "Correia et al. 2019, section 5"),
    Pattern("local", "Neighborhood", _local, "column", f"Each token looks at most two steps away: {_SHARE}", "Kovaleva et al. 2019, section 4.1", wide=True),
    Pattern("long_range", "Far away", _long_range, "column", f"Each token looks further than a third of the text away: {_SHARE}", "Raganato and Tiedemann 2018, section 4", wide=True),
    Pattern("same_segment", "Same text", _same_segment, "both", f"Each token stays in its own one of the two texts: {_SHARE}", "Kovaleva et al. 2019, section 4.1", applies=lambda text: text.pairs, wide=True),
)  # fmt: skip

OFFSETS = tuple(
    Pattern(f"offset {step:+d}", "Fixed offset", _at(step), "column", "", "Raganato et al. 2020, section 3", applies=_both_ways if step > 0 else _always, offset=step)
    for size in FAR_OFFSETS
    for step in (-size, size)
)  # fmt: skip
"""The single distances that make up the pattern "offset", whose score is the best of theirs."""

ANY_OFFSET = Pattern(
    "offset",
    "Fixed distance",
    _at(0),
    "column",
    f"Each token looks at the one {{offset}}: {_SHARE}",
    "Raganato et al. 2020, section 3",
)
"""The row of "offset" as people read it; its cells are those of the head's best single distance."""

LISTED = (*PATTERNS, ANY_OFFSET)
"""Every pattern that can be found in a head, for the ranking and the screen."""
