"""The Weighted sum lab in a browser: words to click and to point at."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from attention.tabs.weighted_sum import LAB
from tests.ui.labs import Opened

pytestmark = pytest.mark.ui


def test_a_clicked_word_becomes_the_one_that_looks(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    expect(page.panel("scores").locator(".hl-chosen .hl-word")).to_have_text("it")
    page.moved("focus", 1, page.panel("weights").locator(".hl-row").nth(1).click)
    for name in ("scores", "weights"):
        expect(page.panel(name).locator(".hl-chosen .hl-word")).to_have_text("animal")
    expect(page.part("focus").locator("input[type=number]")).to_have_value("1")
    page.moved("focus", 5, page.panel("sum").locator(".hl-chip").nth(5).click)
    expect(page.panel("scores").locator(".hl-chosen .hl-word")).to_have_text("street")


def test_pointing_at_a_word_shows_its_share_in_all_three_steps(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    page.panel("scores").locator(".hl-row").nth(3).hover()
    for name in ("scores", "weights"):
        expect(page.panel(name).locator(".hl-row.hl-lit .hl-word")).to_have_text("cross")
    expect(page.panel("sum").locator(".hl-chip.hl-lit")).to_have_text("cross")
    assert page.panel("sum").locator("rect.hl-lit").count() == page.settings.d_head


def test_a_typed_sentence_is_taken_word_by_word(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    box = page.part("sentence").locator("textarea")
    page.moved("sentence", "猫は 寝る", lambda: box.fill("猫は 寝る"))
    expect(page.panel("scores").locator(".hl-word")).to_have_text(["猫", "は", "寝る"])
    box.fill("")
    expect(page.status).to_contain_text("type a sentence")
    expect(page.panel("scores").locator(".hl-word")).to_have_text(["猫", "は", "寝る"])
    box.fill("word " * 70)
    expect(page.status).to_contain_text("at most 32")
    box.fill("one")
    expect(page.panel("scores").locator(".hl-word")).to_have_text(["one"])
    expect(page.status).to_be_empty()


def test_every_view_fits_a_phone_with_a_real_head(opened: Callable[..., Opened]) -> None:
    page = opened(LAB, width=390, touch=True)
    page.part("source").get_by_text("A real head", exact=True).click()
    expect(page.figure.locator(".hl-caption")).to_contain_text("multilingual-e5-small")
    for title in ("Paint", "All words", "Steps"):
        page.part("view").get_by_text(title, exact=True).click()
        expect(page.part("view").locator("label.selected")).to_have_text(title)
        assert page.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth") <= 0
