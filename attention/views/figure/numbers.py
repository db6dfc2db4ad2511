"""A row of large numbers, as static/panel_numbers.js draws it."""

from attention.views.figure.real import Real
from attention.views.figure.sheet import Sheet

NARROWEST, ACROSS = 132, 28
LINE, SMALL = 30, 18


def draw_numbers(sheet: Sheet, value: dict, width: Real) -> Real:
    """Draws the panel from the sheet's corner on; returns its height."""
    items, pen = value["items"], sheet.pen
    fitting = max(1, int((width + ACROSS) / (NARROWEST + ACROSS)))
    count = min(fitting, max(1, len(items)))
    wide = (width - ACROSS * (count - 1)) / count
    sheet.line([(0, 0.5), (width, 0.5)], "line")
    y = 14.0
    for start in range(0, len(items), count):
        row = items[start : start + count]
        names = [pen.wrap(item["name"], 12, wide, 3) for item in row]
        notes = [pen.wrap(", ".join(filter(None, (item["state"], item["note"]))), 12, wide, 3) for item in row]
        named, noted = max(map(len, names)), max(map(len, notes))
        for at, item in enumerate(row):
            place = sheet.inside(at * (wide + ACROSS), y)
            for line, text in enumerate(names[at]):
                place.text(0, SMALL * (line + 0.5), text, 12, "muted")
            _draw_value(place.inside(0, SMALL * named), item, wide)
            color = "value" if item["state"] == "agrees" else "ink" if item["state"] else "muted"
            for line, text in enumerate(notes[at]):
                place.text(0, SMALL * (named + line + 0.5) + LINE, text, 12, color)
        y += SMALL * (named + noted) + LINE + (16 if start + count < len(items) else 14)
    sheet.line([(0, y), (width, y)], "line")
    return y + 1


def _draw_value(sheet: Sheet, item: dict, wide: Real) -> None:
    """The number, as large as it fits, with its unit behind it."""
    unit = sheet.pen.width(item["unit"], 14, "mono") + 9 if item["unit"] else 0
    size = min(22.0, 22 * (wide - unit) / max(1.0, sheet.pen.width(item["text"], 22, "mono")))
    sheet.text(0, LINE / 2, item["text"], max(size, 11), kind="mono", room=wide - unit + 1)
    if item["unit"]:
        x = min(sheet.pen.width(item["text"], max(size, 11), "mono"), wide - unit) + 9
        sheet.text(x, LINE / 2 + 2, item["unit"], 14, "muted", kind="mono")
