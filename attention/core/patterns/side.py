"""One reading of all heads: over all allowed keys (raw), or over content keys alone (working)."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core.patterns.layout import Band, Layout
from attention.core.patterns.plan import MIN_ROWS, cells, coefficients, plan_cells
from attention.core.patterns.steps import diagonal, plan_steps
from attention.core.patterns.sums import PLACE, QUANTITIES, SLOTS, Sums
from attention.core.patterns.table import OFFSETS, PATTERNS
from attention.core.patterns.wide import Narrowness, Places, places, room

_STEPS = tuple(pattern for pattern in (*PATTERNS, *OFFSETS) if pattern.offset is not None)
_CELLS = tuple(pattern for pattern in PATTERNS if pattern.offset is None)


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """One side's band. even_sums: coefficients summed over uniform attention. wide: where wide patterns lie, if there are any."""

    band: Band
    even_sums: Float[Tensor, "row column"]
    wide: Places | None


class Side:
    """Sums of one reading; `columns` and `add` every band, then read `sums`.

    Rows are divided by what they keep (`mass`); rows that keep too little are left out of shares and count as uniform
    attention in the profile.
    """

    def __init__(self, text: Layout, heads: int) -> None:
        self.text = text
        self.cell, self.step = plan_cells(_CELLS, text), plan_steps(_STEPS, text)
        self.patterns = (*self.cell.patterns, *self.step.patterns)
        self.eligible, self.deal = (
            torch.cat([getattr(plan, part) for plan in (self.cell, self.step)]).T for part in ("eligible", "deal")
        )
        self.wide = [at for at, pattern in enumerate(self.cell.patterns) if pattern.wide]
        self.n_columns = len(self.cell.patterns) + len(self.cell.of)
        n = len(text.ids)
        self.share, self.rows, self.variance = torch.zeros(3, heads, len(self.patterns), dtype=torch.float64)
        self.habit = torch.zeros(heads, len(self.cell.of), dtype=torch.float64)
        self.own = torch.zeros(heads, len(self.step.patterns), dtype=torch.float64)
        self.by_key = torch.zeros(heads, n, dtype=torch.float64)
        self.spread, self.focus, self.kept = torch.zeros(3, heads, dtype=torch.float64)
        self.narrow = Narrowness(heads, len(self.wide), n)
        self.room = room(tuple(self.cell.patterns[at] for at in self.wide), text)

    def own_band(self, band: Band) -> Band:
        """The band under this side's mask."""
        return Band(self.text, band.query_pos, band.distance)

    def prepared(self, columns: Float[Tensor, "column row key_pos"], band: Band) -> Prepared:
        """What of this side's own band is the same for all heads; columns: this side's."""
        even = (band.allowed / band.n_allowed.clamp_min(1.0)[:, None]).to(columns.dtype)
        wide = None
        if self.wide:
            chosen = cells(tuple(self.cell.patterns[at] for at in self.wide), band)
            wide = places(band, chosen, columns.dtype)
        return Prepared(band, (columns * even).sum(dim=-1).T, wide)

    def columns(self, band: Band) -> Float[Tensor, "column row key_pos"]:
        """Coefficients of this band; `band` is this side's own."""
        return coefficients(self.cell, band)

    def add(
        self, at: slice, prepared: Prepared, scaled: Float[Tensor, "row head key_pos"],
        sums: Float[Tensor, "row head column"], keep: Bool[Tensor, "row head"],
    ) -> None:  # fmt: skip
        """Add a band for some heads.

        scaled: what each row keeps, as parts of 1; zeros outside this side's keys and in rows that are not kept.
        sums: of scaled by coefficients.
        """
        band, even = prepared.band, prepared.even_sums
        rows = slice(int(band.query_pos[0]), int(band.query_pos[-1]) + 1)
        kind = scaled.dtype
        lost = (band.counted[:, None] & ~keep).to(kind)
        many, n = len(self.cell.patterns), band.n_allowed[:, None].to(kind)
        self.share[at, :many] += sums[..., :many].sum(dim=0)
        self.habit[at] += sums[..., many:].sum(dim=0) + lost.T @ even[:, many:]
        stepped = diagonal(self.step, scaled, rows)
        own = self.step.own[:, rows].T.to(kind)
        self.share[at, many:] += stepped.sum(dim=0)
        self.own[at] += (stepped * (own * n)[:, None]).sum(dim=0) + lost.T @ own
        total = scaled.sum(dim=0)
        alike = bool((n == n[0]).all())
        by_key = total * n[0] if alike else torch.tensordot(n[:, 0], scaled, dims=1)
        self.by_key[at] += by_key + lost.T @ band.allowed.to(kind)
        self.rows[at] += keep.to(kind).T @ self.eligible[rows].to(kind)
        self._add_shape(at, band, scaled, keep, rows)
        if prepared.wide is not None:
            self.narrow.add(at, prepared.wide, scaled, keep)

    def _add_shape(self, at: slice, band: Band, scaled: Tensor, keep: Tensor, rows: slice) -> None:
        """Distance to uniform attention and the largest weight, both 0 for uniform and 1 for a single key; squares.

        The distance is the sum of what stands above the even share.
        """
        even = (1.0 / band.n_allowed.clamp_min(1.0)).to(scaled.dtype)[:, None]
        above = torch.clamp_min(scaled, even[..., None]).sum(dim=-1) - even * scaled.shape[-1]
        rest = keep / (1.0 - even).clamp_min(1e-6)
        self.spread[at] += (above * rest).sum(dim=0)
        self.focus[at] += ((scaled.amax(dim=-1) - even) * rest).sum(dim=0)
        self.kept[at] += keep.sum(dim=0)
        squares = torch.linalg.vector_norm(scaled, dim=-1).square()
        self.variance[at] += ((squares - even).clamp_min(0.0) * keep).T @ self.deal[rows].to(scaled.dtype)

    def sums(self) -> Sums:
        """Everything added so far, pattern by pattern; a pattern without a plan has no rows."""
        many = len(self.cell.patterns)
        plans = (self.cell, self.step)
        number, uniform = (torch.cat([getattr(plan, part) for plan in plans]).double() for part in ("rows", "uniform"))
        rows = self.rows * (self.rows >= MIN_ROWS)
        share = self.share.clone()
        share[:, :many] *= number[:many]
        table = share.new_zeros(len(QUANTITIES), len(share), len(SLOTS))
        by_key, by_distance = torch.zeros(2, *share.shape, dtype=torch.float64)
        habit = self.habit + self.cell.constant
        for profile, pattern in enumerate(self.cell.of.tolist()):
            (by_key if self.cell.by_key[profile] else by_distance)[:, pattern] = habit[:, profile]
        by_key[:, many:] = self.by_key @ self.step.per_key.T - self.own + self.step.constant
        above, wide = torch.zeros(2, *share.shape, dtype=torch.float64)
        if self.wide:
            above[:, self.wide], wide[:, self.wide] = self.narrow.sums(self.room)
        chances = (part * rows for part in (uniform.expand_as(share), by_key, by_distance))
        quantities = (share, *chances, rows, self.variance, above, wide)
        enough = rows > 0
        at = [PLACE[pattern.name] for pattern in self.patterns]
        table[:, :, at] = torch.stack([part * enough for part in quantities])
        return Sums(table, torch.stack([self.spread, self.focus, self.kept]))
