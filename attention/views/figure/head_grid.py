"""All heads as thumbnails: what views.head_grid.render makes, as static/head_grid.js draws it."""

import base64

import numpy as np

from attention.views.figure.colors import STEPS
from attention.views.figure.real import Real
from attention.views.figure.sheet import Sheet

LEFT, BELOW = 28, 18
LARGEST = 64  # pixels of one thumbnail


def draw_head_grid(sheet: Sheet, value: dict, width: Real) -> tuple[Real, Real]:
    """Draws the grid from the sheet's corner on; returns how wide and how high."""
    layers, heads = value["n_layers"], value["n_heads"]
    cell = min(LARGEST, (width - LEFT) / heads)
    gap = 4 if cell >= 40 else 2 if cell >= 14 else 1
    tones = thumb_tones(value)
    for layer in range(layers):
        for head in range(heads):
            codes = np.round((STEPS - 1) * tones[layer, head]).astype(int)
            rgba = np.dstack([sheet.colors.weights.rgb[codes], np.full(codes.shape, 255, np.uint8)])
            sheet.image(rgba, LEFT + head * cell, layer * cell, cell - gap, cell - gap)
    row, column = value["selected"]
    sheet.box(LEFT + column * cell - 1, row * cell - 1, cell - gap + 2, cell - gap + 2, color="accent", width=2)
    for layer in range(0, layers, max(1, int(np.ceil(13 / cell)))):
        sheet.text(LEFT - 6, (layer + 0.5) * cell - gap / 2, f"L{layer}", 10, "muted", align="right", kind="mono")
    for head in range(0, heads, max(1, int(np.ceil((6.2 * len(f"H{heads - 1}") + 4) / cell)))):
        x = LEFT + (head + 0.5) * cell - gap / 2
        sheet.text(x, layers * cell + BELOW / 2 + 1, f"H{head}", 10, "muted", align="center", kind="mono")
    return LEFT + heads * cell, layers * cell + BELOW


def thumb_tones(value: dict) -> np.ndarray:
    """Tones [layer, head, row, column]: weight to the power of the value's gamma."""
    codes = np.frombuffer(base64.b64decode(value["data"]), np.uint8).reshape(
        value["n_layers"], value["n_heads"], value["rows"], value["cols"]
    )
    return (codes / 255.0) ** (2 * value["gamma"])
