"""The benchmark of pattern scores: heads are proper and reproducible, and the definition itself reaches what is asked."""

import functools

import numpy as np
import pytest

from benchmarks.patterns import reference
from benchmarks.patterns.cell_sets import NAMED
from benchmarks.patterns.heads import Sample, samples
from benchmarks.patterns.judge import PATTERNS, Answer, answers, auroc, calibration, false_positives, movement, top1

LENGTHS = (12, 16, 32, 256)


@functools.cache
def drawn() -> tuple[Sample, ...]:
    """Every length once with both masks; the long texts in one style only, as they take most of the time."""
    return tuple(sample for place, sample in enumerate(samples(7, LENGTHS)) if len(sample.text) < 256 or place % 6 == 0)


@functools.cache
def answered() -> tuple[Answer, ...]:
    def scorer(weights, text):
        found = reference.score_heads(weights, text)
        return found.scores, found.labels

    return tuple(answer for sample in drawn() for answer in answers(scorer, sample))


def test_rows_sum_to_one_within_the_mask() -> None:
    for sample in drawn():
        assert np.allclose(sample.weights.sum(axis=2), 1.0)
        assert (sample.weights >= 0).all()
        assert not sample.weights[:, ~sample.text.allowed].any()


def test_the_same_seed_draws_the_same_heads() -> None:
    one, two = next(samples(3, (16,))), next(samples(3, (16,)))
    assert one.truths == two.truths
    assert np.array_equal(one.weights, two.weights)


def test_every_pattern_occurs_under_both_masks() -> None:
    for causal in (False, True):
        labels = {truth.label for sample in drawn() if sample.text.causal == causal for truth in sample.truths}
        assert labels == {*PATTERNS, "noise"} - ({"next", "same_segment"} if causal else set())


def test_a_mixture_with_uniform_attention_scores_its_part_exactly() -> None:
    assert calibration(answered()) < 0.005


def test_the_definition_reaches_what_is_asked() -> None:
    assert top1(answered()) >= 0.93
    assert false_positives(answered()) <= 0.05
    assert np.nanmedian([movement(name, answered()) for name in NAMED]) <= 0.05


@pytest.mark.parametrize("name", PATTERNS)
def test_heads_of_a_pattern_score_above_all_others(name: str) -> None:
    assert auroc(name, answered()) >= 0.95
