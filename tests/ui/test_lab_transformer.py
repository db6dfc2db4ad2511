"""The Transformer lab in a browser: the controls of each view, rows that are clicked, the glossary, a phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from attention.share.settings.transformer import VIEWS
from attention.tabs._glossary import TERMS
from attention.tabs.transformer import LAB
from tests.ui.labs import Opened

pytestmark = pytest.mark.ui

OWN = {
    "paths": {"n", "seed"},
    "block": {"n", "blocks", "pre_norm", "row", "seed"},
    "stacks": {"typed", "written", "translator", "row"},
    "cross": {"typed", "written", "cross_head", "translator", "row"},
}


def show(page: Opened, view: str) -> None:
    """Chooses a view and waits for its figure."""
    if view != page.settings.view:
        page.moved("view", view, page.part("view").get_by_text(VIEWS[view], exact=True).click)


def write(page: Opened, name: str, text: str) -> None:
    """Types over what stands in a field, as a person does."""
    field = page.part(name).locator("textarea")
    field.press("ControlOrMeta+a")
    field.press_sequentially(text)


def test_a_view_shows_its_own_controls(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    for view in VIEWS:
        show(page, view)
        assert {name for name in set.union(*OWN.values()) if page.part(name).is_visible()} == OWN[view]


def test_a_number_is_spelled_as_it_is_typed_and_a_wrong_one_is_answered_with_a_sentence(
    opened: Callable[..., Opened],
) -> None:
    page = opened(LAB)
    show(page, "cross")
    caption = page.figure.locator(".hl-caption")
    write(page, "typed", "407")
    expect(caption).to_contain_text("four hundred seven")
    write(page, "typed", "seven")
    expect(page.status).to_contain_text("not a whole number")
    expect(caption).to_contain_text("four hundred seven")
    write(page, "typed", "407")
    write(page, "written", "four hundred six")
    expect(caption).to_contain_text("is made to write")
    expect(page.status).to_have_text("")


def test_a_click_on_a_row_opens_it_and_a_box_is_no_row(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    show(page, "cross")
    canvas = page.figure.locator(".hl-panel canvas").first
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] * 0.5, "y": box["height"] * 0.75})
    expect(page.part("row").locator("input[type=number]")).not_to_have_value("0")
    show(page, "stacks")
    row = page.part("row").locator("input[type=number]").input_value()
    page.figure.locator(".hl-box").nth(2).click()
    page.page.wait_for_timeout(500)
    expect(page.status).to_have_text("")
    expect(page.part("row").locator("input[type=number]")).to_have_value(row)


def test_a_real_models_block_has_no_made_up_controls(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    show(page, "block")
    page.part("source").get_by_text("A real head", exact=True).click()
    expect(page.figure.locator(".hl-caption")).to_contain_text("norm after each sum")
    assert [name for name in OWN["block"] if page.part(name).is_visible()] == ["row"]
    page.part("other").locator("textarea").fill("猫は道を渡らなかった。")
    page.part("read").click()
    expect(page.figure.locator(".hl-caption")).to_contain_text("猫は道を渡らなかった。")
    page.part("source").get_by_text("Made-up numbers", exact=True).click()
    expect(page.figure.locator(".hl-caption")).to_contain_text("untrained blocks")


@pytest.mark.parametrize("width", [1440, 390])
def test_links_from_the_prose_lead_to_the_glossary(opened: Callable[..., Opened], width: int) -> None:
    page = opened(LAB, width=width, touch=width < 500)
    link = page.page.locator('.hl-lab-side a[href="#term-residual"]:visible')
    link.click()
    expect(page.page.locator("#term-residual")).to_be_focused()
    expect(page.page.locator("#term-residual")).to_be_in_viewport()
    assert page.page.locator("#hl-glossary dt").count() == len(TERMS)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_view_scrolls_a_phone_sideways(opened: Callable[..., Opened], theme: str) -> None:
    page = opened(LAB, width=390, touch=True, query=f"?__theme={theme}")
    for view in [*list(VIEWS)[1:], "paths"]:
        show(page, view)
        assert page.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth") <= 0
        assert re.search(r"\S", page.figure.locator(".hl-caption").inner_text())
