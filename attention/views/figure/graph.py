"""Nodes in places, weighted edges between them, and arrows from point to point, as static/panel_graph.js draws them."""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.path import Path

from attention.views.figure.arrows import Point, draw_tip
from attention.views.figure.pen import Kind
from attention.views.figure.real import Real
from attention.views.figure.sheet import Align, Sheet

FEW = 16  # edges up to which each has a tip
TOP, BOTTOM = 24, 30


@dataclass(frozen=True, slots=True)
class Layout:
    """beside: nodes above one another, whose words stand beside them; the others' stand below."""

    width: Real
    height: Real
    pad: Real
    room: Real
    beside: tuple[bool, ...]
    mirrored: bool

    def across(self, x: Real) -> Real:
        """The place from left to right: sentences that are read from right to left start on the right."""
        return 1 - x if self.mirrored else x

    def place(self, at: list[Real]) -> Point:
        """A place from 0 to 1, y upwards, in pixels."""
        x, y = at
        return self.pad + self.across(x) * (self.width - 2 * self.pad), TOP + (1 - y) * (self.height - TOP - BOTTOM)


def draw_graph(sheet: Sheet, value: dict, width: Real) -> Real:
    """Draws the panel from the sheet's corner on; returns its height."""
    layout = _layout(sheet, value, width)
    for start, end, weight in sorted(value["edges"], key=lambda edge: edge[2]):
        _draw_edge(sheet, value, layout, start, end, weight)
    for one in value["vectors"]:
        _draw_vector(sheet, layout, one)
    for at, node in enumerate(value["nodes"]):
        _draw_node(sheet, layout, node, layout.beside[at], chosen=value["selected"] == at)
    return layout.height


def _layout(sheet: Sheet, value: dict, width: Real) -> Layout:
    nodes = value["nodes"]
    beside = tuple(any(o is not n and abs(o["at"][0] - n["at"][0]) < 0.01 for o in nodes) for n in nodes)
    words = [sheet.pen.width(node["label"], 12, "mono") for node, flag in zip(nodes, beside, strict=True) if flag]
    room = min(max([0.0, *words]), width * 0.26)
    height = min(max(width * value["height"], 90), 460)
    alone = max(36.0, width / max(1, len(nodes)))
    return Layout(width, height, room + 22 if words else 30, room if words else alone, beside, value["mirrored"])


def _draw_node(sheet: Sheet, layout: Layout, node: dict, beside: bool, *, chosen: bool) -> None:
    x, y = layout.place(node["at"])
    sheet.path(_circle(x, y, 7), fill="paper")
    sheet.path(_circle(x, y, 6), "accent" if chosen else "none", 3, fill=node["role"])
    kind: Kind = "bold" if chosen else "mono"
    if not beside:
        sheet.text(x, y + 19, node["label"], 12, align="center", kind=kind, room=layout.room, halo=True)
        return
    right = layout.across(node["at"][0]) >= 0.5
    at = x + 13 if right else x - 13
    align: Align = "left" if right else "right"
    sheet.text(at, y, node["label"], 12, align=align, kind=kind, room=layout.room, halo=True)


def _circle(x: Real, y: Real, radius: Real) -> Path:
    unit = Path.unit_circle()
    return Path(np.asarray(unit.vertices) * radius + (x, y), unit.codes)


def _draw_edge(sheet: Sheet, value: dict, layout: Layout, start: int, end: int, weight: Real) -> None:
    color = sheet.colors.weights.at(round(70 + 185 * math.sqrt(weight)) / 255)
    if start == end:
        x, y = layout.place(value["nodes"][start]["at"])
        points = [(x - 4, y - 8), (x - 20, y - 34), (x + 20, y - 34), (x + 5, y - 10)]
        path, tip, way = Path(points, [Path.MOVETO, *[Path.CURVE4] * 3]), (x + 4, y - 8), (-0.45, 0.89)
    else:
        path, tip, way = _edge(value, layout, start, end)
    sheet.path(path, color, 0.75 + 2.25 * weight)
    if len(value["edges"]) <= FEW:
        draw_tip(sheet, tip, way, color, 9)


def _edge(value: dict, layout: Layout, start: int, end: int) -> tuple[Path, Point, Point]:
    """Straight, or bowed where a straight line would run through another node or over the edge that comes back."""
    nodes = value["nodes"]
    one, other = nodes[start]["at"], nodes[end]["at"]
    (x1, y1), (x2, y2) = layout.place(one), layout.place(other)
    between = any(
        abs(node["at"][1] - one[1]) < 0.01 and (node["at"][0] - one[0]) * (node["at"][0] - other[0]) < 0
        for at, node in enumerate(nodes)
        if at not in (start, end)
    )
    back = any(edge[0] == end and edge[1] == start for edge in value["edges"])
    bowed = abs(one[1] - other[1]) < 0.01 and (between or back)
    bow = math.dist((x1, y1), (x2, y2)) * 0.34 * 1.4 if bowed else 0.0
    middle = ((x1 + x2) / 2, (y1 + y2) / 2 - (bow if x2 > x1 else -bow))
    out, into = _toward((x1, y1), middle), _toward((x2, y2), middle)
    points = [(x1 + 8 * out[0], y1 + 8 * out[1]), middle, (x2 + 13 * into[0], y2 + 13 * into[1])]
    path = Path(points, [Path.MOVETO, Path.CURVE3, Path.CURVE3])
    return path, (x2 + 9 * into[0], y2 + 9 * into[1]), (-into[0], -into[1])


def _toward(start: Point, end: Point) -> Point:
    long = math.dist(start, end) or 1.0
    return (end[0] - start[0]) / long, (end[1] - start[1]) / long


def _draw_vector(sheet: Sheet, layout: Layout, one: dict) -> None:
    start, end = layout.place(one["start"]), layout.place(one["end"])
    way = _toward(start, end)
    base = (end[0] - 5 * way[0], end[1] - 5 * way[1])
    sheet.line([start, base], one["role"], 2, dash="dashed" if one["dashed"] else "solid")
    draw_tip(sheet, end, way, one["role"])
    x, y = (start[0] + end[0]) / 2 + 12 * way[1], (start[1] + end[1]) / 2 - 12 * way[0]
    align: Align = "left" if way[1] > 0.5 else "right" if way[1] < -0.5 else "center"
    sheet.text(x, y, one["label"], 12, one["role"], align=align, halo=True)
