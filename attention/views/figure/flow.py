"""Boxes on a grid, arrows between them, frames around them, as static/panel_flow.js draws them."""

from dataclasses import dataclass

from matplotlib.path import Path

from attention.views.figure.arrows import Point, draw_tip, smooth
from attention.views.figure.pen import Kind
from attention.views.figure.real import Real
from attention.views.figure.sheet import Sheet

NARROW = 100  # pixels per column below which rows and columns change places


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each box's corner is, with its place on the grid. upright: what follows stands below."""

    wide: Real
    high: Real
    upright: bool
    height: Real
    places: dict[str, tuple[Real, Real, Real, Real]]


def draw_flow(sheet: Sheet, value: dict, width: Real) -> Real:
    """Draws the panel from the sheet's corner on; returns its height."""
    layout = layout_of(value, width)
    for group in value["groups"]:
        _draw_group(sheet, group, layout)
    for arrow in value["arrows"]:
        _draw_arrow(sheet, arrow, layout)
    for group in value["groups"]:
        x, y, _, _ = _bounds(group, layout)
        sheet.text(x + 12, y + 12, group["label"], 12, "muted", halo=True)
    for box in value["boxes"]:
        _draw_box(sheet, box, layout, chosen=value["selected"] == box["name"])
    return layout.height


def layout_of(value: dict, width: Real) -> Layout:
    """The grid laid out in this width."""
    boxes = value["boxes"]
    first = {name: min(box[name] for box in boxes) for name in ("column", "row")}
    count = {name: max(box[name] for box in boxes) - first[name] + 1 for name in ("column", "row")}
    turned = width / count["column"] < NARROW and count["row"] < count["column"]
    over, along = ("row", "column") if turned else ("column", "row")
    upright = count[along] >= count[over]
    side = {
        name: 34 if any(arrow["around"] == name for arrow in value["arrows"]) else 0 for name in ("before", "after")
    }
    framed = bool(value["groups"])
    edge = 14 if framed else 2
    left, right = (side["before"] + edge, side["after"] + edge) if upright else (edge, edge)
    top, bottom = (2, 4) if upright else (side["before"] + 2, side["after"] + 4)
    top, bottom = (top + 26, bottom + 14) if framed else (top, bottom)
    inside = width - left - right
    gap = min(max(inside / count[over] * 0.22, 12), 44) if count[over] > 1 else 0
    wide = min(188, (inside - gap * (count[over] - 1)) / count[over])
    high = 14 + 16 * (1 + sum(any(box[name] for box in boxes) for name in ("shape", "number")))
    step = high + (30 if upright else 22) + (16 if framed and upright else 0)
    spread = (inside - wide) / (count[over] - 1) if count[over] > 1 else 0
    closer = min(spread, wide + 72)
    shift = (inside - wide - closer * (count[over] - 1)) / 2
    places = {}
    for box in boxes:
        c, r = box[over] - first[over], box[along] - first[along]
        places[box["name"]] = (left + shift + c * closer, top + r * step, c, r)
    return Layout(wide, high, upright, top + (count[along] - 1) * step + high + bottom, places)


def _draw_box(sheet: Sheet, box: dict, layout: Layout, *, chosen: bool) -> None:
    x, y, _, _ = layout.places[box["name"]]
    fill, edge = ("tint", "accent") if chosen else ("paper", "muted")
    sheet.box(
        x + 0.5, y + 0.5, layout.wide - 1, layout.high - 1, fill=fill, color=edge, width=2 if chosen else 1, corner=4
    )
    if box["role"]:
        sheet.box(x + 1, y + 6, 3, layout.high - 12, fill=box["role"])
    lines: list[tuple[str, int, str, Kind]] = [
        (box["label"], 12, "ink", "sans"),
        (box["shape"], 11, "muted", "mono"),
        (box["number"], 12, "ink", "mono"),
    ]
    lines = [line for line in lines if line[0]]
    top = y + (layout.high - 16 * len(lines)) / 2
    for at, (text, size, color, kind) in enumerate(lines):
        middle = top + 16 * at + 8
        sheet.text(x + layout.wide / 2, middle, text, size, color, align="center", kind=kind, room=layout.wide - 10)


def _bounds(group: dict, layout: Layout) -> tuple[Real, Real, Real, Real]:
    inside = [layout.places[name] for name in group["boxes"]]
    x, y = min(at[0] for at in inside) - 12, min(at[1] for at in inside) - 24
    return x, y, max(at[0] for at in inside) + layout.wide + 12 - x, max(at[1] for at in inside) + layout.high + 12 - y


def _draw_group(sheet: Sheet, group: dict, layout: Layout) -> None:
    sheet.box(*_bounds(group, layout), color="line", width=1.5, corner=8)


def _draw_arrow(sheet: Sheet, arrow: dict, layout: Layout) -> None:
    around = arrow["around"]
    if around:
        points, way, middle = _around(arrow, layout)
        sheet.path(smooth(points, 8), "muted", 1.25)
        tip = (points[-1][0] + 5 * way[0], points[-1][1] + 5 * way[1])
        draw_tip(sheet, tip, way, "muted")
        sheet.text(*middle, arrow["label"], 12, "muted", align="center", turned=layout.upright, halo=True)
        return
    points, way, down = _direct(arrow, layout)
    sheet.path(Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]), "muted", 1.25)
    tip = (points[-1][0] + 5 * way[0], points[-1][1] + 5 * way[1])
    draw_tip(sheet, tip, way, "muted")
    x, y = (points[0][0] + tip[0]) / 2 + (8 if down else 0), (points[0][1] + tip[1]) / 2 - (0 if down else 9)
    sheet.text(
        x, y, arrow["label"], 12, "muted", align="left" if down and points[0][0] == tip[0] else "center", halo=True
    )


def _direct(arrow: dict, layout: Layout) -> tuple[list[Point], Point, bool]:
    """From side to side; the curve leaves and arrives straight. Its points up to the tip's base, its way, and whether it goes down."""
    start, end = layout.places[arrow["start"]], layout.places[arrow["end"]]
    wide, high = layout.wide, layout.high
    down = end[3] != start[3] if layout.upright else end[2] == start[2]
    sign = -1 if (end[1] - start[1] if down else end[0] - start[0]) < 0 else 1
    if down:
        x1, y1, x2 = start[0] + wide / 2, start[1] + (high if sign > 0 else 0), end[0] + wide / 2
        y2 = end[1] + (0 if sign > 0 else high) - 5 * sign
        half = (y1 + y2) / 2
        return [(x1, y1), (x1, half), (x2, half), (x2, y2)], (0, sign), True
    x1, y1, y2 = start[0] + (wide if sign > 0 else 0), start[1] + high / 2, end[1] + high / 2
    x2 = end[0] + (0 if sign > 0 else wide) - 5 * sign
    half = (x1 + x2) / 2
    return [(x1, y1), (half, y1), (half, y2), (x2, y2)], (sign, 0), False


def _around(arrow: dict, layout: Layout) -> tuple[list[Point], Point, Point]:
    """Out of one box's side, along all that is between, and into the other's: corners, way and the label's place."""
    start, end = layout.places[arrow["start"]], layout.places[arrow["end"]]
    wide, high, before = layout.wide, layout.high, arrow["around"] == "before"
    out = -1 if before else 1
    every = layout.places.values()
    if layout.upright:
        x1, x2 = (at[0] + (0 if before else wide) for at in (start, end))
        far = min(at[0] for at in every) - 24 if before else max(at[0] for at in every) + wide + 24
        y1, y2 = start[1] + high / 2, end[1] + high / 2
        return [(x1, y1), (far, y1), (far, y2), (x2 + 5 * out, y2)], (-out, 0), (far, (y1 + y2) / 2)
    y1, y2 = (at[1] + (0 if before else high) for at in (start, end))
    far = min(at[1] for at in every) - 28 if before else max(at[1] for at in every) + high + 28
    x1, x2 = start[0] + wide / 2, end[0] + wide / 2
    return [(x1, y1), (x1, far), (x2, far), (x2, y2 + 5 * out)], (0, -out), ((x1 + x2) / 2, far)
