"""The Multi-head lab in a browser: small pictures to click, and clicks that change nothing."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from attention.tabs.multi_head import LAB
from tests.ui.labs import Opened

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = pytest.mark.ui


def title(page: Opened) -> "Locator":
    return page.panel("head").locator(".hl-panel-title")


def test_a_small_picture_is_enlarged_by_a_click_or_by_enter(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    expect(title(page)).to_have_text("Head 3")
    page.moved("head", 1, page.panel("small-1").locator("canvas").click)
    expect(title(page)).to_have_text("Head 1")
    expect(page.panel("small-1").locator(".hl-panel-aside")).to_have_text("enlarged")
    body = page.panel("small-2").locator(".hl-panel-body")
    body.focus()
    body.press("ArrowDown")
    page.moved("head", 2, lambda: body.press("Enter"))
    expect(title(page)).to_have_text("Head 2")


def test_a_click_elsewhere_picks_no_head(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    page.panel("head").locator("canvas").click()
    page.panel("average").locator("canvas").click()
    for view, name, node in (("Shapes", "flow", ".hl-box >> nth=3"), ("Differences", "distances", "canvas"), ("Differences", "loss", ".hl-row >> nth=0")):  # fmt: skip
        page.part("view").get_by_text(view, exact=True).click()
        page.panel(name).locator(node).click()
    page.part("view").get_by_text("Heads", exact=True).click()
    expect(title(page)).to_have_text("Head 3")
    expect(page.status).to_be_empty()


def test_a_head_of_a_model_is_picked_in_the_same_way(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    page.part("source").get_by_text("A real head", exact=True).click()
    expect(title(page)).to_have_text("L2H6")
    assert page.figure.locator('[data-panel^="small-"]').count() == 12
    page.panel("small-11").locator("canvas").click()
    expect(title(page)).to_have_text("L2H11")
    expect(page.part("head").locator("input")).to_have_value("11")


def test_every_view_fits_a_phone(opened: Callable[..., Opened]) -> None:
    page = opened(LAB, width=390, touch=True)
    for name in ("Shapes", "Differences", "Torch", "Heads"):
        page.part("view").get_by_text(name, exact=True).click()
        expect(page.part("view").locator("label.selected")).to_have_text(name)
        assert page.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth") <= 0
