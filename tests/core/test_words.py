"""From tokens to words: which tokens make a word, and Clark's rule on a case one can add up."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attention.core.tokens import Token
from attention.core.words import Word, to_words, words_of


def test_pieces_become_a_word_and_specials_stand_alone() -> None:
    text = "unbelievable cat"
    tokens = (
        Token("[CLS]", 101, 0, 0, -1, special=True),
        Token("un", 1, 0, 2, 0),
        Token("believ", 2, 2, 8, 0),
        Token("able", 3, 8, 12, 0),
        Token("cat", 4, 13, 16, 1),
        Token("[SEP]", 102, 0, 0, -1, special=True),
        Token("[SEP]", 102, 0, 0, -1, special=True),
    )
    assert words_of(tokens, text) == (
        Word("[CLS]", 0, 0, True, 0),
        Word("unbelievable", 1, 3, False, 0),
        Word("cat", 4, 4, False, 0),
        Word("[SEP]", 5, 5, True, 0),
        Word("[SEP]", 6, 6, True, 0),
    )


def test_words_of_a_pair_read_from_their_own_text() -> None:
    tokens = (
        Token("do", 1, 0, 2, 0),
        Token("ing", 2, 2, 5, 0),
        Token("<sep>", 3, 0, 0, -1, special=True),
        Token("sing", 4, 0, 4, 1, segment=1),
        Token("ing", 2, 4, 7, 1, segment=1),
    )
    words = words_of(tokens, "doing", "singing")
    assert [(word.text, word.segment) for word in words] == [("doing", 0), ("<sep>", 0), ("singing", 1)]


def test_a_mark_in_front_belongs_to_its_word_and_has_no_letters() -> None:
    """Some tokenizers cut the blank off as a token of its own, with an empty slice."""
    tokens = (
        Token("a", 5, 0, 1, 0),
        Token("␣", 9, 2, 2, 1),
        Token("b", 6, 2, 3, 1),
        Token("␣", 9, 0, 0, 2),
        Token("cd", 7, 4, 6, 2),
    )
    words = words_of(tokens, "a b cd")
    assert [(word.text, word.first, word.last) for word in words] == [("a", 0, 0), ("b", 1, 2), ("cd", 3, 4)]


def test_a_mark_with_no_word_after_it_shows_as_itself() -> None:
    tokens = (Token("␣", 9, 1, 1, 0), Token("</s>", 2, 0, 0, -1, special=True))
    assert [word.text for word in words_of(tokens, "a ")] == ["␣", "</s>"]


def test_pieces_of_one_character_read_as_that_character() -> None:
    tokens = (Token("猫", 1, 0, 1, 0, part=(1, 2)), Token("猫", 2, 0, 1, 0, part=(2, 2)), Token("x", 3, 1, 2, 1))
    assert [word.text for word in words_of(tokens, "猫x")] == ["猫", "x"]


def test_no_tokens_make_no_words() -> None:
    assert words_of((), "") == ()


def test_attention_to_a_word_adds_up_and_from_a_word_is_a_mean() -> None:
    words = (Word("ab", 0, 1, False, 0), Word("c", 2, 2, False, 0))
    weights = torch.tensor([[0.5, 0.25, 0.25], [0.0, 0.25, 0.75], [0.125, 0.25, 0.625]])
    assert to_words(weights, words).tolist() == [[0.5, 0.5], [0.375, 0.625]]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.integers(0, 1000))
@settings(deadline=None)
def test_rows_between_words_still_sum_to_one(sizes: list[int], seed: int) -> None:
    ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    words = tuple(Word("w", end - size, end - 1, False, 0) for size, end in zip(sizes, ends, strict=True))
    scores = torch.randn(2, 3, ends[-1], ends[-1], generator=torch.Generator().manual_seed(seed))
    between = to_words(scores.softmax(dim=-1), words)
    assert between.shape == (2, 3, len(sizes), len(sizes))
    torch.testing.assert_close(between.sum(dim=-1), torch.ones(2, 3, len(sizes)))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_words_of_one_token_change_nothing(dtype: torch.dtype) -> None:
    words = tuple(Word("w", place, place, False, 0) for place in range(4))
    weights = torch.rand(4, 4).to(dtype)
    assert torch.equal(to_words(weights, words), weights)
