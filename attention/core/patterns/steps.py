"""Patterns of one fixed distance: a diagonal each, so they cost a diagonal each instead of a matrix."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention.core.patterns.layout import Layout
from attention.core.patterns.plan import Plan, dealt, scorable
from attention.core.patterns.table import Pattern


@dataclass(frozen=True, eq=False, slots=True)
class StepPlan(Plan):
    """A plan of fixed distances; their profile is per key.

    target: the key each row's step leads to (any key where it leads nowhere). per_key: how much of c_s one unit of profile at
    a key makes. own: the same at each row's own target, to take the selected cells out of the profile again.
    constant: the part of c_s that no weight changes.
    """

    target: Int[Tensor, "pattern query_pos"]
    per_key: Float[Tensor, "pattern key_pos"]
    own: Float[Tensor, "pattern query_pos"]
    constant: Float[Tensor, " pattern"]


def plan_steps(patterns: tuple[Pattern, ...], text: Layout) -> StepPlan:
    """The fixed distances that can be scored on this text; the same definitions as plan.plan_cells."""
    patterns = tuple(pattern for pattern in patterns if pattern.applies(text))
    n = len(text.ids)
    position = torch.arange(n)
    target = position + torch.tensor([pattern.offset for pattern in patterns], dtype=torch.long)[:, None]
    exists = (target >= 0) & (target < n)
    target = target.clamp(0, n - 1)
    selected = exists & text.content[target] & text.allowed[position, target] & text.rows
    keys = text.n_allowed.clamp_min(1.0).double()
    rows = selected.sum(dim=-1).double()
    uniform = (selected / keys).sum(dim=-1) / rows.clamp_min(1.0)
    wanted, taken = (torch.zeros(len(patterns), n, dtype=torch.float64) for _ in range(2))
    wanted.scatter_add_(1, target, selected / keys)
    taken.scatter_add_(1, target, selected.double())
    seen = (text.allowed & text.rows[:, None]).sum(dim=0).double() - taken
    per_key = wanted / seen.clamp_min(1) / rows.clamp_min(1.0)[:, None]
    constant = uniform - (per_key * seen).sum(dim=-1)
    keep = scorable(rows, uniform)
    return StepPlan(
        tuple(patterns[at] for at in keep),
        selected[keep],
        rows[keep].float(),
        uniform[keep],
        dealt(selected[keep].double(), keys).float(),
        target=target[keep],
        per_key=per_key[keep],
        own=(per_key.gather(1, target) * selected)[keep].float(),
        constant=constant[keep],
    )
