"""Examples and the counter."""

from typing import Any

import pytest

from attention import capture
from attention.errors import MESSAGES
from attention.models import loader
from attention.models.catalog import E5, MINILM
from attention.share.selection import Selection
from attention.tabs import _answers
from attention.tabs._examples import EXAMPLES
from attention.tabs._updates import Answer, Asked, Reading
from tests.tabs.answered import READING, TEXT, read, status, untouched


@pytest.mark.parametrize("index", [0, 1, 8])
def test_an_example_fills_in_its_texts_and_says_what_to_look_for(index: int) -> None:
    example = EXAMPLES[index]
    loader.load(E5)
    emptied, text, pair, *rest = _answers.on_example(index, E5, None, Selection(), Asked())
    assert (emptied, text, pair) == (None, example.text, example.pair or "")
    answer = Answer(*rest)
    assert answer.reading == Reading(E5, example.text, example.pair)
    assert status(answer) == ("note", example.look)


def test_an_example_for_a_model_that_has_to_be_loaded_says_what_to_look_for_once_it_is() -> None:
    loader.MODELS.clear()
    asked = Asked()
    _, text, _, *rest = _answers.on_example(0, MINILM, None, Selection(), asked)
    assert text == EXAMPLES[0].text
    assert status(Answer(*rest))[0] == "busy"
    *_, last = _answers.on_wanted(None, Selection(), asked)
    assert last.reading == Reading(MINILM, EXAMPLES[0].text, EXAMPLES[0].pair)
    assert status(last) == ("note", EXAMPLES[0].look)


@pytest.mark.parametrize("index", [-1, len(EXAMPLES), 1.0, "0", True, [0], {"a": 1}])
def test_an_example_that_does_not_exist_reads_nothing(index: Any) -> None:
    only = _answers.on_example(index, E5, READING, Selection(), Asked())
    assert status(Answer(*only[3:])) == ("error", MESSAGES["no_example"])
    assert all(untouched(part) for part in (*only[1:3], *only[4:]))


def test_leaving_the_list_of_examples_changes_nothing() -> None:
    only = _answers.on_example(None, E5, READING, Selection(), Asked())
    assert all(untouched(part) for part in only)


@pytest.mark.usefixtures("offline")
def test_an_example_for_a_model_that_cannot_be_read_says_why() -> None:
    found = _answers.on_example(0, "../x", READING, Selection(), Asked())
    assert status(Answer(*found[3:]))[0] == "error"


def test_counting_is_in_the_model_s_own_tokens_and_loads_nothing() -> None:
    read(MINILM, TEXT)
    assert _answers.on_count(MINILM, TEXT, "")["parts"][0] == [
        f"{len(capture(MINILM, TEXT).tokens)} of 512 tokens",
        "strong",
    ]
    assert _answers.on_count(MINILM, "", "")["parts"][0] == ["0 of 512 tokens", "strong"]
    loader.MODELS.clear()
    assert "once the model is loaded" in _answers.on_count(MINILM, TEXT, "")["parts"][0][0]
    assert len(loader.MODELS) == 0


def test_counting_says_how_many_are_too_many() -> None:
    read(MINILM, TEXT)
    parts = [text for text, _ in _answers.on_count(MINILM, "cat " * 600, None)["parts"]]
    assert parts[:2] == ["602 of 512 tokens", "90 too many"]


@pytest.mark.parametrize(
    ("model", "text", "pair", "start"),
    [
        ("../x", TEXT, "", "“../x” is not a model id"),
        (None, TEXT, "", "“None” is not a model id"),
        (MINILM, 5, "", "The text must be a string"),
        (MINILM, TEXT, {}, "The text must be a string"),
        (MINILM, "a\ud800", "", "Character 1 of the text is half"),
    ],
)
def test_counting_says_why_it_cannot(model: Any, text: Any, pair: Any, start: str) -> None:
    read(MINILM, TEXT)
    assert _answers.on_count(model, text, pair)["parts"][0][0].startswith(start)
