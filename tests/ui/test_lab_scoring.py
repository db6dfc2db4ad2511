"""The Scoring lab in a browser: its three views, a click on a row, and a real head in two languages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from attention.share.labs.scoring import picture
from attention.share.settings.scoring import VIEWS, Scoring
from attention.tabs.scoring import LAB
from tests.ui.labs import Opened

pytestmark = pytest.mark.ui


def test_each_view_shows_its_own_panels_below_the_two_matrices(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    for view, title in [*VIEWS.items()][::-1]:
        page.moved("view", view, page.part("view").get_by_text(title, exact=True).click)
        expected = [one["id"] for one in picture(Scoring(view=view))["panels"]]
        expect(page.figure.locator(".hl-panel")).to_have_count(len(expected))
        shown = page.figure.locator(".hl-panel").evaluate_all("(all) => all.map((one) => one.dataset.panel)")
        assert shown == expected


def test_long_vectors_break_the_naive_softmax_before_your_eyes(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    page.moved("view", "formats", page.part("view").get_by_text("Formats", exact=True).click)
    expect(page.panel("naive-float32")).not_to_contain_text("NaN")
    page.moved("same", True, page.part("same").locator("input").click)
    slider = page.part("d_k").locator("input[type=range]")
    slider.focus()
    page.moved("d_k", 256, lambda: slider.press("End"))
    for kind in ("float16", "bfloat16", "float32"):
        expect(page.panel(f"naive-{kind}")).to_contain_text("NaN")


def test_pytorch_s_own_functions_agree_in_words(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    page.moved("view", "torch", page.part("view").get_by_text("PyTorch", exact=True).click)
    expect(page.panel("torch").locator(".hl-agrees")).to_have_count(3)


def test_a_click_on_a_matrix_chooses_its_row(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    canvas = page.panel("plain").locator("canvas")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] / 2, "y": box["height"] - 8})
    expect(page.part("row").locator("input[type=number]")).to_have_value("9")


def test_a_real_head_reads_a_second_sentence(opened: Callable[..., Opened]) -> None:
    page = opened(LAB, width=390, touch=True)
    page.part("source").get_by_text("A real head", exact=True).click()
    expect(page.figure.locator(".hl-caption")).to_contain_text("multilingual-e5-small")
    page.part("other").locator("textarea").fill("猫は道を渡りませんでした。")
    page.part("other").locator("textarea").press("Enter")
    expect(page.figure.locator(".hl-caption")).to_contain_text("猫は道を")
    assert page.panel("chosen-2").is_visible()
    assert page.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth") <= 0
