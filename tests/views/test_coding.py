import base64
import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from attention.errors import ShapeError
from attention.views.coding import EXACT_TO, decode, decode_mask, encode, encode_mask


def softmax_of(rows: int, cols: int, seed: int = 0, sharp: float = 3.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (sharp * torch.randn(rows, cols, generator=generator)).softmax(-1)


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, EXACT_TO), cols=st.integers(1, EXACT_TO), seed=st.integers(0, 99))
def test_short_texts_keep_three_decimals(rows: int, cols: int, seed: int) -> None:
    weights = softmax_of(rows, cols, seed)
    coded = encode(weights)
    assert coded["bits"] == 16
    assert decode(coded).shape == weights.shape
    torch.testing.assert_close(decode(coded), weights, atol=2e-5, rtol=0)


@settings(max_examples=5, deadline=None)
@given(rows=st.integers(1, 150), seed=st.integers(0, 99))
def test_long_texts_are_within_four_thousandths(rows: int, seed: int) -> None:
    weights = softmax_of(rows, EXACT_TO + 1, seed)
    coded = encode(weights)
    assert coded["bits"] == 8
    torch.testing.assert_close(decode(coded), weights, atol=0.004, rtol=0)


def test_codes_are_little_endian_square_roots() -> None:
    coded = encode(torch.tensor([[0.0, 0.25], [1.0, 0.0]]))
    assert base64.b64decode(coded["data"]) == b"\x00\x00\x00\x80\xff\xff\x00\x00"
    assert (coded["rows"], coded["cols"]) == (2, 2)


def test_rounding_errors_are_clipped() -> None:
    weights = torch.tensor([[-1e-6, 1 + 1e-4]])
    assert decode(encode(weights)).tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize("bad", [float("nan"), 1.5, -0.5, float("inf")])
def test_what_is_no_weight_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        encode(torch.tensor([[bad, 0.5]]))


def test_no_cells_are_refused() -> None:
    with pytest.raises(ShapeError, match="at least one query"):
        encode(torch.zeros(0, 3))


def test_no_mask_is_sent_when_everything_is_allowed() -> None:
    assert encode_mask(torch.ones(3, 4, dtype=torch.bool)) is None
    assert bool(decode_mask(None, 3, 4).all())


@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5)])
def test_a_causal_mask_is_one_word(shape: tuple[int, int]) -> None:
    allowed = torch.ones(shape, dtype=torch.bool).tril()
    assert encode_mask(allowed) == {"causal": True}
    assert torch.equal(decode_mask({"causal": True}, *shape), allowed)


def test_a_sliding_window_is_sent_as_stretches() -> None:
    allowed = torch.ones(512, 512, dtype=torch.bool).tril().triu(-63)
    coded = encode_mask(allowed)
    assert coded is not None
    assert set(coded) == {"spans"}
    assert len(json.dumps(coded)) < 3000
    assert torch.equal(decode_mask(coded, 512, 512), allowed)


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(1, 13), cols=st.integers(1, 13), seed=st.integers(0, 999), share=st.floats(0, 1))
def test_any_mask_comes_back(rows: int, cols: int, seed: int, share: float) -> None:
    allowed = torch.rand(rows, cols, generator=torch.Generator().manual_seed(seed)) < share
    assert torch.equal(decode_mask(encode_mask(allowed), rows, cols), allowed)


def test_a_row_without_any_key_and_a_hole_come_back() -> None:
    allowed = torch.tensor([[True, False, True], [False, False, False]])
    coded = encode_mask(allowed)
    assert coded is not None
    assert set(coded) == {"bits"}
    assert torch.equal(decode_mask(coded, 2, 3), allowed)
