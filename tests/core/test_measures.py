"""Measures against hand cases and against the same thing computed the long way."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from attention.core import measures
from attention.core.attention import attend
from attention.core.heads import split_heads


def softmax_rows(*shape: int, seed: int = 0, sharpness: float = 1.0) -> Tensor:
    scores = torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (sharpness * scores).softmax(dim=-1)


def test_entropy_of_certainty_of_a_coin_and_of_nothing() -> None:
    weights = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 0.0]])
    assert measures.entropy(weights).tolist() == pytest.approx([0.0, math.log(2), 0.0])
    assert measures.effective_tokens(weights).tolist() == pytest.approx([1.0, 2.0, 1.0])


@given(st.integers(1, 40), st.integers(0, 1000), st.sampled_from([0.0, 0.5, 3.0, 100.0]))
@settings(deadline=None)
def test_entropy_lies_between_one_key_and_all_keys(n: int, seed: int, sharpness: float) -> None:
    weights = softmax_rows(3, n, seed=seed, sharpness=sharpness)
    entropy = measures.entropy(weights)
    assert bool((entropy >= 0).all())
    assert bool((entropy <= math.log(n) + 1e-12).all())
    assert bool((measures.effective_tokens(weights) <= n * (1 + 1e-12)).all())
    if sharpness == 0:
        torch.testing.assert_close(entropy, torch.full((3,), math.log(n), dtype=torch.float64))


def test_renormalize_scales_rows_and_leaves_zeros() -> None:
    assert measures.renormalize(torch.tensor([[1.0, 3.0], [0.0, 0.0]])).tolist() == [[0.25, 0.75], [0.0, 0.0]]


def test_without_specials_shares_the_rest_out_again() -> None:
    weights = torch.tensor([[0.5, 0.125, 0.375], [1.0, 0.0, 0.0]])
    special = torch.tensor([True, False, False])
    assert measures.without_specials(weights, special).tolist() == [[0.0, 0.25, 0.75], [0.0, 0.0, 0.0]]


@given(st.integers(0, 1000), st.integers(1, 8))
@settings(deadline=None)
def test_without_specials_keeps_the_order_and_proportions_of_content(seed: int, n: int) -> None:
    weights = softmax_rows(2, n, n, seed=seed)
    special = torch.rand(n, generator=torch.Generator().manual_seed(seed)) < 0.4
    kept = measures.without_specials(weights, special)
    assert bool((kept[..., special] == 0).all())
    if not special.all():
        torch.testing.assert_close(kept.sum(dim=-1), torch.ones(2, n, dtype=torch.float64))
        content = weights[..., ~special]
        torch.testing.assert_close(kept[..., ~special], content / content.sum(dim=-1, keepdim=True))


def test_value_weighted_by_hand() -> None:
    weights = torch.tensor([[0.5, 0.5], [1.0, 0.0], [0.0, 0.0]])
    norms = torch.tensor([1.0, 3.0])
    assert measures.value_weighted(weights, norms).tolist() == [[0.25, 0.75], [1.0, 0.0], [0.0, 0.0]]


def test_value_weighted_is_the_length_of_what_each_key_adds_to_the_head_s_output() -> None:
    """For one head, ||alpha_ij x_j W_V W_O|| computed vector by vector."""
    generator = torch.Generator().manual_seed(3)
    n, d_model, n_heads, head = 5, 12, 3, 1
    hidden, value_proj, output_proj = (
        torch.randn(*shape, generator=generator, dtype=torch.float64)
        for shape in ((n, d_model), (d_model, d_model), (d_model, d_model))
    )
    values = split_heads(hidden @ value_proj, n_heads)
    weights = attend(values, values, values).weights
    own_output = output_proj[4 * head : 4 * head + 4]
    norms = (values[head] @ own_output).norm(dim=-1)

    long_way = torch.zeros(n, n, dtype=torch.float64)
    for query_pos in range(n):
        for key_pos in range(n):
            value = hidden[key_pos] @ value_proj[:, 4 * head : 4 * head + 4]
            long_way[query_pos, key_pos] = (weights[head, query_pos, key_pos] * value @ own_output).norm()
    long_way = long_way / long_way.sum(dim=-1, keepdim=True)
    torch.testing.assert_close(measures.value_weighted(weights[head], norms), long_way)


def test_value_weighted_of_all_heads_uses_each_head_s_own_norms() -> None:
    weights, norms = softmax_rows(3, 4, 4), torch.rand(3, 4, dtype=torch.float64) + 0.1
    together = measures.value_weighted(weights, norms)
    for head in range(3):
        torch.testing.assert_close(together[head], measures.value_weighted(weights[head], norms[head]))


def test_rollout_of_one_layer_is_half_itself() -> None:
    weights = torch.tensor([[0.0, 1.0], [0.5, 0.5]])
    assert measures.rollout([weights]).tolist() == [[0.5, 0.5], [0.25, 0.75]]


def test_rollout_goes_from_the_first_layer_up() -> None:
    """The first layer copies token 0 to token 1; the second does nothing. In the other order the result would differ."""
    copies, swaps = torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    assert measures.rollout([copies, swaps]).tolist() == [[0.75, 0.25], [0.75, 0.25]]
    assert measures.rollout([swaps, copies]).tolist() == [[0.5, 0.5], [0.5, 0.5]]


@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 1000))
@settings(deadline=None)
def test_rollout_is_the_sum_over_all_paths(n: int, depth: int, seed: int) -> None:
    layers = [softmax_rows(n, n, seed=seed + layer) for layer in range(depth)]
    reached = [[float(row == column) for column in range(n)] for row in range(n)]
    for weights in layers:
        step = [[(weights[row, column].item() + (row == column)) / 2 for column in range(n)] for row in range(n)]
        reached = [
            [sum(step[row][middle] * reached[middle][column] for middle in range(n)) for column in range(n)]
            for row in range(n)
        ]
    rolled = measures.rollout(layers)
    torch.testing.assert_close(rolled, torch.tensor(reached, dtype=torch.float64))
    torch.testing.assert_close(rolled.sum(dim=-1), torch.ones(n, dtype=torch.float64))


def test_a_row_with_no_key_keeps_only_its_residual_in_rollout() -> None:
    assert measures.rollout([torch.tensor([[0.0, 0.0], [1.0, 0.0]])]).tolist() == [[1.0, 0.0], [0.5, 0.5]]


def kullback_leibler(first: list[float], second: list[float]) -> float:
    """In bits."""
    return sum(p * math.log2(p / q) for p, q in zip(first, second, strict=True) if p > 0)


@given(st.integers(1, 10), st.integers(1, 5), st.integers(0, 1000), st.sampled_from([0.1, 1.0, 10.0]))
@settings(deadline=None)
def test_js_distance_is_the_root_of_two_half_divergences(n: int, rows: int, seed: int, sharpness: float) -> None:
    first, second = (softmax_rows(rows, n, seed=seed + part, sharpness=sharpness) for part in range(2))
    roots = []
    for p, q in zip(first.tolist(), second.tolist(), strict=True):
        middle = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
        roots.append(math.sqrt(max(0.0, kullback_leibler(p, middle) / 2 + kullback_leibler(q, middle) / 2)))
    assert measures.js_distance(first, second).item() == pytest.approx(sum(roots) / rows, abs=1e-7)


def test_js_distance_runs_from_equal_to_nothing_in_common() -> None:
    first, second = torch.tensor([[0.5, 0.5, 0.0, 0.0]]), torch.tensor([[0.0, 0.0, 0.1, 0.9]])
    assert measures.js_distance(first, first).item() == 0.0
    assert measures.js_distance(first, second).item() == pytest.approx(1.0)
    assert measures.js_distance(torch.zeros(2, 3), torch.zeros(2, 3)).item() == 0.0


def test_heads_differ_from_each_other_as_a_metric() -> None:
    heads = softmax_rows(5, 6, 6, sharpness=2.0)
    distances = measures.head_distances(heads)
    assert distances.shape == (5, 5)
    assert torch.equal(distances, distances.mT)
    assert bool((distances.diagonal() == 0).all())
    assert bool((distances >= 0).all())
    assert bool((distances <= 1).all())
    assert bool((distances[:, None] <= distances[:, :, None] + distances[None] + 1e-12).all())
    assert distances[1, 3].item() == pytest.approx(measures.js_distance(heads[1], heads[3]).item())


def test_averaging_loses_nothing_of_equal_heads_and_all_of_disjoint_ones() -> None:
    same = torch.tensor([[[0.25, 0.75]], [[0.25, 0.75]]])
    apart = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]]])
    assert measures.averaging_loss(same).tolist() == [pytest.approx(0.0, abs=1e-7)]
    assert measures.averaging_loss(apart).tolist() == [pytest.approx(math.log(2))]


@given(st.integers(0, 1000))
@settings(deadline=None)
def test_for_two_heads_the_loss_is_their_squared_distance(seed: int) -> None:
    heads = softmax_rows(2, 1, 7, seed=seed)
    loss = measures.averaging_loss(heads)[0].item() / math.log(2)
    assert loss == pytest.approx(measures.js_distance(heads[0], heads[1]).item() ** 2, abs=1e-9)
