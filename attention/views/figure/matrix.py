"""A lab's matrix, as static/panel_matrix.js draws it."""

import numpy as np

from attention.views.coding import decode_mask
from attention.views.figure import cells as shared
from attention.views.figure.cells import Cells, flipped, on_dots, words_of
from attention.views.figure.real import Real
from attention.views.figure.scale import draw_scale
from attention.views.figure.sheet import Sheet
from attention.views.figure.spoken import say, say_short, say_tick
from attention.views.panels.frame import decode_values

LARGEST_CELL, TALLEST = 40, 480
AXIS = 22
LABELS_TO = 112


def draw_matrix(sheet: Sheet, value: dict, width: Real) -> Real:
    """Draws the panel from the sheet's corner on; returns its height."""
    numbers, tones = numbers_and_tones(value)
    rows, columns = words_of(value["rows"], len(numbers)), words_of(value["columns"], numbers.shape[1])
    turned = is_turned(value)
    sided = turned or (value["mirrored"] and bool(value["rows"] or value["linked"][0]))
    if turned:
        numbers, tones, columns = numbers[:, ::-1], tones[:, ::-1], flipped(columns)
    small, pen = value["small"], sheet.pen
    beside = min(max(8.0, *(pen.width(text, 12, "mono") for text in rows.texts)), LABELS_TO, width * 0.24)
    above = 12.0 if columns.ticks else min(max(8.0, *(pen.standing(text, 12) for text in columns.texts)), LABELS_TO)
    x, y = (1.0, 1.0) if small else (AXIS + beside + shared.GAP, AXIS + above + shared.GAP)
    ramp = sheet.colors.signed if value["ramp"] == "signed" else sheet.colors.weights
    cells = Cells(tones, ramp, *_sizes(tones.shape, width, x))
    grid = sheet.inside(1 if sided else x, y)
    shared.draw_cells(grid, cells)
    _draw_texts(grid, cells, value, numbers)
    if value["selected"] is not None:
        out = 2 if cells.high < 8 else 0
        top = value["selected"] * cells.high
        grid.box(-0.5, top - out - 0.5, cells.across + 1, cells.high + 2 * out, color="accent", width=2)
    if small:
        return y + cells.down + 3
    size = min(max(round(min(cells.wide, cells.high) * 0.85), 9), 12)
    role = value["linked"][0] or "ink"
    shared.label_rows(grid, rows, cells, size=size, room=beside, marked=value["selected"], role=role, right=sided)
    shared.label_columns(grid, columns, cells, size=size, room=above)
    _name_axes(sheet, value, cells, (x, y), turned=turned, sided=sided)
    bottom = y + max(cells.down, 92) + 12
    draw_scale(sheet.inside(max(0, width - 150), bottom), value["measure"], ramp, _ticks(value), 148)
    return bottom + 44


def is_turned(value: dict) -> bool:
    """Whether columns run from right to left: those of a sentence that is read so, where they are its tokens."""
    return value["mirrored"] and bool(value["columns"] or value["linked"][1])


def numbers_and_tones(value: dict) -> tuple[np.ndarray, np.ndarray]:
    """The panel's numbers, and where they lie on the ramp; NaN where nothing is colored."""
    numbers = decode_values(value["values"]).double().numpy()
    allowed = decode_mask(value["allowed"], *numbers.shape).numpy()
    bare = np.logical_not(allowed.any(axis=1))
    bare[value["empty_rows"]] = True
    share = (numbers - value["low"]) / (value["high"] - value["low"])
    share = np.clip(share, 0, 1)
    tones = np.sqrt(share) if value["ramp"] == "weights" else share
    return numbers, np.where(np.isfinite(numbers) & allowed & ~bare[:, None], tones, np.nan)


def _sizes(shape: tuple[int, ...], width: Real, x: Real) -> tuple[Real, Real]:
    """Cells are square where that is neither flat nor tall; long matrices are as wide as there is room."""
    rows, columns = shape
    fit = min(LARGEST_CELL, (width - x - 1) / columns)
    if max(rows, columns) > 32 and rows != columns:
        return on_dots(fit), on_dots(min(LARGEST_CELL, min(max((width - x) * 0.4, 96), 260) / rows))
    return (on_dots(min(fit, TALLEST / rows)),) * 2


def _draw_texts(grid: Sheet, cells: Cells, value: dict, numbers: np.ndarray) -> None:
    """Numbers where they fit, and words on what is hatched."""
    empty = np.isnan(cells.tones).all(axis=1)
    if cells.high >= 20:
        _draw_said(grid, cells, value, numbers, empty)
    for row in np.flatnonzero(empty).tolist() if cells.high >= 14 else ():
        shared.draw_note(grid, cells.across / 2, (row + 0.5) * cells.high, value["empty_note"], cells.across - 8)


def _draw_said(grid: Sheet, cells: Cells, value: dict, numbers: np.ndarray, empty: np.ndarray) -> None:
    weights = value["ramp"] == "weights"
    short = weights and value["low"] == 0 and value["high"] == 1 and value["digits"] == 2

    def speak(one: Real) -> str:
        return say_short(one) if short and np.isfinite(one) else say(one, value["digits"])

    size = min(max(round(cells.wide * 0.34), 9), 12)
    widest = max(grid.pen.width(speak(value["values"][end]), size, "mono") for end in ("low", "high"))
    if not value["small"] and widest <= cells.wide - 3:
        said = [["" if weights and one < 0.005 else speak(one) for one in row] for row in numbers.tolist()]
        shared.draw_numbers(grid, cells, said, size)
    allowed = decode_mask(value["allowed"], *numbers.shape).numpy()
    allowed = allowed[:, ::-1] if is_turned(value) else allowed
    for row, column in np.argwhere(np.isnan(cells.tones) & ~empty[:, None]).tolist():
        text = speak(float(numbers[row, column])) if allowed[row, column] else value["blocked_text"]
        if text and grid.pen.width(text, 10, "mono") <= cells.wide - 6:
            shared.draw_note(grid, (column + 0.5) * cells.wide, (row + 0.5) * cells.high, text, cells.wide)


def _name_axes(
    sheet: Sheet, value: dict, cells: Cells, corner: tuple[Real, Real], *, turned: bool, sided: bool
) -> None:  # fmt: skip
    x, y = corner
    roles = [linked or "muted" for linked in value["linked"]]
    down, across = value["axes"]
    start = 1 if sided else x
    if turned:
        end = start + max(cells.across, sheet.pen.width(across, 12))
        sheet.text(end, 8, across, 12, roles[1], align="right")
    else:
        sheet.text(start, 8, across, 12, roles[1], room=max(92, cells.across + 40))
    side = x + cells.across - 9 if sided else 9
    sheet.text(side, y, down, 12, roles[0], align="right", turned=True, room=max(92, cells.down))


def _ticks(value: dict) -> list[tuple[Real, str]]:
    signed = value["ramp"] == "signed"
    low, high = value["low"], value["high"]
    shares = (0, 0.5, 1) if signed else (0, 0.1, 1)
    return [(share if signed else share**0.5, say_tick(low + share * (high - low))) for share in shares]
