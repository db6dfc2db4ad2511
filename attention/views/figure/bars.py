"""One value per token as bars, as static/panel_bars.js draws them."""

import math

from attention.views.figure.real import Real
from attention.views.figure.sheet import Sheet
from attention.views.figure.spoken import plain, say

GAP = 10
MANY = 16  # rows above this stand closer


def draw_bars(sheet: Sheet, value: dict, width: Real) -> Real:
    """Draws the panel from the sheet's corner on; returns its height."""
    sheet = sheet.mirrored(width, value["mirrored"])
    texts, blocked = value["labels"]["texts"], set(value["blocked"])
    unit = f" {value['unit']}" if value["unit"] else ""
    numbers = [say(plain(one), value["digits"]) + unit for one in value["values"]]
    word, digits = columns_of(sheet, texts, [one for at, one in enumerate(numbers) if at not in blocked], width)
    track = (word + GAP, width - digits - GAP)
    top = first = _draw_names(sheet, value)
    levels = _levels(sheet, value, track)
    if levels:
        top += 18 + 14 * max(level for _, _, level in levels)
    step = 20 if len(texts) > MANY else 26
    for label, x, level in levels:
        y = first + 14 * level
        sheet.line([(x, y), (x, top + step * len(texts))], "muted", dash="reference")
        before = x > track[0] + 0.6 * (track[1] - track[0])
        sheet.text(x - 5 if before else x + 5, y + 6, label, 11, "muted", align="right" if before else "left")
    for at, text in enumerate(texts):
        middle = top + step * (at + 0.5)
        chosen = at == value["selected"]
        color = "accent" if chosen else "muted" if at in blocked or at in value["labels"]["special"] else "ink"
        sheet.text(word, middle, text, 13, color, align="right", kind="bold" if chosen else "mono", room=word)
        if at in blocked:
            draw_none(sheet, track, middle, value["blocked_note"], width)
            continue
        _draw_bar(sheet, value, at, track, middle, high=11 if len(texts) > MANY else 14)
        sheet.text(width, middle, numbers[at], 13, "ink" if chosen else "muted", align="right", kind="mono")
    return top + step * len(texts)


def columns_of(sheet: Sheet, words: list[str], numbers: list[str], width: Real) -> tuple[Real, Real]:
    """How wide words and numbers are: as the widest, words at most a third."""
    widest = max(16.0, *(sheet.pen.width(word, 13, "bold") for word in words), 0.0)
    return min(widest, width * 0.34), max(16.0, 0.0, *(sheet.pen.width(number, 13, "mono") for number in numbers))


def draw_none(sheet: Sheet, track: tuple[Real, Real], middle: Real, note: str, width: Real) -> None:
    """Where a token takes no part."""
    sheet.hatch([(track[0], middle - 7, track[1] - track[0], 14)])
    used = sheet.pen.width(note, 12) + 8
    sheet.box(width - used, middle - 9, used, 18, fill="paper")
    sheet.text(width, middle, note, 12, "muted", align="right")


def _share(value: dict, at: Real) -> Real:
    low, high = value["low"], value["high"]
    return (min(max(at, low), high) - low) / (high - low)


def _draw_bar(sheet: Sheet, value: dict, at: int, track: tuple[Real, Real], middle: Real, *, high: Real) -> None:

    def place(number: Real) -> Real:
        return track[0] + _share(value, number) * (track[1] - track[0])

    number = plain(value["values"][at])
    sheet.line([(place(0), middle - high / 2 - 6), (place(0), middle + high / 2 + 6)], "line")
    if not math.isnan(number):
        start, end = sorted((place(0), place(number)))
        fill = "accent" if at == value["selected"] else sheet.colors.tone
        sheet.box(start, middle - high / 2, end - start, high, fill=fill)
    other = plain(value["compare"][at]) if value["compare"] else math.nan
    if not math.isnan(other):
        sheet.box(place(other) - 2, middle - high / 2 - 2, 4, high + 4, fill="paper")
        sheet.box(place(other) - 1, middle - high / 2 - 2, 2, high + 4, fill="ink")


def _draw_names(sheet: Sheet, value: dict) -> Real:
    """What bars and ticks are called; returns where the rows start."""
    names = [name for name in value["names"] if name]
    x = 0.0
    for at, name in enumerate(names):
        if at:
            sheet.box(x + 4, 3, 2, 13, fill="ink")
        else:
            sheet.box(x, 6, 12, 8, fill=sheet.colors.tone)
        sheet.text(x + 19, 10, name, 12, "muted")
        x += 19 + sheet.pen.width(name, 12) + 18
    return 26 if names else 0


def _levels(sheet: Sheet, value: dict, track: tuple[Real, Real]) -> list[tuple[str, Real, int]]:
    """Reference lines as (label, x, level): a label that would run into the one before stands a step lower."""
    taken: list[tuple[Real, Real]] = []
    found = []
    for label, at in value["lines"]:
        x = track[0] + _share(value, plain(at)) * (track[1] - track[0])
        half = sheet.pen.width(label, 11) + 10
        level = sum(x - half < end and x + half > start for start, end in taken)
        taken.append((x - half, x + half))
        found.append((label, x, level))
    return found
