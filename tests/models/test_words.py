"""Words are found in the text; tokens only join them."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings

from attention.core.tokens import Text
from attention.models.tokens import read_text
from attention.models.words import is_unspaced, is_wordless, joins_words, number_words, word_edges
from tests.models.bundled_models import e5, minilm, needs_e5
from tests.models.segmented import BY_HAND
from tests.models.test_spans import mixed
from tests.models.tiny_tokenizers import EVERY_KIND, tokenizer_of

FAMILY = "👨‍👩‍👧"


def words(read: Text) -> list[str]:
    """The original slice of every word, in order of its number."""
    slices = []
    for number in sorted({token.word for token in read.tokens} - {-1}):
        members = [token for token in read.tokens if token.word == number]
        source = read.pair if members[0].segment else read.text
        slices.append(source[min(t.start for t in members) : max(t.end for t in members)])
    return slices


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_words_are_the_texts_not_the_tokenizers(kind):
    read = read_text(tokenizer_of(kind), "I didn't go, tired. 3.14 x")
    assert words(read) == ["I", "didn't", "go", ",", "tired", ".", "3.14", "x"]
    assert not read.pieces_as_words


def test_a_hyphen_is_a_word_of_its_own():
    assert words(read_text(minilm()[1], "e-mail a@b.com")) == ["e", "-", "mail", "a", "@", "b.com"]


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_family_is_one_word(kind):
    assert words(read_text(tokenizer_of(kind), f"a {FAMILY} b")) == ["a", FAMILY, "b"]


@needs_e5
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("図書館で本を読む。", ["図書館", "で", "本", "を", "読む", "。"]),
        ("กำลังไปตลาด", ["กำลัง", "ไป", "ตลาด"]),
        ("カタカナー", ["カタカナー"]),
        ("ខ្ញុំស្រឡាញ់អ្នក", ["ខ្ញុំ", "ស្រឡាញ់", "អ្នក"]),
    ],
)
def test_without_blanks_a_dictionary_tells_words_apart(text, expected):
    read = read_text(e5()[1], text)
    assert words(read) == expected
    assert not read.pieces_as_words
    assert not read.words_joined


@needs_e5
def test_a_piece_over_two_words_joins_them_and_the_text_says_so():
    read = read_text(e5()[1], "東京は日本の首都です。")
    assert words(read) == ["東京", "は", "日本の", "首都", "です", "。"]
    assert read.words_joined


@needs_e5
def test_without_blanks_and_dictionary_every_piece_is_a_word():
    read = read_text(tokenizer_of("byte level"), "བོད་སྐད")  # bytes: every visible character is in pieces
    assert words(read) == ["བོ", "ད", "་", "སྐ", "ད"]
    assert read.pieces_as_words
    assert not read_text(e5()[1], "東京 กำลังไป ခဲ့ ខ្ញុំ ລາວ").pieces_as_words


def cut(sentence: str) -> list[str]:
    return [sentence[start:end] for start, end in pairwise(word_edges(sentence))]


def test_words_are_those_that_people_marked():
    """ICU's dictionaries and a person disagree on 12 of 27 sentences, each time on one place or two."""
    exact = {
        language: sum(cut(one.replace("|", "")) == one.split("|") for one in every)
        for language, every in BY_HAND.items()
    }
    assert exact == {"Thai": 4, "Chinese": 2, "Japanese": 3, "Khmer": 2, "Lao": 2, "Burmese": 1}


@pytest.mark.parametrize(("language", "least"), {**dict.fromkeys(BY_HAND, 0.9), "Burmese": 0.7}.items())
def test_places_where_words_meet_are_those_that_people_marked(language, least):
    """F1 over all places of a language."""
    marked = {(at, place) for at, one in enumerate(BY_HAND[language]) for place in ends(one.split("|"))}
    found = {(at, place) for at, one in enumerate(BY_HAND[language]) for place in ends(cut(one.replace("|", "")))}
    assert 2 * len(marked & found) / (len(marked) + len(found)) > least


def ends(parts: list[str]) -> list[int]:
    """Where each part ends, the last one aside."""
    return list(accumulate(map(len, parts)))[:-1]


def test_one_letter_and_ten_thousand_marks_are_one_word():
    assert word_edges("e" + "\u0301" * 10_000 + " a") == [0, 10_001, 10_002, 10_003]


@pytest.mark.parametrize(
    ("spans", "joins"),
    [([(0, 3), (4, 8)], False), ([(0, 5)], True), ([(3, 4)], False), ([(2, 2), (3, 8)], False), ([(4, 11)], False)],
)
def test_joining_is_counted_in_words_with_letters(spans, joins):
    assert joins_words("New York...", spans) is joins


@needs_e5
@pytest.mark.parametrize("text", ["שָׁלוֹם עולם", "नमस्ते दुनिया", "한국어 문장", "Ольга идёт", "می‌خواهم بروم"])
def test_words_of_scripts_with_blanks_are_what_stands_between_them(text):
    read = read_text(e5()[1], text)
    assert words(read) == text.split()
    assert not read.pieces_as_words


def test_words_are_numbered_through_both_texts():
    read = read_text(minilm()[1], "The cat.", "It's old.")
    assert words(read) == ["The", "cat", ".", "It's", "old", "."]


@pytest.mark.parametrize("kind", EVERY_KIND)
@given(text=mixed)
@settings(deadline=None, max_examples=30)
def test_a_word_never_splits_an_emoji_or_a_run_of_letters(kind, text):
    read = read_text(tokenizer_of(kind), f"x {FAMILY} naïvely {text}")
    tokens = [token for token in read.tokens if not token.special and token.start < token.end]
    for start, end in ((2, 7), (8, 15)):
        assert len({token.word for token in tokens if token.start < end and token.end > start}) == 1


def test_edges_never_fall_inside_a_visible_character():
    assert word_edges("e\u0301a 🇫🇷🇩🇪") == [0, 3, 4, 6, 8]


def test_a_token_over_two_words_joins_them():
    assert number_words("New York, x", [(0, 8), (8, 9), (10, 11)]) == [0, 1, 2]


def test_a_mark_joins_the_next_token_or_stands_alone_before_a_special():
    assert number_words("a b <s>", [(0, 1), (2, 2), (2, 3), (4, 4), None], first=5) == [5, 6, 6, 7, -1]


def test_a_special_ends_a_word():
    assert number_words("abcd", [(0, 1), None, (2, 3)]) == [0, -1, 1]


@pytest.mark.parametrize("character", "日ひカーไລខမབ々")
def test_scripts_without_blanks(character):
    assert is_unspaced(f"a {character}")


@pytest.mark.parametrize(
    ("character", "wordless"), [*((each, False) for each in "日ひカーไລខមa한"), ("བ", True), ("ꦗ", True)]
)
def test_scripts_without_a_dictionary(character, wordless):
    assert is_wordless(f"a {character}") is wordless


@pytest.mark.parametrize("character", "aЖא한अ。·!1")
def test_scripts_with_blanks_and_punctuation(character):
    assert not is_unspaced(character)
