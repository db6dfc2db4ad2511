"""Scores: how much of a head's attention follows a pattern, over and above what chance and its own habits explain.

    r     mean over eligible rows of the attention on selected cells
    c_u   the same for uniform attention under the same mask
    c_s   the same for the head's own profile, estimated off the selected cells
    kappa = clip((r - c) / max(1 - c, 0.35), 0, 1)   with c = max(c_u, c_s)

A row is eligible when it has selected cells and others. The profile is what a head adds to uniform attention, on average, at
the same key or the same distance. Uniform attention scores 0; "x of the pattern and 1 - x uniform" scores x, under any mask.

r and c_s are linear in the weights, so a pattern on a text is two n x n arrays of coefficients, made once for all heads.
Source: the chance correction of Cohen 1960, "A coefficient of agreement for nominal scales".
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core.patterns.layout import Layout
from attention.core.patterns.table import PATTERNS, Pattern

MIN_ROWS = 3
MAX_UNIFORM = 0.65
MIN_ROOM = 1 - MAX_UNIFORM
"""What is left above chance is divided by at least this: closer to certainty, differences between two shares are noise."""


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """One pattern on one text. cells: the selected ones of eligible rows; rows: how many of those; uniform: c_u."""

    pattern: Pattern
    cells: Bool[Tensor, "query_pos key_pos"]
    rows: int
    uniform: float


@dataclass(frozen=True, eq=False, slots=True)
class Plans:
    """The patterns one text can show, and all that no head changes.

    coefficients: of each weight in r and in c_s; offset: the part of c_s that no weight changes.
    """

    each: tuple[Plan, ...]
    coefficients: Float[Tensor, "pattern 2 cell"]
    offset: Float[Tensor, " pattern"]


@dataclass(frozen=True, eq=False, slots=True)
class HeadScores:
    """One pattern's numbers for the heads of one layer: kappa, the raw share r and the chance level c, each 0 to 1."""

    kappa: Float[Tensor, " head"]
    share: Float[Tensor, " head"]
    chance: Float[Tensor, " head"]


def plans(text: Layout) -> Plans:
    """The patterns that can be scored on this text: at least 3 eligible rows, and uniform attention at most 0.65."""
    even = text.allowed / text.n_allowed.clamp_min(1.0)[:, None]
    each, coefficients, offset = [], [torch.zeros(0, 2, even.numel())], []
    for pattern in PATTERNS:
        plan = _plan(pattern, text)
        if plan is None:
            continue
        habit = _habit(plan, text, even)
        each.append(plan)
        coefficients.append(torch.stack([plan.cells / plan.rows, habit]).flatten(1)[None])
        offset.append(plan.uniform - float((habit * even).sum()))
    return Plans(tuple(each), torch.cat(coefficients), torch.tensor(offset))


def score_layer(weights: Float[Tensor, "head query_pos key_pos"], planned: Plans) -> dict[str, HeadScores]:
    """Every planned pattern for every head of one layer, by pattern name; in float32 at least."""
    precise = torch.promote_types(weights.dtype, torch.float32)
    coefficients = planned.coefficients.to(precise)
    sums = weights.to(precise).flatten(1) @ coefficients.flatten(0, 1).T
    share, habit = sums.unflatten(-1, (-1, 2)).unbind(-1)
    uniform = torch.tensor([plan.uniform for plan in planned.each], dtype=precise)
    chance = torch.maximum(habit + planned.offset, uniform).clamp_max(1.0)
    kappa = ((share - chance) / (1.0 - chance).clamp_min(MIN_ROOM)).clamp(0.0, 1.0)
    return {
        plan.pattern.name: HeadScores(kappa[:, column], share[:, column], chance[:, column])
        for column, plan in enumerate(planned.each)
    }


def _plan(pattern: Pattern, text: Layout) -> Plan | None:
    if pattern.both_ways and text.causal:
        return None
    cells = pattern.select(text) & text.allowed & text.rows[:, None]
    count = cells.sum(dim=-1)
    eligible = (count > 0) & (count < text.n_allowed)
    rows = int(eligible.sum())
    if rows < MIN_ROWS:
        return None
    uniform = float((count[eligible].double() / text.n_allowed[eligible]).mean())
    if uniform > MAX_UNIFORM:
        return None
    return Plan(pattern, cells & eligible[:, None], rows, uniform)


def _habit(plan: Plan, text: Layout, even: Float[Tensor, "query_pos key_pos"]) -> Float[Tensor, "query_pos key_pos"]:
    """How much each weight outside the pattern says about the cells inside: the coefficients of c_s.

    What a head adds to uniform attention (`even`) is averaged per key or per distance, in a unit in which rows with few keys
    and rows with many compare: 1/n for a key (so many times its even share), 1 - 1/n for a distance (a part of what uniform
    attention leaves: a head that gives everything to the token before it does so in short and in long rows alike).
    """
    n = len(text.ids)
    outside = text.allowed & text.rows[:, None] & ~plan.pattern.select(text)
    if plan.pattern.null == "column":
        unit, seen = even, outside.sum(dim=0)
        wanted = (plan.cells * unit).sum(dim=0)
        per_cell = (wanted / seen.clamp_min(1)).expand(n, n)
    else:
        unit, place = 1.0 - even, (text.distance + n - 1).flatten()
        wanted, seen = (torch.bincount(place, weights=part.flatten()) for part in (plan.cells * unit, outside.float()))
        per_cell = (wanted / seen.clamp_min(1)).unfold(0, n, 1).flip(0)  # row i reads the distances -i to n - 1 - i
    return torch.where(outside, per_cell / (unit * plan.rows), 0.0)
