"""core.attention against what one can see by eye, against torch, and against what must hold for any input."""

import doctest
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention as sdpa

from attention.core import attention, masks
from attention.core.attention import attend
from attention.core.heads import merge_heads, split_heads
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


MASKS = {
    "none": None,
    "one for all": masks.causal(N),
    "window": masks.sliding_window(N, 2),
    "causal window": masks.sliding_window(N, 3) & masks.causal(N),
    "per text": (random(BATCH, 1, N, N, seed=4) > 0) | torch.eye(N, dtype=torch.bool),
    "per head": (random(HEADS, N, N, seed=5) > 0) | torch.eye(N, dtype=torch.bool),
    "per text and head": (random(BATCH, HEADS, N, N, seed=6) > 0) | torch.eye(N, dtype=torch.bool),
    "padding": masks.padding(torch.tensor([3, N]), N),
    "causal and padding": masks.padding(torch.tensor([3, N]), N) & masks.causal(N),
    "one row for all": torch.tensor([[True, True, False, True, False, True, True]]),
}


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("kv_heads", [HEADS, 2, 1])
@pytest.mark.parametrize(("dtype", "close"), [(torch.float32, 1e-6), (torch.bfloat16, 2e-2)])
def test_output_is_torchs(kind: str, kv_heads: int, dtype: torch.dtype, close: float) -> None:
    query, key, value = qkv(kv_heads=kv_heads, dtype=dtype)
    theirs = sdpa(query, key, value, attn_mask=MASKS[kind], enable_gqa=True)
    ours = attend(query, key, value, mask=MASKS[kind]).output
    assert ours.dtype == dtype
    torch.testing.assert_close(ours, theirs, atol=close, rtol=close)


@pytest.mark.parametrize("shape", [(N, N), (1, N, N), (HEADS, N, N), (BATCH, 1, N, N), (BATCH, HEADS, N, N)])
@pytest.mark.parametrize(("dtype", "close"), [(torch.float32, 1e-6), (torch.bfloat16, 2e-2)])
def test_output_with_a_bias_is_torchs(shape: tuple[int, ...], dtype: torch.dtype, close: float) -> None:
    query, key, value = qkv(dtype=dtype)
    bias = random(*shape, seed=7, dtype=dtype)
    theirs = sdpa(query, key, value, attn_mask=bias)
    torch.testing.assert_close(attend(query, key, value, bias=bias).output, theirs, atol=close, rtol=close)


def test_bias_and_mask_together_are_torchs_additive_mask() -> None:
    query, key, value = qkv()
    bias = random(HEADS, N, N, seed=8)
    theirs = sdpa(query, key, value, attn_mask=bias.masked_fill(~masks.causal(N), -torch.inf))
    ours = attend(query, key, value, mask=masks.causal(N), bias=bias).output
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)


@pytest.mark.parametrize("scale", [0.01, 1.0, 2.5])
def test_custom_scale_is_torchs(scale: float) -> None:
    query, key, value = qkv()
    theirs = sdpa(query, key, value, scale=scale, is_causal=True)
    ours = attend(query, key, value, mask=masks.causal(N), scale=scale).output
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-6)


def test_float64_stays_float64_all_the_way() -> None:
    query, key, value = (part.double() for part in qkv())
    theirs = sdpa(query, key, value)
    torch.testing.assert_close(attend(query, key, value).output, theirs, atol=1e-14, rtol=1e-14)


def multihead(mask: Tensor | None, padded: Tensor | None) -> tuple[Tensor, Tensor, attention.Attention, Tensor]:
    """torch's output and per-head weights, ours, and our output behind the same projections."""
    torch.manual_seed(0)
    theirs = nn.MultiheadAttention(embed_dim=12, num_heads=3, batch_first=True).eval()
    hidden = random(BATCH, N, 12, seed=11)
    blocked = None if mask is None else ~mask
    output, weights = theirs(
        hidden, hidden, hidden, attn_mask=blocked, key_padding_mask=padded, average_attn_weights=False
    )
    projected = nn.functional.linear(hidden, theirs.in_proj_weight, theirs.in_proj_bias)
    query, key, value = (split_heads(part, 3) for part in projected.chunk(3, dim=-1))
    allowed = torch.ones(1, 1, N, N, dtype=torch.bool) if mask is None else mask.expand(1, 1, N, N)
    if padded is not None:
        allowed = allowed & ~padded[:, None, None, :]
    ours = attend(query, key, value, mask=allowed)
    return output, weights, ours, theirs.out_proj(merge_heads(ours.output))


@pytest.mark.parametrize("mask", [None, masks.causal(N), masks.sliding_window(N, 2)], ids=["none", "causal", "window"])
@pytest.mark.parametrize("padded", [None, torch.arange(N).expand(BATCH, N) >= torch.tensor([[4], [N]])])
def test_multihead_attention_is_torchs_module(mask: Tensor | None, padded: Tensor | None) -> None:
    output, weights, ours, ours_projected = multihead(mask, padded)
    seen = ~ours.empty
    torch.testing.assert_close(ours.weights[seen], weights[seen], atol=1e-6, rtol=0)
    whole = seen.all(dim=1)
    assert bool(whole.any())
    torch.testing.assert_close(ours_projected[whole], output[whole], atol=1e-6, rtol=0)


def test_a_row_with_no_key_is_zero_here_zero_in_one_torch_function_and_nan_in_the_other() -> None:
    mask = torch.ones(N, N, dtype=torch.bool)
    mask[2] = False
    query, key, value = qkv()
    seen = attend(query, key, value, mask=mask)
    assert torch.equal(seen.empty, (torch.arange(N) == 2).expand(BATCH, HEADS, N))
    assert bool((seen.weights[:, :, 2] == 0).all())
    assert bool((seen.output[:, :, 2] == 0).all())
    theirs = sdpa(query, key, value, attn_mask=mask)
    assert bool((theirs[:, :, 2] == 0).all())
    torch.testing.assert_close(seen.output, theirs, atol=1e-6, rtol=0)
    output, weights, ours, _ = multihead(mask, None)
    assert bool(weights[:, :, 2].isnan().all())
    assert bool(output[:, 2].isnan().all())
    assert bool((ours.weights[:, :, 2] == 0).all())


def test_gradients_pass_by_a_row_with_no_key() -> None:
    mask = torch.tensor([[False, False], [True, True]])
    query, key, value = (random(1, 2, 3, seed=seed).requires_grad_() for seed in range(3))
    attend(query, key, value, mask=mask).output.square().sum().backward()
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
    largest = [place for place, score in enumerate(row) if score == max(row)]
    assert weights[0, largest].tolist() == pytest.approx([1 / len(largest)] * len(largest), abs=1e-6)


def test_one_token_gives_itself_everything() -> None:
    value = random(1, 1, 3, seed=1)
    seen = attend(random(1, 1, 3), random(1, 1, 3), value)
    assert seen.weights.item() == 1.0
    assert torch.equal(seen.output, value)


def test_a_mask_that_does_not_fit_is_refused() -> None:
    query, key, value = qkv()
    with pytest.raises(Exception, match="mask"):
        attend(query, key, value, mask=torch.ones(N, N + 1, dtype=torch.bool))
