"""The example texts: fifteen languages, the kinds of the lecture, all readable by the model they are meant for."""

import re

import pytest

from attention import capture
from attention.models.catalog import E5
from attention.tabs._examples import EXAMPLES, LANGUAGES, Example

EXPECTED = (
    "Arabic", "Chinese", "English", "Finnish", "French", "German", "Hebrew", "Hindi", "Japanese", "Korean", "Russian",
    "Spanish", "Swahili", "Thai", "Turkish",
)  # fmt: skip
SCRIPTS = {
    "Arabic": "؀-ۿ", "Chinese": "一-鿿", "Hebrew": "֐-׿", "Hindi": "ऀ-ॿ", "Japanese": "ぁ-ヿ",
    "Korean": "가-힣", "Russian": "Ѐ-ӿ", "Thai": "฀-๿",
}  # fmt: skip


def name_of(example: Example) -> str:
    return example.label


def test_the_languages_are_the_project_s() -> None:
    assert LANGUAGES == EXPECTED


def test_labels_and_texts_are_unique() -> None:
    assert len({example.label for example in EXAMPLES}) == len(EXAMPLES)
    assert len({(example.text, example.pair) for example in EXAMPLES}) == len(EXAMPLES)


def test_one_example_is_a_pair() -> None:
    assert [example.kind for example in EXAMPLES if example.pair] == ["Question and answer"]


def test_every_language_but_english_has_its_everyday_sentence() -> None:
    everyday = [example.language for example in EXAMPLES if example.kind == "Everyday"]
    assert sorted(everyday) == sorted(set(EXPECTED) - {"English"})


@pytest.mark.parametrize("language", SCRIPTS)
def test_a_language_is_in_its_script(language: str) -> None:
    text = next(example.text for example in EXAMPLES if example.language == language)
    assert len(re.findall(f"[{SCRIPTS[language]}]", text)) > len(text) / 3


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_an_example_is_read_whole(example: Example) -> None:
    read = capture(E5, example.text, example.pair)
    assert 5 <= len(read.tokens) <= 64
    assert not [token.text for token in read.tokens if token.unknown]
    assert (1 in {token.segment for token in read.tokens}) == (example.pair is not None)
    for segment, source in enumerate(filter(None, (example.text, example.pair))):
        spans = [range(token.start, token.end) for token in read.tokens if token.segment == segment]
        assert [c for at, c in enumerate(source) if not c.isspace() and not any(at in span for span in spans)] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_what_to_look_for_is_a_sentence_in_plain_words(example: Example) -> None:
    assert example.look.endswith((".", "?"))
    assert len(example.look) <= 100
    assert not re.search("grammar|syntax", f"{example.kind} {example.look} {example.label}", re.IGNORECASE)
