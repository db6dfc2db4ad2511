"""The fixed texts behind model cards: fifteen languages, the same kinds in each, all of a length every model reads."""

import functools
import json
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
import regex

from attention.core.tokens import Text
from attention.models.tokens import read_text
from attention.models.words import is_unspaced
from tests.models.bundled_models import e5, needs_e5

ROWS = json.loads((Path(__file__).parent.parent / "attention" / "data" / "card_texts.json").read_text(encoding="utf-8"))
KINDS = {"plain": 2, "question": 1, "repetition": 3, "rare": 2, "punctuation": 2, "pair": 1, "numbers": 1}
SCRIPTS = {
    "Arabic": "Arabic", "Chinese": "Han", "Hebrew": "Hebrew", "Hindi": "Devanagari", "Korean": "Hangul",
    "Russian": "Cyrillic", "Thai": "Thai", **dict.fromkeys(("English", "Finnish", "French", "German"), "Latin"),
    **dict.fromkeys(("Spanish", "Swahili", "Turkish"), "Latin"), "Japanese": "Han}\\p{Hiragana}\\p{Katakana",
}  # fmt: skip
NAMES = [f"{row['language']} {row['kind']} {place}" for place, row in enumerate(ROWS)]
each_text = pytest.mark.parametrize("row", ROWS, ids=NAMES)


@functools.cache
def read(place: int) -> Text:
    row = ROWS[place]
    return read_text(e5()[1], row["text"], row["pair"])


def of_kind(kind: str) -> list[int]:
    return [place for place, row in enumerate(ROWS) if row["kind"] == kind]


def written(text: Text) -> list:
    return [token for token in text.tokens if not token.special]


def test_every_language_has_the_same_kinds() -> None:
    assert len(ROWS) == 15 * sum(KINDS.values()) >= 165
    assert {row["language"] for row in ROWS} == set(SCRIPTS)
    for language in SCRIPTS:
        assert Counter(row["kind"] for row in ROWS if row["language"] == language) == KINDS


def test_rows_have_these_fields_and_no_others() -> None:
    assert all(list(row) == ["language", "kind", "text", "pair"] for row in ROWS)
    assert all((row["pair"] is not None) == (row["kind"] == "pair") for row in ROWS)


def test_no_text_occurs_twice() -> None:
    texts = [text for row in ROWS for text in (row["text"], row["pair"]) if text]
    assert len(set(texts)) == len(texts)


@each_text
def test_texts_are_composed_and_tidy(row: dict) -> None:
    for text in filter(None, (row["text"], row["pair"])):
        assert unicodedata.is_normalized("NFC", text)
        assert text == text.strip()
        assert "  " not in text
        assert not regex.search(r"[\p{C}--\u200c\u200d]", text, regex.V1)


@each_text
def test_letters_are_of_the_language_own_script(row: dict) -> None:
    own = SCRIPTS[row["language"]]
    for text in filter(None, (row["text"], row["pair"])):
        letters = regex.findall(r"\p{L}", text)
        foreign = [letter for letter in letters if not regex.match(rf"[\p{{{own}}}\p{{Common}}]", letter)]
        assert letters
        assert not foreign


@pytest.mark.parametrize("place", of_kind("question"))
def test_questions_ask(place: int) -> None:
    assert regex.search(r"[?？؟]", ROWS[place]["text"])


@pytest.mark.parametrize("place", of_kind("numbers"))
def test_number_texts_hold_several_numbers(place: int) -> None:
    assert len(regex.findall(r"\p{N}+", ROWS[place]["text"])) >= 4


@needs_e5
@pytest.mark.parametrize("place", range(len(ROWS)), ids=NAMES)
def test_every_text_is_read_whole_and_is_neither_short_nor_long(place: int) -> None:
    text = read(place)
    assert 12 <= len(text.tokens) <= 60
    assert not any(token.unknown for token in text.tokens)
    assert {token.segment for token in written(text)} == ({0, 1} if ROWS[place]["pair"] else {0})


@needs_e5
@pytest.mark.parametrize("place", of_kind("repetition"))
def test_repetitions_repeat_words_and_not_only_commas(place: int) -> None:
    counts = Counter(token.id for token in written(read(place)) if not token.punctuation)
    repeated = [count for count in counts.values() if count > 1]
    assert sum(repeated) >= 8
    assert len(repeated) >= 3


@needs_e5
@pytest.mark.parametrize("place", of_kind("rare"))
def test_rare_words_fall_into_pieces(place: int) -> None:
    text = read(place)
    pieces = Counter(token.word for token in written(text))
    if is_unspaced(text.text):  # no blanks, so no words to fall apart: many pieces for a short text
        assert len(text.tokens) >= 24
    else:
        assert sum(count >= 3 for count in pieces.values()) >= 4


@needs_e5
@pytest.mark.parametrize("place", of_kind("punctuation"))
def test_punctuation_texts_hold_many_kinds_of_marks(place: int) -> None:
    marks = [token.text for token in written(read(place)) if token.punctuation]
    assert len(marks) >= 8
    assert len(set(marks)) >= 4
