"""A sheet one draws on: texts, lines, boxes and images in CSS pixels, y downwards, as the screen has them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import regex
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from attention.views.figure.colors import Colors
from attention.views.figure.image import CellImage
from attention.views.figure.pen import POINTS, STEP, Kind, Pen, upright
from attention.views.figure.real import Real

Align = Literal["left", "center", "right"]
INCH = 96  # CSS pixels
HATCH = "///"
LAID_DOWN = regex.compile(
    r"[ー〜～…（）［］｛｝〈〉《》「」『』【】〔〕]"
)  # strokes and brackets that run along the line
UPPER_RIGHT = regex.compile(r"[、。，．]")  # their place in a character's square when lines run downwards
FLIPPED: dict[str, Align] = {"left": "right", "center": "center", "right": "left"}
DASHES = {"dashed": (6, 4), "dotted": (1.5, 4), "reference": (3, 3)}


@dataclass(frozen=True, eq=False, slots=True)
class Sheet:
    """A place on a figure; `inside` gives a place on it. What is drawn later lies above.

    mirror: where texts are read from right to left, the width about which everything changes sides; letters do not.
    """

    figure: Figure
    place: Transform
    colors: Colors
    pen: Pen
    mirror: Real | None = None

    def inside(self, x: Real, y: Real) -> "Sheet":
        """The sheet that starts at this point."""
        if self.mirror is None:
            return replace(self, place=Affine2D().translate(x, y) + self.place)
        return replace(self, place=Affine2D().translate(0, y) + self.place, mirror=self.mirror - x)

    def mirrored(self, width: Real, mirrored: bool) -> "Sheet":
        """The same sheet, or the one on which left and right have changed."""
        return replace(self, mirror=width) if mirrored else self

    def add(self, artist: Artist) -> None:
        """Puts one artist on top of all before."""
        artist.set_zorder(1)
        artist.set_clip_on(False)
        self.figure.add_artist(artist)

    def text(
        self, x: Real, y: Real, text: str, size: Real = 12, color: str = "ink", *,
        align: Align = "left", kind: Kind = "sans", room: Real | None = None, turned: bool = False, down: bool = False, halo: bool = False,
    ) -> None:  # fmt: skip
        """One line whose middle is at height y. room: cut beyond it. turned: reads upwards, or down. halo: with paper around."""
        if not text:
            return
        if room is not None:
            text = self.pen.fit(text, size, room, kind)
        x, align = (x, align) if self.mirror is None else (self.mirror - x, FLIPPED[align])
        lower = 0.35 * size  # from the middle of small letters to the baseline
        left, base = (x - lower if down else x + lower, y) if turned else (x, y + lower)
        drawn = Text(
            left, base, self.pen.fonts.shown(text), color=self.colors[color], ha=align, va="baseline", parse_math=False,
            rotation=(270 if down else 90) if turned else 0, rotation_mode="anchor", fontproperties=self.pen.face(kind, size),
            transform=self.place,
        )  # fmt: skip
        if halo:
            drawn.set_path_effects([withStroke(linewidth=4 * POINTS, foreground=self.colors["paper"])])
        self.add(drawn)

    def standing(self, x: Real, bottom: Real, text: str, size: Real, color: str, *, room: Real, kind: Kind) -> None:
        """A label that stands on (x, bottom): it reads upwards, but Chinese, Japanese and Korean stay upright."""
        if not upright(text):
            self.text(x, bottom, text, size, color, kind=kind, room=room, turned=True)
            return
        step, parts = size * STEP, regex.findall(r"\X", text)
        if len(parts) * step > room:
            parts = [*parts[: max(1, int(room / step) - 1)], "…"]
        for at, part in enumerate(parts):
            y = bottom - (len(parts) - at - 0.5) * step
            off = size / 2 if UPPER_RIGHT.fullmatch(part) else 0
            if LAID_DOWN.fullmatch(part):
                self.text(x, y - size / 2, part, size, color, kind=kind, turned=True, down=True)
            else:
                self.text(x + off, y - off, part, size, color, align="center", kind=kind)

    def path(
        self, path: Path, color: str = "none", width: Real = 1, *,
        fill: str = "none", dash: str = "solid", alpha: Real | None = None,
    ) -> None:  # fmt: skip
        """A line, a shape or both, in pixels."""
        if self.mirror is not None:
            path = Path(np.asarray(path.vertices) * (-1, 1) + (self.mirror, 0), path.codes)
        self.add(PathPatch(
            path, edgecolor=self.colors[color], facecolor=self.colors[fill], linewidth=width * POINTS if color != "none" else 0,
            linestyle=(0, tuple(part / width for part in DASHES[dash])) if dash in DASHES else "solid", alpha=alpha, capstyle="butt", joinstyle="round",
            transform=self.place,
        ))  # fmt: skip

    def line(self, points: Sequence[tuple[Real, Real]], color: str, width: Real = 1, *, dash: str = "solid") -> None:
        """Straight lines from point to point."""
        self.path(Path(points), color, width, dash=dash)

    def box(
        self, x: Real, y: Real, wide: Real, high: Real, *,
        fill: str = "none", color: str = "none", width: Real = 1, corner: Real = 0,
    ) -> None:  # fmt: skip
        """A rectangle, filled, outlined or both."""
        x = x if self.mirror is None else self.mirror - x - wide
        look: dict[str, Any] = {
            "facecolor": self.colors[fill],
            "edgecolor": self.colors[color],
            "transform": self.place,
        }
        look["linewidth"] = width * POINTS if color != "none" else 0
        if corner:
            shape = f"round,pad=0,rounding_size={min(corner, wide / 2, high / 2)}"
            self.add(FancyBboxPatch((x, y), wide, high, boxstyle=shape, **look))
        else:
            self.add(Rectangle((x, y), wide, high, **look))

    def hatch(self, boxes: Sequence[tuple[Real, Real, Real, Real]]) -> None:
        """Hatches boxes (x, y, wide, high): places without a number."""
        if not boxes:
            return
        if self.mirror is not None:
            boxes = [(self.mirror - x - w, y, w, h) for x, y, w, h in boxes]
        corners = [np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]) for x, y, w, h in boxes]
        path = Path.make_compound_path(*(Path(each, closed=True) for each in corners))
        patch = PathPatch(path, facecolor="none", linewidth=0, hatch=HATCH, transform=self.place)
        patch.set_hatchcolor(self.colors["line"])
        patch.set_hatch_linewidth(1 * POINTS)
        self.add(patch)

    def image(self, rgba: np.ndarray, x: Real, y: Real, wide: Real, high: Real) -> None:
        """An image, one pixel per cell and never smoothed. rgba: uint8, [row, column, 4]."""
        place = Affine2D().scale(wide, high).translate(x, y) + self.place
        self.add(CellImage(rgba, place))
