"""Every mask drawn by hand: 1 may attend, 0 may not; rows are queries."""

import pytest
import torch
from torch import Tensor

from attention.core import masks


def drawn(mask: Tensor) -> list[str]:
    return ["".join(str(int(cell)) for cell in row) for row in mask]


def test_causal_sees_itself_and_the_past() -> None:
    assert drawn(masks.causal(3)) == ["100", "110", "111"]


@pytest.mark.parametrize(
    ("width", "expected"),
    [(1, ["100", "010", "001"]), (2, ["110", "111", "011"]), (3, ["111", "111", "111"])],
)
def test_window_sees_distances_below_its_width(width: int, expected: list[str]) -> None:
    assert drawn(masks.sliding_window(3, width)) == expected


def test_padding_blocks_keys_of_each_text_and_fits_batch_head_query_key() -> None:
    mask = masks.padding(torch.tensor([1, 3]), 3)
    assert mask.shape == (2, 1, 1, 3)
    assert drawn(mask[:, 0, 0]) == ["100", "111"]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("blocked", [1.0, 0.9, torch.inf])
def test_additive_masks_block_at_minus_infinity_and_near_the_smallest_number(
    dtype: torch.dtype, blocked: float
) -> None:
    additive = torch.zeros(2, 2, dtype=dtype)
    additive[0, 1] = torch.finfo(dtype).min * blocked
    mask, bias = masks.from_additive(additive)
    assert drawn(mask) == ["10", "11"]
    assert bias is None


def test_what_is_not_blocked_is_a_bias() -> None:
    additive = torch.tensor([[0.0, -torch.inf], [-3.5, 0.0]])
    mask, bias = masks.from_additive(additive)
    assert drawn(mask) == ["10", "11"]
    assert bias is not None
    assert bias.tolist() == [[0.0, 0.0], [-3.5, 0.0]]
