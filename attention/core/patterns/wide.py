"""Wide patterns hold the cells of narrow ones: how much of what a head adds there is one distance, or one key.

With x = weight - 1/n on the pattern's cells and m = the largest part of sum x that lies at one distance of at most 6 or on one
key, the pattern's score is multiplied by min(1, (1 - m) / 0.4). A previous-token head is local, but that is not its name.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core.patterns.layout import Band

REACH = 6
ROOM = 0.4


class Narrowness:
    """Adds up, for the wide patterns of one side, their excess per key and per short distance."""

    def __init__(self, heads: int, patterns: int, n: int) -> None:
        self.per_key = torch.zeros(patterns, heads, n, dtype=torch.float64)
        self.per_distance = torch.zeros(patterns, heads, 2 * REACH + 1, dtype=torch.float64)

    def add(
        self, at: slice, band: Band, weights: Float[Tensor, "row head key_pos"], scale: Float[Tensor, "row head"],
        chosen: Bool[Tensor, "pattern row key_pos"],
    ) -> None:  # fmt: skip
        """Add a band for some heads; rows are multiplied by `scale`, 0 for rows that are not read."""
        even = (1.0 / band.n_allowed.clamp_min(1.0)).to(weights.dtype)
        blank = (scale > 0) * even[:, None]
        target = band.query_pos[:, None] + torch.arange(-REACH, REACH + 1)
        exists = (target >= 0) & (target < weights.shape[-1])
        target = target.clamp(0, weights.shape[-1] - 1)
        near = weights.gather(2, target[:, None].expand(-1, weights.shape[1], -1)) * scale[..., None] - blank[..., None]
        for pattern, cells in enumerate(chosen):
            inside = (cells.gather(1, target) & exists).to(weights.dtype)
            self.per_distance[pattern, at] += (near * inside[:, None]).sum(dim=0)
            mask = cells.to(weights.dtype)
            added = (weights * mask[:, None]).mul_(scale[..., None]).sum(dim=0)
            self.per_key[pattern, at] += added - blank.T @ mask

    def factors(self) -> Float[Tensor, "head pattern"]:
        """What each wide pattern's score is multiplied by, 0 to 1."""
        excess = self.per_key.sum(dim=-1)
        largest = torch.maximum(self.per_key.amax(dim=-1), self.per_distance.amax(dim=-1))
        part = torch.where(excess > 1e-9, largest / excess.clamp_min(1e-9), 0.0)
        return ((1.0 - part) / ROOM).clamp(0.0, 1.0).T
