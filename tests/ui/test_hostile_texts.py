"""Texts that cannot be read, and texts that would like to be run."""

from collections.abc import Callable

import pytest

from attention.models.spans import quoted
from attention.share.selection import Selection
from attention.tabs._examples import EXAMPLES
from attention.views.labels import labels_of
from tests.ui.explorer import E5, Explorer, best_head, captured
from tests.ui.hostile import sentence, works

pytestmark = [pytest.mark.ui, pytest.mark.usefixtures("offline", "kept")]
Explore = Callable[..., Explorer]

BAD_TEXTS = {
    "": "empty_text",
    " \t\n\u3000 ": "empty_text",
    "a" * 100_000: "too_many_characters",
    "word " * 600: "too_many_tokens",
    "\x01\x02\x7f": "no_tokens",
}


def test_texts_that_cannot_be_read(explore: Explore) -> None:
    explorer = explore()
    picture = explorer.caption
    for text, expected in BAD_TEXTS.items():
        explorer.read(text)
        assert sentence(explorer) == expected, text[:20]
        assert explorer.caption == picture
        assert explorer.overflow() <= 0
    works(explorer)


def test_half_a_character_is_named(explore: Explore) -> None:
    explorer = explore()
    picture = explorer.caption
    explorer.page.evaluate(
        """() => { const box = document.querySelector('#hl-text textarea');
        box.value = 'half \\ud83d a character'; box.dispatchEvent(new Event('input', { bubbles: true })); }"""
    )
    explorer.page.get_by_text("Character 5 of the text is half a character").first.wait_for()  # in the counter
    explorer.read()
    assert sentence(explorer) == "half_character"
    assert explorer.caption == picture
    works(explorer)


def test_texts_without_anything_to_see_are_answered(explore: Explore) -> None:
    explorer = explore()
    for text in ("\u200f\u200e\u202e\u202c", "\u200b", "\ufeff", "\u00ad\u2060", "\ufe0f"):
        explorer.read(text)
        if explorer.status.get_attribute("data-kind") == "error":
            assert sentence(explorer) == "no_tokens"
        else:  # a token that stands for it, whose label says which characters, or a note that it was left out
            assert quoted(text) in explorer.caption
    works(explorer)


LITERAL = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "{{value}} {{{value}}} <%= value %>",
    "</textarea></script><svg onload=alert(1)>",
    "a\x00b\x07c",
    "👩‍👩‍👧‍👦 👨🏽‍🚀 🏳️‍🌈 e\u0301\u0327 नि ",
    "\u202eright to left\u202c and \u200fback\u200e",
    "لا إله \u200fabc שלום",
    "[CLS] <s> </s> [SEP] <mask>",
)


def test_texts_are_shown_as_they_are_and_never_run(explore: Explore) -> None:
    explorer = explore()
    selection = Selection(*best_head(captured(E5, EXAMPLES[0].text)))
    for text in LITERAL:
        explorer.read(text, text)
        capture = captured(E5, text, text)
        explorer.shows(capture, selection)
        labels = [label.text for label in labels_of(capture.tokens)]
        explorer.figure.locator("tr").nth(len(labels) - 1).wait_for(state="attached")
        assert explorer.figure.locator("th").all_text_contents() == labels
    inside = "#hl-figure :is(script, img, svg, b), #hl-status :is(script, img, svg), #hl-cards :is(script, img, svg)"
    assert explorer.page.locator(inside).count() == 0
    works(explorer)
