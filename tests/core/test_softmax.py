"""Softmax at its limits, the sparse alternatives against bisection, and measures of concentration against the long way."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from attention.core import attention, measures, softmax
from attention.errors import SelectionError

INF = math.inf
rows = st.lists(st.floats(-50, 50), min_size=1, max_size=12)
rows_with_blocks = st.lists(st.one_of(st.floats(-20, 20), st.just(-INF)), min_size=1, max_size=12)


def double(row: list[float]) -> Tensor:
    """One query's row, [1, keys]."""
    return torch.tensor([row], dtype=torch.float64)


def bisected(row: list[float], power: int) -> list[float]:
    """The threshold t with sum of max(z - t, 0)^power = 1, by halving an interval: another way than sorting."""
    z = [score / power for score in row]

    def total(threshold: float) -> float:
        return sum(max(score - threshold, 0.0) ** power for score in z)

    low, high = max(z) - 1, max(z)
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if total(middle) >= 1 else (low, middle)
    return [max(score - low, 0.0) ** power for score in z]


@given(rows, st.floats(0.01, 10))
@settings(deadline=None)
def test_temperature_divides_the_scores(row: list[float], temperature: float) -> None:
    expected = torch.softmax(double(row) / temperature, dim=-1)
    torch.testing.assert_close(softmax.softmax(double(row), temperature), expected, atol=1e-12, rtol=1e-9)


def test_at_temperature_one_it_is_the_one_softmax() -> None:
    scores = torch.randn(3, 5, 7, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(softmax.softmax(scores), attention.weights(scores), atol=1e-7, rtol=1e-6)


def test_at_temperature_zero_the_largest_share_everything() -> None:
    scores = torch.tensor([[1.0, 3.0, 2.0], [3.0, 3.0, 2.0], [-INF, -INF, -5.0], [0.0, 0.0, 0.0], [-INF, -INF, -INF]])
    third = pytest.approx(1 / 3)
    expected = [[0, 1, 0], [0.5, 0.5, 0], [0, 0, 1], [third] * 3, [0, 0, 0]]
    assert softmax.softmax(scores, 0.0).tolist() == expected


def test_at_infinite_temperature_all_allowed_keys_are_equal() -> None:
    scores = torch.tensor([[1.0, 300.0, -2.0, 0.0], [-INF, 3.0, 2.0, -INF], [-INF, -INF, -INF, -INF]])
    expected = [[0.25, 0.25, 0.25, 0.25], [0, 0.5, 0.5, 0], [0, 0, 0, 0]]
    assert softmax.softmax(scores, INF).tolist() == expected


@given(rows_with_blocks)
@settings(deadline=None)
def test_the_limits_are_where_small_and_large_temperatures_lead(row: list[float]) -> None:
    """Scores on a grid, so that two of them are equal or clearly apart."""
    scores = double([round(score) if score > -INF else score for score in row])
    torch.testing.assert_close(softmax.softmax(scores, 1e-3), softmax.softmax(scores, 0.0), atol=1e-12, rtol=0)
    torch.testing.assert_close(softmax.softmax(scores, 1e9), softmax.softmax(scores, INF), atol=1e-6, rtol=0)


@pytest.mark.parametrize("temperature", [0.0, 5e-324, 1e-300, 1e-40, 1e-8, 1.0, 1e40, 1e308, INF])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_no_temperature_makes_nan(temperature: float, dtype: torch.dtype) -> None:
    scores = torch.tensor([[1e4, -1e4, 9999.0], [-INF, 0.0, 0.0], [-INF, -INF, -INF]], dtype=dtype)
    weights = softmax.softmax(scores, temperature)
    assert weights.dtype == dtype
    assert weights.sum(dim=-1).tolist() == pytest.approx([1.0, 1.0, 0.0], abs=1e-3)
    assert weights[1].tolist() == [0.0, 0.5, 0.5]


@pytest.mark.parametrize("temperature", [-1.0, -INF, math.nan])
def test_what_is_no_temperature_is_refused(temperature: float) -> None:
    with pytest.raises(SelectionError, match="from 0 to infinity, not"):
        softmax.softmax(torch.zeros(1, 2), temperature)


@given(rows_with_blocks, st.floats(0, 10), st.floats(0, 10))
@settings(deadline=None)
def test_entropy_rises_with_temperature_between_its_bounds(row: list[float], first: float, second: float) -> None:
    low, high = sorted([first, second])
    entropies = [measures.entropy(softmax.softmax(double(row), at)).item() for at in (0.0, low, high, INF)]
    assert entropies == pytest.approx(sorted(entropies), abs=1e-9)
    allowed = sum(score > -INF for score in row)
    assert entropies[0] >= 0
    assert entropies[-1] == pytest.approx(math.log(allowed) if allowed else 0.0)


@given(rows)
@settings(deadline=None)
def test_sparsemax_and_entmax_are_what_bisection_finds(row: list[float]) -> None:
    assert softmax.sparsemax(double(row))[0].tolist() == pytest.approx(bisected(row, 1), abs=1e-9)
    assert softmax.entmax15(double(row))[0].tolist() == pytest.approx(bisected(row, 2), abs=1e-7)


@given(rows, st.integers(0, 1000))
@settings(deadline=None)
def test_no_point_of_the_simplex_is_nearer_than_sparsemax(row: list[float], seed: int) -> None:
    z = double(row)
    others = torch.rand(50, len(row), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    others = measures.renormalize(others + 1e-9)
    nearest = (softmax.sparsemax(z) - z).square().sum()
    assert bool(((others - z).square().sum(dim=-1) >= nearest - 1e-9).all())


def test_sparse_alternatives_by_hand() -> None:
    """Two equal scores share; with a gap of 1 sparsemax gives everything away, entmax 1.5 only at a gap of 2."""
    assert softmax.sparsemax(torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.5, 0.0]])).tolist() == [
        [0.5, 0.5],
        [1.0, 0.0],
        [0.75, 0.25],
    ]
    entmax = softmax.entmax15(torch.tensor([[1.0, 1.0], [2.0, 0.0], [1.0, 0.0]]))
    assert entmax[:2].tolist() == [[pytest.approx(0.5)] * 2, [pytest.approx(1.0), pytest.approx(0.0)]]
    root = math.sqrt(7) / 4  # p = (r + 1/4)^2, (r - 1/4)^2 with 2 r^2 + 1/8 = 1
    assert entmax[2].tolist() == pytest.approx([(root + 0.25) ** 2, (root - 0.25) ** 2])


ALTERNATIVES: dict[str, Callable[[Tensor], Tensor]] = {
    "softmax": softmax.softmax,
    "cold": lambda scores: softmax.softmax(scores, 0.0),
    "hot": lambda scores: softmax.softmax(scores, INF),
    "sparsemax": softmax.sparsemax,
    "entmax15": softmax.entmax15,
    "top 3": lambda scores: softmax.top_k(scores, 3),
}


@pytest.mark.parametrize("kind", ALTERNATIVES)
@given(st.integers(1, 9), st.integers(0, 1000), st.sampled_from([0.1, 1.0, 30.0, 1e4]))
@settings(deadline=None)
def test_rows_sum_to_one_blocked_keys_get_nothing_and_order_is_kept(kind: str, n: int, seed: int, size: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    raw, mask = size * torch.randn(2, n, n, generator=generator), torch.rand(n, n, generator=generator) < 0.6
    scores = attention.masked(raw, mask)
    weights = ALTERNATIVES[kind](scores)
    assert weights.dtype == torch.float32
    torch.testing.assert_close(weights.sum(dim=-1), mask.any(dim=-1).float().expand(2, n), atol=1e-5, rtol=0)
    assert bool((weights[:, ~mask] == 0).all())
    assert bool((weights >= 0).all())
    by_score = scores.sort(dim=-1).indices
    assert bool((weights.gather(-1, by_score).diff(dim=-1) >= -1e-6).all())


def test_a_sharper_alternative_keeps_fewer_keys() -> None:
    scores = torch.randn(20, 30, generator=torch.Generator().manual_seed(0))
    kept = [(ALTERNATIVES[kind](scores) > 0).sum(dim=-1) for kind in ("sparsemax", "entmax15", "softmax")]
    assert bool((kept[0] <= kept[1]).all())
    assert bool((kept[1] < kept[2]).all())


def test_top_k_keeps_k_and_all_ties_with_the_kth() -> None:
    scores = torch.tensor([[3.0, 1.0, 2.0, 0.0], [3.0, 2.0, 2.0, 2.0], [3.0, -INF, -INF, -INF]])
    assert (softmax.top_k(scores, 2) > 0).tolist() == [
        [True, False, True, False],
        [True, True, True, True],
        [True, False, False, False],
    ]
    assert softmax.top_k(scores, 2)[0].tolist() == pytest.approx([math.e / (math.e + 1), 0, 1 / (math.e + 1), 0])
    assert torch.equal(softmax.top_k(scores, 1), softmax.softmax(scores, 0.0))
    assert torch.equal(softmax.top_k(scores, 99), attention.weights(scores))
    with pytest.raises(SelectionError, match="k must be one of the whole numbers from 1, not 0"):
        softmax.top_k(scores, 0)


@given(rows)
@settings(deadline=None)
def test_the_jacobian_is_autograds_and_the_gradient_size_its_norm(row: list[float]) -> None:
    scores = double(row)
    expected = torch.autograd.functional.jacobian(lambda x: torch.softmax(x, dim=-1), scores[0])
    weights = torch.softmax(scores, dim=-1)
    torch.testing.assert_close(softmax.jacobian(weights)[0], expected, atol=1e-14, rtol=1e-9)
    assert softmax.gradient_size(weights).item() == pytest.approx(expected.norm().item(), rel=1e-6, abs=1e-14)
    assert softmax.gradient_size(weights).item() <= 0.5 + 1e-12


def test_the_gradient_vanishes_smoothly_and_is_half_for_a_coin() -> None:
    assert softmax.gradient_size(torch.tensor([0.5, 0.5])).item() == 0.5
    tiny = 1e-10  # p (1 - p) in each of four cells
    assert softmax.gradient_size(double([1 - tiny, tiny])).item() == pytest.approx(2 * tiny, rel=1e-5)
    assert softmax.gradient_size(torch.tensor([0.0, 1.0, 0.0])).item() == 0.0
    assert softmax.gradient_size(torch.tensor([1.0])).item() == 0.0


def test_concentration_by_hand() -> None:
    weights = torch.tensor([[0.5, 0.4, 0.095, 0.005], [0.25, 0.25, 0.25, 0.25], [1, 0, 0, 0], [0, 0, 0, 0]])
    assert softmax.share_below(weights).tolist() == [0.25, 0.0, 0.75, 1.0]
    assert softmax.keys_holding(weights).tolist() == [2, 4, 1, 0]
    assert softmax.keys_holding(weights, 0.5).tolist() == [1, 2, 1, 0]


@given(st.integers(1, 64), st.integers(0, 1000), st.floats(0.05, 0.99))
@settings(deadline=None)
def test_the_keys_that_hold_a_mass_hold_it_and_one_less_does_not(n: int, seed: int, mass: float) -> None:
    weights = (3 * torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)).softmax(dim=-1)
    k = int(softmax.keys_holding(weights, mass))
    largest = sorted(weights.tolist(), reverse=True)
    assert sum(largest[:k]) >= mass - 2e-6
    assert sum(largest[: k - 1]) < mass


@pytest.mark.parametrize("n", [10, 20, 30, 50, 70, 90])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_of_equal_keys_nine_tenths_hold_nine_tenths(n: int, dtype: torch.dtype) -> None:
    assert softmax.keys_holding(torch.full((n,), 1 / n, dtype=dtype)).item() == n * 9 // 10
