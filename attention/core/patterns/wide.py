"""Wide patterns hold the cells of narrow ones: how much of what a head adds there is one distance, or one key.

With x = weight - 1/n on the pattern's cells and m = the largest part of sum x that lies at one distance of at most 6 or on one
key, the pattern's score is multiplied by min(1, (1 - m) / room), with room = min(0.4, 0.8 (1 - m of the even pattern itself)).
A previous-token head is local, but that is not its name.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention.core.patterns.layout import Band, Layout, band
from attention.core.patterns.plan import cells
from attention.core.patterns.table import Pattern

REACH = 6
ROOM = 0.4
LEFT = 0.8
SHORT = 128


@dataclass(frozen=True, eq=False, slots=True)
class Places:
    """Where the cells of wide patterns lie in a band: near, by distance, and far, by key.

    chosen: all of them. near: whether the cell at each short distance is one. far: those at longer distances; None where a
    pattern has no such cell.
    """

    chosen: Bool[Tensor, "*text pattern row key_pos"]
    near: Bool[Tensor, "*text pattern row step"]
    far: tuple[Bool[Tensor, "*text row key_pos"] | None, ...]


def targets(band: Band) -> tuple[Int[Tensor, "row step"], Bool[Tensor, "row step"]]:
    """The key at each short distance of each row, some key where there is none; and whether there is."""
    last = band.distance.shape[-1] - 1
    target = band.query_pos[:, None] + torch.arange(-REACH, REACH + 1)
    return target.clamp(0, last), (target >= 0) & (target <= last)


def places(band: Band, chosen: Bool[Tensor, "*text pattern row key_pos"]) -> Places:
    """The places of `plan.cells` of wide patterns."""
    target, exists = targets(band)
    near = chosen.gather(-1, target.expand(*chosen.shape[:-2], -1, -1)) & exists
    beyond = (chosen & (band.distance.abs() > REACH)).unbind(dim=-3)
    return Places(chosen, near, tuple(far if bool(far.any()) else None for far in beyond))


class Narrowness:
    """What the wide patterns of one side hold above uniform attention, per key and per short distance."""

    def __init__(self, text: Layout, heads: int, patterns: int) -> None:
        self.per_key = torch.zeros(*text.texts, patterns, heads, text.n, dtype=torch.float64)
        self.per_distance = torch.zeros(*text.texts, patterns, heads, 2 * REACH + 1, dtype=torch.float64)

    def sums(self, room: Float[Tensor, "*text pattern"]) -> tuple[Tensor, Tensor]:
        """What stands above uniform attention, and how much of it is not narrow, [*text, head, pattern]; none where none does."""
        above = self.per_key.sum(dim=-1).clamp_min(0.0)
        narrow = torch.maximum(self.per_key.amax(dim=-1), self.per_distance.amax(dim=-1))
        elsewhere = 1.0 - narrow / above.clamp_min(1e-9)
        of_all = room[..., None]
        return above.mT, (above * (elsewhere / of_all.clamp_min(1e-9)).clamp(0.0, 1.0).where(of_all > 1e-6, 1.0)).mT


def room(patterns: tuple[Pattern, ...], text: Layout) -> Float[Tensor, "*text pattern"]:
    """How much of a wide pattern must lie elsewhere than in one place for its full score: 0.4 where the text is long.

    In a short text even the pattern itself is narrow; a fifth less than what it leaves elsewhere is asked for then, and nothing
    where the pattern is but one place.
    """
    asked = torch.full((*text.texts, len(patterns)), ROOM, dtype=torch.float64)
    if text.n > SHORT or not patterns:
        return asked
    whole = band(text, 0, text.n)
    chosen = cells(patterns, whole)
    own = places(whole, chosen)
    keys = chosen.sum(dim=-1, keepdim=True).double()
    excess = (1.0 / keys.clamp_min(1.0) - 1.0 / whole.n_allowed.clamp_min(1.0)[..., None, :, None]) * (keys > 0)
    itself = Narrowness(text, 1, len(patterns))
    itself.per_key[..., 0, :] = (excess * chosen).sum(dim=-2)
    itself.per_distance[..., 0, :] = (excess * own.near).sum(dim=-2)
    above, wide = itself.sums(torch.ones_like(asked))
    return torch.minimum(asked, LEFT * wide[..., 0, :] / above[..., 0, :].clamp_min(1e-9))
