"""What one text tells about its heads, as sums that add up over texts: scores are read off sums, never averaged.

Every quantity is summed over rows that count, so the sums of two texts added together are those of both texts read as one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.patterns.plan import MAX_UNIFORM, MIN_ROWS
from attention.core.patterns.table import OFFSETS, PATTERNS

SLOTS = (*PATTERNS, *OFFSETS)
"""What each column of a table of sums belongs to."""

PLACE = {pattern.name: at for at, pattern in enumerate(SLOTS)}

QUANTITIES = ("share", "uniform", "by_key", "by_distance", "rows", "variance", "above", "wide")
"""For each pattern: attention on its cells; the same for uniform attention and for the head's own profile per key and per
distance; rows; the variance if weights were dealt at random; what stands above uniform, and how much of that is not narrow."""

CHANCES = ("uniform", "by_key", "by_distance")
"""The quantities that a score is measured against, whichever is largest."""

PLAIN = [QUANTITIES.index(name) for name in ("share", *CHANCES, "rows")]
JUDGED = [*PLAIN, QUANTITIES.index("above"), QUANTITIES.index("wide")]
"""Where the quantities are that make a score: of narrow patterns, and of all."""

SHAPES = ("spread", "focus", "rows")
"""For each head: distance to uniform attention, largest weight above an even one, rows."""

MIN_ROOM = 1 - MAX_UNIFORM
"""What is left above chance is divided by at least this: closer to certainty, differences between two shares are noise."""


@dataclass(frozen=True, eq=False, slots=True)
class Sums:
    """Sums of one reading of all heads; a pattern that a text cannot show has no rows there."""

    patterns: Float[Tensor, "*sample quantity head slot"]
    shapes: Float[Tensor, "*sample shape head"]

    def numbers(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """kappa, share, chance and z [*sample, head, slot]; NaN (z 0) where there are too few rows.

        z: how many standard deviations the share stands above chance, if each row's weights were dealt to its keys at random.
        """
        by_quantity = self.patterns.movedim(-3, 0)
        rows, variance = by_quantity[QUANTITIES.index("rows")], by_quantity[QUANTITIES.index("variance")]
        kappa, share, chance = judged(by_quantity[JUDGED])
        z = (rows * (share - chance) / variance.clamp_min(1e-12).sqrt()).nan_to_num(nan=0.0)
        return kappa, share, chance, z

    def evenness_and_focus(self) -> tuple[Tensor, Tensor]:
        """1 - distance to uniform attention, and the largest weight, [*sample, head]; NaN where there are too few rows."""
        spread, focus, rows = self.shapes.unbind(dim=-2)
        few, count = rows < MIN_ROWS, rows.clamp_min(1.0)
        return (1.0 - spread / count).masked_fill(few, torch.nan), (focus / count).masked_fill(few, torch.nan)


def judged(quantities: Iterable[Float[Tensor, "*#place"]]) -> tuple[Tensor, Tensor, Tensor]:
    """kappa, share and chance [*place] of JUDGED, or of only PLAIN where no wide pattern is; NaN where there are too few rows."""
    share, uniform, by_key, by_distance, rows, *standing = quantities
    count = rows.clamp_min(1.0).masked_fill_(rows < MIN_ROWS, torch.nan)
    chance = torch.maximum(torch.maximum(uniform, by_key), by_distance).div_(count).clamp_(max=1.0)
    share = share / count
    kappa = (share - chance).div_((1.0 - chance).clamp_min_(MIN_ROOM)).clamp_(0.0, 1.0)
    if standing:
        above, wide = standing
        kappa = kappa * torch.where(above > 1e-9, wide / above.clamp_min(1e-9), 1.0).clamp_(0.0, 1.0)
    return kappa, share, chance


def stacked(texts: Sequence[Sums]) -> Sums:
    """The sums of several texts, one beside the other, in the smaller float: thousands of rows need no more.

    In memory, the numbers of one pattern lie together.
    """
    by_slot = torch.stack([text.patterns.float().movedim(-1, -3) for text in texts])
    return Sums(by_slot.movedim(-3, -1), torch.stack([text.shapes.float() for text in texts]))


def resampled(texts: Sums, counts: Float[Tensor, "sample text"]) -> Sums:
    """Each text counted `counts` times and added up: all ones for the pool, draws with replacement for a bootstrap."""
    return Sums(*(torch.tensordot(counts.double(), part.double(), dims=1) for part in (texts.patterns, texts.shapes)))
