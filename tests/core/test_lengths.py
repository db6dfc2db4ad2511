"""Known shares against the long way round: every angle and every weight one by one."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attention.core import attention, lengths, masks, positions


def test_trained_positions_are_known_and_sinusoids_fade_from_the_end_on() -> None:
    known = lengths.nearest_known(positions.sinusoidal(40, 64), 20)
    torch.testing.assert_close(known[:20], torch.ones(20))
    fading = positions.rotary_factor(torch.arange(1, 4), 64)  # the nearest is the last one trained
    torch.testing.assert_close(known[20:23], fading, atol=1e-5, rtol=0)


def test_a_table_whose_vectors_are_at_right_angles_knows_nothing_new() -> None:
    assert lengths.nearest_known(torch.eye(4), 2).tolist() == [1.0, 1.0, 0.0, 0.0]


@given(st.integers(1, 60), st.integers(1, 8), st.integers(1, 40))
@settings(deadline=None)
def test_turns_are_known_where_their_arc_was_covered(n: int, pairs: int, trained: int) -> None:
    frequencies = positions.frequencies(2 * pairs)
    found = lengths.known_turns(n, frequencies, trained)
    for distance in range(n):
        met = []
        for each in frequencies.tolist():
            angle = math.fmod(distance * each, 2 * math.pi)
            met.append(angle <= (trained - 1) * each + 1e-9)
        assert found[distance].item() == pytest.approx(sum(met) / pairs)
    assert bool((found[:trained] == 1).all())


@given(st.integers(1, 50), st.sampled_from([0.0, 1 / 256, 0.5]), st.integers(1, 50))
@settings(deadline=None)
def test_known_weight_is_what_alibi_and_softmax_leave_within_reach(n: int, slope: float, trained: int) -> None:
    distance = (torch.arange(n)[:, None] - torch.arange(n)[None, :]).abs()
    weights = attention.weights(attention.masked(-slope * distance.float(), masks.causal(n)))
    within = (weights * (distance < trained)).sum(dim=-1)
    torch.testing.assert_close(lengths.known_weight(n, slope, trained), within, atol=1e-5, rtol=0)
