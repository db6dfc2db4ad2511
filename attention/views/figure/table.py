"""A small table, as static/panel_table.js draws it."""

from attention.views.figure.pen import Kind
from attention.views.figure.real import Real
from attention.views.figure.sheet import Sheet

PAD = 16
LINE = 20


def draw_table(sheet: Sheet, value: dict, width: Real) -> Real:
    """Draws the panel from the sheet's corner on; returns its height. Cells that are too wide are broken into lines."""
    numeric = set(value["numeric"])
    lines = [value["header"], *value["rows"]]
    widths = _widths(sheet, lines, numeric, width)
    y = 0.0
    for at, line in enumerate(lines):
        chosen = at - 1 == value["selected"] and at > 0
        color = "muted" if at == 0 else "accent" if chosen else "ink"
        cells = [
            sheet.pen.wrap(text, 12 if at == 0 else 13, wide - PAD, 4, _kind(column in numeric and at > 0))
            for column, (text, wide) in enumerate(zip(line, widths, strict=True))
        ]
        x = 0.0
        for column, (parts, wide) in enumerate(zip(cells, widths, strict=True)):
            right = column in numeric
            for row, text in enumerate(parts):
                shown = color if at == 0 or column == 0 or not chosen else "ink"
                place = x + wide if right else x
                sheet.text(
                    place, y + 6 + LINE * (row + 0.5), text, 12 if at == 0 else 13, shown,
                    align="right" if right else "left", kind=_kind(right and at > 0),
                )  # fmt: skip
            x += wide
        y += 12 + LINE * max(1, *map(len, cells))
        sheet.line([(0, y), (width, y)], "line")
    return y + 1


def _kind(number: bool) -> Kind:
    return "mono" if number else "sans"


def _widths(sheet: Sheet, lines: list[list[str]], numeric: set[int], width: Real) -> list[Real]:
    """As wide as each column asks for, with what is left over shared; narrower in proportion where it is too much."""
    asked = [
        PAD + max(sheet.pen.width(line[at], 13, _kind(at in numeric)) for line in lines) for at in range(len(lines[0]))
    ]
    left = width - sum(asked)
    if left >= 0:
        return [wide + left / len(asked) for wide in asked]
    kept = sum(wide for at, wide in enumerate(asked) if at in numeric)
    free = max(sum(asked) - kept, 1.0)
    return [wide if at in numeric else wide * max(width - kept, 60.0) / free for at, wide in enumerate(asked)]
