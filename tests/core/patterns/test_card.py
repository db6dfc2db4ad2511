"""What a model card says of its heads, computed once more in numpy from the reference's parts."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from attention.core.capture import Capture
from attention.core.patterns import NAMES, Card, pool, score_capture
from attention.core.patterns.layout import layout_of
from benchmarks.patterns import reference
from benchmarks.patterns.cell_sets import NAMED, WIDE, applicable, cells, eligible_rows
from benchmarks.patterns.texts import Layout
from tests.core.patterns.specimens import capture_of, follower, layout, noise, oracle_text, text_tokens, uniform

Numbers = NDArray[np.float64]

SINGLE = tuple(name for name in NAMED if name != "offset")
NULLS = ("column", "distance")
N_HEADS = 6


def noisy(n: int, seed: int, *, causal: bool = False, pair: bool = False) -> Capture:
    """Two layers of heads that follow some pattern in part and are noise besides."""
    text = layout(n, "causal" if causal else "bidirectional", seed, pair=pair)
    part = 0.2 + 0.6 * torch.rand(N_HEADS, generator=torch.Generator().manual_seed(seed)).double()
    names = ("previous", "punctuation", "same_token", "local", "first", "induction")
    mixed = [
        part[at] * follower(text, name, seed) + (1 - part[at]) * noise(text, 1, seed + at, sharpness=2.0)[0]
        for at, name in enumerate(names)
    ]
    return capture_of(mixed[:3], mixed[3:], tokens=text_tokens(n, seed, pair=pair), causal=causal)


def flat(capture: Capture) -> tuple[Numbers, Layout]:
    """All heads, layer by layer, as the reference reads them."""
    weights = torch.cat([capture.weights(layer) for layer in range(capture.n_layers)])
    text = layout_of(capture.tokens, capture.allowed(0), capture.causal)
    return weights.double().numpy(), oracle_text(text)


def parts(name: str, weights: Numbers, text: Layout) -> Numbers:
    """Of one text, [head, part]: share, chance if uniform, by key, by distance, rows, above uniform, what is wide of it."""
    if not applicable(name, text):
        return np.zeros((len(weights), 7))
    chosen = cells(name, text)
    rows = eligible_rows(chosen, text)
    selected = chosen & rows[:, None]
    even = (selected.sum(axis=1)[rows] / text.allowed.sum(axis=1)[rows]).sum()
    habits = [
        reference._habit(null, weights, chosen, selected, text)
        if null in reference.NULLS[name]
        else 0 * weights[:, 0, 0]
        for null in NULLS
    ]
    share = (weights * selected).sum(axis=(1, 2))
    above = np.maximum(share - even, 0.0)
    room = reference._room(selected, text) if name in WIDE else 0.0
    wide = np.ones(len(weights))
    if room > 1e-6:
        wide = np.clip((1.0 - reference._narrow_part(weights, selected, text)) / room, 0.0, 1.0)
    whole = np.ones(len(weights))
    return np.stack([share, even * whole, *habits, rows.sum() * whole, above, above * wide], axis=-1)


def kappa(sums: Numbers) -> Numbers:
    """The score of sums [..., part]; NaN without rows."""
    share, even, by_key, by_distance, rows, above, wide = np.moveaxis(sums, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = np.minimum(np.maximum(np.maximum(even, by_key), by_distance) / rows, 1.0)
        score = np.clip((share / rows - chance) / np.maximum(1.0 - chance, 0.35), 0.0, 1.0)
        return np.where(rows >= 3, score * np.where(above > 1e-9, wide / above, 1.0), np.nan)


def table(captures: list[Capture], name: str) -> Numbers:
    """Parts of every text, [text, head, part]."""
    return np.stack([parts(name, *flat(capture)) for capture in captures])


def close(card_table: Tensor, expected: Numbers) -> None:
    np.testing.assert_allclose(card_table.flatten().numpy(), expected, atol=2e-4, rtol=0)


def pooled(captures: list[Capture], **how: int) -> Card:
    return pool("tiny", "main", [score_capture(capture) for capture in captures], **how)


@pytest.mark.parametrize("causal", [False, True])
def test_one_text_alone_has_its_own_scores(causal: bool) -> None:
    capture = noisy(34, 3, causal=causal)
    scores = score_capture(capture)
    card = pooled([capture], draws=20)
    for name in NAMES:
        torch.testing.assert_close(card.kappa[name], scores.scores[name].float(), atol=1e-4, rtol=0, equal_nan=True)
        assert card.rows[name] == scores.rows(name, 0)
    assert (card.labels, card.working_labels) == (scores.labels, scores.working_labels)
    assert (card.model, card.revision, card.texts) == ("tiny", "main", 1)


@pytest.mark.parametrize("causal", [False, True])
def test_texts_are_read_as_one_their_scores_are_not_averaged(causal: bool) -> None:
    captures = [noisy(24, 1, causal=causal), noisy(47, 2, causal=causal, pair=True), noisy(33, 4, causal=causal)]
    card = pooled(captures, draws=20)
    shown = 0
    for name in SINGLE:
        close(card.kappa[name], kappa(table(captures, name).sum(axis=0)))
        assert card.rows[name] == int(table(captures, name).sum(axis=0)[0, 4])
        shown += card.rows[name] > 0
    assert shown >= 10
    mean = np.mean([reference.score_heads(*flat(capture)).scores["previous"] for capture in captures], axis=0)
    assert np.abs(card.kappa["previous"].flatten().numpy() - mean).max() > 1e-3


def test_the_best_distance_is_the_best_over_all_texts() -> None:
    """Three back in the long text, two ahead in the short one: the long one has more rows to say so."""
    long, short = layout(60, seed=1), layout(20, seed=2)
    captures = [
        capture_of([follower(long, "offset -3")], tokens=text_tokens(60, 1)),
        capture_of([follower(short, "offset +2")], tokens=text_tokens(20, 2)),
    ]
    sums = {step: sum(_step_parts(step, *flat(capture)) for capture in captures) for step in (-3, 2)}
    scores = {step: kappa(one).item() for step, one in sums.items()}
    assert scores[-3] > scores[2] > 0
    assert pooled(captures, draws=20).kappa["offset"].item() == pytest.approx(scores[-3], abs=2e-4)


def _step_parts(step: int, weights: Numbers, text: Layout) -> Numbers:
    """`parts` of one single distance."""
    chosen = cells("offset", text, step)
    rows = eligible_rows(chosen, text)
    selected = chosen & rows[:, None]
    even = (selected.sum(axis=1)[rows] / text.allowed.sum(axis=1)[rows]).sum()
    by_key = reference._habit("column", weights, chosen, selected, text)
    whole = np.ones(len(weights))
    share = (weights * selected).sum(axis=(1, 2))
    return np.stack([share, even * whole, by_key, 0 * whole, rows.sum() * whole, 0 * whole, 0 * whole], axis=-1)


def test_intervals_are_the_percentiles_of_texts_drawn_again() -> None:
    captures = [noisy(20 + 3 * seed, seed, pair=seed % 2 == 0) for seed in range(7)]
    card = pooled(captures, draws=120, seed=5)
    drawn = torch.randint(7, (120, 7), generator=torch.Generator().manual_seed(5)).numpy()
    for name in SINGLE:
        sums = table(captures, name)
        shown = (sums[:, 0, 4] > 0).sum()
        if shown < 5:
            assert bool(card.low[name].isnan().all())
            assert bool(card.high[name].isnan().all())
            continue
        draws = kappa(np.stack([sums[texts].sum(axis=0) for texts in drawn]))
        low, high = np.nanquantile(draws, [0.025, 0.975], axis=0)
        close(card.low[name], low)
        close(card.high[name], high)


def test_the_same_seed_draws_the_same_texts() -> None:
    captures = [noisy(24, seed) for seed in range(6)]
    one, again, other = (pooled(captures, draws=50, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one.low["previous"], again.low["previous"])
    assert not torch.equal(one.low["previous"], other.low["previous"])
    assert torch.equal(one.kappa["previous"], other.kappa["previous"])


def test_texts_that_agree_leave_no_doubt() -> None:
    card = pooled([noisy(30, 1)] * 6, draws=40)
    for name in NAMES:
        known = ~card.kappa[name].isnan()
        for end in (card.low, card.high):
            torch.testing.assert_close(end[name][known], card.kappa[name][known], atol=1e-5, rtol=0)
        assert float(card.spread[name][known].max() if known.any() else 0.0) < 1e-3


def test_the_pooled_score_lies_between_its_ends() -> None:
    card = pooled([noisy(30, seed) for seed in range(9)], draws=300)
    inside = (card.low["previous"] <= card.kappa["previous"]) & (card.kappa["previous"] <= card.high["previous"])
    assert bool(inside.all())
    assert bool((card.low["previous"] < card.high["previous"])[0, 0])


def test_the_spread_is_that_of_the_texts_own_scores() -> None:
    captures = [noisy(22 + 2 * seed, seed) for seed in range(6)]
    card = pooled(captures, draws=10)
    own = [reference.score_heads(*flat(capture)).scores for capture in captures]
    for name in SINGLE:
        every = np.stack([scores[name] for scores in own])
        if (~np.isnan(every[:, 0])).sum() >= 5:
            close(card.spread[name], np.nanstd(every, axis=0, ddof=1))
    assert float(card.spread["previous"][0, 0]) > 0.1


def test_fewer_than_five_texts_give_a_score_and_no_interval() -> None:
    card = pooled([noisy(24, seed, pair=seed > 0) for seed in range(4)], draws=10)
    assert not bool(card.kappa["previous"].isnan().any())
    for part in (card.low, card.high, card.spread):
        assert all(bool(part[name].isnan().all()) for name in NAMES)


def test_a_pattern_that_four_of_six_texts_can_show_has_no_interval_either() -> None:
    card = pooled([noisy(24, seed, pair=seed < 4) for seed in range(6)], draws=30)
    assert bool(card.low["same_segment"].isnan().all())
    assert not bool(card.kappa["same_segment"].isnan().any())
    assert not bool(card.low["previous"].isnan().any())


def test_a_pattern_no_text_can_show_has_no_score() -> None:
    card = pooled([noisy(24, seed) for seed in range(5)], draws=10)
    assert bool(card.kappa["same_segment"].isnan().all())
    assert card.rows["same_segment"] == 0


def test_names_are_those_of_all_texts_together() -> None:
    """One text has the head at another pattern; five have it at this one."""
    texts = [layout(30, seed=seed) for seed in range(6)]
    names = ["next"] + ["previous"] * 5
    captures = [
        capture_of([follower(text, name), uniform(text)], tokens=text_tokens(30, seed))
        for seed, (text, name) in enumerate(zip(texts, names, strict=True))
    ]
    card = pooled(captures, draws=10)
    assert card.labels == (("previous", "broad"),)
    assert card.working_labels == (("previous", "broad"),)
    assert float(card.kappa["broad"][0, 1]) == pytest.approx(1.0, abs=1e-4)
