"""Patterns of one fixed distance: a diagonal each, so they cost a diagonal each instead of a matrix."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.patterns.layout import Layout
from attention.core.patterns.plan import Plan, anywhere, dealt, occurring, scorable
from attention.core.patterns.table import Pattern


@dataclass(frozen=True, eq=False, slots=True)
class StepPlan(Plan):
    """A plan of fixed distances; their profile is per key.

    per_key: how much of c_s one unit of profile at a key makes. own: the same at the key each row's step leads to, to take the
    selected cells out of the profile again.
    constant: the part of c_s that no weight changes.
    """

    per_key: Float[Tensor, "*text pattern key_pos"]
    own: Float[Tensor, "*text pattern query_pos"]
    constant: Float[Tensor, "*text pattern"]


def plan_steps(patterns: tuple[Pattern, ...], text: Layout) -> StepPlan:
    """The fixed distances that can be scored on this text; the same definitions as plan.plan_cells."""
    patterns, occurs = occurring(patterns, text)
    position = torch.arange(text.n)
    target = position + torch.tensor([pattern.offset for pattern in patterns], dtype=torch.long)[:, None]
    exists = (target >= 0) & (target < text.n)
    target = target.clamp(0, text.n - 1)
    selected = exists & text.content[..., target] & text.allowed[..., position, target] & text.rows[..., None, :]
    keys = text.n_allowed.clamp_min(1.0).double()[..., None, :]
    rows = selected.sum(dim=-1).double()
    uniform = (selected / keys).sum(dim=-1) / rows.clamp_min(1.0)
    keyed = target.expand(selected.shape)
    wanted, taken = torch.zeros(2, *selected.shape, dtype=torch.float64)
    wanted.scatter_add_(-1, keyed, selected / keys)
    taken.scatter_add_(-1, keyed, selected.double())
    seen = (text.allowed & text.rows[..., None]).sum(dim=-2).double()[..., None, :] - taken
    per_key = wanted / seen.clamp_min(1) / rows.clamp_min(1.0)[..., None]
    constant = uniform - (per_key * seen).sum(dim=-1)
    scored = occurs & scorable(rows, uniform)
    keep = anywhere(scored)
    return StepPlan(
        tuple(patterns[at] for at in keep),
        (selected & scored[..., None])[..., keep, :],
        (rows * scored)[..., keep].float(),
        uniform[..., keep],
        dealt(selected.double(), keys)[..., keep, :].float(),
        per_key=per_key[..., keep, :],
        own=(per_key.gather(-1, keyed) * selected)[..., keep, :].float(),
        constant=constant[..., keep],
    )
