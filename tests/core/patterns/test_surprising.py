"""Heads that do on a text what they do not do over the card's texts, planted by hand."""

import pytest
import torch
from torch import Tensor

from attention.core.patterns import CaptureScores, Card, Surprise, pool, score_capture, surprising
from attention.core.patterns.layout import Layout
from tests.core.patterns.specimens import capture_of, follower, layout, noise, text_tokens, uniform

N, N_TEXTS = 30, 6


def head(text: Layout, name: str, part: float = 1.0) -> Tensor:
    """This part of its attention follows the pattern; nothing but an even head without a name."""
    return part * follower(text, name) + (1 - part) * uniform(text) if name else uniform(text)


def scores(*heads: tuple[str, float], seed: int = 0) -> CaptureScores:
    """What two layers of these heads do on one text."""
    text = layout(N, seed=seed)
    made = [head(text, name, part) for name, part in heads]
    half = len(made) // 2
    return score_capture(capture_of(made[:half], made[half:], tokens=text_tokens(N, seed)))


def card_of(*heads: tuple[str, float]) -> Card:
    return pool("tiny", "main", [scores(*heads, seed=seed) for seed in range(N_TEXTS)], draws=10)


EVEN = ("", 0.0)


def test_a_head_that_does_something_new_is_found_where_it_was_planted() -> None:
    (found,) = surprising(scores(EVEN, EVEN, EVEN, ("previous", 1.0), seed=9), card_of(*[EVEN] * 4))
    assert (found.layer, found.head, found.pattern, found.title) == (1, 1, "previous", "Previous token")
    assert found.here == pytest.approx(1.0, abs=1e-4)
    assert (found.usual, found.spread) == pytest.approx((0.0, 0.0), abs=1e-6)  # sums are float32
    assert found.deviations == pytest.approx(1 / 0.05, rel=1e-3)
    assert found.reason == "Previous token: 1.00 here, 0.00 ± 0.00 elsewhere."
    assert found.rows == int((follower(layout(N, seed=9), "previous") == 1).sum())


def test_a_head_that_stops_doing_what_it_does_is_found_too() -> None:
    (found,) = surprising(scores(EVEN, EVEN, seed=9), card_of(("next", 0.9), EVEN))
    assert (found.layer, found.head, found.pattern) == (0, 0, "next")
    assert (found.here, found.usual) == pytest.approx((0.0, 0.9), abs=1e-4)
    assert found.deviations == pytest.approx(-0.9 / 0.05, rel=1e-3)


def test_heads_that_do_as_usual_surprise_nobody() -> None:
    heads = (("previous", 1.0), ("first", 0.7), ("punctuation", 0.5), EVEN)
    assert surprising(scores(*heads, seed=9), card_of(*heads)) == []


def test_what_varies_from_text_to_text_is_no_surprise() -> None:
    """Alternately 0.2 and 0.8: 0.8 again is within three deviations, and so is 1.0."""
    readings = [scores(("previous", (0.2, 0.8)[seed % 2]), EVEN, seed=seed) for seed in range(N_TEXTS)]
    card = pool("tiny", "main", readings, draws=10)
    assert card.spread["previous"][0, 0].item() == pytest.approx(0.33, abs=0.02)
    for part in (0.8, 1.0):
        assert surprising(scores(("previous", part), EVEN, seed=9), card) == []


@pytest.mark.parametrize(("part", "found"), [(0.19, 0), (0.21, 1)])
def test_a_fifth_is_the_least_difference(part: float, found: int) -> None:
    """0.19 would be 3.8 of the smallest spread."""
    assert len(surprising(scores(("previous", part), EVEN, seed=9), card_of(EVEN, EVEN))) == found


def test_a_text_of_the_card_itself_stays_within_the_thresholds() -> None:
    def noisy(seed: int) -> CaptureScores:
        text = layout(N, seed=seed)
        part = 0.4 + 0.2 * torch.rand(3, generator=torch.Generator().manual_seed(seed)).double()
        names = ("previous", "punctuation", "first")
        heads = [
            p * follower(text, name) + (1 - p) * noise(text, 1, seed)[0] for p, name in zip(part, names, strict=True)
        ]
        return score_capture(capture_of(heads, tokens=text_tokens(N, seed)))

    readings = [noisy(seed) for seed in range(8)]
    card = pool("tiny", "main", readings, draws=10)
    for reading in readings:
        assert surprising(reading, card) == []


def test_each_pattern_is_listed_once_for_its_furthest_head() -> None:
    planted = scores(("previous", 0.5), ("previous", 0.9), ("next", 0.6), EVEN, seed=9)
    found = surprising(planted, card_of(*[EVEN] * 4))
    assert [(one.layer, one.head, one.pattern) for one in found] == [(0, 1, "previous"), (1, 0, "next")]


def test_each_head_is_listed_once_for_its_furthest_pattern() -> None:
    text = layout(N, seed=9)
    both = 0.6 * follower(text, "previous") + 0.4 * follower(text, "punctuation")
    planted = score_capture(capture_of([both], [uniform(text)], tokens=text_tokens(N, 9)))
    assert [one.pattern for one in surprising(planted, card_of(EVEN, EVEN))] == ["previous"]


def test_where_heads_rest_comes_last_however_far() -> None:
    planted = scores(("first", 1.0), ("previous", 0.5), ("separator", 0.8), EVEN, seed=9)
    found = surprising(planted, card_of(*[EVEN] * 4))
    assert [one.pattern for one in found] == ["previous", "first", "separator"]
    assert [one.pattern for one in surprising(planted, card_of(*[EVEN] * 4), 1)] == ["previous"]


def test_induction_is_listed_for_causal_models_only() -> None:
    planted = scores(("induction", 1.0), EVEN, seed=9)
    card = card_of(EVEN, EVEN)
    assert [one.pattern for one in surprising(planted, card, causal=True)] == ["induction"]
    assert "induction" not in [one.pattern for one in surprising(planted, card, causal=False)]


def test_four_rows_of_a_text_are_no_surprise_five_are() -> None:
    card = card_of(EVEN, EVEN)
    for n, listed in ((7, False), (8, True)):  # specials in three places
        text = layout(n, seed=4)
        planted = score_capture(capture_of([head(text, "self")], [uniform(text)], tokens=text_tokens(n, 4)))
        assert (planted.rows("self", 0) >= 5) == listed
        assert bool([one for one in surprising(planted, card) if one.pattern == "self"]) == listed


def test_a_card_without_a_spread_surprises_nobody() -> None:
    few = pool("tiny", "main", [scores(EVEN, EVEN, seed=seed) for seed in range(4)], draws=10)
    assert surprising(scores(("previous", 1.0), EVEN, seed=9), few) == []


def test_a_surprise_cannot_be_changed() -> None:
    one = Surprise(0, 0, "previous", "Previous token", 1.0, 0.0, 0.0, 20.0, 9)
    with pytest.raises(AttributeError):
        one.here = 0.5  # type: ignore[misc]
