"""Which keys are content, which rows count, where a text begins."""

import torch
from torch import Tensor

from attention.core import masks
from attention.core.patterns.layout import band, layout_of
from attention.core.tokens import Token
from tests.core.patterns.specimens import tokens_of

TOKENS = tokens_of([0, 3, 4, 5, 2, 1], special={0, 1}, stops={2})


def flags(mask: Tensor) -> str:
    return "".join(str(int(cell)) for cell in mask)


def test_bidirectional_counts_all_content() -> None:
    text = layout_of(TOKENS, torch.ones(6, 6, dtype=torch.bool), False)
    assert (text.first, flags(text.content), flags(text.rows)) == (0, "011110", "011110")
    assert text.n_allowed.tolist() == [6.0] * 6
    assert band(text, 1, 3).distance.tolist() == [[-1, 0, 1, 2, 3, 4], [-2, -1, 0, 1, 2, 3]]


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


def test_a_band_is_a_run_of_rows() -> None:
    text = layout_of(TOKENS, masks.causal(6), True)
    part = band(text, 4, 9)
    assert part.query_pos.tolist() == [4, 5]
    assert torch.equal(part.allowed, text.allowed[4:])
    assert flags(part.counted) == "10"
    assert part.n_allowed.tolist() == [5.0, 6.0]


def test_over_content_only_content_may_be_looked_at() -> None:
    """The text still begins where it did, and a row needs three keys of content."""
    text = layout_of(TOKENS, masks.causal(6), True)
    inner = text.over_content()
    assert (inner.first, inner.length, flags(inner.content)) == (0, 6, "011110")
    assert inner.n_allowed.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 4.0]
    assert flags(inner.rows) == "000110"


def test_a_pair_has_two_segments_with_content() -> None:
    for second, pairs in ((None, False), (1, False), (2, True), (4, True), (5, False)):
        tokens = tokens_of([0, 3, 4, 5, 2, 1], special={0, 1}, second=second)
        assert layout_of(tokens, torch.ones(6, 6, dtype=torch.bool), False).pairs == pairs
