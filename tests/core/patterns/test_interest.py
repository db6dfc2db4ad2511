"""What makes a head interesting: strength times rarity, and how numbers are said."""

import math

import pytest
import torch

from attention.core.patterns import rank
from attention.core.patterns.ranking import _percent, _rarity
from tests.core.patterns.specimens import capture_of, uniform
from tests.core.patterns.test_ranking import TEXT, head


@pytest.mark.parametrize(
    ("kappa", "rarity"),
    [
        ([1.0] + [0.0] * 7, 1.0),
        ([1.0, 0.5] + [0.0] * 6, 2 / 3),
        ([0.8, 0.5, 0.4, 0.4] + [0.39] * 4, 1 / 3),
        ([0.9] * 8, 0.0),
        ([0.7], 1.0),
        ([0.0, 0.0], 1.0),
    ],
)
def test_rarity_halves_on_a_logarithmic_scale(kappa: list[float], rarity: float) -> None:
    assert _rarity(torch.tensor(kappa)) == pytest.approx(rarity)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (0.0, "0%"),
        (0.002, "under 1%"),
        (0.0051, "1%"),
        (0.494, "49%"),
        (0.99, "99%"),
        (0.997, "over 99%"),
        (1.0, "100%"),
    ],
)
def test_rounding_claims_neither_nothing_nor_everything(part: float, said: str) -> None:
    assert _percent(part) == said


def test_interest_is_strength_times_rarity() -> None:
    """One of four heads is 0.5 "next" (rarity 1); two are 0.8 "self" (rarity 1/2): 0.5 against 0.4."""
    capture = capture_of([head("next", 0.5), head("self", 0.8), head("self", 0.8), uniform(TEXT)])
    assert _rarity(torch.tensor([0.8, 0.8, 0.0, 0.0])) == pytest.approx(math.log2(2) / math.log2(4))
    assert [f.pattern for f in rank(capture)] == ["next", "self"]
