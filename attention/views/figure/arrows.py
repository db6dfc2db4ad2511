"""Tips of arrows, and lines with rounded corners."""

import math

from matplotlib.path import Path

from attention.views.figure.real import Real
from attention.views.figure.sheet import Sheet

Point = tuple[Real, Real]


def draw_tip(sheet: Sheet, tip: Point, way: Point, color: str, long: Real = 7) -> None:
    """A triangle that ends at the tip. way: of length 1."""
    (x, y), (dx, dy) = tip, way
    back = (x - long * dx, y - long * dy)
    half = long / 2
    corners = [tip, (back[0] - half * dy, back[1] + half * dx), (back[0] + half * dy, back[1] - half * dx), tip]
    sheet.path(Path(corners, closed=True), fill=color)


def smooth(corners: list[Point], radius: Real) -> Path:
    """The line through the corners, each of them rounded."""
    points, codes = [corners[0]], [Path.MOVETO]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        points += [_toward(corner, before, radius), corner, _toward(corner, after, radius)]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*points, corners[-1]], [*codes, Path.LINETO])


def _toward(start: Point, end: Point, far: Real) -> Point:
    long = math.dist(start, end) or 1.0
    share = min(far / long, 0.5)
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
