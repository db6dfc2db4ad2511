"""The parallel set: the same meanings in fifteen languages, and which words of ten of them answer the English ones."""

import json
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
import regex

from attention.models.tokens import read_text
from attention.models.words import grapheme_ends
from tests.models.bundled_models import e5, minilm, needs_e5
from tests.test_card_texts import SCRIPTS

DATA = Path(__file__).parent.parent / "attention" / "data"
MEANINGS, ALIGNMENT, LANGUAGES, CARD_TEXTS, EXAMPLES = (
    json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("parallel", "alignment", "languages", "card_texts", "examples")
)
SENTENCES = {(row["meaning"], language): text for row in MEANINGS for language, text in row["sentences"].items()}
UNSPACED = {"Chinese", "Japanese", "Thai"}
PIVOTED = {"Arabic", "Chinese", "German", "Hindi", "Japanese", "Korean", "Russian", "Spanish", "Thai", "Turkish"}
FUNCTION_WORDS = {
    *("a", "and", "are", "but", "by", "did", "every", "have", "her", "i", "is", "it", "must", "my", "of"),
    *("on", "our", "the", "this", "to", "under", "was", "who", "you"),
}
FIRST_OF_PAIR, LAST_OF_PAIR = "“«「", "”»」"

each_sentence = pytest.mark.parametrize(("meaning", "language"), SENTENCES, ids=[" ".join(key) for key in SENTENCES])
each_meaning = pytest.mark.parametrize("row", MEANINGS, ids=[row["meaning"] for row in MEANINGS])
each_alignment = pytest.mark.parametrize(
    "row", ALIGNMENT, ids=[f"{row['meaning']} {row['language']}" for row in ALIGNMENT]
)


def has_foreign_letters(text: str, language: str) -> bool:
    return any(
        not regex.match(rf"[\p{{{SCRIPTS[language]}}}\p{{Common}}]", each) for each in regex.findall(r"\p{L}", text)
    )


def is_whole(text: str, start: int, end: int, spaced: bool) -> bool:
    """Whether a slice is made of whole words, or of whole visible characters where no blanks are written."""
    if not 0 <= start < end <= len(text) or not {start, end} <= grapheme_ends(text) | {0}:
        return False
    inside = r"[\p{L}\p{M}\p{N}]"
    edges = regex.match(inside, text[start]) and regex.match(inside, text[end - 1])
    if not spaced:
        return bool(edges)
    joined = regex.search(r"[\p{L}\p{M}\p{N}']$", text[:start]) or regex.match(r"'?[\p{L}\p{M}\p{N}]", text[end:])
    return bool(edges) and not joined


def answering(meaning: str, language: str, word: str) -> list[list[str]]:
    """The stretches that answer an English word, for each time that it occurs."""
    row = next(row for row in ALIGNMENT if (row["meaning"], row["language"]) == (meaning, language))
    english, other = SENTENCES[meaning, "English"], SENTENCES[meaning, language]
    pairs = [pair for pair in row["pairs"] if english[slice(*pair["english"])] == word]
    return [[other[slice(*span)] for span in pair["other"]] for pair in pairs]


def test_languages_are_the_fifteen_with_their_own_scripts() -> None:
    assert list(LANGUAGES) == sorted(SCRIPTS)
    assert {name: row["script"] for name, row in LANGUAGES.items()} == {**SCRIPTS, "Japanese": "Japanese"}
    assert {name for name, row in LANGUAGES.items() if row["direction"] == "rtl"} == {"Arabic", "Hebrew"}
    assert {row["direction"] for row in LANGUAGES.values()} == {"ltr", "rtl"}
    assert len({row["code"] for row in LANGUAGES.values()}) == 15
    assert not any(has_foreign_letters(row["own"], name) for name, row in LANGUAGES.items())


def test_meanings_are_many_and_each_has_its_own_name() -> None:
    names = [row["meaning"] for row in MEANINGS]
    assert len(names) == len(set(names)) >= 16
    assert all(regex.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names)


@each_meaning
def test_every_meaning_has_every_language(row: dict) -> None:
    assert list(row) == ["meaning", "about", "sentences", "notes"]
    assert list(row["sentences"]) == list(LANGUAGES)


@each_meaning
def test_notes_are_short_sentences_about_listed_languages(row: dict) -> None:
    assert row["notes"].keys() <= LANGUAGES.keys() - {"English"}
    for line in [row["about"], *row["notes"].values()]:
        assert regex.fullmatch(r"\P{Ll}.{10,130}[.?]", line)


def test_no_sentence_occurs_twice_or_in_the_other_texts() -> None:
    others = {text for row in [*CARD_TEXTS, *EXAMPLES] for text in (row["text"], row["pair"])}
    assert len(set(SENTENCES.values())) == len(SENTENCES)
    assert others.isdisjoint(SENTENCES.values())


def test_everything_is_composed_and_has_no_hidden_characters() -> None:
    lines = [line for row in MEANINGS for line in (row["about"], *row["sentences"].values(), *row["notes"].values())]
    for line in [*lines, *(row["own"] for row in LANGUAGES.values())]:
        assert unicodedata.is_normalized("NFC", line)
        assert line == line.strip()
        assert "  " not in line
        assert not regex.search(r"\p{C}", line)


@each_sentence
def test_letters_are_of_the_language_own_script(meaning: str, language: str) -> None:
    assert not has_foreign_letters(SENTENCES[meaning, language], language)


@each_sentence
def test_sentences_have_a_readable_length(meaning: str, language: str) -> None:
    text = SENTENCES[meaning, language]
    if language in UNSPACED:
        assert 10 <= len(text) <= 60
    else:
        assert 6 <= len(regex.findall(r"[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}'-]*", text)) <= 20


@each_sentence
def test_sentences_end_as_their_language_ends_them(meaning: str, language: str) -> None:
    ends = {"Chinese": "。？！”", "Japanese": "。？", "Hindi": "।?”", "Arabic": ".؟»"}.get(language, ".?!”“»")
    text = SENTENCES[meaning, language]
    if language == "Thai":
        assert not regex.search(r"[.,?!]", text)
    else:
        assert text[-1] in ends


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_ask_and_quotations_quote(language: str) -> None:
    question, quotation = SENTENCES["question", language], SENTENCES["quotation", language]
    assert (language == "Thai") != bool(regex.search(r"[?？؟]", question))
    counts = Counter(quotation)
    if language == "Finnish":
        assert counts["”"] == 4
    elif language == "German":
        assert counts["„"] == counts["“"] == 2
    else:
        opened, closed = (sum(counts[mark] for mark in marks) for marks in (FIRST_OF_PAIR, LAST_OF_PAIR))
        assert opened == closed >= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_the_same_in_every_language(language: str) -> None:
    assert regex.findall(r"\d+", SENTENCES["number-unit", language]) == ["320", "12"]
    year = "2570" if language == "Thai" else "2027"  # the Buddhist calendar
    expected = {"8", year} | ({"5"} if language in {"Chinese", "Japanese", "Korean"} else set())
    assert set(regex.findall(r"\d+", SENTENCES["date", language])) == expected


@needs_e5
@each_sentence
def test_the_multilingual_tokenizer_knows_every_piece(meaning: str, language: str) -> None:
    tokens = read_text(e5()[1], SENTENCES[meaning, language]).tokens
    assert 6 <= len(tokens) <= 64
    assert not any(token.unknown for token in tokens)


@each_sentence
def test_the_english_tokenizer_reads_every_sentence_whole(meaning: str, language: str) -> None:
    tokens = read_text(minilm()[1], SENTENCES[meaning, language]).tokens
    assert len(tokens) <= 64
    if LANGUAGES[language]["script"] in {"Latin", "Cyrillic", "Hebrew"}:
        assert not any(token.unknown for token in tokens)


def test_alignment_covers_the_same_meanings_in_every_pivoted_language() -> None:
    keys = [(row["meaning"], row["language"]) for row in ALIGNMENT]
    meanings = {meaning for meaning, _ in keys}
    assert len(meanings) >= 5
    assert Counter(keys) == Counter((meaning, language) for meaning in meanings for language in PIVOTED)
    assert SENTENCES.keys() >= set(keys)


@each_alignment
def test_every_english_content_word_is_paired_once_and_in_order(row: dict) -> None:
    english = SENTENCES[row["meaning"], "English"]
    words = [match for match in regex.finditer(r"\w+", english) if match[0].lower() not in FUNCTION_WORDS]
    assert [pair["english"] for pair in row["pairs"]] == [list(match.span()) for match in words]


@each_alignment
def test_answering_stretches_are_whole_words_in_text_order(row: dict) -> None:
    text, spaced = SENTENCES[row["meaning"], row["language"]], row["language"] not in UNSPACED
    for pair in row["pairs"]:
        edges = [edge for span in pair["other"] for edge in span]
        assert edges == sorted(edges)
        assert all(is_whole(text, start, end, spaced) for start, end in pair["other"])


@pytest.mark.parametrize(
    ("meaning", "language", "word", "stretches"),
    [
        ("two-names", "German", "sent", [["geschickt"]]),
        ("two-names", "Turkish", "Daniel", [["Daniel'e"]]),
        ("repetition", "Spanish", "dog", [["perro"], ["perro"]]),
        ("repetition", "Korean", "too", [["개도"]]),
        ("number-unit", "Arabic", "wide", [["وعرضه"]]),
        ("question", "Chinese", "teapot", [["茶壶"]]),
        ("passive", "Japanese", "year", [["去年"]]),
        ("agreement", "Hindi", "keys", [["चाबियाँ"]]),
        ("relative-clause", "Russian", "child", [["ребёнка"]]),
        ("word-order", "Thai", "school", [["โรงเรียน"]]),
        ("long-word", "German", "insurance", [["Krankenversicherung"]]),
    ],
)
def test_known_words_answer_each_other(meaning: str, language: str, word: str, stretches: list[list[str]]) -> None:
    assert answering(meaning, language, word) == stretches


def test_a_slice_that_cuts_a_word_is_not_whole() -> None:
    assert is_whole("the dog's bone", 4, 9, spaced=True)
    assert not is_whole("the dog's bone", 4, 7, spaced=True)
    assert not is_whole("the dog", 3, 7, spaced=True)
    assert not is_whole("the dog", 4, 4, spaced=True)
    assert not is_whole("สวน้ำ", 0, 3, spaced=False)
