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

    even: uniform attention in each row. target: the key at each short distance of each row, some key where there is none.
    near: whether that cell is selected. far: the other selected cells; None where a pattern has no such cell.
    """

    even: Float[Tensor, "row 1"]
    target: Int[Tensor, "row step"]
    near: Float[Tensor, "pattern row step"]
    far: tuple[Float[Tensor, "row key_pos"] | None, ...]


def places(band: Band, chosen: Bool[Tensor, "pattern row key_pos"], dtype: torch.dtype) -> Places:
    """The places of `plan.cells` of wide patterns, for weights of this dtype."""
    even = (1.0 / band.n_allowed.clamp_min(1.0)).to(dtype)
    target = band.query_pos[:, None] + torch.arange(-REACH, REACH + 1)
    last = chosen.shape[-1] - 1
    exists = (target >= 0) & (target <= last)
    target = target.clamp(0, last)
    near = (chosen.gather(2, target.expand(len(chosen), -1, -1)) & exists).to(dtype)
    far = [selected & (band.distance.abs() > REACH) for selected in chosen]
    return Places(even[:, None], target, near, tuple(one.to(dtype) if bool(one.any()) else None for one in far))


class Narrowness:
    """Adds up, for the wide patterns of one side, their excess per key and per short distance."""

    def __init__(self, heads: int, patterns: int, n: int) -> None:
        self.per_key = torch.zeros(patterns, heads, n, dtype=torch.float64)
        self.per_distance = torch.zeros(patterns, heads, 2 * REACH + 1, dtype=torch.float64)

    def add(
        self, at: slice, where: Places, scaled: Float[Tensor, "row head key_pos"], read: Bool[Tensor, "row head"]
    ) -> None:
        """Add a band for some heads. scaled: weights of rows that are read, zeros in others."""
        blank = read * where.even
        heads = scaled.shape[1]
        around = scaled.gather(2, where.target[:, None].expand(-1, heads, -1)) - blank[..., None]
        keys = where.target.flatten().expand(heads, -1)
        for pattern, (near, far) in enumerate(zip(where.near, where.far, strict=True)):
            found = around * near[:, None]
            self.per_distance[pattern, at] += found.sum(dim=0)
            per_key = torch.zeros_like(scaled[0]).scatter_add_(1, keys, found.transpose(0, 1).flatten(1))
            if far is not None:
                per_key += (scaled * far[:, None]).sum(dim=0) - blank.T @ far
            self.per_key[pattern, at] += per_key

    def sums(self, room: Float[Tensor, " pattern"]) -> tuple[Tensor, Tensor]:
        """What stands above uniform attention, and how much of it is not narrow, [head, pattern]; none where none stands."""
        above = self.per_key.sum(dim=-1).clamp_min(0.0)
        narrow = torch.maximum(self.per_key.amax(dim=-1), self.per_distance.amax(dim=-1))
        elsewhere = 1.0 - narrow / above.clamp_min(1e-9)
        return above.T, (
            above * (elsewhere / room[:, None].clamp_min(1e-9)).clamp(0.0, 1.0).where(room[:, None] > 1e-6, 1.0)
        ).T


def room(patterns: tuple[Pattern, ...], text: Layout) -> Float[Tensor, " pattern"]:
    """How much of a wide pattern must lie elsewhere than in one place for its full score: 0.4 where the text is long.

    In a short text even the pattern itself is narrow; a fifth less than what it leaves elsewhere is asked for then, and nothing
    where the pattern is but one place.
    """
    asked = torch.full((len(patterns),), ROOM, dtype=torch.float64)
    n = len(text.ids)
    if n > SHORT or not patterns:
        return asked
    whole = band(text, 0, n)
    chosen = cells(patterns, whole)
    even = chosen / chosen.sum(dim=-1, keepdim=True).clamp_min(1)
    itself = Narrowness(len(patterns), len(patterns), len(text.ids))
    weights = even.transpose(0, 1).double()
    read = torch.ones(weights.shape[:2], dtype=torch.bool)
    itself.add(slice(0, len(patterns)), places(whole, chosen, weights.dtype), weights, read)
    above, wide = itself.sums(torch.ones(len(patterns), dtype=torch.float64))
    left = wide.diagonal() / above.diagonal().clamp_min(1e-9)
    return torch.minimum(asked, LEFT * left)
