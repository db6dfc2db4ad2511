"""Ranking by fixed cuts, as slides and demos often do it: our reading of the kind of rule the lecture used, not its code.

Raw shares of attention are compared with cuts that know neither the length of the text nor the mask, and the first rule
that holds gives the label. Rules are as generous as we could make them: only for patterns that such lists name.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks.patterns.cell_sets import NAMED, SHAPES
from benchmarks.patterns.reference import Scored
from benchmarks.patterns.texts import Layout

CUTS = (
    ("first", 0.5), ("separator", 0.5), ("previous", 0.3), ("next", 0.3), ("self", 0.3), ("punctuation", 0.3),
    ("same_token", 0.3), ("local", 0.6),
)  # fmt: skip
BROAD_NATS, SHARP_NATS = 2.0, 1.0


def score_heads(weights: NDArray[np.float64], text: Layout) -> Scored:
    """Raw shares as scores, cuts as labels. Patterns without a rule score nothing (NaN) and are never named."""
    n = len(text)
    position = np.arange(n)
    distance = position[None, :] - position[:, None]
    cells = {
        "first": np.broadcast_to(position == 0, (n, n)),
        "separator": np.broadcast_to(text.special & (position > 0), (n, n)),
        "previous": distance == -1,
        "next": distance == 1,
        "self": distance == 0,
        "punctuation": np.broadcast_to(text.punctuation, (n, n)),
        "same_token": (text.token_ids[:, None] == text.token_ids) & (distance != 0),
        "local": np.abs(distance) <= 2,
    }
    scores = {name: np.full(len(weights), np.nan) for name in (*NAMED, *SHAPES)}
    for name, chosen in cells.items():
        scores[name] = np.einsum("hij,ij->h", weights, chosen) / n
    entropy = -(weights * np.log(np.maximum(weights, 1e-30))).sum(axis=2).mean(axis=1)
    scores["broad"], scores["unstructured"] = entropy / np.log(n), 1.0 - entropy / np.log(n)
    labels = [_label({name: scores[name][head] for name, _ in CUTS}, entropy[head]) for head in range(len(weights))]
    return Scored(scores, labels, np.zeros(len(weights), dtype=np.int64))


def _label(shares: dict[str, float], entropy: float) -> str:
    for name, cut in CUTS:
        if shares[name] > cut:
            return name
    if entropy > BROAD_NATS:
        return "broad"
    return "unstructured" if entropy < SHARP_NATS else "none"
