"""The Patterns tab in a real browser: pictures, formula, and the check of a decoder against Python's own."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from attention.core.names import head_name
from attention.errors import MESSAGES, ModelError
from attention.models import behavior
from attention.models.catalog import INDUCTION, MINILM
from attention.share import behavior_page, pattern_page
from tests.ui.explorer import Explorer

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.ui
Explore = Callable[..., Explorer]


@pytest.fixture
def opened(explore: Explore) -> Callable[..., "Page"]:
    """`opened(**of open_page)`: the tab, with its pictures drawn."""

    def patterns(**how: object) -> "Page":
        page = explore(**how).page
        tab, more = page.get_by_role("tab", name="Patterns"), page.get_by_role("button", name="More tabs")
        tab.or_(more).first.wait_for()
        if tab.is_visible():
            tab.click()
        else:  # a narrow page keeps it in a menu
            more.click()
            page.locator("#hl-tabs .overflow-dropdown").get_by_text("Patterns", exact=True).click()
        page.locator("#hl-patterns section").last.wait_for()
        settle(page)
        return page

    return patterns


def settle(page: "Page") -> None:
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def checks(page: "Page") -> None:
    page.get_by_role("button", name="Check by behavior").click()


def numbers(page: "Page") -> list[str]:
    return page.locator("#hl-behavior .hl-large span:first-child").all_inner_texts()


def overflow(page: "Page") -> int:
    settle(page)
    return page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")


_DRAWN = """(canvas) => {
  const { width, height } = canvas;
  const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, width, height).data.buffer);
  return new Set(pixels).size;
}"""


def test_every_pattern_has_its_picture_and_its_words(opened: Callable[..., "Page"]) -> None:
    page = opened()
    panels = page.locator("#hl-patterns section")
    names = panels.evaluate_all("(all) => all.map((one) => one.dataset.panel)")
    assert names == [*(row.name for row in pattern_page.LISTED), *pattern_page.SHAPES]
    for at in range(len(names)):
        assert panels.nth(at).locator("canvas").evaluate(_DRAWN) > 2
        assert panels.nth(at).locator(".hl-panel-title").inner_text().count("\n") == 1
    boxes = panels.locator("canvas").evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().top)")
    assert [boxes[at] == boxes[at + 1] == boxes[at + 2] for at in range(0, 15, 3)] == [True] * 5
    assert page.locator("#hl-patterns-status").is_hidden()


def test_a_cell_is_read_with_the_keyboard(opened: Callable[..., "Page"]) -> None:
    page = opened()
    panel = page.locator('#hl-patterns [data-panel="induction"]')
    panel.locator(".hl-panel-body").focus()
    for key in ("ArrowDown",) * 12 + ("ArrowRight",) * 2:
        page.keyboard.press(key)
    settle(page)
    said = panel.locator(".hl-panel-readout").inner_text()
    assert float(pattern_page.perfect_head("induction")[11, 1]) == 0.0
    assert "0.000" in said
    page.keyboard.press("ArrowRight")
    settle(page)
    assert (
        f"{float(pattern_page.perfect_head('induction')[11, 2]):.3f}" in panel.locator(".hl-panel-readout").inner_text()
    )


def test_the_formula_is_set_and_links_stay_on_the_page(opened: Callable[..., "Page"]) -> None:
    page = opened()
    formula = page.locator("#hl-score .katex-display")
    assert formula.count() == 1
    assert "κ" in formula.locator(".katex-html").inner_text()
    assert page.evaluate("document.fonts.check('16px KaTeX_Math')")
    page.get_by_role("link", name="decoders checked by behavior").click()
    page.wait_for_function("document.querySelector('#hl-check')?.getBoundingClientRect().top < innerHeight / 2")
    assert page.url.endswith("#hl-check")


def test_the_check_shows_the_numbers_of_python(opened: Callable[..., "Page"]) -> None:
    page = opened()
    page.locator("#hl-behavior-length input").fill("16")
    page.locator("#hl-behavior-seed input").fill("4")
    checks(page)
    page.locator("#hl-behavior section").last.wait_for()
    settle(page)
    found = behavior.repeat_check(INDUCTION, length=16, seed=4)
    assert found.together is not None
    first, second = found.intact.first, found.intact.second
    assert numbers(page) == [f"{number:.2f}" for number in (first, second, second / first, found.together.second)]
    rows = page.locator("#hl-behavior .hl-table tbody tr")
    trials = [*found.each, *found.before]
    shown = [rows.nth(at).locator("th, td").all_inner_texts() for at in range(len(trials))]
    assert [[row[0], row[3]] for row in shown] == [[head_name(*t.off[0]), f"{t.second:.2f}"] for t in trials]
    note = page.locator("#hl-behavior .hl-lab-note").inner_text()
    assert note.split("\n\n") == behavior_page.said(found, 16)
    assert page.locator("#hl-behavior-status").inner_text() == ""
    assert page.locator("#hl-behavior-cancel").is_hidden()


def test_an_encoder_is_refused_and_the_last_figure_stays(opened: Callable[..., "Page"]) -> None:
    from playwright.sync_api import expect

    page = opened()
    page.locator("#hl-behavior-length input").fill("8")
    checks(page)
    page.locator("#hl-behavior section").last.wait_for()
    before = numbers(page)
    page.locator("#hl-behavior-model input").fill(MINILM)
    page.keyboard.press("Enter")
    checks(page)
    sentence = MESSAGES["not_checkable"].format(got=MINILM, reason="it is not trained to predict the next token")
    expect(page.locator("#hl-behavior-status")).to_have_text(sentence)
    assert numbers(page) == before


def test_a_length_that_is_none_is_one_sentence(opened: Callable[..., "Page"]) -> None:
    from playwright.sync_api import expect

    page = opened()
    for typed in ("", "3", "4000"):
        page.locator("#hl-behavior-length input").fill(typed)
        checks(page)
        status = page.locator("#hl-behavior-status .hl-picture")
        expect(status).to_have_text(f"Length must be one of the whole numbers from 8 to 128, not {typed or None}.")
        expect(status).to_have_attribute("role", "alert")


def test_cancel_ends_the_check_and_the_next_one_runs(
    opened: Callable[..., "Page"], monkeypatch: pytest.MonkeyPatch
) -> None:
    from playwright.sync_api import expect

    cancelled = threading.Event()

    def slow(model: str, *, progress: Any, cancel: threading.Event, **_: Any) -> None:
        progress(3, 22)
        cancel.wait(60)
        cancelled.set()
        raise ModelError("check_cancelled", got=model)

    page = opened()
    with monkeypatch.context() as patched:
        patched.setattr(behavior, "repeat_check", slow)
        checks(page)
        expect(page.locator("#hl-behavior-status")).to_contain_text("pass 3 of at most 22")
        page.locator("#hl-behavior-cancel").click()
        expect(page.locator("#hl-behavior-status")).to_have_text("Cancelled; the last figure stays.")
        assert cancelled.wait(10)
    assert page.locator("#hl-behavior section").count() == 0
    page.locator("#hl-behavior-length input").fill("8")
    checks(page)
    page.locator("#hl-behavior section").last.wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_scrolls_down_only(opened: Callable[..., "Page"], theme: str) -> None:
    page = opened(width=390, touch=True, query=f"?__theme={theme}")
    assert overflow(page) <= 0
    lefts = page.locator("#hl-patterns section").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().left)"
    )
    assert set(lefts) == {16}
    page.locator("#hl-behavior-length input").fill("8")
    checks(page)
    page.locator("#hl-behavior section").last.wait_for()
    assert overflow(page) <= 0
    assert page.locator("#hl-behavior .hl-table-holder").evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0
