"""The first seconds: the recorded picture, its replacement, and a person who does not wait for it."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from attention.share.selection import Selection
from attention.tabs import _answers, _background, _updates
from attention.tabs._examples import EXAMPLES
from attention.tabs._recorded import recorded
from tests.ui.explorer import E5, Explorer, best_head, captured

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.ui, pytest.mark.usefixtures("warm")]
Open = Callable[..., "Page"]

TEXT = "Nobody waits for a clock."


class Clock:
    """What the background says of the default model, as a test decides."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state = "loading"
        monkeypatch.setattr(_background, "state", lambda: self.state)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_the_recorded_picture_is_said_to_be_recorded_and_then_replaced(open_page: Open, clock: Clock) -> None:
    explorer = Explorer(open_page())
    values = recorded()
    explorer.figure.get_by_text("Recorded").wait_for()
    assert explorer.caption == values["figure"]["caption"]
    assert explorer.figure.get_attribute("data-title") == f"L{values['layer']}H{values['head']}"
    assert explorer.page.locator("#hl-layer input").input_value() == str(values["layer"])
    assert explorer.page.locator("#hl-head-number input").input_value() == str(values["head"])
    assert explorer.cards.count() == len(values["cards"]["cards"])
    assert "is loading" in explorer.status.inner_text()
    assert explorer.status.get_attribute("data-kind") == "busy"
    explorer.page.evaluate("document.fonts.ready")
    before = explorer.box("#hl-figure canvas")
    clock.state = "ready"
    explorer.shows_example()
    assert explorer.status.inner_text() == ""
    assert explorer.box("#hl-figure canvas") == before  # nothing jumped
    assert "Recorded" not in explorer.page.locator("body").inner_text()


def test_the_letters_of_the_pictures_are_asked_for_before_the_first_drawing(browser: "Browser", address: str) -> None:
    """Else every label changes its width a moment after it was drawn."""
    visitor = browser.new_context()  # of somebody who was never here
    page = visitor.new_page()
    page.add_init_script(
        "new MutationObserver((_, all) => { if (!document.querySelector('#hl-figure [data-stamp]')) return;"
        " window.drawn = performance.now(); all.disconnect(); })"
        ".observe(document, { subtree: true, childList: true, attributeFilter: ['data-stamp'] })"
    )
    page.goto(address)
    page.wait_for_function("window.drawn && document.fonts.status === 'loaded'")
    asked = page.evaluate(
        "performance.getEntriesByType('resource').filter(({ name }) => name.includes('PlexMono')).map(({ startTime }) => startTime)"
    )
    assert len(asked) == 2  # regular and bold
    assert max(asked) < page.evaluate("window.drawn")
    visitor.close()


def test_a_model_that_does_not_load_is_said_and_the_recorded_picture_stays(open_page: Open, clock: Clock) -> None:
    explorer = Explorer(open_page())
    explorer.figure.get_by_text("Recorded").wait_for()
    clock.state = "The model did not load."
    explorer.page.get_by_text("The model did not load.").wait_for()
    assert "Recorded" in explorer.caption
    explorer.read(TEXT)
    capture = captured(E5, TEXT)
    explorer.shows(capture, Selection(*best_head(capture)))


def test_a_head_of_the_recorded_picture_cannot_be_opened_yet(open_page: Open, clock: Clock) -> None:
    explorer = Explorer(open_page())
    explorer.figure.get_by_text("Recorded").wait_for()
    explorer.pick(9, 9)
    explorer.page.get_by_text("Nothing has been read yet").wait_for()
    assert "Recorded" in explorer.caption
    clock.state = "ready"
    explorer.shows_example()


def test_one_s_own_reading_is_never_replaced_by_the_first_picture(
    open_page: Open, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock has already asked for the first picture when a person presses Read, and gets it after they got theirs."""
    asked, go_on, answered = threading.Event(), threading.Event(), threading.Event()
    first_live = _answers._first_live

    def slow() -> _updates.Answer:
        asked.set()
        assert go_on.wait(30)
        answer = first_live()
        answered.set()
        return answer

    explorer = Explorer(open_page())
    explorer.figure.get_by_text("Recorded").wait_for()
    monkeypatch.setattr(_answers, "_first_live", slow)
    clock.state = "ready"
    assert asked.wait(30)
    explorer.read(TEXT)
    capture = captured(E5, TEXT)
    own = Selection(*best_head(capture))
    explorer.shows(capture, own)
    go_on.set()
    assert answered.wait(30)
    explorer.pick(own.layer, (own.head + 1) % 12)  # a round trip later
    explorer.shows(capture, Selection(own.layer, (own.head + 1) % 12))


def test_after_a_first_error_the_live_picture_still_comes(open_page: Open, clock: Clock) -> None:
    explorer = Explorer(open_page())
    explorer.figure.get_by_text("Recorded").wait_for()
    explorer.read(" ")
    assert explorer.status.get_attribute("data-kind") == "error"
    assert "Recorded" in explorer.caption
    clock.state = "ready"
    explorer.shows_example()


def test_reading_while_the_model_loads_shows_the_reading(open_page: Open, clock: Clock) -> None:
    explorer = Explorer(open_page())
    explorer.figure.get_by_text("Recorded").wait_for()
    clock.state = "ready"
    explorer.read(EXAMPLES[5].text)
    capture = captured(E5, EXAMPLES[5].text)
    layer, head = best_head(capture)
    explorer.shows(capture, Selection(layer, head))
    explorer.pick(layer, 0 if head else 1)
    explorer.shows(capture, Selection(layer, 0 if head else 1))
