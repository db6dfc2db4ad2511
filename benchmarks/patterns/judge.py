"""How well a scorer names heads whose pattern is known."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.patterns.cell_sets import NAMED, SHAPES
from benchmarks.patterns.heads import Sample, Truth

Scorer = Callable[[NDArray[np.float64], object], tuple[dict[str, NDArray[np.float64]], list[str]]]
PATTERNS = (*NAMED, *SHAPES)
SHORT, LONG = 16, 256


@dataclass(frozen=True, slots=True)
class Answer:
    """What a scorer said of one head. scores: by pattern, NaN where not applicable."""

    truth: Truth
    length: int
    causal: bool
    label: str
    scores: dict[str, float]

    @property
    def right(self) -> bool:
        return self.label == self.truth.label

    @property
    def named(self) -> bool:
        return self.label in NAMED


def answers(scorer: Scorer, sample: Sample) -> Iterable[Answer]:
    """The scorer's answers for all heads of one text."""
    scores, labels = scorer(sample.weights, sample.text)
    for head, truth in enumerate(sample.truths):
        one = {name: float(scores[name][head]) for name in PATTERNS}
        yield Answer(truth, len(sample.text), sample.text.causal, labels[head], one)


def top1(given: Iterable[Answer]) -> float:
    """Share of heads whose label is right. Noise has no right label and is left out; see false_positives."""
    return _mean([answer.right for answer in given if answer.truth.label != "noise"])


def auroc(name: str, given: Iterable[Answer]) -> float:
    """How surely a head of this pattern scores above any other head (0.5 is chance), over texts that can show it.

    Left out: heads in which it is the weaker of two patterns.
    """
    known = [answer for answer in given if answer.truth.second != name and not np.isnan(answer.scores[name])]
    values = np.array([answer.scores[name] for answer in known])
    of_pattern = np.array([answer.truth.label == name for answer in known], dtype=bool)
    positives, others = int(of_pattern.sum()), int((~of_pattern).sum())
    if not positives or not others:
        return float("nan")
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]  # ties share the middle rank
    return float((ranks[of_pattern].sum() - positives * (positives + 1) / 2) / (positives * others))


def movement(name: str, given: Iterable[Answer]) -> float:
    """Median over strengths and masks of how far the mean score moves between 16 and 256 tokens."""
    found: dict[tuple[float, bool], dict[int, list[float]]] = {}
    for answer in given:
        if answer.truth.label == name and not answer.truth.second and answer.length in (SHORT, LONG):
            place = found.setdefault((answer.truth.strength, answer.causal), {})
            place.setdefault(answer.length, []).append(answer.scores[name])
    moved = [abs(np.mean(one[SHORT]) - np.mean(one[LONG])) for one in found.values() if len(one) == 2]
    return float(median(moved)) if moved else float("nan")


def calibration(given: Iterable[Answer]) -> float:
    """Mean distance of the score from the strength, on heads of one pattern and uniform attention otherwise."""
    return _mean(
        [
            abs(answer.scores[answer.truth.label] - answer.truth.strength)
            for answer in given
            if answer.truth.label in NAMED
            and (answer.truth.rest, answer.truth.spread, answer.truth.second) == ("even", "even", "")
        ]
    )


def false_positives(given: Iterable[Answer]) -> float:
    """Share of heads without any pattern that are given one."""
    return _mean([answer.named for answer in given if answer.truth.label in ("unstructured", "noise")])


def _mean(values: list[float] | list[bool]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")
