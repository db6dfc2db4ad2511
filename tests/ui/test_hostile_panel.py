"""Patterns and colors that no page offers: one sentence each, and the picture as it was."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.ui.explorer import Explorer
from tests.ui.hostile import answered, recover, tampered, works

pytestmark = [pytest.mark.ui, pytest.mark.usefixtures("offline", "kept")]
Explore = Callable[..., Explorer]

NO_PATTERN = [
    "<img src=x onerror=alert(1)>",
    "x" * 1_000_000,
    {"pattern": "next"},
    ["next"],
    5,
    True,
    "broad",
    "Next token",
]


def test_findings_and_scores_that_no_click_sends(explore: Explore) -> None:
    explorer = explore()
    picture = recover(explorer)
    bar = explorer.page.locator("#hl-bars button.hl-bar").first
    for bad in NO_PATTERN:
        sent = {"layer": 1, "head": 1, "pattern": bad}
        for act in (explorer.cards.first.click, bar.click):
            with tampered(explorer, lambda body, sent=sent: body.update(event_data=sent)):
                assert answered(explorer, act) == "bad_choice", str(bad)[:40]
            assert explorer.caption == picture
            assert explorer.page.locator("#hl-outline input").input_value() == "none"
            recover(explorer)
    cases: list[tuple[Any, str]] = [({"layer": -1, "head": 0, "pattern": "next"}, "bad_layer"), (None, "bad_layer"), ([], "bad_layer"), ({"layer": 0, "head": "0"}, "bad_head")]  # fmt: skip
    for sent, expected in cases:
        with tampered(explorer, lambda body, sent=sent: body.update(event_data=sent)):
            assert answered(explorer, explorer.cards.first.click) == expected, sent
        assert explorer.caption == picture
        recover(explorer)
    works(explorer)


def test_choices_that_no_selector_offers(explore: Explore) -> None:
    explorer = explore()
    picture = recover(explorer)
    for bad in NO_PATTERN:

        def change(body: dict[str, Any], bad: Any = bad) -> None:
            body["data"][0] = bad

        with tampered(explorer, change):
            act = lambda: explorer.choose("hl-outline", "Next token")  # noqa: E731
            assert answered(explorer, act) == "bad_choice", str(bad)[:40]
        assert explorer.caption == picture
        recover(explorer)
        assert explorer.page.locator("#hl-outline input").input_value() == "none"
    drawn = "() => document.querySelector('#hl-grid canvas').toDataURL()"
    explorer.page.mouse.move(5, 5)
    explorer.settle()
    before = explorer.page.evaluate(drawn)
    for at, bad in enumerate(value for value in NO_PATTERN if value != "broad"):

        def recolor(body: dict[str, Any], bad: Any = bad) -> None:
            body["data"][0] = bad

        with tampered(explorer, recolor):
            act = lambda at=at: explorer.choose("hl-color", ("Next token", "Itself")[at % 2])  # noqa: E731
            assert answered(explorer, act) == "bad_choice", str(bad)[:40]
        recover(explorer)
        explorer.page.mouse.move(5, 5)
        explorer.settle()
        assert explorer.page.evaluate(drawn) == before
    works(explorer)
