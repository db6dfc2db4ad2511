"""A model card: what every head of a model does over many texts, how surely, and how much it varies from text to text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.patterns.capture_scores import CaptureScores
from attention.core.patterns.ranking import MIN_LISTED_ROWS, SINKS
from attention.core.patterns.score import NAMES, Reading, read
from attention.core.patterns.sums import Sums, resampled, stacked
from attention.core.patterns.table import PATTERNS

DRAWS = 1000
COVERAGE = 0.95
MIN_TEXTS = 5
"""Texts that must show a pattern before an interval or a spread over texts is given."""

MIN_SPREAD = 0.05
"""The least spread a surprise is measured in: heads that never vary would make every hundredth a surprise."""

MIN_SURPRISE = 3.0
MIN_DIFFERENCE = 0.2


@dataclass(frozen=True, eq=False, slots=True)
class Card:
    """Scores of all heads of one model over a fixed set of texts, by pattern name, [layer, head], NaN where not applicable.

    texts: how many were read. kappa: the score of all texts read as one. low, high: 95% of bootstrap draws over texts.
    spread: standard deviation of the score from text to text. rows: eligible rows in all texts.
    labels, working_labels: one list of names per layer, as the heads are and over content alone.
    """

    model: str
    revision: str
    texts: int
    kappa: dict[str, Float[Tensor, "layer head"]]
    low: dict[str, Float[Tensor, "layer head"]]
    high: dict[str, Float[Tensor, "layer head"]]
    spread: dict[str, Float[Tensor, "layer head"]]
    rows: dict[str, int]
    labels: tuple[tuple[str, ...], ...]
    working_labels: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Surprise:
    """A head that does on this text what it does not do over the card's texts, or the other way round.

    here, usual: kappa on this text and on the card. spread: standard deviation over the card's texts. deviations: the
    difference in spreads, of MIN_SPREAD at least. rows: how many tokens of this text it rests on.
    """

    layer: int
    head: int
    pattern: str
    title: str
    here: float
    usual: float
    spread: float
    deviations: float
    rows: int

    @property
    def reason(self) -> str:
        """The sentence to read."""
        return f"{self.title}: {self.here:.2f} here, {self.usual:.2f} ± {self.spread:.2f} elsewhere."


def pool(
    model: str, revision: str, readings: Sequence[CaptureScores], *, draws: int = DRAWS, seed: int = 0
) -> Card:  # fmt: skip
    """The card of these texts: sums added up, then scored; texts are drawn again for the intervals, not rows.

    Source: the percentile bootstrap of Efron and Tibshirani 1993, section 13.3.
    """
    n_layers, n_heads = readings[0].resting.shape
    raw, working = (stacked([part[side] for part in map(CaptureScores.sums, readings)]) for side in (0, 1))
    once = torch.ones(1, len(readings))
    whole, content = (_only(read(resampled(side, once))) for side in (raw, working))
    low, high = _interval(raw, len(readings), draws, seed)
    spread, shown = _spread(raw)

    def table(values: dict[str, Tensor]) -> dict[str, Float[Tensor, "layer head"]]:
        return {name: values[name].float().view(n_layers, n_heads) for name in NAMES}

    def by_layer(labels: list[str]) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(labels[at : at + n_heads]) for at in range(0, len(labels), n_heads))

    few = {name: shown[name] < MIN_TEXTS for name in NAMES}
    low, high, spread = (
        {name: part[name].masked_fill(few[name], torch.nan) for name in NAMES} for part in (low, high, spread)
    )
    return Card(
        model, revision, len(readings), table(whole.kappa), table(low), table(high), table(spread),
        rows={name: sum(max(one.rows(name, layer) for layer in range(n_layers)) for one in readings) for name in NAMES},
        labels=by_layer(whole.labels()), working_labels=by_layer(content.labels()),
    )  # fmt: skip


def surprising(scores: CaptureScores, card: Card, limit: int = 3, *, causal: bool = True) -> list[Surprise]:
    """The heads whose score on this text is furthest from the card's, in deviations over its texts.

    One head per pattern and one pattern per head; places where heads merely rest come last.
    causal: patterns that are listed for causal models only may surprise.
    """
    found: dict[str, Surprise] = {}
    for one in sorted(_surprises(scores, card, causal), key=lambda one: (one.pattern in SINKS, -abs(one.deviations))):
        if all((one.layer, one.head) != (other.layer, other.head) for other in found.values()):
            found.setdefault(one.pattern, one)
    return list(found.values())[:limit]


def _surprises(scores: CaptureScores, card: Card, causal: bool) -> Iterable[Surprise]:
    for pattern in PATTERNS:
        if pattern.causal_only and not causal:
            continue
        here, usual, spread = scores.scores[pattern.name], card.kappa[pattern.name], card.spread[pattern.name]
        difference = here - usual
        deviations = difference / spread.clamp_min(MIN_SPREAD)
        far = (deviations.abs() >= MIN_SURPRISE) & (difference.abs() >= MIN_DIFFERENCE)
        for layer, head in far.nonzero().tolist():
            rows = scores.rows(pattern.name, layer)
            if rows >= MIN_LISTED_ROWS:
                at, its, varies, far_off = (float(part[layer, head]) for part in (here, usual, spread, deviations))
                yield Surprise(layer, head, pattern.name, pattern.title, at, its, varies, far_off, rows)


def _only(reading: Reading) -> Reading:
    """The one sample of a reading."""
    tables = [{name: part[0] for name, part in t.items()} for t in (reading.kappa, reading.share, reading.chance)]
    return Reading(tables[0], tables[1], tables[2], reading.offset[0], reading.named[:, 0])


def _interval(
    texts: Sums, count: int, draws: int, seed: int
) -> tuple[dict[str, Float[Tensor, " head"]], dict[str, Float[Tensor, " head"]]]:
    """Where 95% of the scores lie when texts are drawn with replacement."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randint(count, (draws, count), generator=generator)
    counts = torch.zeros(draws, count).scatter_add_(1, drawn, torch.ones(draws, count))
    parts = [read(resampled(texts, some)).kappa for some in counts.split(50)]
    ends = torch.tensor([(1 - COVERAGE) / 2, (1 + COVERAGE) / 2], dtype=torch.float64)
    found = {name: torch.cat([part[name] for part in parts]).nanquantile(ends, dim=0) for name in NAMES}
    return {name: part[0] for name, part in found.items()}, {name: part[1] for name, part in found.items()}


def _spread(texts: Sums) -> tuple[dict[str, Float[Tensor, " head"]], dict[str, Tensor]]:
    """Standard deviation of the score from text to text, and in how many texts each head has one."""
    kappa = read(texts).kappa
    shown = {name: (~part.isnan()).sum(dim=0) for name, part in kappa.items()}
    spread = {}
    for name, part in kappa.items():
        mean = part.nanmean(dim=0)
        squares = (part - mean).square().nansum(dim=0)
        spread[name] = (squares / (shown[name] - 1).clamp_min(1)).sqrt()
    return spread, shown
