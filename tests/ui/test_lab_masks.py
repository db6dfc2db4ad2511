"""The Masks lab in a browser: rows to click, views to switch, and a row with nothing to look at."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from attention.share.settings.masks import KINDS, VIEWS
from attention.tabs.masks import LAB
from tests.ui.labs import Opened

pytestmark = pytest.mark.ui


def choose(page: Opened, kind: str) -> None:
    """Another mask."""
    page.moved("kind", kind, lambda: page.option("kind", KINDS[kind]))


def view(page: Opened, name: str) -> None:
    page.moved("view", name, page.part("view").get_by_text(VIEWS[name], exact=True).click)


def test_a_clicked_token_becomes_the_row(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    expect(page.panel("row").locator(".hl-panel-title")).to_have_text("Row 4")
    page.moved("row", 2, page.panel("row").locator(".hl-row").nth(2).click)
    expect(page.panel("row").locator(".hl-panel-title")).to_have_text("Row 2")
    expect(page.part("row").locator("input[type=number]")).to_have_value("2")
    expect(page.panel("row").locator(".hl-row").nth(3)).to_contain_text("masked")


def test_every_mask_can_be_chosen_in_every_view(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    for name in (*list(VIEWS)[1:], "weights"):
        view(page, name)
        for kind in (*(each for each in KINDS if each != page.settings.kind), page.settings.kind):
            choose(page, kind)
            expect(page.figure.locator(".hl-caption")).to_contain_text("no mask" if kind == "none" else f"{KINDS[kind].lower()} mask")  # fmt: skip


def test_a_silenced_row_says_that_it_has_no_key(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    view(page, "empty")
    expect(page.figure.locator(".hl-lab-note")).to_contain_text("silence the padding rows")
    choose(page, "padding")
    page.moved("silence", True, page.part("silence").locator("input").click)
    expect(page.figure.locator(".hl-lab-note")).to_be_empty()
    expect(page.panel("answers").locator(".hl-panel-body td").filter(has_text="NaN")).to_have_count(1)


def test_every_view_fits_a_phone_with_a_real_head(opened: Callable[..., Opened]) -> None:
    page = opened(LAB, width=390, touch=True)
    page.part("source").get_by_text("A real head", exact=True).click()
    expect(page.figure.locator(".hl-caption")).to_contain_text("multilingual-e5-small")
    for name in (*list(VIEWS)[1:], "weights"):
        page.part("view").get_by_text(VIEWS[name], exact=True).click()
        expect(page.part("view").locator("label.selected")).to_have_text(VIEWS[name])
        assert page.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth") <= 0
    expect(page.status).to_be_empty()
