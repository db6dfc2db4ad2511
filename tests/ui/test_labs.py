"""Every lab in a browser: each control to both ends, each answer, a real head and back, and no error anywhere."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from attention.share.settings.kinds import Choice, Number, Switch, kinds
from attention.share.settings.real_head import NAMES
from attention.tabs._lab import Lab
from tests.tabs.test_labs import FOUND
from tests.ui.labs import Opened

pytestmark = pytest.mark.ui
each_lab = pytest.mark.parametrize("lab", FOUND, ids=[lab.stem for lab in FOUND])


@each_lab
def test_every_control_moves_to_both_ends(opened: Callable[..., Opened], lab: Lab) -> None:
    page = opened(lab)
    for name, kind in kinds(lab.settings).items():
        if name in (*NAMES, "source"):
            continue
        page.uncover(kind)
        expect(page.part(name)).to_be_visible()
        if isinstance(kind, Number):
            for key in ("Home", "End"):
                page.slide(name, key, kind)
        elif isinstance(kind, Choice):
            first, *others = list(kind.options)[: kind.offered or None]
            for key in (*(others if len(others) < 4 else others[-1:]), first):
                page.choose(name, key)
        elif isinstance(kind, Switch):
            for _ in range(2):
                page.moved(name, not getattr(page.settings, name), page.part(name).locator("input").click)


@each_lab
def test_every_answer_gets_its_verdict(opened: Callable[..., Opened], lab: Lab) -> None:
    page = opened(lab)
    found = lab.module.reveal(lab.settings())
    for guess in range(found.choices):
        page.part("guess").locator("label").nth(guess).click()
        expect(page.part("verdict")).to_have_text(
            re.compile(r"^\s*Yes" if guess == found.right else r"^\s*Not this time")
        )
        expect(page.part("verdict")).to_contain_text(found.sentence)
    count = page.part("count").locator(".hl-lab-count")
    expect(count).to_have_attribute("data-done", "true")
    expect(count).to_contain_text(re.compile(r"[1-7] of 7 questions answered in this browser, this one too"))


@each_lab
def test_a_real_head_and_back(opened: Callable[..., Opened], lab: Lab) -> None:
    page = opened(lab)
    caption = page.figure.locator(".hl-caption").inner_text()
    page.part("source").get_by_text("A real head", exact=True).click()
    expect(page.figure.locator(".hl-caption")).to_contain_text("multilingual-e5-small")
    expect(page.part("text")).to_be_visible()
    page.part("source").get_by_text("Made-up numbers", exact=True).click()
    expect(page.figure.locator(".hl-caption")).to_have_text(caption)
    expect(page.part("text")).to_be_hidden()


@each_lab
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_does_not_scroll_sideways(opened: Callable[..., Opened], lab: Lab, theme: str) -> None:
    page = opened(lab, width=390, touch=True, query=f"?__theme={theme}")
    assert page.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth") <= 0
