"""The selected head in a real browser, on a plain page without gradio."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from attention.views.palette import DARK
from tests.views.pictures import WORDS, cards, grid, head, overflow, settle, weights_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.ui
Show = Callable[..., "Page"]

READOUT = "#head .hl-fields"


def center(page: "Page", q: int, k: int) -> dict:
    """The middle of a cell, in pixels of the canvas."""
    x, y, cell = page.evaluate("() => { const at = window.views.head.layout(); return [at.x, at.y, at.cell]; }")
    return {"x": x + (k + 0.5) * cell, "y": y + (q + 0.5) * cell}


def point(page: "Page", q: int, k: int) -> None:
    page.locator("#head canvas").hover(position=center(page, q, k))


def test_hovering_a_cell_reads_the_tensor(show: Show) -> None:
    page = show(head())
    weights = weights_of(len(WORDS))
    strongest = list(enumerate(weights.argmax(-1).tolist()))
    for q, k in [(0, 0), (2, 3), (6, 5), (8, 8), *strongest]:
        point(page, q, k)
        settle(page)
        words = page.locator(f"{READOUT} .hl-text").all_text_contents()
        assert words == [WORDS[q], WORDS[k], f"{weights[q, k]:.3f}", f"{1 / len(WORDS):.3f}"]
    assert page.locator("#head").get_attribute("data-title") == "L2H6"
    assert page.locator("b").count() == 0


def test_long_texts_say_that_they_are_rounded(show: Show) -> None:
    page = show(head(120))
    weights = weights_of(120)
    page.locator("#head .hl-stage").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    settle(page)
    number = page.locator(f"{READOUT} .hl-figures .hl-text").first
    assert abs(float(number.inner_text().removeprefix("≈")) - weights[0].max().item()) <= 0.004 + 0.005
    assert number.inner_text().startswith("≈")
    assert "0.004" in (number.get_attribute("title") or "")


def test_blocked_pairs_and_their_chance_are_told(show: Show) -> None:
    page = show(head(causal=True))
    point(page, 2, 5)
    settle(page)
    assert page.locator(f"{READOUT} .hl-text").all_text_contents()[2:] == ["blocked", "0.333"]


def test_a_row_without_any_key_says_so(show: Show) -> None:
    page = show(head(empty_rows=[4], empty_note="nothing left without specials"))
    point(page, 4, 1)
    settle(page)
    assert page.locator(f"{READOUT} .hl-text").all_text_contents() == [WORDS[4], "nothing left without specials"]


def test_click_keeps_a_row_and_escape_lets_it_go(show: Show) -> None:
    page = show(head())
    page.locator("#head canvas").click(position=center(page, 3, 1))
    page.mouse.move(5, 990)
    settle(page)
    best = weights_of(len(WORDS))[3].topk(3)
    assert page.locator(f"{READOUT} .hl-item .hl-text").all_text_contents() == [WORDS[i] for i in best.indices]
    assert page.locator(f"{READOUT} .hl-number").all_text_contents() == [f"{w:.3f}" for w in best.values]
    page.keyboard.press("Escape")
    page.locator("#head canvas").click(position=center(page, 3, 1))
    page.locator("#head canvas").click(position=center(page, 3, 2))
    rows = [event[2]["query"] for event in page.evaluate("window.events") if event[1] == "pin"]
    assert rows == [3, None, 3, None]


def test_arrows_move_and_enter_keeps(show: Show) -> None:
    page = show(head())
    page.keyboard.press("Tab")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    settle(page)
    weights = weights_of(len(WORDS))
    k = min(int(weights[1].argmax()) + 1, len(WORDS) - 1)
    assert page.locator(f"{READOUT} .hl-text").all_text_contents()[:2] == [WORDS[1], WORDS[k]]
    spoken = page.locator("#head [aria-live]").text_content()
    assert spoken == f"Row 2, The, kept, looks at {WORDS[k]}: {weights[1, k]:.3f}; chance 0.111."
    assert page.evaluate("window.events") == [["head", "pin", {"query": 1}]]


def test_every_row_is_also_a_line_of_text(show: Show) -> None:
    page = show(head())
    weights = weights_of(len(WORDS))
    page.locator("#head table tr").nth(len(WORDS) - 1).wait_for(state="attached")
    rows = [row.locator("th, td").all_text_contents() for row in page.locator("#head table tr").all()]
    best = weights.max(-1)
    assert rows == [[WORDS[q], WORDS[best.indices[q]], f"{best.values[q]:.3f}"] for q in range(len(WORDS))]


def test_a_finger_reads_and_keeps(show: Show) -> None:
    page = show(head(), width=390, touch=True)
    at = center(page, 2, 4)
    page.locator("#head canvas").tap(position=at)
    settle(page)
    assert page.locator(f"{READOUT} .hl-text").all_text_contents()[:2] == [WORDS[2], WORDS[4]]
    assert page.evaluate("window.events") == [["head", "pin", {"query": 2}]]


def test_the_row_the_page_asks_for_is_kept(show: Show) -> None:
    page = show(head(query=5))
    assert page.locator(f"{READOUT} .hl-query .hl-text").inner_text() == WORDS[5]
    page.evaluate("() => { window.props.head.query = 1; window.views.head.draw(); }")
    settle(page)
    assert page.locator(f"{READOUT} .hl-query .hl-text").inner_text() == WORDS[1]


@pytest.mark.parametrize("tokens", [1, 2, 9, 24, 60, 128, 512])
@pytest.mark.parametrize("mode", ["matrix", "arcs"])
def test_nothing_overflows_a_phone(show: Show, tokens: int, mode: str) -> None:
    page = show(head(tokens, mode=mode), width=390)
    assert overflow(page) <= 0
    refusal = page.locator("#head .hl-refusal")
    assert refusal.is_visible() == (mode == "arcs" and tokens > 40)
    if refusal.is_visible():
        assert "up to 40 tokens" in refusal.inner_text()


def test_long_texts_zoom_and_come_back(show: Show) -> None:
    page = show(head(128))
    inside = "() => { const box = document.querySelector('#head .hl-scroll'); return [box.scrollWidth, box.clientWidth, box.clientHeight]; }"
    before = page.evaluate(inside)
    assert before[0] == before[1]
    page.get_by_role("button", name="zoom in").click()
    page.locator("#head .hl-stage").focus()
    page.keyboard.press("+")
    settle(page)
    zoomed = page.evaluate(inside)
    assert zoomed[0] > 1.8 * zoomed[1]
    assert zoomed[1:] == before[1:]
    page.keyboard.press("0")
    settle(page)
    assert page.evaluate(inside) == before


def test_arcs_show_the_lines_of_one_token(show: Show) -> None:
    page = show(head(mode="arcs"))
    weights = weights_of(len(WORDS))
    lines = page.locator("#head path")
    assert lines.count() == int((weights >= 0.01).sum())
    page.locator("#head [data-side=query][data-index='3']").hover()
    settle(page)
    assert page.locator("#head path:not(.hl-away)").count() == int((weights[3] >= 0.01).sum())
    beside = page.locator("#head [data-side=key] .hl-arc-number").all_text_contents()
    assert beside == [f"{w:.3f}" if w >= 0.005 else "" for w in weights[3]]
    page.locator("#head [data-side=key][data-index='2']").hover()
    settle(page)
    beside = page.locator("#head [data-side=query] .hl-arc-number").all_text_contents()
    assert beside == [f"{w:.3f}" if w >= 0.005 else "" for w in weights[:, 2]]
    page.locator("#head [data-side=query][data-index='3']").click()
    assert page.evaluate("window.events") == [["head", "pin", {"query": 3}]]


def test_pictures_follow_the_theme(show: Show) -> None:
    page = show(head(), grid(), cards())
    picture = "() => document.querySelector('#grid canvas').toDataURL()"
    light, stamps = page.evaluate(picture), page.locator("#grid").get_attribute("data-stamp")
    page.evaluate("document.body.classList.add('dark')")
    page.wait_for_function(f"document.querySelector('#grid').dataset.stamp !== '{stamps}'")
    assert page.evaluate(picture) != light
    bar = page.locator("#head .hl-bar").evaluate("(bar) => bar.style.backgroundImage")
    last = [int(DARK.ramp[-1][at : at + 2], 16) for at in (1, 3, 5)]
    assert "rgb({}, {}, {})".format(*last) in bar
