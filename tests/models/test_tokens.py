"""From text to tokens: what is special, what the model is fed, and what is refused."""

import pytest

from attention.errors import TextError
from attention.models.tokens import MAX_CHARACTERS, count_tokens, read_text
from tests.models import tiny_tokenizers
from tests.models.bundled_models import e5, minilm, needs_e5
from tests.models.tiny_tokenizers import tokenizer_of


@pytest.fixture
def wordpiece():
    return minilm()[1]


def key_of(tokenizer, *texts: str) -> str:
    with pytest.raises(TextError) as caught:
        read_text(tokenizer, *texts, name="tiny")
    return caught.value.key


def test_the_model_is_fed_what_its_tokenizer_gives(wordpiece):
    read = read_text(wordpiece, "The cat.", "It's old.")
    batch = wordpiece("The cat.", "It's old.")
    assert read.inputs == {name: tuple(batch[name]) for name in ("input_ids", "token_type_ids")}
    assert [token.id for token in read.tokens] == batch["input_ids"]
    assert [token.segment for token in read.tokens] == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0]


@needs_e5
def test_a_tokenizer_without_segments_feeds_ids_only():
    assert set(read_text(e5()[1], "a", "b").inputs) == {"input_ids"}


def test_specials_have_the_tokenizers_own_names(wordpiece):
    first, *_, last = read_text(wordpiece, "cat").tokens
    assert (first.text, first.special, first.word, first.start, first.end) == ("[CLS]", True, -1, 0, 0)
    assert last.text == "[SEP]"


def test_an_unknown_word_shows_what_was_typed(wordpiece):
    token = read_text(wordpiece, "กำลัง").tokens[1]
    assert (token.text, token.unknown, token.note) == ("กำลัง", True, "unknown to this model")


def test_markup_is_only_text(wordpiece):
    assert [t.text for t in read_text(wordpiece, "<script>").tokens[1:-1]] == ["<", "script", ">"]


def test_punctuation_is_told_from_words(wordpiece):
    read = read_text(wordpiece, "Yes, $5 …!")
    assert [t.text for t in read.tokens if t.punctuation] == [",", "$", "…", "!"]


def test_a_typed_mask_is_an_ordinary_token(wordpiece):
    token = read_text(wordpiece, "The [MASK] sat.").tokens[2]
    assert (token.id, token.text, token.start, token.end) == (wordpiece.mask_token_id, "[MASK]", 4, 10)
    assert (token.special, token.word) == (False, 1)


def test_a_typed_separator_is_special_and_keeps_its_slice(wordpiece):
    token = read_text(wordpiece, "a [SEP] b").tokens[2]
    assert (token.text, token.special, token.word, token.start, token.end) == ("[SEP]", True, -1, 2, 7)


@needs_e5
def test_xlm_rs_typed_specials():
    tokens = read_text(e5()[1], "a <mask> <s> b").tokens[1:-1]
    assert [(t.text, t.special) for t in tokens] == [("a", False), ("<mask>", False), ("<s>", True), ("b", False)]


def test_a_typed_unknown_is_unknown(wordpiece):
    assert read_text(wordpiece, "a [UNK]").tokens[2].unknown


def test_an_end_of_text_that_is_also_the_unknown_token_is_structure():
    token = read_text(tokenizer_of("byte level"), "x<|endoftext|>y").tokens[1]
    assert (token.special, token.unknown) == (True, False)


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u3000"])
def test_a_blank_text_is_refused_and_counts_nothing(wordpiece, text):
    assert key_of(wordpiece, text) == "empty_text"
    assert key_of(wordpiece, text, "cat") == "empty_text"
    assert count_tokens(wordpiece, text) == 0


def test_a_blank_second_text_counts_as_none(wordpiece):
    read = read_text(wordpiece, "cat", " \n")
    assert read.pair is None
    assert read.inputs["input_ids"] == read_text(wordpiece, "cat").inputs["input_ids"]


def test_more_than_20_000_characters_are_refused(wordpiece):
    assert key_of(wordpiece, "a" * 20_001) == "too_many_characters"
    assert key_of(wordpiece, "a" * 10_000, "b" * 10_001) == "too_many_characters"
    assert len(read_text(wordpiece, "a " * (MAX_CHARACTERS // 2)).tokens) == 10_002


@pytest.mark.parametrize("function", [count_tokens, read_text])
def test_half_a_character_is_refused_with_its_place(wordpiece, function):
    with pytest.raises(TextError, match="Character 3 of the text"):
        function(wordpiece, "abc\ud83d")
    with pytest.raises(TextError, match="Character 0 of the second text"):
        function(wordpiece, "abc", "\udc00")


def test_a_text_of_ignored_characters_has_no_tokens(wordpiece):
    with pytest.raises(TextError, match="tiny finds no token") as caught:
        read_text(wordpiece, "\u200b\x00", name="tiny")
    assert caught.value.key == "no_tokens"


def test_a_tokenizer_that_fails_is_an_unreadable_text():
    tokenizer = tiny_tokenizers.metaspace()
    tokenizer.backend_tokenizer.model = type(tokenizer.backend_tokenizer.model)([("a", -1.0)])  # has no unknown piece
    with pytest.raises(TextError, match="tiny's tokenizer could not read") as caught:
        read_text(tokenizer, "b", name="tiny")
    assert caught.value.key == "unreadable_text"


def test_nothing_is_cut_or_padded_whatever_the_tokenizer_was_saved_with():
    tokenizer = tiny_tokenizers.byte_level()
    tokenizer.add_special_tokens({"pad_token": tiny_tokenizers.END})
    tokenizer.model_max_length = 4
    tokenizer.backend_tokenizer.enable_truncation(3)
    tokenizer.backend_tokenizer.enable_padding(length=50)
    assert len(read_text(tokenizer, "Hello" * 9).tokens) == count_tokens(tokenizer, "Hello" * 9) == 9
    assert count_tokens(tokenizer, "Hello") == 1


def test_a_long_text_is_read_without_a_warning(wordpiece, caplog, capfd):
    assert count_tokens(wordpiece, "cat " * 600) == 602
    assert not caplog.records
    assert capfd.readouterr().err == ""
