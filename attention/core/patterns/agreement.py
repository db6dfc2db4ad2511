"""Agreement of languages: which heads follow a pattern in all of them alike, and which do not.

The same meanings are read in every language. In each, the sums of all meanings are added up and then scored: a score is never
a mean of scores. `weakest` is a head's smallest score over the languages, `gap` its largest less its smallest. Meanings are
drawn again for the intervals, each in all languages at once, as sentences that mean the same are not independent.
Source: kappa, as in plan.py; drawing a unit with all that was measured on it, Efron and Tibshirani 1993, chapter 9; the
interval turned around at the estimate, Davison and Hinkley 1997, chapter 5, basic bootstrap limits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core.patterns.agreement_intervals import gap, intervals, least
from attention.core.patterns.card import DRAWS, MIN_TEXTS
from attention.core.patterns.ranking import MIN_KAPPA, SINKS, check_limit, title_of
from attention.core.patterns.sums import JUDGED, QUANTITIES, SLOTS, Sums, judged, stacked
from attention.core.patterns.table import ANY_OFFSET, OFFSETS, Pattern
from attention.errors import ShapeError

Table = dict[str, Float[Tensor, "layer head"]]

NAMES = tuple(pattern.name for pattern in SLOTS)
"""What is compared: every pattern, and every single distance on its own, so that no two languages are called alike at two
distances."""

MIN_GAP = 0.1
"""With the languages of each meaning exchanged at random (twice), multilingual-e5-small had no gap that is surely larger;
percentile intervals, not turned around, let 4 and 10 of 3168 through."""


@dataclass(frozen=True, eq=False, slots=True)
class Agreement:
    """Scores of all heads of one model in several languages, by name of NAMES; NaN where there are too few rows.

    A language is left out of a pattern where it has fewer than 3 rows, or shows it in fewer than 5 meanings.
    meanings: how many were read, in every language. kappa: the score of all meanings of a language read as one.
    weakest_low, weakest_high, gap_low, gap_high: where 95% lie, 0 to 1.
    rows: eligible rows in all meanings, by language.
    """

    model: str
    revision: str
    causal: bool
    languages: tuple[str, ...]
    meanings: int
    kappa: dict[str, Float[Tensor, "language layer head"]]
    weakest_low: Table
    weakest_high: Table
    gap_low: Table
    gap_high: Table
    rows: dict[str, tuple[int, ...]]

    def weakest(self, name: str) -> Float[Tensor, "layer head"]:
        """The smallest score over the languages."""
        return least(self.kappa[name])

    def gap(self, name: str) -> Float[Tensor, "layer head"]:
        """The largest score over the languages less the smallest."""
        return gap(self.kappa[name])

    def scored(self, name: str, layer: int, head: int) -> int:
        """In how many languages the pattern has a score."""
        return int((~self.kappa[name][:, layer, head].isnan()).sum())

    def ends(self, name: str, layer: int, head: int) -> tuple[str, str]:
        """The languages of the smallest and of the largest score, of a pattern that has one."""
        scores = self.kappa[name][:, layer, head]
        least, most = scores.nan_to_num(nan=torch.inf).argmin(), scores.nan_to_num(nan=-torch.inf).argmax()
        return self.languages[int(least)], self.languages[int(most)]


def agree(
    model: str, revision: str, languages: Sequence[str], readings: Sequence[Sequence[Sums]], n_heads: int, *,
    causal: bool, draws: int = DRAWS, seed: int = 0,
) -> Agreement:  # fmt: skip
    """The agreement of languages.

    readings: for each meaning, the sums of its sentence in every language, in their order.
    Raises: ShapeError where a meaning lacks a language.
    """
    for row in readings:
        if len(row) != len(languages):
            raise ShapeError("shape", name="readings", got=(len(row),), expected=(len(languages),))
    each = stacked([sums for row in readings for sums in row])
    sums = Sums(*(part.unflatten(0, (-1, len(languages))) for part in (each.patterns, each.shapes)))
    rows = sums.patterns[..., QUANTITIES.index("rows"), :, :]
    few = (rows > 0).sum(dim=0) < MIN_TEXTS
    pooled = torch.stack(
        [torch.stack([one.patterns for one in column]).sum(dim=0) for column in zip(*readings, strict=True)]
    )
    kappa = judged(pooled[:, JUDGED].unbind(dim=1))[0].masked_fill(few, torch.nan)
    limits = intervals(sums, kappa, few, draws, seed)

    def table(values: Float[Tensor, "*language head slot"]) -> dict[str, Tensor]:
        by_layer = values.float().unflatten(-2, (-1, n_heads))
        return {name: by_layer[..., at].contiguous() for at, name in enumerate(NAMES)}

    total = rows.sum(dim=0).amax(dim=1)  # a layer whose mask is narrower may have fewer
    return Agreement(
        model, revision, causal, tuple(languages), len(readings), table(kappa), table(limits.weakest_low),
        table(limits.weakest_high), table(limits.gap_low), table(limits.gap_high),
        rows={name: tuple(int(count) for count in total[:, at]) for at, name in enumerate(NAMES)},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LanguageFinding:
    """A head and a pattern that it follows in all languages alike, or in one far more than in another.

    pattern: a name of LISTED; offset: the distance of the pattern "offset", else None. weakest, gap: as in Agreement.
    low, high: 95% of the number it is ranked by. least_in, most_in: languages. languages: how many could be scored.
    """

    layer: int
    head: int
    pattern: str
    offset: int | None
    title: str
    weakest: float
    gap: float
    low: float
    high: float
    least_in: str
    most_in: str
    languages: int

    @property
    def reason(self) -> str:
        """The sentence to read."""
        least, most = f"{self.weakest:.2f} in {self.least_in}", f"{self.weakest + self.gap:.2f} in {self.most_in}"
        return f"{self.title}: from {least} to {most}, of {self.languages} languages."


def same_everywhere(agreement: Agreement, limit: int = 5) -> list[LanguageFinding]:
    """The heads that follow a pattern in every language, by their smallest score: one head per pattern, one pattern per head.

    Only patterns that most of the languages can show. Places where heads merely rest come last.
    Raises: SelectionError when limit is not a whole number from 1 up.
    """
    least = len(agreement.languages) // 2 + 1
    found = (
        _finding(agreement, pattern, place, agreement.weakest_low, agreement.weakest_high)
        for pattern in SLOTS
        for place in _places(agreement, pattern, agreement.weakest(pattern.name) >= MIN_KAPPA)
    )
    return _best([(one.weakest, one) for one in found if one.languages >= max(least, 2)], limit)


def differs_most(agreement: Agreement, limit: int = 5) -> list[LanguageFinding]:
    """The heads that follow a pattern in one language far more than in another, by the gap: listed as in same_everywhere.

    Only gaps that are surely, by their interval, above 0.1, of heads that follow the pattern in some language.
    Raises: SelectionError when limit is not a whole number from 1 up.
    """
    found = []
    for pattern in SLOTS:
        strongest = agreement.weakest(pattern.name) + agreement.gap(pattern.name)
        sure = (agreement.gap_low[pattern.name] > MIN_GAP) & (strongest >= MIN_KAPPA)
        for place in _places(agreement, pattern, sure):
            found.append(_finding(agreement, pattern, place, agreement.gap_low, agreement.gap_high))
    return _best([(one.gap, one) for one in found], limit)


def _places(agreement: Agreement, pattern: Pattern, wanted: Bool[Tensor, "layer head"]) -> list[tuple[int, int]]:
    """Where a pattern may be listed: a wide one only in heads that follow no narrow one more closely."""
    if pattern.causal_only and not agreement.causal:
        return []
    if pattern.wide:
        narrow = [agreement.kappa[one.name].nan_to_num(nan=0.0).amax(dim=0) for one in SLOTS if not one.wide]
        own = agreement.kappa[pattern.name].nan_to_num(nan=0.0).amax(dim=0)
        wanted = wanted & (own > torch.stack(narrow).amax(dim=0))
    return [(layer, head) for layer, head in wanted.nonzero().tolist()]


def _finding(
    agreement: Agreement, pattern: Pattern, place: tuple[int, int], low: Table, high: Table
) -> LanguageFinding:
    name, (layer, head) = pattern.name, place
    least_in, most_in = agreement.ends(name, layer, head)
    shown, offset = (ANY_OFFSET.name, pattern.offset) if pattern in OFFSETS else (pattern.name, None)
    return LanguageFinding(
        layer, head, shown, offset, title_of(pattern), weakest=float(agreement.weakest(name)[place]),
        gap=float(agreement.gap(name)[place]), low=float(low[name][place]), high=float(high[name][place]),
        least_in=least_in, most_in=most_in, languages=agreement.scored(name, layer, head),
    )  # fmt: skip


def _best(found: list[tuple[float, LanguageFinding]], limit: int) -> list[LanguageFinding]:
    """One head per pattern and one pattern per head, sinks last."""
    check_limit(limit)
    kept: dict[str, LanguageFinding] = {}
    for _, one in sorted(found, key=lambda row: (row[1].pattern in SINKS, -row[0])):
        if all((one.layer, one.head) != (other.layer, other.head) for other in kept.values()):
            kept.setdefault(one.pattern, one)
    return list(kept.values())[:limit]
