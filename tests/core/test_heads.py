"""Cutting into heads and sharing keys among them."""

import pytest
import torch

from attention.core.heads import average, expand_groups, head_counts, merge_heads, split_heads
from attention.errors import ShapeError


def test_neighboring_features_belong_to_one_head() -> None:
    projected = torch.tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
    heads = split_heads(projected, 2)
    assert heads.tolist() == [[[1.0, 2.0], [5.0, 6.0]], [[3.0, 4.0], [7.0, 8.0]]]


@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_merging_undoes_splitting(batch: tuple[int, ...]) -> None:
    projected = torch.randn(*batch, 5, 12, generator=torch.Generator().manual_seed(0))
    heads = split_heads(projected, 3)
    assert heads.shape == (*batch, 3, 5, 4)
    assert torch.equal(merge_heads(heads), projected)


@pytest.mark.parametrize("n_heads", [5, 0, -2])
def test_heads_that_do_not_divide_the_width_are_refused(n_heads: int) -> None:
    with pytest.raises(ShapeError, match=f"d_model has shape 12; expected a multiple of {n_heads} heads"):
        split_heads(torch.zeros(2, 12), n_heads)


def test_neighboring_query_heads_share_a_key_head() -> None:
    shared = torch.tensor([[[1.0]], [[2.0]]])
    assert expand_groups(shared, 6).flatten().tolist() == [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]
    assert expand_groups(shared, 2) is shared


@pytest.mark.parametrize("n_heads", [1, 3])
def test_key_heads_that_do_not_divide_are_refused(n_heads: int) -> None:
    with pytest.raises(ShapeError, match=f"2 heads; expected a divisor of {n_heads} query heads"):
        expand_groups(torch.zeros(2, 1, 1), n_heads)


def test_the_average_is_over_heads() -> None:
    weights = torch.tensor([[[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.5, 0.5]]])
    assert average(weights).tolist() == [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize("width", [1, 12, 13, 64])
def test_head_counts_are_all_that_can_be_split(width: int) -> None:
    counts = head_counts(width)
    for n_heads in range(1, width + 2):
        if n_heads in counts:
            assert split_heads(torch.zeros(2, width), n_heads).shape == (n_heads, 2, width // n_heads)
        else:
            with pytest.raises(ShapeError):
                split_heads(torch.zeros(2, width), n_heads)
