"""What both kinds of matrix share: colored cells, hatched places, and words beside rows and above columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attention.views.figure.colors import STEPS, Ramp
from attention.views.figure.pen import Kind
from attention.views.figure.real import Real
from attention.views.figure.sheet import Sheet
from attention.views.figure.spoken import round_ticks

AS_IMAGE = 12  # pixels: smaller cells are one image, larger ones boxes with a hairline between
DEVICE = 96 / 300  # one dot of a figure at 300 dpi, in CSS pixels
GAP = 6  # between words and cells


@dataclass(frozen=True, eq=False, slots=True)
class Cells:
    """A matrix as it is drawn, columns from left to right. tones: 0 to 1 along the ramp; NaN is hatched."""

    tones: np.ndarray
    ramp: Ramp
    wide: Real
    high: Real

    @property
    def across(self) -> Real:
        return self.tones.shape[1] * self.wide

    @property
    def down(self) -> Real:
        return self.tones.shape[0] * self.high


@dataclass(frozen=True, slots=True)
class Words:
    """The names of rows or columns. ticks: they are plain positions, of which round ones are named."""

    texts: tuple[str, ...]
    special: frozenset[int] = frozenset()
    ticks: bool = False

    def shown(self, cell: Real, size: Real, apart: Real, always: Sequence[int]) -> list[int]:
        """Which are named: all there is room for, and always those that matter."""
        count = len(self.texts)
        if self.ticks:
            step, room = self._step(cell, apart), apart * 0.7
        else:
            step, room = (1 if cell >= size else int(np.ceil((size + 3) / cell))), size + 2
        free = step == 1 and not self.ticks
        kept = [i for i in range(0, count, step) if free or all(abs(j - i) * cell >= room for j in always)]
        return sorted({*kept, *always})

    def _step(self, cell: Real, apart: Real) -> int:
        """The round step at which positions are named."""
        count = len(self.texts)
        ticks = round_ticks(0, max(1, count - 1), count * cell / apart)
        return max(1, round(ticks[1])) if len(ticks) > 1 else count


def words_of(coded: dict | None, count: int) -> Words:
    """The names behind `coded_labels`'s answer; positions where there are none."""
    if coded is None:
        return Words(tuple(str(i) for i in range(count)), ticks=True)
    return Words(tuple(coded["texts"]), frozenset(coded["special"]))


def flipped(words: Words) -> Words:
    """The same from right to left."""
    last = len(words.texts) - 1
    return Words(words.texts[::-1], frozenset(last - i for i in words.special), words.ticks)


def on_dots(cell: Real, *, larger: bool = False) -> Real:
    """Small cells end on whole dots of a print, or some would look wider; unless that changes their size by a seventh.

    larger: there is room for cells a little larger than this.
    """
    dots = cell / DEVICE + 0.01
    whole = DEVICE * (round(dots) if larger else int(dots))
    return whole if cell < AS_IMAGE and abs(whole - cell) <= 0.15 * cell else cell


def draw_cells(sheet: Sheet, cells: Cells) -> None:
    """Colors every cell that has a number, hatches the others and frames the whole, from the sheet's corner on."""
    codes = np.nan_to_num(np.round((STEPS - 1) * cells.tones), nan=0).astype(int)
    known = ~np.isnan(cells.tones)
    if min(cells.wide, cells.high) < AS_IMAGE:
        rgba = np.dstack([cells.ramp.rgb[codes], np.where(known, 255, 0).astype(np.uint8)])
        sheet.image(rgba, 0, 0, cells.across, cells.down)
    else:
        for row, column in np.argwhere(known).tolist():
            color = cells.ramp.at(float(cells.tones[row, column]))
            sheet.box(column * cells.wide, row * cells.high, cells.wide - 1, cells.high - 1, fill=color)
    sheet.hatch([
        (start * cells.wide, row * cells.high, (end - start) * cells.wide, cells.high)
        for row in range(len(known))
        for start, end in stretches(~known[row])
    ])  # fmt: skip
    sheet.box(-0.5, -0.5, cells.across + 1, cells.down + 1, color="line")


def stretches(flags: np.ndarray) -> list[tuple[int, int]]:
    """Start and end (half-open) of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def draw_numbers(sheet: Sheet, cells: Cells, texts: Sequence[Sequence[str]], size: Real) -> None:
    """A text in the middle of every cell, in the color that is read best on it; "" where there is none."""
    for row, column in np.argwhere(~np.isnan(cells.tones)).tolist():
        x, y = (column + 0.5) * cells.wide - 0.5, (row + 0.5) * cells.high - 0.5
        color = cells.ramp.text_on(float(cells.tones[row, column]))
        sheet.text(x, y, texts[row][column], size, color, align="center", kind="mono")


def draw_note(sheet: Sheet, x: Real, y: Real, text: str, room: Real) -> None:
    """Words on hatched ground."""
    text = sheet.pen.fit(text, 10, room, "mono")
    wide = sheet.pen.width(text, 10, "mono")
    sheet.box(x - wide / 2 - 3, y - 7, wide + 6, 14, fill="paper")
    sheet.text(x, y, text, 10, "muted", align="center", kind="mono")


def label_rows(
    sheet: Sheet, words: Words, cells: Cells, *, size: Real, room: Real, marked: int | None, role: str, right: bool = False
) -> None:  # fmt: skip
    """Names beside the rows: left of them, or right where columns run from right to left."""
    for row in words.shown(cells.high, size, 26, [] if marked is None else [marked]):
        color, kind = _look(words, row, marked, role)
        x = cells.across + GAP if right else -GAP
        shown = 11 if words.ticks else size
        sheet.text(x, (row + 0.5) * cells.high, words.texts[row], shown, color, align="left" if right else "right", kind=kind, room=room)  # fmt: skip


def label_columns(sheet: Sheet, words: Words, cells: Cells, *, size: Real, room: Real) -> None:
    """Names above the columns, standing; positions lie."""
    for column in words.shown(cells.wide, size, 40, []):
        color, kind = _look(words, column, None, "ink")
        x = (column + 0.5) * cells.wide
        if words.ticks:
            sheet.text(x, -10, words.texts[column], 11, color, align="center", kind="mono")
        else:
            sheet.standing(x, -GAP, words.texts[column], size, color, room=room, kind=kind)


def _look(words: Words, at: int, marked: int | None, role: str) -> tuple[str, Kind]:
    if at == marked:
        return role, "bold"
    return ("muted" if at in words.special or words.ticks else "ink"), "mono"
