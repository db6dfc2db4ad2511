"""Scores: how much of a head's attention follows a pattern, over and above what chance and its own habits explain.

    r     mean over eligible rows of the attention on selected cells
    c_u   the same for uniform attention under the same mask
    c_s   the same for the head's own profile, estimated off the selected cells
    kappa = clip((r - c) / (1 - c), 0, 1)   with c = max(c_u, c_s)

Uniform attention scores 0, all attention on the pattern scores 1. A row is eligible when it has selected cells and others.
Source: the chance correction of Cohen 1960, "A coefficient of agreement for nominal scales".
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core.patterns.layout import Layout
from attention.core.patterns.table import PATTERNS, Pattern, applies

MIN_ROWS = 3
MAX_UNIFORM = 0.65


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """One pattern on one text: its cells and what no head changes. Computed once, used for every head."""

    pattern: Pattern
    query_pos: Tensor
    key_pos: Tensor
    rows: int
    uniform: float
    per_cell: Float[Tensor, " cell"]


@dataclass(frozen=True, eq=False, slots=True)
class HeadScores:
    """One pattern's numbers for the heads of one layer: kappa, the raw share r and the chance level c, each 0 to 1."""

    kappa: Float[Tensor, " head"]
    share: Float[Tensor, " head"]
    chance: Float[Tensor, " head"]


def selected(pattern: Pattern, text: Layout) -> Bool[Tensor, "query_pos key_pos"]:
    """The pattern's cells in the rows that count: allowed, selected, and not the whole row."""
    cells = pattern.select(text) & text.allowed & text.rows[:, None]
    count = cells.sum(dim=-1)
    return cells & ((count > 0) & (count < text.n_allowed))[:, None]


def plans(text: Layout) -> tuple[Plan, ...]:
    """The patterns that can be scored on this text: at least 3 eligible rows, and uniform attention at most 0.65."""
    found = []
    for pattern in PATTERNS:
        if not applies(pattern, text):
            continue
        cells = selected(pattern, text)
        query_pos, key_pos = cells.nonzero(as_tuple=True)
        rows = int(cells.any(dim=-1).sum())
        if rows < MIN_ROWS:
            continue
        per_cell = 1.0 / (text.n_allowed[query_pos] * rows)
        uniform = float(per_cell.sum())
        if uniform <= MAX_UNIFORM:
            found.append(Plan(pattern, query_pos, key_pos, rows, uniform, per_cell))
    return tuple(found)


def score_layer(
    weights: Float[Tensor, "head query_pos key_pos"], text: Layout, planned: tuple[Plan, ...]
) -> dict[str, HeadScores]:
    """Every planned pattern for every head of one layer, by pattern name.

    The profile is kept in lift (weight times allowed keys), so that rows of different length compare.
    """
    n = weights.shape[-1]
    counted = (text.allowed & text.rows[:, None]).float()
    lift = weights * (text.n_allowed * text.rows)[:, None]
    by_column = (lift.sum(dim=-2), counted.sum(dim=0))
    by_distance = (_diagonal_sums(lift), _diagonal_sums(counted[None])[0])
    scores = {}
    for plan in planned:
        cells = weights[:, plan.query_pos, plan.key_pos]
        share = cells.sum(dim=-1) / plan.rows
        place = plan.key_pos if plan.pattern.null == "column" else plan.key_pos - plan.query_pos + n - 1
        total, count = by_column if plan.pattern.null == "column" else by_distance
        inside = torch.zeros_like(total).index_add_(1, place, cells * text.n_allowed[plan.query_pos])
        outside = count - torch.zeros_like(count).index_add_(0, place, torch.ones_like(plan.per_cell))
        profile = torch.where(outside > 0.5, (total - inside) / outside.clamp_min(1.0), torch.ones_like(total))
        own = profile[:, place] @ plan.per_cell
        chance = own.clamp(min=plan.uniform, max=1.0 - 1e-6)
        kappa = ((share - chance) / (1 - chance)).clamp(0.0, 1.0)
        scores[plan.pattern.name] = HeadScores(kappa, share, chance)
    return scores


def _diagonal_sums(cells: Float[Tensor, "head query_pos key_pos"]) -> Float[Tensor, "head diagonal"]:
    """Sums along each diagonal; entry d + n - 1 holds key_pos - query_pos = d."""
    heads, n, _ = cells.shape
    padded = torch.nn.functional.pad(cells.flip(1), (0, n)).flatten(1)[:, : n * (2 * n - 1)]
    return padded.unflatten(1, (n, 2 * n - 1)).sum(dim=1)
