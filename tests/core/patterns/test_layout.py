"""Which keys are content, which rows count, where a text begins."""

import torch
from torch import Tensor

from attention.core import masks
from attention.core.patterns.layout import layout_of
from attention.core.tokens import Token
from tests.core.patterns.specimens import tokens_of

TOKENS = tokens_of([0, 3, 4, 5, 2, 1], special={0, 1}, stops={2})


def flags(mask: Tensor) -> str:
    return "".join(str(int(cell)) for cell in mask)


def test_bidirectional_counts_all_content() -> None:
    text = layout_of(TOKENS, torch.ones(6, 6, dtype=torch.bool), False)
    assert (text.first, flags(text.content), flags(text.rows)) == (0, "011110", "011110")
    assert text.n_allowed.tolist() == [6.0] * 6
    assert text.distance[1].tolist() == [-1, 0, 1, 2, 3, 4]


def test_causal_rows_need_three_keys() -> None:
    text = layout_of(TOKENS, masks.causal(6), True)
    assert (text.first, flags(text.content), flags(text.rows)) == (0, "011110", "001110")
    assert text.n_allowed.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_the_first_token_is_no_content_for_a_causal_model_whatever_it_is() -> None:
    tokens = tokens_of([3, 4, 5, 6])
    assert flags(layout_of(tokens, masks.causal(4), True).content) == "0111"
    assert flags(layout_of(tokens, torch.ones(4, 4, dtype=torch.bool), False).content) == "1111"


def test_a_token_no_row_may_read_is_padding_and_no_row() -> None:
    allowed = torch.ones(6, 6, dtype=torch.bool)
    allowed[:, 4:] = False
    text = layout_of(TOKENS, allowed, False)
    assert (text.first, flags(text.rows)) == (0, "011100")


def test_padding_in_front_moves_the_first_key() -> None:
    allowed = torch.ones(6, 6, dtype=torch.bool)
    allowed[:, :2] = False
    text = layout_of(TOKENS, allowed, False)
    assert (text.first, flags(text.rows)) == (2, "000110")


def test_facts_of_the_tokens_are_carried_over() -> None:
    tokens = (Token("a", 7, 0, 1, 0), Token("!", 8, 1, 2, 1, punctuation=True), Token("b", 9, 0, 1, 2, segment=1))
    text = layout_of(tokens, torch.ones(3, 3, dtype=torch.bool), False)
    assert text.ids.tolist() == [7, 8, 9]
    assert text.word.tolist() == [0, 1, 2]
    assert text.segment.tolist() == [0, 0, 1]
    assert flags(text.punctuation) == "010"
    assert flags(text.special) == "000"
