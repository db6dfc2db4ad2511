"""Figures read back from their files: cells and letters of an SVG, dots of a PNG, weights behind a color."""

import base64
import io
import itertools
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import numpy as np
from PIL import Image

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
DOTS = 300 / 72  # of a PNG in one point of an SVG


@dataclass(frozen=True)
class Box:
    """A filled rectangle in points, y downwards."""

    x: float
    y: float
    wide: float
    high: float
    fill: str

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.wide / 2, self.y + self.high / 2


def root_of(svg: bytes) -> ET.Element:
    return ET.fromstring(svg)


def boxes_of(svg: bytes) -> list[Box]:
    """Every filled rectangle, in the order of drawing."""
    found = []
    for path in root_of(svg).iter(f"{SVG}path"):
        fill = re.search(r"fill: (#[0-9a-f]{6})", path.get("style") or "")
        numbers = [float(one) for one in re.findall(r"-?\d+\.?\d*", path.get("d") or "")]
        if fill and len(numbers) == 8 and "C" not in (path.get("d") or ""):
            x, y = numbers[::2], numbers[1::2]
            found.append(Box(min(x), min(y), max(x) - min(x), max(y) - min(y), fill[1]))
    return found


def grid_of(svg: bytes, rows: int, cols: int) -> list[tuple[int, int, Box]]:
    """The cells of a matrix drawn as boxes, each with its row and column from the upper left."""
    boxes = [box for box in boxes_of(svg) if box.wide > 8 and abs(box.wide - box.high) < 0.1]
    xs, ys = (_places([getattr(box, side) for box in boxes]) for side in ("x", "y"))
    assert (len(ys), len(xs)) == (rows, cols)
    return [(ys.index(round(box.y, 1)), xs.index(round(box.x, 1)), box) for box in boxes]


def _places(numbers: list[float]) -> list[float]:
    return sorted({round(number, 1) for number in numbers})


def images_of(svg: bytes) -> list[np.ndarray]:
    """Embedded images as RGBA."""
    data = [node.get(LINK).split(",", 1)[1] for node in root_of(svg).iter(f"{SVG}image")]
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(one))).convert("RGBA")) for one in data]


def texts_of(svg: bytes) -> list[tuple[str, list[tuple[str, int]]]]:
    """Every text with the glyphs it is drawn with: (the font's PostScript name, glyph index), from left to right."""
    found = []
    parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
    for group in ET.fromstring(svg, parser).iter(f"{SVG}g"):
        children = list(group)
        for comment, drawn in itertools.pairwise(children):
            if comment.tag is ET.Comment and drawn.tag == f"{SVG}g":
                names = [use.get(LINK)[1:].rsplit("-", 1) for use in drawn.iter(f"{SVG}use")]
                found.append((comment.text.strip(), [(font, int(glyph, 16)) for font, glyph in names]))
    return found


def dots_of(png: bytes) -> np.ndarray:
    """RGB, [row, column, 3]."""
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def share_of(rgb: np.ndarray, stops: tuple[str, ...]) -> np.ndarray:
    """Where colors lie on a ramp of straight lines between stops, 0 to 1: the middle of the places that have the color."""
    known = np.array([[int(stop[at : at + 2], 16) for at in (1, 3, 5)] for stop in stops])
    places = np.linspace(0, len(stops) - 1, 4097)
    ramp = np.stack([np.interp(places, range(len(stops)), known[:, part]) for part in range(3)], axis=-1).round()
    colors, which = np.unique(np.asarray(rgb).reshape(-1, 3), axis=0, return_inverse=True)
    off = [np.square(ramp - one).sum(axis=-1) for one in colors]
    nearest = np.array([np.flatnonzero(one == one.min()).mean() for one in off])
    return (nearest / 4096)[which].reshape(np.asarray(rgb).shape[:-1])


def rgb_of(color: str) -> np.ndarray:
    return np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)])
