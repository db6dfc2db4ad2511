"""Attention as mixing paint, as static/panel_swatches.js draws it."""

from attention.views.figure.bars import GAP, MANY, columns_of, draw_none
from attention.views.figure.real import Real
from attention.views.figure.sheet import Sheet
from attention.views.figure.spoken import plain

SWATCH = 16


def draw_swatches(sheet: Sheet, value: dict, width: Real) -> Real:
    """Draws the panel from the sheet's corner on; returns its height."""
    sheet = sheet.mirrored(width, value["mirrored"])
    texts, weights = value["labels"]["texts"], [plain(one) for one in value["weights"]]
    word, digits = columns_of(sheet, [*texts, value["output_name"]], [f"{one:.2f}" for one in weights], width)
    end = SWATCH + GAP + word  # of the words
    track = (end + GAP, width - digits - GAP)
    step = 20 if len(texts) > MANY else 26
    for at, (text, weight, color) in enumerate(zip(texts, weights, value["colors"], strict=True)):
        middle = step * (at + 0.5)
        chosen, blocked = at == value["selected"], at in value["blocked"]
        if blocked:
            sheet.hatch([(0, middle - 8, SWATCH, SWATCH)])
            draw_none(sheet, track, middle, value["blocked_note"], width)
        else:
            if chosen:
                sheet.box(-3, middle - 11, SWATCH + 6, SWATCH + 6, color="accent", width=2, corner=5)
            sheet.box(0, middle - 8, SWATCH, SWATCH, fill=color, corner=3)
            sheet.box(track[0], middle - 7, (track[1] - track[0]) * min(1, weight), 14, fill=color)
            sheet.text(width, middle, f"{weight:.2f}", 13, "ink" if chosen else "muted", align="right", kind="mono")
        shown = "accent" if chosen else "muted" if blocked else "ink"
        sheet.text(end, middle, text, 13, shown, align="right", kind="bold" if chosen else "mono", room=word)
    top = step * len(texts) + 14
    sheet.line([(0, top), (width, top)], "line")
    _draw_mixture(sheet.inside(0, top + 14), value, weights, end, width)
    return top + 14 + 52


def _draw_mixture(sheet: Sheet, value: dict, weights: list[Real], end: Real, width: Real) -> None:
    sheet.text(end, 26, value["output_name"], 13, align="right", kind="bold")
    wide = width - end - GAP
    if value["mixed"] is None:
        sheet.hatch([(end + GAP, 0, wide, 52)])
        used = sheet.pen.width("no allowed key", 12) + 16
        sheet.box(end + GAP + (wide - used) / 2, 16, used, 20, fill="paper")
        sheet.text(end + GAP + wide / 2, 26, "no allowed key", 12, "muted", align="center")
        return
    x, total = end + GAP, sum(weights)
    for weight, color in zip(weights, value["colors"], strict=True):
        sheet.box(x, 0, wide * weight / total, 8, fill=color)
        x += wide * weight / total
    sheet.box(end + GAP, 8, wide, 44, fill=value["mixed"])
