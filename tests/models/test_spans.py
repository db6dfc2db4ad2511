"""What a token stands for is a real slice of the text, and what is shown of it disturbs nothing."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attention.core.tokens import Text
from attention.errors import TextError
from attention.models.spans import gaps_of, is_punctuation, parts_of, quoted, shown
from attention.models.tokens import count_tokens, read_text
from tests.models.bundled_models import e5, minilm, needs_e5
from tests.models.tiny_tokenizers import EVERY_KIND, tokenizer_of

DISTURBING = {chr(code) for code in (*range(32), *range(0x7F, 0xA0), 0xAD, 0x61C, 0x200B, 0x200E, 0x200F, 0xFEFF)}
DISTURBING |= {chr(code) for code in (*range(0x2028, 0x202F), *range(0x2060, 0x2070))}

SNIPPETS = [
    "the quick brown", "didn't", "3.14", "x@y.org", "été", "e\u0301te\u0301", "ﬁne", "½", "ﷺ", "你好", "世界", "カタカナー", "ひらがな",
    "กำลังไป", "नमस्ते", "שָׁלוֹם", "مرحبا", "می‌خواهم", "한국어", "각", "👨‍👩‍👧", "😀", "🇫🇷", "❤️", " ", "  ", "\n", "\t", "\u3000",
    "\u200b", "\u200d", "\u202e", "\u202c", "\ufeff", "\u00ad", "\x00", "\x07", "\x85", "\u0301", "\u0e33", "▁", "Ġ", "##", "¨",
    "[MASK]", "[SEP]", "<mask>", "<s>", "</s>", "<unk>", "<|endoftext|>", "<script>", "…", "𐎀", "क्षि", "\U0010ffff",
]  # fmt: skip
mixed = st.lists(st.one_of(st.sampled_from(SNIPPETS), st.text(max_size=4)), min_size=1, max_size=12).map("".join)


def read_or_none(kind: str, text: str, pair: str | None) -> Text | None:
    """None where the text holds nothing to read."""
    try:
        return read_text(tokenizer_of(kind), text, pair)
    except TextError as error:
        if error.key not in {"empty_text", "no_tokens"}:
            raise
        return None


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


@pytest.mark.parametrize("kind", EVERY_KIND)
@given(text=mixed, pair=st.none() | mixed)
@example(text="x ▁▁ a▁b", pair="Hello 你好")
@example(text=" lead", pair=None)
@settings(deadline=None)
def test_slices_and_gaps_rebuild_both_texts(kind, text, pair):
    read = read_or_none(kind, text, pair)
    if read is None:
        return
    check_nothing_is_lost(read)
    check_words_count_up(read)
    assert len(read.tokens) == len(read.inputs["input_ids"]) == count_tokens(tokenizer_of(kind), text, pair)
    assert all(token.text and not set(token.text) & DISTURBING for token in read.tokens)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_no_mark_of_a_tokenizer_is_shown(kind):
    read = read_text(tokenizer_of(kind), "Hello unbelievably, été Überraschung.")
    together = "".join(token.text for token in read.tokens if not token.special and token.part is None)
    assert not set(together) & set("▁Ġ#Ã©")


@needs_e5
def test_a_lone_prefix_mark_is_empty_and_belongs_to_the_next_word():
    read = read_text(e5()[1], "Hello 你好")
    mark, piece = read.tokens[2:4]
    assert (mark.text, mark.start, mark.end, mark.part) == ("␣", 6, 6, None)
    assert (piece.text, piece.start, piece.end, piece.part) == ("你好", 6, 8, None)
    assert mark.word == piece.word
    assert mark.note == "marks the start of a word"
    assert read.gaps == ((0, 5, 6),)


def test_case_and_accents_are_shown_as_typed():
    assert [t.text for t in read_text(minilm()[1], "É Café").tokens[1:-1]] == ["É", "Café"]


def test_a_mark_that_the_tokenizer_drops_stays_with_its_letter():
    read = read_text(minilm()[1], "e\u0301te\u0301")
    assert "".join(t.text for t in read.tokens if not t.special) == "e\u0301te\u0301"
    assert read.gaps == ()


@pytest.mark.parametrize("kind", ["byte level", "byte level, blanks kept", "byte fallback"])
def test_four_bytes_of_an_emoji_are_four_parts_of_it(kind):
    parts = [token for token in read_text(tokenizer_of(kind), "Hello 😀").tokens if token.part]
    assert [token.part for token in parts] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert {(token.text, token.start, token.end) for token in parts} == {("😀", 6, 7)}
    assert len({token.word for token in parts}) == 1


@needs_e5
def test_pieces_of_one_character_are_parts_of_it():
    parts = read_text(e5()[1], "a ﷺ").tokens[2:-1]
    assert [(t.text, t.start, t.end, t.part) for t in parts] == [("ﷺ", 2, 3, (rank, 4)) for rank in (1, 2, 3, 4)]


def test_a_character_normalized_into_one_piece_is_whole():
    token = read_text(tokenizer_of("metaspace"), "b ﬁ").tokens[-2]
    assert (token.text, token.start, token.end, token.part) == ("ﬁ", 2, 3, None)


@pytest.mark.parametrize("kind", ["byte level", "byte level, blanks kept"])
def test_blanks_that_are_tokens_can_be_seen(kind):
    read = read_text(tokenizer_of(kind), "a   b\nc\td")
    assert [t.text for t in read.tokens] == ["a", "␣␣", "␣", "b", "↵", "c", "⇥", "d"]
    assert [(t.start, t.end) for t in read.tokens][:3] == [(0, 1), (1, 3), (4, 4)]


def test_overlapping_slices_are_parts_and_empty_ones_are_not():
    spans = [(0, 0), (0, 1), (1, 3), (2, 3), (2, 4), (4, 5)]
    assert parts_of(spans) == [None, None, (1, 3), (2, 3), (3, 3), None]


def test_gaps_are_as_long_as_can_be():
    assert gaps_of("abcdef", [(1, 2), (2, 2), (4, 5), (4, 5)]) == [(0, 1), (2, 4), (5, 6)]
    assert gaps_of("ab", [(0, 2)]) == []


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ("", "␣"),
        (" \n\t\u3000", "␣↵⇥␣"),
        ("New York", "New York"),
        ("a\u202eb\u200bc", "a⟨U+202E⟩bc"),
        ("\u2069x\u2066", "⟨U+2069⟩x⟨U+2066⟩"),
        ("\u202e\u202c", "U+202E…"),
        ("a\u200fb", "ab"),
        ("\u0378", "U+0378"),
        ("a\u0378\ue000", "a⟨U+0378⟩⟨U+E000⟩"),
        ("\ud83d", "U+D83D"),
        ("\u202e", "U+202E"),
        ("\u200b\u200d", "U+200B…"),
        ("a\x00\x07\x7f\x9f", "a␀␇␡⟨U+009F⟩"),
        ("a\nb", "a↵b"),
        ("\u0301e", "◌\u0301e"),
        ("\u200c\u094d", "◌\u094d"),
        ("\u0645\u06cc\u200c", "\u0645\u06cc"),
        ("\u0645\u200c\u06cc", "\u0645\u200c\u06cc"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("❤️", "❤️"),
        ("<b>", "<b>"),
        ("e" + "\u0301" * 40, "e" + "\u0301" * 8),
    ],
)
def test_what_is_shown_of_a_slice(piece, expected):
    assert shown(piece) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("שלום", "שלום"),
        ("a\u2069\u202eb", "a⟨U+2069⟩⟨U+202E⟩b"),
        ("x\ny", "x↵y"),
        ("", ""),
        ("👨‍👩‍👧" * 6, "👨‍👩‍👧" * 6),
        ("👨‍👩‍👧" * 7, "👨‍👩‍👧" * 5 + "…"),
        ("e" + "\u0301" * 10_000, "e" + "\u0301" * 8),
    ],
)
def test_a_quoted_text_is_isolated_and_cut_between_whole_characters(text, expected):
    assert quoted(text, 6) == f"“\u2068{expected}\u2069”"


@pytest.mark.parametrize(("piece", "expected"), [("…", True), ("$", True), ("❤️", True), ("a.", False), ("", False)])
def test_punctuation_is_punctuation_and_symbols_only(piece, expected):
    assert is_punctuation(piece) is expected


@needs_e5
def test_direction_marks_and_controls_never_reach_a_label_but_their_slices_are_true():
    text = "\u202eabc\u202c d\x00"
    read = read_text(e5()[1], text)
    labels = {token.text: text[token.start : token.end] for token in read.tokens if not token.special}
    assert labels["U+202E"] == "\u202e"
    assert labels["␀"] == "\x00"
    assert not any(set(label) & DISTURBING for label in labels)
