"""One head on several sentences: what views.side_by_side.render makes, two columns a row, all on one scale."""

from attention.views.figure.heatmap import draw_heatmap
from attention.views.figure.real import Real
from attention.views.figure.sheet import Sheet
from attention.views.figure.spoken import say

ACROSS, DOWN = 48, 40
ROW = 20


def draw_side_by_side(sheet: Sheet, value: dict, width: Real) -> tuple[Real, Real]:
    """Draws the columns from the sheet's corner on; returns how wide and how high."""
    top = 0.0
    for words, color in ((value["said"], "ink"), (value["aside"], "muted")):
        for line in sheet.pen.wrap(words, 14, width, 4):
            sheet.text(0, top + 10, line, 14, color)
            top += 22
    top += 14 if top else 0
    room = (width - ACROSS) / 2
    columns = value["columns"]
    for start in range(0, len(columns), 2):
        pair = columns[start : start + 2]
        places = [sheet.inside(at * (room + ACROSS), top) for at in range(len(pair))]
        top += max(_draw_column(place, one, value, room) for place, one in zip(places, pair, strict=True)) + DOWN
    return width, top - DOWN


def _draw_column(sheet: Sheet, column: dict, value: dict, width: Real) -> Real:
    """A language's name, its matrix and the head's scores there; returns the height."""
    sheet.text(0, 10, column["name"], 14, kind="bold")
    if column["own"] != column["name"]:
        sheet.text(sheet.pen.width(column["name"], 14, "bold") + 12, 10, column["own"], 14, "muted")
    _, high = draw_heatmap(sheet.inside(0, 32), column["figure"], width, value["largest"])
    y = 32 + high + 16
    named = max((sheet.pen.width(name, 12) for name in value["patterns"]), default=0) + 12
    for name, (here, usual) in zip(value["patterns"], column["bars"], strict=True):
        _draw_score(sheet.inside(0, y), name, here, usual, named, min(width, 420))
        y += ROW
    for line in sheet.pen.wrap(column["note"], 12, width, 3):
        sheet.text(0, y + 10, line, 12, "muted")
        y += 18
    return y


def _draw_score(sheet: Sheet, name: str, here: Real | None, usual: Real | None, named: Real, width: Real) -> None:
    """A pattern's name, its bar from 0 to 1 with a tick at what is usual, and the number."""
    middle, track = ROW / 2, width - named - 44
    sheet.text(0, middle, name, 12, "muted")
    sheet.box(named, middle - 0.5, track, 1, fill="line")
    if here is not None:
        sheet.box(named, middle - 5, track * here, 10, fill=sheet.colors.tone)
    if usual is not None:
        sheet.box(named + track * usual - 1, middle - 7, 2, 14, fill="ink")
    sheet.text(width, middle, "–" if here is None else say(here), 12, align="right", kind="mono")
