"""Wide patterns hold the cells of narrow ones: how much of what a head adds there is one distance, or one key.

With x = weight - 1/n on the pattern's cells and m = the largest part of sum x that lies at one distance of at most 6 or on one
key, the pattern's score is multiplied by min(1, (1 - m) / room), with room = min(0.4, 0.8 (1 - m of the even pattern itself)).
A previous-token head is local, but that is not its name.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core.patterns.layout import Band, Layout
from attention.core.patterns.plan import bands, cells
from attention.core.patterns.table import Pattern

REACH = 6
ROOM = 0.4
LEFT = 0.8


class Narrowness:
    """Adds up, for the wide patterns of one side, their excess per key and per short distance."""

    def __init__(self, heads: int, patterns: int, n: int) -> None:
        self.per_key = torch.zeros(patterns, heads, n, dtype=torch.float64)
        self.per_distance = torch.zeros(patterns, heads, 2 * REACH + 1, dtype=torch.float64)

    def add(
        self, at: slice, band: Band, scaled: Float[Tensor, "row head key_pos"], total: Float[Tensor, "head key_pos"],
        read: Bool[Tensor, "row head"], chosen: Bool[Tensor, "pattern row key_pos"],
    ) -> None:  # fmt: skip
        """Add a band for some heads. scaled: weights of rows that are read, zeros in others. total: their sum over rows."""
        even = (1.0 / band.n_allowed.clamp_min(1.0)).to(scaled.dtype)
        blank = read * even[:, None]
        target = band.query_pos[:, None] + torch.arange(-REACH, REACH + 1)
        exists = (target >= 0) & (target < scaled.shape[-1])
        target = target.clamp(0, scaled.shape[-1] - 1)
        near = scaled.gather(2, target[:, None].expand(-1, scaled.shape[1], -1)) - blank[..., None]
        for pattern, selected in enumerate(chosen):
            inside = (selected.gather(1, target) & exists).to(scaled.dtype)
            self.per_distance[pattern, at] += (near * inside[:, None]).sum(dim=0)
            self.per_key[pattern, at] += _added(scaled, total, selected) - blank.T @ selected.to(scaled.dtype)

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
    parts = bands(text)
    if len(parts) > 1 or not patterns:
        return asked
    chosen = cells(patterns, parts[0])
    even = chosen / chosen.sum(dim=-1, keepdim=True).clamp_min(1)
    itself = Narrowness(len(patterns), len(patterns), len(text.ids))
    weights = even.transpose(0, 1).double()
    read = torch.ones(weights.shape[:2], dtype=torch.bool)
    itself.add(slice(0, len(patterns)), parts[0], weights, weights.sum(dim=0), read, chosen)
    above, wide = itself.sums(torch.ones(len(patterns), dtype=torch.float64))
    left = wide.diagonal() / above.diagonal().clamp_min(1e-9)
    return torch.minimum(asked, LEFT * left)


def _added(
    scaled: Float[Tensor, "row head key_pos"],
    total: Float[Tensor, "head key_pos"],
    selected: Bool[Tensor, "row key_pos"],
) -> Float[Tensor, "head key_pos"]:
    """The selected part of `total`: a key that all rows select has all of it, and only keys that some select are added up again."""
    every, some = selected.all(dim=0), selected.any(dim=0)
    added = total * every
    mixed = (some & ~every).nonzero().flatten()
    if len(mixed):
        part = scaled.index_select(2, mixed) * selected[:, None, mixed]
        added[:, mixed] = part.sum(dim=0)
    return added
