"""The head grid, the cards and the empty page in a real browser."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import torch

from attention.views import head_grid
from attention.views.static_files import FINDING_CARDS, HEAD_FIGURE, HEAD_GRID
from tests.views.pages import Mounted
from tests.views.pictures import cards, grid, head, overflow, settle

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.ui
Show = Callable[..., "Page"]


def test_picking_a_head_with_pointer_and_keys(show: Show) -> None:
    page = show(grid())
    cell = page.evaluate("() => document.querySelector('#grid canvas').getBoundingClientRect().width - 28") / 4
    page.locator("#grid canvas").hover(position={"x": 28 + 3.5 * cell, "y": 0.5 * cell})
    settle(page)
    assert page.locator("#grid .hl-head-readout").inner_text().split("\n") == ["L0H3", "next 0.03"]
    page.locator("#grid canvas").click(position={"x": 28 + 0.5 * cell, "y": 2.5 * cell})
    page.mouse.move(900, 900)
    page.locator("#grid .hl-stage").focus()
    for key in ("ArrowRight", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    expected = [{"layer": 2, "head": 0}, {"layer": 1, "head": 1}]
    assert [event[1:] for event in page.evaluate("window.events")] == [["pick", data] for data in expected]
    assert page.locator("#grid [aria-live]").text_content() == "L1H1, next 0.05, opened"


def test_selecting_another_head_sends_no_picture(show: Show) -> None:
    page = show(grid())
    page.evaluate("() => { window.props.grid.selected = [2, 3]; window.views.grid.draw(); }")
    settle(page)
    assert page.locator("#grid .hl-head-name").inner_text() == "L2H3"


@pytest.mark.parametrize(("layers", "heads"), [(1, 1), (2, 2), (6, 12), (24, 16), (32, 32)])
def test_grids_of_every_size_fit_a_phone(show: Show, layers: int, heads: int) -> None:
    thumbs = torch.full((layers, heads, 24, 24), 90, dtype=torch.uint8)
    page = show(Mounted("grid", HEAD_GRID, {"value": head_grid.render(thumbs, n_tokens=60)}), width=390)
    assert overflow(page) <= 0
    box = page.locator("#grid canvas").bounding_box()
    assert box is not None
    assert box["width"] <= 358.5
    assert box["height"] > 40


def test_cards_are_buttons_that_pick(show: Show) -> None:
    page = show(cards())
    buttons = page.get_by_role("button")
    assert buttons.count() == 3
    assert [one.get_attribute("aria-pressed") for one in buttons.all()] == ["true", "false", "false"]
    buttons.nth(1).focus()
    page.keyboard.press("Enter")
    assert page.evaluate("window.events") == [["cards", "pick", {"layer": 1, "head": 2, "pattern": "name_1"}]]
    assert [one.get_attribute("aria-pressed") for one in buttons.all()] == ["false", "true", "false"]
    assert page.locator("#cards .hl-footnote").inner_text() == "Why."


def test_nothing_read_yet_is_calm(show: Show) -> None:
    mounted = [
        Mounted(name, picture, {"value": None})
        for name, picture in (("cards", FINDING_CARDS), ("grid", HEAD_GRID), ("head", HEAD_FIGURE))
    ]
    page = show(*mounted)
    box = page.locator("#head .hl-stage").bounding_box()
    assert box is not None
    assert box["height"] > 300
    page.evaluate("(value) => { window.props.head.value = value; window.views.head.draw(); }", head().props["value"])
    page.wait_for_function("document.querySelector('#head').dataset.title === 'L2H6'")
    page.evaluate("() => { window.props.head.value = null; window.views.head.draw(); }")
    page.wait_for_function("document.querySelector('#head').dataset.title === ''")
