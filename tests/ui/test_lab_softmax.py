"""The Softmax lab in a browser: typed scores, good and bad, and a decoder's next token."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from attention.models import catalog
from attention.tabs.softmax import LAB
from tests.ui.labs import Opened

pytestmark = pytest.mark.ui


def test_typed_scores_are_shown_and_bad_ones_leave_the_figure_as_it_was(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    typed = page.part("typed").locator("textarea, input")
    typed.fill("2, 2, 1")
    expect(page.figure.locator(".hl-caption")).to_contain_text("Typed scores")
    expect(page.panel("row").locator(".hl-row")).to_have_count(3)
    typed.fill("2, 2, one")
    expect(page.status).to_contain_text("“one” is not a number")
    expect(page.panel("row").locator(".hl-row")).to_have_count(3)
    typed.fill("")
    expect(page.figure.locator(".hl-caption")).to_contain_text("Random scores, seed 0")
    expect(page.status).not_to_contain_text("not a number")


def test_the_coldest_row_is_one_token_s_alone(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    slider = page.part("tau").locator("input[type=range]")
    slider.focus()
    page.moved("tau", -2.0, lambda: slider.press("Home"))
    expect(page.panel("spread")).to_contain_text(re.compile(r"effective tokens\s*1\.00"))
    page.moved("tau", 1.0, lambda: slider.press("End"))
    expect(page.figure.locator(".hl-caption")).to_contain_text("Softmax at temperature 10")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_decoder_s_next_token_moves_with_the_temperature(opened: Callable[..., Opened], width: int) -> None:
    page = opened(LAB, width=width, touch=width < 500)
    page.part("source").get_by_text("A real head", exact=True).click()
    expect(page.figure.locator(".hl-caption")).to_contain_text("multilingual-e5-small")
    expect(page.panel("next")).to_have_count(0)
    page.part("model").locator("input").click()
    title = next(row.label for row in catalog.rows() if row.id == catalog.INDUCTION)
    page.page.get_by_role("option", name=title).click()
    expect(page.figure.locator(".hl-caption")).to_contain_text("induction-2l")
    page.part("text").locator("textarea").fill("mat rug dog cat mat rug dog cat mat rug dog")
    page.part("text").locator("textarea").press("Enter")
    first = page.panel("next").locator(".hl-row").first
    expect(first).to_contain_text(re.compile(r"␣c.*0\.5"))
    slider = page.part("tau").locator("input[type=range]")
    slider.focus()
    slider.press("Home")
    expect(first).to_contain_text(re.compile(r"␣c.*1\.000"))
    assert page.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth") <= 0
