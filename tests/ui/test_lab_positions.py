"""The Positions lab in a browser: every view, every pair, and lists of positions that are none."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from attention.share.settings.positions import PAIRS, VIEWS
from attention.tabs.positions import LAB
from tests.ui.labs import Opened

pytestmark = pytest.mark.ui

FIRST = {"order": "read-0", "table": "sinusoids", "adding": "arrows", "closeness": "cosine", "kinds": "sinusoid", "length": "known"}  # fmt: skip
FIRST_REAL = {**FIRST, "order": "weights", "table": "own", "kinds": "learned"}


def test_every_view_opens_with_its_own_picture(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    for name in (*list(VIEWS)[1:], "order"):
        page.option("view", VIEWS[name])
        expect(page.figure.locator(".hl-panel").first).to_have_attribute("data-panel", FIRST[name])
        expect(page.status).to_be_empty()


def test_every_pair_can_be_read(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    for name in (*list(PAIRS)[1:], "roles"):
        page.moved("pair", name, lambda name=name: page.option("pair", PAIRS[name]))
    expect(page.panel("read-0").locator(".hl-panel-title")).to_have_text("dog bites man")


def test_a_list_that_holds_no_positions_leaves_the_picture(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    page.moved("view", "table", lambda: page.option("view", VIEWS["table"]))
    box = page.part("chosen").locator("textarea")
    page.moved("chosen", "5", lambda: box.fill("5"))
    for wrong in ("five", "NaN", "-1", "600"):
        box.fill(wrong)
        expect(page.status).to_contain_text(f"“{wrong}” is not a position")
        expect(page.panel("chosen").locator("svg")).to_contain_text("position 5")
    box.fill("5, 6")
    expect(page.status).to_be_empty()
    expect(page.panel("chosen").locator("svg")).to_contain_text("position 6")


def test_every_view_fits_a_phone_with_a_real_model(opened: Callable[..., Opened]) -> None:
    page = opened(LAB, width=390, touch=True)
    page.part("source").get_by_text("A real head", exact=True).click()
    expect(page.figure.locator(".hl-caption")).to_contain_text("multilingual-e5-small")
    for name in (*list(VIEWS)[1:], "order"):
        page.option("view", VIEWS[name])
        expect(page.figure.locator(".hl-panel").first).to_have_attribute("data-panel", FIRST_REAL[name])
        assert page.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth") <= 0
