"""How far the smallest score over languages, and the gap, move when meanings are drawn again.

A meaning is drawn in all languages at once. Limits are turned around at what was found, as agreement.py says.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core.patterns.card import COVERAGE
from attention.core.patterns.plan import MIN_ROWS
from attention.core.patterns.sums import CHANCES, JUDGED, PLAIN, QUANTITIES, SLOTS, Sums, judged


@dataclass(frozen=True, eq=False, slots=True)
class Intervals:
    """Where 95% lie, 0 to 1; NaN where there are too few rows."""

    weakest_low: Float[Tensor, "head slot"]
    weakest_high: Float[Tensor, "head slot"]
    gap_low: Float[Tensor, "head slot"]
    gap_high: Float[Tensor, "head slot"]


def intervals(
    sums: Sums,
    kappa: Float[Tensor, "language head slot"],
    few: Bool[Tensor, "language head slot"],
    draws: int,
    seed: int,
) -> Intervals:
    """The intervals of the smallest score and of the gap.

    sums: by meaning and language. kappa: of all meanings of a language read as one. few: what is left out.
    """
    count = len(sums.patterns)
    drawn = torch.randint(count, (draws, count), generator=torch.Generator().manual_seed(seed))
    counts = torch.zeros(draws, count).scatter_add_(1, drawn, torch.ones(draws, count)).T
    zero = _always_zero(sums) & ~few
    changing = ~zero & ~few
    ends = []
    for at, pattern in enumerate(SLOTS):  # one after the other: the draws of one pattern stay in the processor's cache
        quantities = sums.patterns[..., at].permute(1, 2, 3, 0)
        needed = JUDGED if pattern.wide else PLAIN
        lowest, highest = _drawn(quantities, needed, changing[..., at], zero[..., at].any(dim=0), counts)
        moving, found = changing[..., at].any(dim=0), kappa[..., at]
        ends.append((*_around(least(found), lowest, moving), *_around(gap(found), highest - lowest, moving)))
    return Intervals(*(torch.stack(slots, dim=-1) for slots in zip(*ends, strict=True)))


def _drawn(
    quantities: Float[Tensor, "language quantity head meaning"], needed: list[int],
    changing: Bool[Tensor, "language head"], floor: Bool[Tensor, " head"], counts: Float[Tensor, "meaning draw"],
) -> tuple[Float[Tensor, "head draw"], Float[Tensor, "head draw"]]:  # fmt: skip
    """Smallest and largest score of each draw of meanings with replacement, NaN where there is none.

    changing: what draws can change. floor: heads with a language that is 0 whatever is drawn.
    """
    lowest, highest = (torch.full((len(floor), counts.shape[1]), end) for end in (torch.inf, -torch.inf))
    lowest[floor] = highest[floor] = 0.0
    alike = (quantities == quantities[:, :, :1]).flatten(2).all(dim=-1).tolist()
    for of_language, same, heads in zip(quantities, alike, changing, strict=True):
        at = heads.nonzero().flatten()
        if len(at):  # what is the same in every head, such as rows, is added up once
            parts = [of_language[one, :1] if same[one] else of_language[one].index_select(0, at) for one in needed]
            scores = judged([part @ counts for part in parts])[0]
            for ends, outer, blank in ((lowest, torch.minimum, torch.inf), (highest, torch.maximum, -torch.inf)):
                known = ends.index_select(0, at)
                ends.index_copy_(0, at, outer(known, scores.nan_to_num(nan=blank)))
    none = lowest > highest
    return lowest.masked_fill_(none, torch.nan), highest.masked_fill_(none, torch.nan)


def _always_zero(sums: Sums) -> Bool[Tensor, "language head slot"]:
    """What scores 0 in every draw of meanings: no meaning has more of it than one and the same kind of chance explains."""
    share, *chances = (sums.patterns[..., QUANTITIES.index(name), :, :] for name in ("share", *CHANCES))
    enough = sums.patterns[..., QUANTITIES.index("rows"), :, :].amin(dim=0) * len(share) >= MIN_ROWS
    return torch.stack([(share <= chance).all(dim=0) for chance in chances]).any(dim=0) & enough


def _around(
    found: Float[Tensor, " head"], drawn: Float[Tensor, "head draw"], moving: Bool[Tensor, " head"]
) -> tuple[Float[Tensor, " head"], Float[Tensor, " head"]]:
    """Both ends of 95%, turned around at what was found: what draws add to a largest score, the texts have added already."""
    low, high = drawn[:, :1].T.repeat(2, 1)
    at = moving.nonzero().flatten()
    if len(at):
        low[at], high[at] = _middle(drawn.index_select(0, at))
    return (2 * found - high).clamp(0.0, 1.0), (2 * found - low).clamp(0.0, 1.0)


def _middle(drawn: Float[Tensor, "head draw"]) -> tuple[Float[Tensor, " head"], Float[Tensor, " head"]]:
    """Where the middle 95% of the draws begin and end; NaN is none of them."""
    before, part = divmod((1 - COVERAGE) / 2 * (drawn.shape[1] - 1), 1.0)
    outer = min(int(before) + 2, drawn.shape[1])  # finding these takes a fraction of the time that sorting takes
    tails = (drawn.topk(outer, largest=largest).values[:, -2:] for largest in (False, True))
    low, high = (torch.lerp(tail[:, 0], tail[:, -1], part) for tail in tails)
    some = drawn.sum(dim=1).isnan()
    if bool(some.any()):
        ends = torch.tensor([(1 - COVERAGE) / 2, (1 + COVERAGE) / 2], dtype=drawn.dtype)
        low[some], high[some] = drawn[some].nanquantile(ends, dim=1)
    return low, high


def least(scores: Float[Tensor, "language ..."]) -> Float[Tensor, "..."]:
    """The smallest over the languages of those that are there, NaN where none is."""
    found = scores.nan_to_num(nan=torch.inf).amin(dim=0)
    return found.masked_fill(found.isinf(), torch.nan)


def gap(scores: Float[Tensor, "language ..."]) -> Float[Tensor, "..."]:
    """The largest over the languages less the smallest, of those that are there."""
    return -least(-scores) - least(scores)
