"""Which heads are worth a look: pattern strength times how rare it is among this model's heads."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.capture import Capture
from attention.core.patterns.layout import Layout, layout_of
from attention.core.patterns.score import HeadScores, Plans, plans, score_layer
from attention.core.patterns.table import PATTERNS, Pattern
from attention.errors import SelectionError

MIN_KAPPA = 0.25
MIN_LISTED_ROWS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One head and what it does on this text.

    score: kappa, 0 at chance and 1 when all attention follows the pattern. share, chance: parts of attention, 0 to 1.
    rows: how many tokens it rests on. reason: the sentence to read.
    """

    layer: int
    head: int
    pattern: str
    title: str
    score: float
    share: float
    chance: float
    rows: int
    reason: str


class Scorer:
    """Scores layers of one capture, reusing what depends only on the text and the mask."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._planned: dict[int, tuple[Layout, Plans]] = {}

    def plan(self, layer: int) -> tuple[Layout, Plans]:
        """Layout and plans under this layer's mask; layers that share a mask share them."""
        mask = self._capture.layers[layer].mask
        if id(mask) not in self._planned:  # the capture keeps the mask, so its id cannot be reused
            text = layout_of(self._capture.tokens, self._capture.allowed(layer), self._capture.causal)
            self._planned[id(mask)] = (text, plans(text))
        return self._planned[id(mask)]

    def score(self, layer: int, weights: Float[Tensor, "head query_pos key_pos"]) -> dict[str, HeadScores]:
        """Scores of the heads of one layer."""
        return score_layer(weights, self.plan(layer)[1])


def rank(capture: Capture, limit: int = 5) -> list[Finding]:
    """The heads worth a look on this text, best first: one head per pattern, one pattern per head.

    One text, so there is no interval: `rows` says how much the score rests on.
    Raises: SelectionError when limit is not a whole number from 1 up.
    """
    _check_limit(limit)
    scorer = Scorer(capture)
    return find(scorer, [scorer.score(layer, capture.weights(layer)) for layer in range(capture.n_layers)], limit)


def find(scorer: Scorer, layers: Sequence[dict[str, HeadScores]], limit: int = 5) -> list[Finding]:
    """The same from scores that are already there, one dictionary per layer."""
    _check_limit(limit)
    candidates = [candidate for pattern in PATTERNS for candidate in _candidates(pattern, scorer, layers)]
    findings: dict[str, Finding] = {}
    for _, finding in sorted(candidates, key=lambda candidate: -candidate[0]):
        taken = any((finding.layer, finding.head) == (other.layer, other.head) for other in findings.values())
        if not taken:
            findings.setdefault(finding.pattern, finding)
    return list(findings.values())[:limit]


def _candidates(
    pattern: Pattern, scorer: Scorer, layers: Sequence[dict[str, HeadScores]]
) -> Iterator[tuple[float, Finding]]:
    """The heads that follow a pattern on enough rows, each with its interest."""
    scored = {layer: scores[pattern.name] for layer, scores in enumerate(layers) if pattern.name in scores}
    if not scored:
        return
    rarity = _rarity(torch.cat([scores.kappa for scores in scored.values()]))
    for layer, scores in scored.items():
        text, planned = scorer.plan(layer)
        rows = next(plan.rows for plan in planned.each if plan.pattern is pattern)
        if rows < MIN_LISTED_ROWS or (pattern.causal_only and not text.causal):
            continue
        for head in (scores.kappa >= MIN_KAPPA).nonzero().flatten().tolist():
            kappa, share, chance = (float(part[head]) for part in (scores.kappa, scores.share, scores.chance))
            reason = pattern.reason.format(share=_percent(share), chance=_percent(chance))
            finding = Finding(layer, head, pattern.name, pattern.title, kappa, share, chance, rows, reason)
            yield kappa * rarity, finding


def _rarity(kappa: Float[Tensor, " head"]) -> float:
    """1 for a pattern one head has, 0 for one that every head has, on a logarithmic scale."""
    if len(kappa) == 1 or float(kappa.max()) <= 0:
        return 1.0
    share = float((kappa >= kappa.max() / 2).float().mean())
    return -math.log2(share) / math.log2(len(kappa))


def _percent(part: float) -> str:
    """Whole percents, except that neither nothing nor everything is claimed by rounding."""
    if 0 < part < 0.005:
        return "under 1%"
    return "over 99%" if 0.995 <= part < 1 else f"{part:.0%}"


def _check_limit(limit: object) -> None:
    if type(limit) is not int or limit < 1:
        raise SelectionError("bad_choice", name="limit", choices="the whole numbers from 1 up", got=limit)
