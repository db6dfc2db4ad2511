"""The color bar with its numbers where their colors are."""

import math

import numpy as np

from attention.views.figure.colors import Ramp
from attention.views.figure.real import Real
from attention.views.figure.sheet import Sheet

HEIGHT = 44


def draw_scale(sheet: Sheet, name: str, ramp: Ramp, ticks: list[tuple[Real, str]], wide: Real = 168) -> None:
    """The bar from the sheet's corner on. ticks: (place 0 to 1, number), ends first and last."""
    sheet.text(0, 9, name, 12, "muted")
    sheet.image(_opaque(ramp), 0, 20, wide, 7)
    sheet.box(0, 20, wide, 7, color="line")
    for at, text in ticks:
        half = sheet.pen.width(text, 11, "mono") / 2
        x = min(max(at * wide, half), wide - half)
        sheet.text(x, 36, text, 11, "muted", align="center", kind="mono")


def weight_ticks(largest: Real) -> list[tuple[Real, str]]:
    """Round weights on a bar that runs with the square root up to the largest weight, far enough apart."""
    kept = [0.0, 1.0]
    for weight in (0.5, 0.25, 0.1, 0.05, 0.01, 0.001):
        at = math.sqrt(weight / largest) if largest > 0 else 0
        if weight < largest and all(abs(other - at) > 0.24 for other in kept):
            kept.append(at)
    return [(at, _short(at * at * largest)) for at in sorted(kept)]


def _short(weight: Real) -> str:
    return f"{weight:.{3 if weight < 0.1 else 2}f}".rstrip("0").rstrip(".") or "0"


def _opaque(ramp: Ramp) -> np.ndarray:
    return np.dstack([ramp.rgb[None], np.full((1, len(ramp.rgb)), 255, np.uint8)])
