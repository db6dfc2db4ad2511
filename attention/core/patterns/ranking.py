"""Which heads are worth a look: pattern strength times how rare it is among this model's heads."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.capture import Capture
from attention.core.patterns.layout import Layout, layout_of
from attention.core.patterns.score import HeadScores, Plan, plans, score_layer
from attention.core.patterns.table import PATTERNS

MIN_KAPPA = 0.25
MIN_ROWS = 5


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
        self._layouts: dict[int, tuple[Layout, tuple[Plan, ...]]] = {}

    def plan(self, layer: int) -> tuple[Layout, tuple[Plan, ...]]:
        """Layout and plans under this layer's mask; layers that share a mask share them."""
        mask = self._capture.layers[layer].mask
        if id(mask) not in self._layouts:
            text = layout_of(self._capture.tokens, self._capture.allowed(layer), self._capture.causal)
            self._layouts[id(mask)] = (text, plans(text))
        return self._layouts[id(mask)]

    def score(self, layer: int, weights: Float[Tensor, "head query_pos key_pos"]) -> dict[str, HeadScores]:
        """Scores of the heads of one layer."""
        return score_layer(weights, *self.plan(layer))


def rank(capture: Capture, limit: int = 5) -> list[Finding]:
    """The heads worth a look on this text, best first: one head per pattern, one pattern per head.

    One text, so there is no interval: `rows` says how much the score rests on.
    """
    scorer = Scorer(capture)
    layers = [scorer.score(layer, capture.weights(layer)) for layer in range(capture.n_layers)]
    return find(scorer, layers, limit)


def find(scorer: Scorer, layers: Sequence[dict[str, HeadScores]], limit: int = 5) -> list[Finding]:
    """The same from scores that are already there, one dictionary per layer."""
    candidates = []
    for pattern in PATTERNS:
        per_layer = [scores.get(pattern.name) for scores in layers]
        present = [scores.kappa for scores in per_layer if scores is not None]
        if not present:
            continue
        rarity = _rarity(torch.cat(present))
        for layer, scores in enumerate(per_layer):
            if scores is None:
                continue
            rows = next(plan.rows for plan in scorer.plan(layer)[1] if plan.pattern is pattern)
            for head in (scores.kappa >= MIN_KAPPA).nonzero().flatten().tolist() if rows >= MIN_ROWS else ():
                interest = float(scores.kappa[head]) * rarity
                candidates.append((interest, pattern, layer, head, rows, scores))
    candidates.sort(key=lambda candidate: -candidate[0])
    findings: list[Finding] = []
    for _, pattern, layer, head, rows, scores in candidates:
        if any(pattern.name == f.pattern or (layer, head) == (f.layer, f.head) for f in findings):
            continue
        kappa, share, chance = (float(part[head]) for part in (scores.kappa, scores.share, scores.chance))
        reason = pattern.reason.format(share=f"{share:.0%}", chance=f"{chance:.0%}")
        findings.append(Finding(layer, head, pattern.name, pattern.title, kappa, share, chance, rows, reason))
    return findings[:limit]


def _rarity(kappa: Float[Tensor, " head"]) -> float:
    """1 for a pattern one head has, 0 for one that every head has, on a logarithmic scale."""
    if len(kappa) == 1 or float(kappa.max()) <= 0:
        return 1.0
    share = float((kappa >= kappa.max() / 2).float().mean())
    return -math.log2(share) / math.log2(len(kappa))
