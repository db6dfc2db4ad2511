"""What one visitor does costs no forward pass twice and never shows at another's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from attention.models import loader, reader
from attention.share.selection import Selection
from attention.tabs._examples import EXAMPLES
from tests.ui.explorer import E5, JAPANESE, MINILM, Explorer, best_head, captured

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.ui
Explore = Callable[..., Explorer]

ENGLISH = "Two visitors never see each other's sentence."


@contextmanager
def passes_of(model: str) -> Iterator[list[int]]:
    """One entry for each forward pass of a loaded model: how many tokens it read."""
    loaded = loader.MODELS.peek(model)
    assert loaded is not None
    seen: list[int] = []
    handle = loaded.module.register_forward_pre_hook(
        lambda _module, args, kwargs: seen.append((kwargs.get("input_ids", *args[:1])).shape[-1]), with_kwargs=True
    )
    try:
        yield seen
    finally:
        handle.remove()


def test_one_text_is_one_forward_pass_however_one_looks_at_it(explore: Explore) -> None:
    explorer = explore()
    text = "This very sentence has not been read before, by nobody."
    with passes_of(E5) as passes:
        explorer.read(text)
        capture = captured(E5, text)
        layer, head = best_head(captured(E5, EXAMPLES[0].text))
        explorer.shows(capture, Selection(layer, head))
        assert passes == [len(capture.tokens)]
        explorer.pick(8, 1)
        explorer.shows(capture, Selection(8, 1))
        explorer.choose("hl-layer", "2")
        explorer.choose("hl-head-number", "mean")
        explorer.shows(capture, Selection(2, None))
        explorer.press("hl-level", "Words")
        explorer.press("hl-measure", "Rollout")
        explorer.shows(capture, Selection(2, None, level="word", measure="rollout"))
        explorer.press("hl-mode", "Arcs")
        explorer.cards.first.click()
        explorer.read()
        assert passes == [len(capture.tokens)]


def test_a_text_set_aside_is_read_once_more_and_that_is_said(explore: Explore) -> None:
    explorer = explore()
    capture = captured(E5, EXAMPLES[0].text)
    reader.CAPTURES.clear()
    with passes_of(E5) as passes:
        explorer.pick(8, 1)
        explorer.shows(capture, Selection(8, 1))
        explorer.page.get_by_text("This text had been set aside").wait_for()
        explorer.pick(8, 2)
        explorer.shows(capture, Selection(8, 2))
        assert passes == [len(capture.tokens)]
    assert explorer.status.inner_text() == ""


def test_two_visitors_never_mix(explore: Explore, browser: "Browser", open_page: "Callable[..., Page]") -> None:
    one = explore()
    context = browser.new_context()
    try:
        other = Explorer(open_page(within=context))
        other.shows_example()
        other.choose_model("all-MiniLM-L6-v2")
        one.type(JAPANESE)
        other.type(ENGLISH)
        for visitor in (one, other):  # both at once
            visitor.page.get_by_role("button", name="Read", exact=True).click()
        japanese, english = captured(E5, JAPANESE), captured(MINILM, ENGLISH)
        one.shows(japanese, Selection(*best_head(captured(E5, EXAMPLES[0].text))))
        other.shows(english, Selection(*best_head(english)))
        for layer, head in ((0, 3), (5, 11), (2, 7)):
            one.pick(layer + 6, head)
            other.pick(layer, head)
            one.shows(japanese, Selection(layer + 6, head))
            other.shows(english, Selection(layer, head))
        one.press("hl-level", "Words")
        one.shows(japanese, Selection(8, 7, level="word"))
        other.press("hl-measure", "× value")
        other.shows(english, Selection(2, 7, measure="value"))
        one.press("hl-measure", "No specials")
        one.shows(japanese, Selection(8, 7, level="word", measure="content"))
    finally:
        context.close()
