"""Weighted values stacked per dimension, as static/panel_stack.js draws them."""

import numpy as np

from attention.views.figure.real import Real
from attention.views.figure.sheet import Sheet
from attention.views.figure.spoken import plain, rounded_up, say_tick
from attention.views.panels.frame import decode_values

HEIGHT = 232
TOP, BOTTOM = 18, HEIGHT - 34


def draw_stack(sheet: Sheet, value: dict, width: Real) -> Real:
    """Draws the panel from the sheet's corner on; returns its height."""
    values = decode_values(value["values"]).double().numpy()
    output = [plain(one) for one in value["output"]]
    starts = starts_of(values)
    reach = value["largest"] or rounded_up(
        max(1e-9, *map(abs, output), float(np.abs(starts).max()), float(np.abs(starts + values).max()))
    )
    left = max(sheet.pen.width(say_tick(at), 11, "mono") for at in (-reach, 0, reach)) + 9

    def down(at: Real) -> Real:
        return (TOP + BOTTOM) / 2 - (BOTTOM - TOP) / 2 * min(max(at / reach, -1), 1)

    for at in (-reach, 0, reach):
        sheet.line([(left, down(at)), (width, down(at))], "line" if at else "muted")
        sheet.text(left - 7, down(at), say_tick(at), 11, "muted", align="right", kind="mono")
    dims = values.shape[1]
    step = (width - left - 2) / dims
    bar = max(1.0, step - min(max(step * 0.22, 1), 10))
    x = [left + d * step + (step - bar) / 2 for d in range(dims)]
    for token, row in enumerate(values):
        for d, size in enumerate(row):
            ends = down(starts[token, d]), down(starts[token, d] + size)
            if ends[0] != ends[1]:
                sheet.box(x[d], min(ends), bar, abs(ends[0] - ends[1]), fill=value["colors"][token])
    for width_, color in ((6, "paper"), (3, "ink")):
        for d, at in enumerate(output):
            sheet.line([(x[d] - 2, down(at)), (x[d] + bar + 2, down(at))], color, width_)
    every = int(np.ceil(24 / step))
    for d in range(0, dims, every):
        sheet.text(x[d] + bar / 2, BOTTOM + 12, str(d), 11, "muted", align="center", kind="mono")
    sheet.text((left + width) / 2, HEIGHT - 8, "dimension", 12, "muted", align="center")
    sheet.line([(width - 58, 6), (width - 44, 6)], "ink", 3)
    sheet.text(width - 38, 6, "output", 12, "muted")
    return HEIGHT + 10 + _draw_chips(sheet.mirrored(width, value["mirrored"]).inside(0, HEIGHT + 10), value, width)


def starts_of(values: np.ndarray) -> np.ndarray:
    """Where each part starts: positive parts pile up from zero, negative ones down."""
    up = np.where(values >= 0, values, 0).cumsum(axis=0)
    low = np.where(values < 0, values, 0).cumsum(axis=0)
    return np.where(values >= 0, up, low) - values


def _draw_chips(sheet: Sheet, value: dict, width: Real) -> Real:
    """Which color is whose; returns the height."""
    x, y = 0.0, 0.0
    for text, color in zip(value["labels"]["texts"], value["colors"], strict=True):
        text = sheet.pen.fit(text, 12, 140, "mono")
        wide = 17 + sheet.pen.width(text, 12, "mono")
        if x and x + wide > width:
            x, y = 0.0, y + 24
        sheet.box(x, y + 4.5, 11, 11, fill=color, corner=2)
        sheet.text(x + 17, y + 10, text, 12, kind="mono")
        x += wide + 14
    return y + 20
