"""Events that no click sends: each is answered with a sentence, not with gradio's."""

from collections.abc import Callable
from typing import Any

import pytest

from attention.share.selection import Selection
from attention.tabs._examples import EXAMPLES
from tests.ui.explorer import E5, Explorer, captured
from tests.ui.hostile import answered, recover, sentence, tampered, works

pytestmark = [pytest.mark.ui, pytest.mark.usefixtures("offline", "kept")]
Explore = Callable[..., Explorer]

NOT_A_HEAD = [-1, 12, 10**18, 1.5, "<b>0</b>", True, {"layer": {"layer": [0]}}, float("nan")]


def test_picks_that_no_click_sends(explore: Explore) -> None:
    explorer = explore()
    picture = recover(explorer)
    cases = [({"layer": bad, "head": 1}, "bad_layer") for bad in NOT_A_HEAD]
    cases += [({"layer": 1, "head": bad}, "bad_head") for bad in NOT_A_HEAD]
    cases += [(event, "bad_layer") for event in (None, "layer", 5, [], ["layer"], {}, {"layer": None, "head": None})]
    for sent, expected in cases:
        with tampered(explorer, lambda body, sent=sent: body.update(event_data=sent)):
            assert answered(explorer, lambda: explorer.pick(2, 2)) == expected, sent
        assert explorer.caption == picture
        recover(explorer)
    works(explorer)


def test_choices_that_no_selector_offers(explore: Explore) -> None:
    explorer = explore()
    picture = recover(explorer)

    def refused(place: int, bad: Any, act: Callable[[], None]) -> str:
        def change(body: dict[str, Any]) -> None:
            body["data"][place] = bad

        with tampered(explorer, change):
            key = answered(explorer, act)
        assert explorer.caption == picture, bad
        recover(explorer)
        return key

    for bad in (-1, 12, 1.5, "0", True, {"layer": [0]}, None):
        assert refused(0, bad, lambda: explorer.choose("hl-layer", "1")) == "bad_layer", bad
    for bad in (-2, 12, 1.5, "0", True, [0]):
        assert refused(1, bad, lambda: explorer.choose("hl-head-number", "1")) == "bad_head", bad
    for bad in (None, "words", {"word": "word"}, "x" * 1000):
        assert refused(0, bad, lambda: explorer.press("hl-level", "Words")) == "bad_choice", bad
        assert refused(1, bad, lambda: explorer.press("hl-measure", "Rollout")) == "bad_choice", bad
        assert refused(0, bad, lambda: explorer.press("hl-mode", "Arcs")) == "bad_choice", bad
        explorer.press("hl-mode", "Matrix")
    assert explorer.page.locator("#hl-level label.selected").inner_text() == "Tokens"
    assert explorer.page.locator("#hl-measure label.selected").inner_text() == "Weights"
    works(explorer)


def test_rows_that_do_not_exist(explore: Explore) -> None:
    explorer = explore()
    picture = recover(explorer)
    capture = captured(E5, EXAMPLES[0].text)
    at = explorer.cell(capture, Selection(3, 3), 3, 3)
    for bad in (-1, len(capture.tokens), 10**18, 1.5, "3", True, [1], {"query": 1}, "x" * 1000):
        with tampered(explorer, lambda body, bad=bad: body.update(event_data={"query": bad})):
            key = answered(explorer, lambda: explorer.figure.locator("canvas").click(position=at))
        assert key == "bad_query", bad
        assert explorer.caption == picture
        recover(explorer)
    works(explorer)


def test_questions_of_the_wrong_kind(explore: Explore) -> None:
    explorer = explore()
    picture = explorer.caption
    kinds: list[tuple[int, str, list[Any]]] = [
        (0, "bad_model_id", [None, 5, True, ["x"], {"a": {"b": "c"}}, "", "x" * 10_000]),
        (1, "text_not_string", [5, 1.5, True, ["x"], {"a": {"b": "c"}}]),
        (1, "empty_text", [None, ""]),
        (2, "text_not_string", [5, ["x"], {"a": "b"}]),
    ]
    for place, expected, values in kinds:
        for bad in values:

            def change(body: dict[str, Any], place: int = place, bad: Any = bad) -> None:
                if len(body["data"]) > place:
                    body["data"][place] = bad

            explorer.type(EXAMPLES[1].text)
            with tampered(explorer, change):
                explorer.read(EXAMPLES[2].text)
                assert sentence(explorer) == expected, bad
                assert explorer.caption == picture
    works(explorer)


def test_examples_that_do_not_exist(explore: Explore) -> None:
    explorer = explore()
    for bad in (-1, 999, "0", 1.0, True, [0], {"a": 1}):
        picture = recover(explorer)

        def change(body: dict[str, Any], bad: Any = bad) -> None:
            body["data"][0] = bad

        with tampered(explorer, change):
            assert answered(explorer, lambda: explorer.choose("hl-example", "Hebrew")) == "no_example", bad
        assert explorer.caption == picture
        assert explorer.page.locator("#hl-text textarea").input_value() == EXAMPLES[0].text
    works(explorer)
