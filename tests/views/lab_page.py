"""A lab's figure on a plain page: how it is opened, pointed at and read."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.views.lab_fixtures import mounted
from tests.views.pictures import settle

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page
pytestmark = pytest.mark.ui


Show = Callable[..., "Page"]


WIDE = "main.single { display: block; max-width: 1248px; }"


# a copy is read, because a canvas that is read often is drawn in another way
PIXEL = """(canvas, [x, y]) => {
  const copy = document.createElement("canvas");
  Object.assign(copy, { width: 1, height: 1 });
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, -Math.floor(x * devicePixelRatio), -Math.floor(y * devicePixelRatio));
  return [...pen.getImageData(0, 0, 1, 1).data];
}"""


def open_lab(show: Show, value: dict | None = None, **how: object) -> "Page":
    """The figure as wide as a page would give it."""
    page = show(mounted(value), **how)
    page.add_style_tag(content=WIDE)
    settle(page)
    settle(page)
    return page


def panel(page: "Page", name: str) -> "Locator":
    return page.locator(f'#lab [data-panel="{name}"]')


def cell(page: "Page", name: str, row: int, column: int) -> dict:
    """The middle of a cell, in pixels of the canvas."""
    at = page.evaluate(
        "(name) => { const at = window.views.lab.frame(name).view.layout(); return [at.x, at.y, at.cellWidth, at.cellHeight]; }",
        name,
    )
    return {"x": at[0] + (column + 0.5) * at[2], "y": at[1] + (row + 0.5) * at[3]}


def point(page: "Page", name: str, row: int, column: int) -> None:
    panel(page, name).locator("canvas").hover(position=cell(page, name, row, column))
    settle(page)


def color_at(page: "Page", name: str, x: float, y: float) -> list[int]:
    return panel(page, name).locator("canvas").evaluate(PIXEL, [x, y])


def readout(page: "Page", name: str) -> str:
    return " ".join(panel(page, name).locator(".hl-panel-readout > *").all_text_contents())


def draw(page: "Page", value: dict) -> None:
    page.evaluate("(value) => { window.props.lab.value = value; window.views.lab.draw(); }", value)
    settle(page)
