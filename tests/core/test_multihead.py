"""Multi-head from scratch against torch: nn.MultiheadAttention, and scaled_dot_product_attention with shared key heads."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import scaled_dot_product_attention as sdpa

from attention.core import masks, multihead
from attention.core.heads import head_counts
from attention.core.multihead import Projections, multi_head, random_projections
from attention.core.scoring import draw
from attention.errors import ShapeError

N = 6


def with_biases(projections: Projections, seed: int) -> Projections:
    """Random biases too, so that a bias in the wrong place would show."""
    names = ("b_query", "b_key", "b_value", "b_output")
    drawn = {name: draw(seed, len(getattr(projections, name)), role=name) for name in names}
    return replace(projections, **drawn)


@given(st.sampled_from([4, 12, 24]), st.data(), st.integers(0, 1000), st.sampled_from(["none", "causal", "window"]))
@settings(deadline=None)
def test_output_and_weights_of_each_head_are_torchs(d_model: int, data: st.DataObject, seed: int, kind: str) -> None:
    n_heads = data.draw(st.sampled_from(head_counts(d_model)))
    projections = with_biases(random_projections(d_model, n_heads, seed=seed), seed)
    mask = {"none": None, "causal": masks.causal(N), "window": masks.sliding_window(N, 2)}[kind]
    difference = multihead.difference_from_torch(draw(seed, N, d_model), projections, mask)
    assert difference.weights <= 2e-6
    assert difference.output <= 5e-6


def test_on_a_fixed_case_they_agree_to_a_millionth() -> None:
    """The module is loaded here by hand, not by as_torch, and every row of every head is compared."""
    projections = with_biases(random_projections(16, 4, seed=3), 3)
    hidden = draw(3, 2, N, 16)
    module = torch.nn.MultiheadAttention(16, 4, batch_first=True).eval()
    for row, (matrix, bias) in enumerate((("w_query", "b_query"), ("w_key", "b_key"), ("w_value", "b_value"))):
        module.in_proj_weight.data[16 * row : 16 * row + 16] = getattr(projections, matrix).T
        module.in_proj_bias.data[16 * row : 16 * row + 16] = getattr(projections, bias)
    module.out_proj.weight.data, module.out_proj.bias.data = projections.w_output.T, projections.b_output
    output, weights = module(hidden, hidden, hidden, attn_mask=~masks.causal(N), average_attn_weights=False)
    ours = multi_head(hidden, projections, masks.causal(N))
    torch.testing.assert_close(ours.attention.weights, weights, atol=1e-6, rtol=0)
    torch.testing.assert_close(ours.output, output, atol=1e-6, rtol=1e-6)


def test_the_difference_sees_a_wrong_projection(monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = random_projections(8, 2, seed=0), random_projections(8, 2, seed=1)
    theirs = multihead.as_torch(wrong)
    monkeypatch.setattr(multihead, "as_torch", lambda projections: theirs)
    difference = multihead.difference_from_torch(draw(0, N, 8), right)
    assert min(difference.output, difference.weights) > 0.01


@pytest.mark.parametrize("n_kv_heads", [1, 2, 4, 8])
def test_shared_key_heads_are_torchs_grouped_queries(n_kv_heads: int) -> None:
    projections = with_biases(random_projections(32, 8, n_kv_heads, seed=5), 5)
    hidden = draw(5, 2, N, 32)
    assert (projections.n_kv_heads, projections.d_head) == (n_kv_heads, 4)
    seen = multi_head(hidden, projections, masks.causal(N))
    query = (hidden @ projections.w_query + projections.b_query).view(2, N, 8, 4).transpose(1, 2)
    key = (hidden @ projections.w_key + projections.b_key).view(2, N, n_kv_heads, 4).transpose(1, 2)
    value = (hidden @ projections.w_value + projections.b_value).view(2, N, n_kv_heads, 4).transpose(1, 2)
    theirs = sdpa(query, key, value, is_causal=True, enable_gqa=True)
    torch.testing.assert_close(seen.attention.output, theirs, atol=1e-6, rtol=1e-6)
    expected = theirs.transpose(1, 2).reshape(2, N, 32) @ projections.w_output + projections.b_output
    torch.testing.assert_close(seen.output, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("n_kv_heads", [1, 2, 4, 8])
def test_copied_key_heads_are_the_shared_ones(n_kv_heads: int) -> None:
    """torch's module, which cannot share, with the copies gives what sharing gives."""
    projections = with_biases(random_projections(32, 8, n_kv_heads, seed=5), 5)
    hidden = draw(5, N, 32)
    copies = multihead.ungrouped(projections)
    assert (copies.n_kv_heads, copies.size) == (8, 4 * 32 * 32)
    assert projections.size == 2 * 32 * 32 + 2 * 32 * 4 * n_kv_heads
    shared, own = multi_head(hidden, projections), multi_head(hidden, copies)
    torch.testing.assert_close(shared.attention.weights, own.attention.weights, atol=1e-6, rtol=0)
    difference = multihead.difference_from_torch(hidden, projections, masks.causal(N))
    assert difference.weights <= 2e-6
    assert difference.output <= 5e-6


def test_one_head_by_torch_has_our_weights_and_output() -> None:
    query, key, value, bias = draw(6, N, 4), draw(7, N, 4), draw(8, N, 3), draw(9, N, N)
    scores = (query @ key.T / 3 + bias).masked_fill(~masks.causal(N), -torch.inf)
    expected = scores.softmax(-1)
    weights = multihead.torch_head(query, key, torch.eye(N), masks.causal(N), bias, 1 / 3)
    torch.testing.assert_close(weights, expected, atol=1e-6, rtol=0)
    output = multihead.torch_head(query, key, value, masks.causal(N), bias, 1 / 3)
    torch.testing.assert_close(output, expected @ value, atol=1e-6, rtol=0)


def test_keys_and_values_may_come_from_elsewhere() -> None:
    """Cross-attention: torch's module with another text as key and value."""
    projections = with_biases(random_projections(8, 2, seed=2), 2)
    hidden, source = draw(2, 3, 4, 8), draw(2, 3, 7, 8, role="source")
    output, weights = multihead.as_torch(projections)(hidden, source, source, average_attn_weights=False)
    seen = multi_head(hidden, projections, source=source)
    assert seen.attention.weights.shape == (3, 2, 4, 7)
    torch.testing.assert_close(seen.attention.weights, weights, atol=1e-6, rtol=0)
    torch.testing.assert_close(seen.output, output, atol=1e-6, rtol=1e-6)


def test_shapes_follow_the_flow() -> None:
    shapes = multi_head(draw(0, 5, 12), random_projections(12, 6, n_kv_heads=2)).shapes
    assert shapes == {
        "hidden": (5, 12),
        "query": (6, 5, 2),
        "key": (2, 5, 2),
        "value": (2, 5, 2),
        "weights": (6, 5, 5),
        "head outputs": (6, 5, 2),
        "merged": (5, 12),
        "output": (5, 12),
    }


def test_a_seed_repeats_itself_and_another_does_not() -> None:
    assert torch.equal(random_projections(8, 2, seed=1).w_key, random_projections(8, 2, seed=1).w_key)
    assert not torch.equal(random_projections(8, 2, seed=1).w_key, random_projections(8, 2, seed=2).w_key)


def test_loading_into_torch_leaves_its_seed_alone() -> None:
    before = torch.random.get_rng_state()
    multihead.as_torch(random_projections(8, 2))
    assert torch.equal(torch.random.get_rng_state(), before)


@given(st.integers(1, 7), st.integers(0, 500), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_without_positions_a_layer_cannot_tell_the_order(n: int, seed: int, chance) -> None:
    projections = with_biases(random_projections(12, 3, seed=seed), seed)
    order = torch.tensor(chance.sample(range(n), n))
    vectors = draw(seed, n, 12)
    shuffled, as_is = (multi_head(x, projections).output for x in (vectors[order], vectors))
    assert (shuffled - as_is[order]).abs().max() < 1e-4


@pytest.mark.parametrize(("n_heads", "n_kv_heads"), [(5, None), (0, None), (4, 3), (4, 0), (4, 8)])
def test_heads_that_do_not_divide_are_refused(n_heads: int, n_kv_heads: int | None) -> None:
    with pytest.raises(ShapeError, match=r"expected a (multiple|divisor) of"):
        random_projections(12, n_heads, n_kv_heads)


def test_torchs_module_has_no_shared_heads() -> None:
    with pytest.raises(ShapeError, match="key has shape 1 heads; expected all 2 heads"):
        multihead.as_torch(random_projections(8, 2, n_kv_heads=1))
