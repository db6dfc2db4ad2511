"""Scorings against loops one can read, the scaling law against many seeds, and exp where it leaves its range."""

import math

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from attention.core import attention, scoring
from attention.core.scoring import draw, query_and_key
from attention.errors import SelectionError

SEEDS = 200


def within_three_standard_errors(measured: list[float], expected: float) -> bool:
    values = torch.tensor(measured, dtype=torch.float64)
    return abs(values.mean().item() - expected) <= 3 * values.std().item() / len(measured) ** 0.5


def twister(seed: int, role: str) -> list[float]:
    """The first 16 of torch's float64 normals, from numpy's Mersenne Twister and the formula of Box and Muller."""
    from zlib import crc32

    words = numpy.random.RandomState(crc32(f"{role} {seed}".encode())).randint(0, 2**32, size=32, dtype=numpy.uint32)
    uniform = [
        ((int(high) << 32 | int(low)) % 2**53) / 2**53 for high, low in zip(words[::2], words[1::2], strict=True)
    ]
    radii = [math.sqrt(-2 * math.log(1 - first)) for first in uniform[:8]]
    turns = [2 * math.pi * second for second in uniform[8:]]
    wings = list(zip(radii, turns, strict=True))
    return [radius * math.cos(turn) for radius, turn in wings] + [radius * math.sin(turn) for radius, turn in wings]


@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_random_numbers_are_those_of_a_published_generator(seed: int) -> None:
    """So that they can be the same everywhere, whatever processor torch was built for."""
    assert draw(seed, 16).tolist() == pytest.approx(twister(seed, "vectors"), abs=1e-6)
    assert draw(seed, 4, 4, role="other").flatten().tolist() == pytest.approx(twister(seed, "other"), abs=1e-6)


def test_drawing_leaves_torchs_own_seed_alone() -> None:
    before = torch.random.get_rng_state()
    query_and_key(5, 8, seed=3)
    scoring.scored_by("additive", *query_and_key(5, 8, seed=3))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_equal_query_and_key_are_the_first_of_the_pair() -> None:
    query, key = query_and_key(6, 4, seed=7)
    same_query, same_key = query_and_key(6, 4, seed=7, same=True)
    assert torch.equal(query, same_query)
    assert torch.equal(same_key, same_query)
    assert not torch.equal(query, key)


@pytest.mark.parametrize("d_head", [4, 8, 16, 32, 64, 128, 256])
@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("scaled", [False, True])
def test_scores_spread_by_the_scaling_law(d_head: int, same: bool, scaled: bool) -> None:
    """Mean over 200 seeds within three standard errors; variances, as the root of a small sample's variance is biased."""
    scale = d_head**-0.5 if scaled else 1.0
    measured = [
        scoring.spread(attention.scores(*query_and_key(32, d_head, seed, same), scale=scale)) for seed in range(SEEDS)
    ]
    expected = scoring.expected_spread(d_head, same, scale)
    assert within_three_standard_errors([one.off_diagonal**2 for one in measured], expected.off_diagonal**2)
    assert within_three_standard_errors([one.diagonal for one in measured], expected.diagonal)


def test_expected_spread_is_written_as_in_the_paper() -> None:
    assert scoring.expected_spread(64) == scoring.Spread(8.0, 0.0)
    assert scoring.expected_spread(64, same=True) == scoring.Spread(8.0, 64.0)
    assert scoring.expected_spread(64, same=True, scale=1 / 8) == scoring.Spread(1.0, 8.0)


def test_spread_leaves_the_diagonal_out() -> None:
    seen = scoring.spread(torch.tensor([[100.0, 1.0], [3.0, 50.0]]))
    assert (seen.off_diagonal, seen.diagonal) == (pytest.approx(math.sqrt(2.0)), 75.0)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 6), st.integers(0, 10_000))
@settings(deadline=None)
def test_each_scoring_is_its_formula_cell_by_cell(n_query: int, n_key: int, d: int, seed: int) -> None:
    query, key = draw(seed, n_query, d), draw(seed, n_key, d, role="key")
    query_matrix, key_matrix, direction = (
        draw(seed, d, 3, role="w"),
        draw(seed, d, 3, role="u"),
        draw(seed, 3, role="v"),
    )
    matrix = draw(seed, d, d, role="m")
    by_cosine, by_bilinear = scoring.cosine(query, key), scoring.bilinear(query, key, matrix)
    by_additive = scoring.additive(query, key, query_matrix, key_matrix, direction)
    for row, q in enumerate(query.tolist()):
        for column, k in enumerate(key.tolist()):
            dot = sum(a * b for a, b in zip(q, k, strict=True))
            assert by_cosine[row, column].item() == pytest.approx(dot / math.hypot(*q) / math.hypot(*k), abs=1e-5)
            twisted = sum(q[a] * matrix[a, b].item() * k[b] for a in range(d) for b in range(d))
            assert by_bilinear[row, column].item() == pytest.approx(twisted, rel=1e-4, abs=1e-4)
            hidden = [
                math.tanh(sum(q[a] * query_matrix[a, h].item() + k[a] * key_matrix[a, h].item() for a in range(d)))
                for h in range(3)
            ]
            expected = sum(direction[h].item() * hidden[h] for h in range(3))
            assert by_additive[row, column].item() == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_cosine_of_nothing_is_zero_and_never_nan() -> None:
    assert scoring.cosine(torch.zeros(1, 3), torch.ones(2, 3)).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("d_head", [4, 64, 256])
def test_every_scoring_but_the_plain_one_keeps_its_size_as_vectors_grow(d_head: int) -> None:
    query, key = query_and_key(40, d_head, seed=1)
    sizes = {kind: scoring.scored_by(kind, query, key, seed=1).std().item() for kind in scoring.SCORINGS}
    assert sizes["dot product"] == pytest.approx(d_head**0.5, rel=0.25)
    assert sizes["cosine"] == pytest.approx(d_head**-0.5, rel=0.25)
    for kind in ("scaled dot product", "bilinear", "additive"):
        assert 0.2 < sizes[kind] < 2.0


def test_random_matrices_share_nothing_with_random_vectors_of_the_same_seed() -> None:
    vectors, matrix = draw(5, 64, 64), draw(5, 64, 64, role="scoring")
    assert abs(torch.corrcoef(torch.stack([vectors.flatten(), matrix.flatten()]))[0, 1].item()) < 0.05


def test_an_unknown_scoring_is_refused() -> None:
    with pytest.raises(SelectionError, match=r"The scoring must be one of scaled dot product, .*, not magic"):
        scoring.scored_by("magic", torch.ones(1, 2), torch.ones(1, 2))


def test_unscaled_scores_saturate_as_vectors_grow_and_scaled_ones_do_not() -> None:
    pairs = [query_and_key(10, d, 0) for d in (4, 256)]
    grown = [scoring.saturation(attention.scores(*pair, scale=1.0)) for pair in pairs]
    scaled = [scoring.saturation(attention.scores(*pair)) for pair in pairs]
    assert grown[1].largest > 0.9 > grown[0].largest
    assert grown[1].gradient < grown[0].gradient / 2
    assert scaled[1].gradient > grown[1].gradient * 2
    assert abs(scaled[1].largest - scaled[0].largest) < 0.25


@given(st.integers(1, 8), st.integers(1, 16), st.integers(0, 1000), st.sampled_from([None, 0.1, 1.0, 3.0]))
@settings(deadline=None)
def test_weights_are_those_of_torchs_function(n: int, d: int, seed: int, scale: float | None) -> None:
    assert scoring.difference_from_torch(*query_and_key(n, d, seed), scale) <= 1e-5


def test_the_difference_from_torch_sees_a_wrong_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "scores", lambda query, key, scale: query @ key.mT)
    assert scoring.difference_from_torch(*query_and_key(6, 8, seed=0)) > 0.01


@pytest.mark.parametrize(("n", "d"), [(1, 1), (3, 4), (10, 64), (64, 32)])
def test_weights_are_those_of_torchs_module(n: int, d: int) -> None:
    assert scoring.difference_from_module(*query_and_key(n, d, 0)) <= 1e-5


def test_the_difference_from_the_module_sees_a_wrong_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "scores", lambda query, key: query @ key.mT)
    before = torch.random.get_rng_state()
    assert scoring.difference_from_module(*query_and_key(6, 8, seed=0)) > 0.01
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("dtype", scoring.DTYPES)
def test_the_naive_softmax_is_right_while_exp_fits_and_breaks_one_above(dtype: torch.dtype) -> None:
    limit = scoring.stability(torch.zeros(1, 1), dtype).limit
    fits, breaks = torch.tensor([[limit - 1, 0.0, 1.0]]), torch.tensor([[limit + 1, 0.0, 1.0]])
    below, above = scoring.stability(fits, dtype), scoring.stability(breaks, dtype)
    assert below.naive.dtype == dtype
    torch.testing.assert_close(below.naive, below.shifted, atol=1e-2, rtol=0)
    assert not below.overflow.any()
    assert bool(above.overflow.all())
    assert bool(above.naive.isnan().any())
    torch.testing.assert_close(above.shifted.float().sum(dim=-1), torch.ones(1), atol=1e-2, rtol=0)


def test_ranges_are_those_of_the_formats() -> None:
    limits = [scoring.stability(torch.zeros(1, 1), dtype).limit for dtype in scoring.DTYPES]
    assert limits == pytest.approx(
        [math.log(65504), math.log((2 - 2**-7) * 2.0**127), math.log((2 - 2**-23) * 2.0**127)]
    )


def test_a_sum_can_overflow_where_no_exp_does_and_exps_can_all_vanish() -> None:
    crowd = scoring.stability(torch.full((1, 10), 10.0), torch.float16)
    assert bool(crowd.overflow.all())
    assert crowd.naive.tolist() == [[0.0] * 10]
    depth = scoring.stability(torch.full((1, 2), -30.0), torch.float16)
    assert bool(depth.underflow.all())
    assert bool(depth.naive.isnan().all())
    assert depth.shifted.tolist() == [[0.5, 0.5]]


@given(st.lists(st.floats(-60, 60), min_size=1, max_size=8))
@settings(deadline=None)
def test_in_float32_both_ways_agree_where_exp_fits(row: list[float]) -> None:
    scores: Tensor = torch.tensor([row])
    torch.testing.assert_close(scoring.naive_softmax(scores), attention.weights(scores), atol=1e-6, rtol=1e-5)
