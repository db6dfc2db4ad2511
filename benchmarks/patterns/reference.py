"""The definition of every score and of the label once more, in numpy: slow, plain, and with no code of the app in it.

Notation: A weights; n_i keys that row i may attend to; S_i the pattern's cells in row i; E the query rows with 0 < |S_i| < n_i.

    r      mean over E of sum_j A_ij S_ij
    c_u    mean over E of |S_i| / n_i
    c_s    mean over E of what the head's own profile gives on S_i, estimated on query rows off the selected cells:
           column: n_i A_ij averaged by key, over n_i again; distance: a_ij = (n_i A_ij - 1) / (n_i - 1) averaged by
           distance, as a + (1 - a) / n_i again. Patterns with both nulls take the larger.
    kappa  clip((r - c) / max(1 - c, 0.35), 0, 1) with c = min(max(c_u, c_s), 1)
    v      sum over E of |S_i| (n_i - |S_i|) / (n_i (n_i - 1)) (sum_j A_ij^2 - 1 / n_i): the variance of |E| r if each row's
           weights were dealt out to its keys by chance
    z      |E| (r - c) / sqrt(v)

A wide pattern (local, long_range, same_segment) holds the cells of narrow ones: with m the largest part of its excess
sum over E and S of (A_ij - 1 / n_i) that lies at one distance of at most 6, or on one key, kappa is multiplied by
min(1, (1 - m) / room), with room 0.4 or, up to 128 tokens, 0.8 of 1 - m of the even pattern itself if that is less.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.patterns.cell_sets import (
    NAMED,
    OFFSETS,
    WIDE,
    Cells,
    applicable,
    cells,
    distances,
    eligible_rows,
    query_rows,
)
from benchmarks.patterns.texts import Layout

Numbers = NDArray[np.float64]

NULLS = {
    **dict.fromkeys(("previous", "next", "self", "offset", "local", "long_range"), ("column",)),
    **dict.fromkeys(("first", "separator", "punctuation"), ("distance",)),
    **dict.fromkeys(("same_token", "induction", "word_internal", "same_segment"), ("column", "distance")),
}
ORDER = (
    "induction", "same_token", "word_internal", "previous", "next", "self", "offset", "first", "separator", "punctuation",
    "local", "same_segment", "long_range",
)  # fmt: skip
MIN_KAPPA, MARGIN, MIN_BROAD, MIN_ROOM = 0.2, 0.05, 0.6, 0.35
MIN_Z, MIN_Z_OFFSET = 3.0, 3.7
"""An offset is the best of ten: 3.7 is to ten draws what 3.0 is to one."""
ONE_KEY = 0.7


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores by pattern, NaN where the text cannot show it; one label and the best offset (0 for none) per head."""

    scores: dict[str, Numbers]
    labels: list[str]
    offsets: NDArray[np.int64]


def score_heads(weights: Numbers, text: Layout) -> Scored:
    """Every score of the definition for heads of one text. weights: [head, query, key]."""
    weights = np.asarray(weights, dtype=np.float64)
    heads = len(weights)
    scores, certain = {}, {}
    best_offset = np.zeros(heads, dtype=np.int64)
    for name in NAMED:
        if name == "offset":
            kappa, z, best_offset = _best_offset(weights, text)
        else:
            kappa, z = _kappa(name, weights, text)
        scores[name] = kappa
        enough = z >= (MIN_Z_OFFSET if name == "offset" else MIN_Z)
        certain[name] = np.where(enough, np.nan_to_num(kappa), 0.0)
    best = np.max(list(certain.values()), axis=0)
    evenness, focus = _shapes(weights, text)
    scores["broad"] = np.minimum(evenness, 1.0 - best)
    scores["unstructured"] = np.maximum(0.0, focus - best)
    labels = []
    for head in range(heads):
        one = {name: certain[name][head] for name in NAMED}
        labels.append(_label(one, scores["broad"][head], scores["unstructured"][head]))
    return Scored(scores, labels, best_offset)


def _label(kappa: dict[str, float], broad: float, unstructured: float) -> str:
    """The most specific of the best patterns, else the shape.

    1 - broad is how far the head is from uniform, unstructured how much of a row sits on its largest weight: where the one
    is nearly all of the other, the head is a single key per row and something even.
    """
    best = max(kappa.values())
    if best >= MIN_KAPPA:
        return next(name for name in ORDER if kappa[name] >= max(best - MARGIN, MIN_KAPPA))
    sharp = unstructured >= MIN_KAPPA
    if sharp and unstructured >= ONE_KEY * (1.0 - broad):
        return "unstructured"
    if broad >= MIN_BROAD:
        return "broad"
    return "unstructured" if sharp else "none"


def _best_offset(weights: Numbers, text: Layout) -> tuple[Numbers, Numbers, NDArray[np.int64]]:
    """(kappa, z, offset) of the offset with the largest kappa."""
    tried = [offset for offset in OFFSETS if applicable("offset", text, offset)]
    if not tried:
        return np.full(len(weights), np.nan), np.zeros(len(weights)), np.zeros(len(weights), dtype=np.int64)
    kappa, z = (np.stack(parts) for parts in zip(*(_kappa("offset", weights, text, k) for k in tried), strict=True))
    best = kappa.argmax(axis=0)
    head = np.arange(len(weights))
    return kappa[best, head], z[best, head], np.where(kappa[best, head] > 0, np.array(tried)[best], 0)


def _kappa(name: str, weights: Numbers, text: Layout, offset: int = 0) -> tuple[Numbers, Numbers]:
    """(kappa, z) of one pattern for every head."""
    heads = len(weights)
    if not applicable(name, text, offset):
        return np.full(heads, np.nan), np.zeros(heads)
    chosen = cells(name, text, offset)
    rows = eligible_rows(chosen, text)
    selected = chosen & rows[:, None]
    number = rows.sum()
    keys = text.allowed.sum(axis=1)
    share = np.einsum("hij,ij->h", weights, selected) / number
    chance = np.full(heads, (selected.sum(axis=1)[rows] / keys[rows]).mean())
    for null in NULLS[name]:
        chance = np.maximum(chance, _habit(null, weights, chosen, selected, text) / number)
    chance = np.minimum(chance, 1.0)
    kappa = np.clip((share - chance) / np.maximum(1.0 - chance, MIN_ROOM), 0.0, 1.0)
    if name in WIDE:
        room = _room(selected, text)
        if room > 1e-6:
            kappa = kappa * np.clip((1.0 - _narrow_part(weights, selected, text)) / room, 0.0, 1.0)

    size, n = selected.sum(axis=1)[rows], keys[rows]
    squares = np.square(weights[:, rows]).sum(axis=2)
    variance = (size * (n - size) / (n * (n - 1)) * np.maximum(squares - 1 / n, 0.0)).sum(axis=1)
    return kappa, number * (share - chance) / np.sqrt(np.maximum(variance, 1e-12))


def _habit(null: str, weights: Numbers, chosen: Cells, selected: Cells, text: Layout) -> Numbers:
    """What each head's own profile gives on the selected cells, summed."""
    keys = np.maximum(text.allowed.sum(axis=1), 1)[:, None]
    even = text.allowed / keys
    outside = text.allowed & query_rows(text)[:, None] & ~chosen
    if null == "column":
        count = outside.sum(axis=0)
        lift = np.einsum("hij,ij->hj", weights, outside * keys) / np.maximum(count, 1)
        return np.where(count > 0, lift, 1.0) @ (selected * even).sum(axis=0)
    distance, total = distances(text), np.zeros(len(weights))
    for d in np.unique(distance[selected]):
        here, seen = selected & (distance == d), np.nonzero(outside & (distance == d))
        beyond = (
            ((keys[seen[0], 0] * weights[:, *seen] - 1) / (keys[seen[0], 0] - 1)).mean(axis=1) if len(seen[0]) else 0.0
        )
        total += here.sum() * beyond + (1 - beyond) * even[here].sum()
    return total


def _narrow_part(weights: Numbers, selected: Cells, text: Layout) -> Numbers:
    """The largest part of a pattern's excess at one distance of at most 6, or on one key."""
    even = text.allowed / np.maximum(text.allowed.sum(axis=1), 1)[:, None]
    distance = distances(text)
    of_key = np.einsum("hij,ij->hj", weights, selected) - (selected * even).sum(axis=0)
    parts = [of_key.max(axis=1)]
    for d in range(-6, 7):
        here = np.nonzero(selected & (distance == d))
        parts.append((weights[:, *here] - even[here]).sum(axis=1))
    excess = of_key.sum(axis=1)
    return np.where(excess > 1e-9, np.max(parts, axis=0) / np.maximum(excess, 1e-9), 0.0)


def _room(selected: Cells, text: Layout) -> float:
    """How much of a wide pattern has to lie elsewhere: less where the even pattern itself leaves little elsewhere."""
    itself = selected / np.maximum(selected.sum(axis=1, keepdims=True), 1)
    return 0.4 if len(selected) > 128 else min(0.4, 0.8 * (1.0 - float(_narrow_part(itself[None], selected, text)[0])))


def _shapes(weights: Numbers, text: Layout) -> tuple[Numbers, Numbers]:
    """(1 - total variation to uniform, largest weight), both 1 at their most and corrected for the number of keys.

    NaN where fewer than three rows count, as for patterns.
    """
    rows = query_rows(text)
    if rows.sum() < 3:
        return np.full(len(weights), np.nan), np.full(len(weights), np.nan)
    n = text.allowed.sum(axis=1)[rows]
    even = text.allowed[rows] / n[:, None]
    variation = 0.5 * np.abs(weights[:, rows] - even).sum(axis=2) / (1 - 1 / n)
    focus = (weights[:, rows].max(axis=2) - 1 / n) / (1 - 1 / n)
    return 1.0 - variation.mean(axis=1), focus.mean(axis=1)
