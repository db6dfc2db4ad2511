"""Images whose pixels are cells: never smoothed, and kept cell by cell where the file can scale them."""

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.transforms import Transform


class CellImage(Artist):
    """rgba: uint8, [row, column, 4], drawn over the unit square as `place` puts it, the first row on top."""

    def __init__(self, rgba: np.ndarray, place: Transform) -> None:
        super().__init__()
        self.rgba = np.ascontiguousarray(rgba)
        self.place = place

    def draw(self, renderer: Any) -> None:
        """Hands the cells over as they are, or as dots: each dot has the color of the cell its middle lies in."""
        pen = renderer.new_gc()
        if renderer.option_scale_image():
            renderer.draw_image(pen, 0, 0, self.rgba, self.place)
        else:
            (left, top), (right, bottom) = self.place.transform([(0, 0), (1, 1)]).round().astype(int)
            rows, columns = (
                ((np.arange(dots) + 0.5) * count / dots).astype(int)
                for dots, count in zip((max(1, top - bottom), max(1, right - left)), self.rgba.shape[:2], strict=True)
            )
            dots = self.rgba[rows][:, columns][::-1]  # the last row first: the renderer counts from below
            renderer.draw_image(pen, left, bottom, np.ascontiguousarray(dots))
        pen.restore()
