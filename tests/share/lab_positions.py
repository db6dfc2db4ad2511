"""What the tests of the Positions lab share."""

import json
import math
import re

import numpy as np

from attention.share.labs import positions as lab
from attention.share.settings.positions import Positions
from tests.share.lab_numbers import by_id, matrix

START = Positions()


def panels(settings: Positions) -> dict[str, dict]:
    return by_id(lab.picture(settings))


def series(panel: dict) -> dict[str, list[float]]:
    return {one["name"]: one["values"] for one in panel["series"]}


def items(panel: dict) -> dict[str, tuple[str, str]]:
    return {item["name"]: (item["text"], item["note"]) for item in panel["items"]}


def sinusoid(n: int, width: int) -> np.ndarray:
    """The formula of the paper, cell by cell."""
    cells = np.zeros((n, width))
    for place, dim in np.ndindex(n, width):
        angle = place / 10_000 ** ((dim - dim % 2) / width)
        cells[place, dim] = math.cos(angle) if dim % 2 else math.sin(angle)
    return cells


def check_figure(settings: Positions) -> None:
    """The figure is small, plain JSON, and nothing in it is NaN."""
    figure = lab.picture(settings)
    assert len(json.dumps(figure, ensure_ascii=False, allow_nan=False).encode()) < 300_000
    coded = re.compile(r'"(data|allowed)": "[^"]*"')  # bytes as letters may spell anything
    assert "NaN" not in coded.sub("", json.dumps(figure))
    for panel in figure["panels"]:
        if panel["kind"] == "matrix":
            assert np.isfinite(matrix(panel)).all()
        for one in panel.get("series", []):
            assert None not in one["values"]
