"""Positions against the closed form in plain Python, against transformers' own code, and against what the papers list."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import LlamaConfig
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb
from transformers.models.mpt.modeling_mpt import build_mpt_alibi_tensor

from attention.core import masks, positions
from attention.core.attention import attend
from attention.core.scoring import draw


def alone(vectors: Tensor) -> Tensor:
    """One head of attention from vectors to themselves, no mask."""
    return attend(vectors[None], vectors[None], vectors[None]).output[0]


@given(st.integers(1, 40), st.integers(1, 24))
@settings(deadline=None)
def test_the_table_is_the_formula_of_the_paper(n: int, d_model: int) -> None:
    expected = [
        [
            (math.cos if dim % 2 else math.sin)(position / 10_000 ** ((dim - dim % 2) / d_model))
            for dim in range(d_model)
        ]
        for position in range(n)
    ]
    torch.testing.assert_close(positions.sinusoidal(n, d_model), torch.tensor(expected), atol=1e-7, rtol=0)


def test_the_table_stays_exact_far_out_and_does_not_depend_on_its_length() -> None:
    far = positions.sinusoidal(100_000, 4)
    assert torch.equal(far[:50], positions.sinusoidal(50, 4))
    assert far[99_999].tolist() == pytest.approx(
        [math.sin(99_999), math.cos(99_999), math.sin(999.99), math.cos(999.99)], abs=1e-7
    )


def test_the_first_dimension_changes_fastest_and_the_last_pair_slowest() -> None:
    table = positions.sinusoidal(512, 128)
    steps = table.diff(dim=0).square().mean(dim=0).sqrt()
    assert steps.argmax().item() in (0, 1)
    for part in (steps[0::2], steps[1::2]):
        assert bool((part.diff() < 0).all())


def test_frequencies_run_from_one_down_to_almost_one_over_the_base() -> None:
    assert positions.frequencies(4).tolist() == pytest.approx([1.0, 0.01])
    assert positions.frequencies(4, base=16.0).tolist() == pytest.approx([1.0, 0.25])


@given(st.integers(1, 9), st.sampled_from([2, 4, 16, 64]), st.integers(0, 1000), st.sampled_from([10_000.0, 500_000.0]))
@settings(deadline=None)
def test_rotation_is_llamas(n: int, d_head: int, seed: int, base: float) -> None:
    query, key = draw(seed, 2, 1, 3, n, d_head)
    config = LlamaConfig(
        hidden_size=3 * d_head,
        num_attention_heads=3,
        head_dim=d_head,
        rope_parameters={"rope_type": "default", "rope_theta": base},
    )
    places = 7 * torch.arange(n) + seed
    cos, sin = LlamaRotaryEmbedding(config)(query, places[None])
    theirs_query, theirs_key = apply_rotary_pos_emb(query, key, cos, sin)
    # Llama computes the angle in float32, which far out is off by that much.
    close = 1e-5 + 1e-6 * int(places.max())
    torch.testing.assert_close(positions.rotate(query, places, base), theirs_query, atol=close, rtol=0)
    torch.testing.assert_close(positions.rotate(key, places, base), theirs_key, atol=close, rtol=0)


@given(st.integers(1, 8), st.integers(0, 1000), st.integers(-500, 500), st.integers(0, 300))
@settings(deadline=None)
def test_rotated_products_depend_on_the_distance_only(pairs: int, seed: int, distance: int, start: int) -> None:
    query, key = draw(seed, 2, 2 * pairs).double()

    def product(query_pos: int, key_pos: int) -> float:
        turned = [
            positions.rotate(vector[None], torch.tensor([place]))
            for vector, place in ((query, query_pos), (key, key_pos))
        ]
        return float(turned[0] @ turned[1].mT)

    assert product(start + 500, start + 500 + distance) == pytest.approx(product(500, 500 + distance), abs=1e-9)
    assert product(start, start) == pytest.approx(float(query @ key), abs=1e-9)


def test_rotation_keeps_lengths_and_position_zero_in_place() -> None:
    vectors = draw(0, 5, 8)
    turned = positions.rotate(vectors, torch.arange(5))
    torch.testing.assert_close(turned.norm(dim=-1), vectors.norm(dim=-1))
    assert torch.equal(turned[0], vectors[0])
    assert not torch.allclose(turned[1], vectors[1])


def test_an_odd_head_cannot_be_rotated() -> None:
    with pytest.raises(ValueError, match="d_head has shape 3; expected an even number"):
        positions.rotate(torch.ones(2, 3), torch.arange(2))


@given(st.sampled_from([2, 8, 64]), st.integers(-2000, 2000))
@settings(deadline=None)
def test_the_rotary_factor_is_what_rotation_leaves_of_equal_vectors(d_head: int, distance: int) -> None:
    vectors = torch.ones(2, d_head, dtype=torch.float64) / d_head**0.5
    turned = positions.rotate(vectors, torch.tensor([0, distance]))
    factor = positions.rotary_factor(torch.tensor([distance]), d_head).item()
    assert factor == pytest.approx(float(turned[0] @ turned[1]), abs=1e-6)
    assert positions.rotary_factor(torch.tensor(0), d_head).item() == 1.0


@pytest.mark.parametrize("n_heads", range(1, 41))
def test_slopes_are_blooms(n_heads: int) -> None:
    """Bloom's bias at key 1 is the slope; it follows the paper's code for every number of heads."""
    theirs = build_alibi_tensor(torch.ones(1, 2, dtype=torch.int64), n_heads, torch.float32)[:, 0, 1]
    torch.testing.assert_close(positions.alibi_slopes(n_heads), theirs, atol=1e-7, rtol=1e-6)


@pytest.mark.parametrize("n_heads", [1, 2, 8, 16, 32])
def test_the_last_row_of_the_bias_is_mpts(n_heads: int) -> None:
    theirs = build_mpt_alibi_tensor(n_heads, 10)[:, 0]
    torch.testing.assert_close(positions.alibi_bias(10, n_heads)[:, -1], theirs, atol=1e-6, rtol=1e-6)


def test_slopes_are_those_the_paper_lists() -> None:
    assert positions.alibi_slopes(8).tolist() == [1 / 2**power for power in range(1, 9)]
    root = math.sqrt(0.5)
    assert positions.alibi_slopes(16).tolist() == pytest.approx([root**step for step in range(1, 17)])
    listed_by_its_code_for_12 = [1 / 2**power for power in range(1, 9)] + [root, root**3, root**5, root**7]
    assert positions.alibi_slopes(12).tolist() == pytest.approx(listed_by_its_code_for_12)


def test_the_bias_is_a_line_on_both_sides_and_zero_at_home() -> None:
    bias = positions.alibi_bias(4, 8)
    assert bias[0].tolist() == [[0, -0.5, -1, -1.5], [-0.5, 0, -0.5, -1], [-1, -0.5, 0, -0.5], [-1.5, -1, -0.5, 0]]
    torch.testing.assert_close(bias[3], bias[0] / 8)


def test_closeness_falls_with_distance_and_is_the_same_along_a_diagonal() -> None:
    near = positions.closeness(positions.sinusoidal(40, 64))
    torch.testing.assert_close(near.dot.diagonal(), torch.full((40,), 32.0))
    torch.testing.assert_close(near.cosine, near.dot / 32, atol=1e-6, rtol=0)
    decay = positions.by_distance(near.dot)
    for distance in range(40):
        torch.testing.assert_close(
            near.dot.diagonal(distance), decay[distance].expand(40 - distance), atol=1e-4, rtol=0
        )
    torch.testing.assert_close(decay / 32, positions.rotary_factor(torch.arange(40), 64), atol=1e-5, rtol=0)
    assert bool((decay[:5].diff() < 0).all())


def test_by_distance_averages_diagonals() -> None:
    assert positions.by_distance(torch.tensor([[1.0, 5.0], [9.0, 3.0]])).tolist() == [2.0, 5.0]


def permutation_gap(read: Callable[[Tensor], Tensor], vectors: Tensor, order: Tensor) -> float:
    """The largest difference between reading the shuffled vectors and shuffling what was read."""
    return (read(vectors[order]) - read(vectors)[order]).abs().max().item()


@given(st.integers(1, 8), st.integers(0, 1000), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_without_positions_a_shuffled_text_gives_the_same_outputs_shuffled(n: int, seed: int, chance) -> None:
    order = torch.tensor(chance.sample(range(n), n))
    assert permutation_gap(alone, draw(seed, n, 6), order) < 1e-5


READERS = {
    "sinusoids added": lambda x: alone(x + positions.sinusoidal(*x.shape)),
    "rotary": lambda x: attend(
        positions.rotate(x[None], torch.arange(len(x))), positions.rotate(x[None], torch.arange(len(x))), x[None]
    ).output[0],
    "alibi": lambda x: attend(x[None], x[None], x[None], bias=positions.alibi_bias(len(x), 8)[:1]).output[0],
    "causal mask alone": lambda x: attend(x[None], x[None], x[None], mask=masks.causal(len(x))).output[0],
}


@pytest.mark.parametrize("kind", READERS)
def test_with_positions_it_does_not(kind: str) -> None:
    vectors = draw(0, 5, 6)
    assert permutation_gap(READERS[kind], vectors, torch.tensor([1, 0, 2, 3, 4])) > 0.01
    assert permutation_gap(READERS[kind], vectors, torch.arange(5)) == 0.0
