"""One head as a matrix: what views.heatmap.render makes, as static/heatmap.js draws it."""

from dataclasses import dataclass

import numpy as np

from attention.views.coding import decode, decode_mask
from attention.views.figure.cells import (
    GAP,
    Cells,
    Words,
    draw_cells,
    draw_note,
    draw_numbers,
    flipped,
    label_columns,
    label_rows,
    on_dots,
    stretches,
    words_of,
)
from attention.views.figure.real import Real
from attention.views.figure.scale import draw_scale, weight_ticks
from attention.views.figure.sheet import Sheet
from attention.views.figure.spoken import say_short

LARGEST_CELL = 40
TALLEST = 640
AXIS = 22
LABELS_TO = 112
NUMBERS_TO = 16  # tokens


@dataclass(frozen=True, eq=False, slots=True)
class Head:
    """The numbers behind a head's value, columns from left to right as they are drawn. blocked: no number there."""

    weights: np.ndarray
    blocked: np.ndarray
    empty: np.ndarray
    outlined: np.ndarray | None
    queries: Words
    keys: Words
    mirrored: bool

    @property
    def largest(self) -> Real:
        shown = self.weights[~self.blocked]
        return float(shown.max()) if shown.size else 0.0

    def tones(self, largest: Real) -> np.ndarray:
        """Even steps of the square root, up to the largest weight; NaN where blocked."""
        share = self.weights / largest if largest > 0 else np.zeros_like(self.weights)
        return np.where(self.blocked, np.nan, np.sqrt(share.clip(0, 1)))


def head_of(value: dict) -> Head:
    """What the browser reads from the same value."""
    weights = decode(value["weights"]).double().numpy()
    rows, cols = weights.shape
    allowed = decode_mask(value["allowed"], rows, cols).numpy()
    empty = np.logical_not(allowed.any(axis=1))
    empty[value["empty_rows"]] = True
    outline = value["outline"]
    outlined = None if outline is None else decode_mask(None if "all" in outline else outline, rows, cols).numpy()
    queries = words_of(value["queries"], rows)
    keys = queries if value["keys"] is None else words_of(value["keys"], cols)
    blocked = ~allowed | empty[:, None]
    if value["mirrored"]:
        weights, blocked, keys = weights[:, ::-1], blocked[:, ::-1], flipped(keys)
        outlined = outlined if outlined is None else outlined[:, ::-1]
    return Head(weights, blocked, empty, outlined, queries, keys, value["mirrored"])


def draw_heatmap(sheet: Sheet, value: dict, width: Real, largest: Real | None = None) -> tuple[Real, Real]:
    """Draws the head from the sheet's corner on; returns how wide and how high. largest: the ramp's end, if several share it."""
    head, pen = head_of(value), sheet.pen
    largest = head.largest if largest is None else largest
    rows, cols = head.weights.shape
    beside = min(max(8.0, *(pen.width(text, 12, "mono") for text in head.queries.texts)), LABELS_TO, width * 0.24)
    above = min(max(8.0, *(pen.standing(text, 12) for text in head.keys.texts)), LABELS_TO)
    lead, top = AXIS + beside + GAP, AXIS + above + GAP
    cell = on_dots(min(LARGEST_CELL, (width - lead - 2) / cols, TALLEST / rows), larger=True)
    size = min(max(round(cell * 0.85), 9), 12) if cell >= 9 else 10
    cells = Cells(head.tones(largest), sheet.colors.weights, cell, cell)
    full = lead + cells.across + 2
    grid = sheet.inside(1 if head.mirrored else lead, top)
    draw_cells(grid, cells)
    if max(rows, cols) <= NUMBERS_TO and cell >= 22:
        texts = [[say_short(one) if one >= 0.005 else "" for one in row] for row in head.weights.tolist()]
        draw_numbers(grid, cells, texts, min(max(round(cell * 0.34), 9), 12))
    _mark(grid, head, cells, value)
    label_rows(
        grid, head.queries, cells, size=size, room=beside, marked=value["query"], role="query", right=head.mirrored
    )
    label_columns(grid, head.keys, cells, size=size, room=above)
    _name_axes(sheet, head, cells, lead, top)
    bottom = top + max(cells.down, 96) + 14
    if largest > 0:
        draw_scale(
            sheet.inside(1 if head.mirrored else lead, bottom), "weight", sheet.colors.weights, weight_ticks(largest)
        )
        bottom += 44
    return max(full, lead + 170), bottom


def _mark(grid: Sheet, head: Head, cells: Cells, value: dict) -> None:
    """Empty rows in words, the outline of a pattern's cells, the kept row."""
    for row in np.flatnonzero(head.empty).tolist():
        note = value["empty_note"] if row in value["empty_rows"] else "no key allowed"
        if cells.high >= 14:
            draw_note(grid, cells.across / 2, (row + 0.5) * cells.high, note, cells.across - 8)
    if head.outlined is not None:
        draw_outline(grid, head.outlined, cells)
    if value["query"] is not None:
        room = 2 if cells.high < 8 else 0
        grid.box(
            -0.5, value["query"] * cells.high - room - 0.5, cells.across, cells.high + 2 * room, color="accent", width=2
        )


def draw_outline(grid: Sheet, outlined: np.ndarray, cells: Cells) -> None:
    """A line wherever a cell of the pattern meets one outside."""
    framed = np.pad(outlined, 1)
    width = 1.5 if cells.wide >= 8 else 0.75
    for row, edge in enumerate(framed[1:, 1:-1] != framed[:-1, 1:-1]):
        for start, end in stretches(edge):
            grid.line([(start * cells.wide, row * cells.high), (end * cells.wide, row * cells.high)], "accent", width)
    for column, edge in enumerate((framed[1:-1, 1:] != framed[1:-1, :-1]).T):
        for start, end in stretches(edge):
            grid.line(
                [(column * cells.wide, start * cells.high), (column * cells.wide, end * cells.high)], "accent", width
            )


def _name_axes(sheet: Sheet, head: Head, cells: Cells, lead: Real, top: Real) -> None:
    if head.mirrored:
        sheet.text(1 + cells.across, AXIS / 2, "looked at: key", 12, "key", align="right")
        x = lead + cells.across - AXIS / 2
    else:
        sheet.text(lead, AXIS / 2, "looked at: key", 12, "key")
        x = AXIS / 2
    sheet.text(x, top, "looking: query", 12, "query", align="right", turned=True)
