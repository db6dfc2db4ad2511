"""core.attention against what one can see by eye and what must hold for any input."""

import doctest
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError
from torch import Tensor

from attention.core import attention, masks
from attention.core.attention import attend
from attention.errors import ShapeError

BATCH, HEADS, N, D = 2, 4, 7, 8


def random(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


def qkv(heads: int = HEADS, kv_heads: int = HEADS, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor]:
    return (
        random(BATCH, heads, N, D, seed=1, dtype=dtype),
        random(BATCH, kv_heads, N, D, seed=2, dtype=dtype),
        random(BATCH, kv_heads, N, D, seed=3, dtype=dtype),
    )


def test_example_in_the_docstring_is_true() -> None:
    result = doctest.testmod(attention)
    assert (result.attempted, result.failed) == (2, 0)


def test_two_by_two_by_hand() -> None:
    """Scores ln 3 and 0 give weights 3/4 and 1/4, so the first output is three quarters of the first value."""
    query = torch.tensor([[[math.log(3.0)], [0.0]]])
    key = torch.tensor([[[1.0], [0.0]]])
    value = torch.tensor([[[4.0, 0.0], [0.0, 8.0]]])
    seen = attend(query, key, value)
    torch.testing.assert_close(seen.scores[0], torch.tensor([[math.log(3.0), 0.0], [0.0, 0.0]]))
    torch.testing.assert_close(seen.weights[0], torch.tensor([[0.75, 0.25], [0.5, 0.5]]))
    torch.testing.assert_close(seen.output[0], torch.tensor([[3.0, 2.0], [2.0, 4.0]]))
    assert not seen.empty.any()


def test_scale_is_one_over_the_root_of_the_head_size() -> None:
    query = key = torch.ones(1, 1, 16)
    assert attention.scores(query, key).item() == 4.0
    assert attention.scores(query, key, scale=1.0).item() == 16.0


def test_blocked_cells_are_minus_infinity_and_get_nothing() -> None:
    query, key, value = qkv()
    seen = attend(query, key, value, mask=masks.causal(N))
    above = ~masks.causal(N)
    assert bool((seen.masked[..., above] == -torch.inf).all())
    assert bool((seen.weights[..., above] == 0).all())
    assert bool((seen.weights[..., ~above] > 0).all())
    assert torch.equal(seen.masked[..., ~above], seen.scores[..., ~above])


def test_a_bias_moves_scores_by_that_much() -> None:
    query, key, value = qkv()
    bias = random(HEADS, N, N, seed=9)
    seen = attend(query, key, value, bias=bias)
    torch.testing.assert_close(seen.masked - seen.scores, bias.expand(BATCH, -1, -1, -1), atol=1e-6, rtol=0)


@pytest.mark.parametrize("spelling", ["mask", "bias"])
def test_gradients_pass_by_a_row_with_no_key(spelling: str) -> None:
    mask = torch.tensor([[False, False], [True, True]])
    given = {"mask": mask} if spelling == "mask" else {"bias": torch.zeros(2, 2).masked_fill(~mask, -torch.inf)}
    query, key, value = (random(1, 2, 3, seed=seed).requires_grad_() for seed in range(3))
    attend(query, key, value, **given).output.square().sum().backward()
    for part in (query, key, value):
        assert part.grad is not None
        assert bool(part.grad.isfinite().all())
    assert bool((query.grad[0, 0] == 0).all())
    assert bool((query.grad[0, 1] != 0).all())


def test_heads_that_do_not_divide_are_refused() -> None:
    with pytest.raises(ShapeError, match="a divisor of 4 query heads"):
        attend(random(4, N, D), random(3, N, D), random(3, N, D))


def test_a_head_of_grouped_queries_reads_its_own_group() -> None:
    query, key, value = qkv(kv_heads=2)
    seen = attend(query, key, value).weights
    for head, shared in enumerate([0, 0, 1, 1]):
        alone = attend(query[:, head : head + 1], key[:, shared : shared + 1], value[:, shared : shared + 1])
        torch.testing.assert_close(seen[:, head], alone.weights[:, 0], atol=1e-6, rtol=0)


@st.composite
def problems(draw: st.DrawFn) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Random query, key, value of one size and a random mask, some of its rows empty."""
    n, d, heads, seed = (draw(st.integers(1, top)) for top in (9, 6, 3, 10_000))
    parts = [random(heads, n, d, seed=seed + part) * draw(st.sampled_from([0.1, 1.0, 30.0])) for part in range(3)]
    return (*parts, random(n, n, seed=seed + 3) > draw(st.sampled_from([-9.0, 0.0, 1.0])))


@given(problems())
@settings(deadline=None)
def test_rows_sum_to_one_or_are_empty_and_the_mask_is_respected(problem: tuple[Tensor, Tensor, Tensor, Tensor]) -> None:
    query, key, value, mask = problem
    seen = attend(query, key, value, mask=mask)
    assert torch.equal(seen.empty, ~mask.any(dim=-1).expand_as(seen.empty))
    torch.testing.assert_close(seen.weights.sum(dim=-1), (~seen.empty).float(), atol=1e-5, rtol=0)
    assert bool((seen.weights >= 0).all())
    assert bool((seen.weights[:, ~mask] == 0).all())
    assert bool(seen.output.isfinite().all())


@given(problems(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_permuting_positions_permutes_the_answer(problem: tuple[Tensor, Tensor, Tensor, Tensor], chance) -> None:
    query, key, value, mask = problem
    order = torch.tensor(chance.sample(range(len(mask)), len(mask)))
    seen = attend(query, key, value, mask=mask)
    moved = attend(query[:, order], key[:, order], value[:, order], mask=mask[order][:, order])
    torch.testing.assert_close(moved.weights, seen.weights[:, order][:, :, order], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(moved.output, seen.output[:, order], atol=1e-4, rtol=1e-4)


@given(problems(), st.floats(-50, 50))
@settings(deadline=None)
def test_softmax_ignores_what_is_added_to_a_whole_row(
    problem: tuple[Tensor, Tensor, Tensor, Tensor], shift: float
) -> None:
    query, key, _, mask = problem
    masked = attention.masked(attention.scores(query, key), mask).double()
    rows = shift * torch.arange(1.0, len(mask) + 1, dtype=torch.float64)[:, None]
    torch.testing.assert_close(attention.weights(masked + rows), attention.weights(masked), atol=1e-9, rtol=1e-9)


@given(st.lists(st.sampled_from([1e4, -1e4, 0.0, 9999.0]), min_size=1, max_size=6))
@settings(deadline=None)
def test_extreme_scores_stay_finite(row: list[float]) -> None:
    weights = attention.weights(torch.tensor([row]))
    assert bool(weights.isfinite().all())
    assert weights.sum().item() == pytest.approx(1.0, abs=1e-6)
    powers = [math.exp(score - max(row)) for score in row]
    assert weights[0].tolist() == pytest.approx([power / sum(powers) for power in powers], abs=1e-6)


def test_one_token_gives_itself_everything() -> None:
    value = random(1, 1, 3, seed=1)
    seen = attend(random(1, 1, 3), random(1, 1, 3), value)
    assert seen.weights.item() == 1.0
    assert torch.equal(seen.output, value)


def test_a_mask_that_does_not_fit_is_refused() -> None:
    query, key, value = qkv()
    with pytest.raises(
        (TypeCheckError, RuntimeError), match=r"mask|must match the size"
    ):  # where signatures are checked, or torch
        attend(query, key, value, mask=torch.ones(N, N + 1, dtype=torch.bool))
