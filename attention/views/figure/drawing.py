"""Values of views become matplotlib figures, and figures become files."""

import io
import re
import threading
from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from attention.core.tokens import right_to_left
from attention.views.arcs import LONGEST
from attention.views.figure.arcs import draw_arcs
from attention.views.figure.colors import colors_of
from attention.views.figure.fonts import fonts_for
from attention.views.figure.head_grid import draw_head_grid
from attention.views.figure.heatmap import draw_heatmap
from attention.views.figure.lab import draw_lab
from attention.views.figure.pen import Pen
from attention.views.figure.real import Real
from attention.views.figure.sheet import INCH, Sheet
from attention.views.figure.side_by_side import draw_side_by_side

HEAD_WIDTH, LAB_WIDTH = 720, 1200  # CSS pixels
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # characters that no XML may hold
MARGIN, BETWEEN = 24, 40
CAPTION_LINES = 6
FAST = {"compress_level": 3}  # a third of the time of the usual 6, for a tenth more bytes
MOST_DOTS = 40_000_000  # of a PNG, 160 MB while it is drawn: a taller figure gets fewer dots per inch
_drawing = threading.Lock()
matplotlib.rcParams["svg.hashsalt"] = "headlight"  # names inside an SVG are the same each time it is drawn


def draw(values: dict | Sequence[dict], *, mode: str = "matrix", dark: bool = False, about: str = "") -> Figure:
    """The figure of one value, or of several heads side by side, two in a row, with titles and captions.

    values: answers of `render` in views.heatmap, lab, head_grid or side_by_side. mode: "arcs" for heads of up to
    LONGEST rows, above which the matrix stays. about: said below everything.
    """
    shown = [values] if isinstance(values, dict) else list(values)
    figure = Figure(dpi=INCH)
    pen, colors = Pen(fonts_for(texts_of([shown, about, FIXED]))), colors_of(dark=dark)
    figure.set_facecolor(colors["paper"])
    place = Affine2D()
    sheet = Sheet(figure, Affine2D().translate(MARGIN, MARGIN) + place + figure.dpi_scale_trans, colors, pen)
    wide, top, high = 0.0, 0.0, 0.0
    room = HEAD_WIDTH if len(shown) == 1 else LAB_WIDTH / 2
    for at, value in enumerate(shown):
        if at and at % 2 == 0:
            top, high = top + high + BETWEEN, 0.0
        left = (at % 2) * (room + BETWEEN)
        across, down = _draw_one(sheet.inside(left, top), value, room, mode)
        wide, high = max(wide, left + across), max(high, down)
    if about:
        gap = 6 if len(shown) == 1 else 24
        high += gap + _draw_lines(sheet.inside(0, top + high + gap), about, wide)
    width, height = wide + 2 * MARGIN, top + high + 2 * MARGIN
    figure.set_size_inches(width / INCH, height / INCH)
    place.scale(1 / INCH, -1 / INCH).translate(0, height / INCH)
    return figure


FIXED = "looking: query looked at: key weight no key allowed dimension output U+0123456789ABCDEF…·×−∞"
"""What a figure says beyond its value."""


def png(figure: Figure, *, dpi: int = 300) -> bytes:
    """The figure as a PNG; fewer dots per inch where it would have more than MOST_DOTS."""
    width, height = figure.get_size_inches()
    file = io.BytesIO()
    most = (MOST_DOTS / (width * height)) ** 0.5
    with _drawing:  # one at a time: what bounds memory is one picture, not one per visitor
        FigureCanvasAgg(figure).print_figure(file, format="png", dpi=min(dpi, most), facecolor="auto", pil_kwargs=FAST)
    return file.getvalue()


def svg(figure: Figure, *, title: str = "", description: str = "") -> bytes:
    """The figure as an SVG. Text is paths, so that every reader sees the same letters whatever fonts it has.

    title, description: read out by screen readers, which cannot read paths.
    """
    file = io.BytesIO()
    title, description = (NO_XML.sub("", text) for text in (title, description))
    about: dict[str, Any] = {"Title": title, "Description": description, "Date": None, "Creator": "Headlight"}
    FigureCanvasSVG(figure).print_figure(file, format="svg", dpi=72, metadata=about, facecolor="auto")
    return file.getvalue()


def texts_of(value: object) -> Iterable[str]:
    """Every string in a value that may be drawn; coded numbers are not."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            if name not in ("data", "notes", "spans", "bits", "tables"):
                yield from texts_of(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts_of(part)


def _draw_one(sheet: Sheet, value: dict, room: Real, mode: str) -> tuple[Real, Real]:
    """Title, picture and caption; returns how wide and how high."""
    title, top = value.get("title", ""), 0.0
    if title:
        sheet.text(0, 9, title, 16, kind="bold", room=room)
        top = 34
    below = sheet.inside(0, top)
    if "panels" in value:
        wide, high = draw_lab(below, value, LAB_WIDTH)
    elif "columns" in value:
        wide, high = draw_side_by_side(below, value, LAB_WIDTH)
    elif "n_heads" in value:
        wide, high = draw_head_grid(below, value, room)
    elif mode == "arcs" and max(value["weights"]["rows"], value["weights"]["cols"]) <= LONGEST:
        wide, high = draw_arcs(below, value, room)
    else:
        wide, high = draw_heatmap(below, value, room)
    wide = max(wide, min(room, 420))
    if value["caption"]:
        high += 24 + _draw_lines(sheet.inside(0, top + high + 24), value["caption"], wide)
    return wide, top + high


def _draw_lines(sheet: Sheet, text: str, width: Real) -> Real:
    """A caption from the side on which it is read; returns how high."""
    left = right_to_left(text)
    lines = sheet.pen.wrap(text, 12, width, CAPTION_LINES)
    for at, line in enumerate(lines):
        sheet.text(width if left else 0, 18 * at, line, 12, "muted", align="right" if left else "left")
    return 18 * len(lines)
