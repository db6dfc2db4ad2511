"""Which heads are worth a look: pattern strength times how rare it is among this model's heads."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from attention.core.capture import Capture
from attention.core.patterns.capture_scores import CaptureScores, score_capture
from attention.core.patterns.layout import layout_of
from attention.core.patterns.score import scores_of
from attention.core.patterns.table import ANY_OFFSET, LISTED, OFFSETS, Pattern
from attention.core.patterns.tally import Tally
from attention.errors import SelectionError

MIN_KAPPA = 0.25
MIN_LISTED_ROWS = 5
SINKS = ("first", "separator")
"""Where heads rest: listed after everything else."""


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


def cells_of(capture: Capture, name: str, layer: int, head: int | None) -> Bool[Tensor, "query_pos key_pos"]:
    """The cells a pattern selects in this layer; "offset" is the head's best distance, and none for the mean of heads."""
    text = layout_of(capture.tokens, capture.allowed(layer), capture.causal)
    one = slice(0, 1) if head is None else slice(head, head + 1)
    tally = Tally(text, 1, exact=False)
    if name == "offset" and head is not None:
        for band in tally.bands:
            rows = slice(int(band.query_pos[0]), int(band.query_pos[-1]) + 1)
            tally.add(band, capture.layers[layer].weights(one, rows))
    return scores_of(tally).cells(name)


def rank(capture: Capture, limit: int = 5) -> list[Finding]:
    """The heads worth a look on this text, best first: one head per pattern, one pattern per head.

    One text, so there is no interval: `rows` says how much the score rests on.
    Raises: SelectionError when limit is not a whole number from 1 up.
    """
    check_limit(limit)
    return find(score_capture(capture), limit, causal=capture.causal)


def find(scores: CaptureScores, limit: int = 5, *, causal: bool) -> list[Finding]:
    """The same from scores that are already there."""
    check_limit(limit)
    candidates = [candidate for pattern in LISTED for candidate in _candidates(pattern, scores, causal)]
    findings: dict[str, Finding] = {}
    for _, finding in sorted(candidates, key=lambda candidate: (candidate[1].pattern in SINKS, -candidate[0])):
        taken = any((finding.layer, finding.head) == (other.layer, other.head) for other in findings.values())
        if not taken:
            findings.setdefault(finding.pattern, finding)
    return list(findings.values())[:limit]


def unexplained(scores: CaptureScores, limit: int = 3) -> list[tuple[int, int, float]]:
    """Layer, head and score of the heads that are sharp but follow no named pattern, sharpest first: worth opening by hand."""
    check_limit(limit)
    table = scores.scores["unstructured"]
    found = [
        (layer, head, float(table[layer, head]))
        for layer, names in enumerate(scores.labels)
        for head, name in enumerate(names)
        if name == "unstructured"
    ]
    return sorted(found, key=lambda row: -row[2])[:limit]


def _candidates(pattern: Pattern, scores: CaptureScores, causal: bool) -> Iterator[tuple[float, Finding]]:
    """The heads that follow a pattern on enough rows, each with its interest."""
    kappa = scores.scores[pattern.name]
    if (pattern.causal_only and not causal) or bool(kappa.isnan().all()):
        return
    rarity = _rarity(kappa[~kappa.isnan()])
    for layer, head in (kappa >= MIN_KAPPA).nonzero().tolist():
        rows = scores.rows(pattern.name, layer)
        local_but_one = pattern.name == "local" and scores.labels[layer][head] != "local"
        if rows < MIN_LISTED_ROWS or local_but_one:
            continue
        score, share, chance = (
            float(part[pattern.name][layer, head]) for part in (scores.scores, scores.share, scores.chance)
        )
        reason = pattern.reason.format(
            share=_percent(share), chance=_percent(chance), offset=steps(int(scores.offset[layer, head]))
        )
        yield score * rarity, Finding(layer, head, pattern.name, pattern.title, score, share, chance, rows, reason)


def steps(offset: int) -> str:
    """A distance in words."""
    return f"{abs(offset)} {'ahead' if offset > 0 else 'back'}"


def title_of(pattern: Pattern) -> str:
    """A pattern's title; of a single distance with the distance in words."""
    return (
        pattern.title
        if pattern.offset is None or pattern not in OFFSETS
        else f"{ANY_OFFSET.title} ({steps(pattern.offset)})"
    )


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


def check_limit(limit: object) -> None:
    """Raises: SelectionError when limit is not a whole number from 1 up."""
    if type(limit) is not int or limit < 1:
        raise SelectionError("bad_choice", name="limit", choices="the whole numbers from 1 up", got=limit)
