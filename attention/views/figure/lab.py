"""A lab's figure: a note, and panels side by side on twelve columns, as on a wide screen."""

from collections.abc import Callable

from attention.views.figure.bars import draw_bars
from attention.views.figure.curves import draw_curves
from attention.views.figure.flow import draw_flow
from attention.views.figure.graph import draw_graph
from attention.views.figure.matrix import draw_matrix
from attention.views.figure.numbers import draw_numbers
from attention.views.figure.real import Real
from attention.views.figure.sheet import Sheet
from attention.views.figure.stack import draw_stack
from attention.views.figure.swatches import draw_swatches
from attention.views.figure.table import draw_table
from attention.views.panels.frame import COLUMNS

KINDS: dict[str, Callable[[Sheet, dict, Real], Real]] = {
    "matrix": draw_matrix, "bars": draw_bars, "curves": draw_curves, "numbers": draw_numbers, "table": draw_table,
    "stack": draw_stack, "swatches": draw_swatches, "flow": draw_flow, "graph": draw_graph,
}  # fmt: skip
ACROSS, DOWN = 28, 36  # between panels
NOTE = 600  # pixels: as wide as a note is read well


def draw_lab(sheet: Sheet, value: dict, width: Real) -> tuple[Real, Real]:
    """Draws the panels from the sheet's corner on; returns how wide and how high."""
    top = _draw_note(sheet, value["note"], width)
    column = (width - (COLUMNS - 1) * ACROSS) / COLUMNS
    taken, high = 0, 0.0
    for panel in value["panels"]:
        if taken + panel["span"] > COLUMNS:
            top, taken, high = top + high + DOWN, 0, 0.0
        place = sheet.inside(taken * (column + ACROSS), top)
        wide = panel["span"] * column + (panel["span"] - 1) * ACROSS
        head = _draw_head(place, panel, wide)
        high = max(high, head + KINDS[panel["kind"]](place.inside(0, head), panel, wide))
        taken += panel["span"]
    return width, top + high


def _draw_note(sheet: Sheet, note: str, width: Real) -> Real:
    """The sentences above the panels, a paragraph each; returns where the panels start."""
    y = 0.0
    for paragraph in filter(None, note.split("\n\n")):
        for line in sheet.pen.wrap(paragraph, 15, min(width, NOTE), 8):
            sheet.text(0, y + 10, line, 15)
            y += 22
        y += 8
    return y + 16 if y else 0


def _draw_head(sheet: Sheet, panel: dict, width: Real) -> Real:
    """The panel's name and what stands beside it; returns where its picture starts."""
    title, aside, pen = panel["title"], panel["aside"], sheet.pen
    if not title and not aside:
        return 0
    besides = pen.wrap(aside, 12, width * 0.55 if title else width, 3)
    used = max((pen.width(line, 12) for line in besides), default=0)
    lines = pen.wrap(title, 13, width - used - (16 if used else 0), 3)
    for at, line in enumerate(lines):
        sheet.text(0, 10 + 18 * at, line, 13)
    for at, line in enumerate(besides):
        sheet.text(width, 10 + 18 * at, line, 12, "muted", align="right")
    small = panel.get("small")
    return 20 + 18 * (max(len(lines), len(besides), 1) - 1) + (6 if small else 12)
