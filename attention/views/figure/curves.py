"""Named curves over one axis, as static/panel_curves.js draws them."""

import math
from dataclasses import dataclass
from typing import Any

from matplotlib.path import Path

from attention.views.figure.real import Real
from attention.views.figure.sheet import Sheet
from attention.views.figure.spoken import plain, round_ticks, say_tick

HEIGHT = 264
APART = 15  # between names at the curves' ends


@dataclass(frozen=True, slots=True)
class Plot:
    """Where everything stands: the edges of the plot in pixels, the ends of both axes, and whether they are logarithmic."""

    left: Real
    right: Real
    top: Real
    bottom: Real
    x: tuple[Real, Real]
    y: tuple[Real, Real]
    x_log: bool
    y_log: bool

    def across(self, at: Real) -> Real:
        return self.left + (self.right - self.left) * _share(at, *self.x, self.x_log)

    def down(self, at: Real) -> Real:
        return self.bottom - (self.bottom - self.top) * _share(at, *self.y, self.y_log)

    def inside(self, at: Real) -> Real:
        """The height of a value, held near the plot."""
        return min(max(self.down(at), self.top - 4), self.bottom + 4)

    def shows(self, at: Real) -> bool:
        return math.isfinite(at) and (not self.y_log or at > 0)


def draw_curves(sheet: Sheet, value: dict, width: Real) -> Real:
    """Draws the panel from the sheet's corner on; returns its height."""
    low, high = _range(value)
    ticks = round_ticks(low, high, 4, value["y_log"])
    left = max(sheet.pen.width(say_tick(at), 11, "mono") for at in ticks) + 9
    named = min(width * 0.3, max(0.0, *(sheet.pen.width(one["name"], 12) for one in value["series"]), 0.0) + 14)
    plot = Plot(
        left, width - named, 22 if value["y_name"] else 10, HEIGHT - 40, (value["x"][0], value["x"][-1]), (low, high),
        value["x_log"], value["y_log"],
    )  # fmt: skip
    _draw_axes(sheet, plot, value, ticks)
    _draw_lines(sheet, plot, value)
    _draw_present(sheet, plot, value)
    for one in value["series"]:
        _draw_curve(sheet, plot, value["x"], one)
    _draw_names(sheet, plot, value, named - 12)
    return HEIGHT


def _share(at: Real, start: Real, end: Real, log: bool) -> Real:
    return math.log(at / start) / math.log(end / start) if log else (at - start) / (end - start)


def _range(value: dict) -> tuple[Real, Real]:
    """The y axis: what was asked for, or a little more than what is shown."""
    if value["y_range"]:
        low, high = value["y_range"]
        return low, high
    shown = [plain(at) for one in value["series"] for at in one["values"]] + [plain(at) for _, at in value["lines"]]
    usable = [at for at in shown if math.isfinite(at) and (not value["y_log"] or at > 0)]
    if not usable:
        return (0.1, 1.0) if value["y_log"] else (0.0, 1.0)
    low, high = min(usable), max(usable)
    if value["y_log"]:
        return (low, high) if high > low else (low / 10, high * 10)
    room = (high - low) * 0.04 or abs(high) or 1.0
    return (0.0 if 0 <= low < 0.3 * high else low - room), high + room


def _present(value: dict) -> Real | None:
    at = value["present"]
    return at if at is not None and value["x"][0] <= at <= value["x"][-1] else None


def _draw_axes(sheet: Sheet, plot: Plot, value: dict, ticks: list[Real]) -> None:
    for at in ticks:
        y = plot.down(at)
        sheet.line([(plot.left, y), (plot.right, y)], "line")
        sheet.text(plot.left - 7, y, say_tick(at), 11, "muted", align="right", kind="mono")
    present = _present(value)
    for at in round_ticks(*plot.x, max(2, int((plot.right - plot.left) / 80)), plot.x_log):
        if present is None or abs(plot.across(at) - plot.across(present)) >= 36:
            sheet.text(plot.across(at), plot.bottom + 13, say_tick(at), 11, "muted", align="center", kind="mono")
    sheet.text((plot.left + plot.right) / 2, HEIGHT - 9, value["x_name"], 12, "muted", align="center")
    sheet.text(0, 7, value["y_name"], 12, "muted")


def _draw_lines(sheet: Sheet, plot: Plot, value: dict) -> None:
    for label, given in value["lines"]:
        at = plain(given)
        if plot.shows(at):
            y = plot.down(at)
            sheet.line([(plot.left, y), (plot.right, y)], "muted", dash="reference")
            above = y - plot.top > 16
            sheet.text(plot.left + 6, y - 9 if above else y + 9, label, 12, "muted", halo=True)


def _draw_present(sheet: Sheet, plot: Plot, value: dict) -> None:
    at = _present(value)
    if at is not None:
        x = plot.across(at)
        sheet.line([(x, plot.top), (x, plot.bottom + 4)], "accent", 1.5)
        sheet.text(x, plot.bottom + 13, say_tick(at), 11, "accent", align="center", kind="bold", halo=True)


def _draw_curve(sheet: Sheet, plot: Plot, x: list[Real], one: dict) -> None:
    """The curve, with a gap where there is no number."""
    points: list[tuple[Real, Real]] = []
    codes: list[Any] = []
    drawing = False
    for at, given in zip(x, one["values"], strict=True):
        y = plain(given)
        if plot.shows(y):
            points.append((plot.across(at), plot.inside(y)))
            codes.append(Path.LINETO if drawing else Path.MOVETO)
        drawing = plot.shows(y)
    if points:
        sheet.path(Path(points, codes), one["role"], 2, dash=one["dash"])


def _draw_names(sheet: Sheet, plot: Plot, value: dict, room: Real) -> None:
    """Names at the curves' ends, pushed apart where they would touch, with a short leader where they moved."""
    ends = []
    for one in value["series"]:
        numbers = [plain(at) for at in one["values"]]
        last = max((i for i, at in enumerate(numbers) if plot.shows(at)), default=None)
        height = plot.bottom if last is None else min(max(plot.down(numbers[last]), plot.top), plot.bottom)
        ends.append((height, plot.right if last is None else plot.across(value["x"][last]), one))
    ends.sort(key=lambda end: end[0])
    places = spread([end[0] for end in ends], APART, plot.bottom + 4)
    for (height, x, one), y in zip(ends, places, strict=True):
        if abs(height - y) > 3:
            sheet.line([(x + 1, height), (plot.right + 9, y)], "muted", 0.6)
        sheet.text(plot.right + 11, y, one["name"], 12, one["role"], room=room)


def spread(heights: list[Real], apart: Real, floor: Real) -> list[Real]:
    """The ascending heights moved until each is `apart` from the next and none is below the floor."""
    placed: list[Real] = []
    for height in heights:
        placed.append(max(height, placed[-1] + apart) if placed else height)
    for at in range(len(placed) - 1, -1, -1):
        placed[at] = min(placed[at], floor)
        floor = placed[at] - apart
    return placed
