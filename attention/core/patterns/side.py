"""One reading of all heads: over all allowed keys (raw), or over content keys alone (working)."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention.core.patterns.layout import Band, Layout
from attention.core.patterns.plan import MIN_ROWS, coefficients, plan_cells
from attention.core.patterns.steps import plan_steps
from attention.core.patterns.sums import PLACE, SLOTS, Sums
from attention.core.patterns.table import OFFSETS, PATTERNS
from attention.core.patterns.wide import REACH, Narrowness, Places, places, room, targets

_STEPS = tuple(pattern for pattern in (*PATTERNS, *OFFSETS) if pattern.offset is not None)
_CELLS = tuple(pattern for pattern in PATTERNS if pattern.offset is None)


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """What of one side's band is the same for all heads.

    n, even: allowed keys of each row, and uniform attention there. even_sums: coefficients summed over it.
    near: by short distance, the coefficients of a row's weight there: of shares, of each step's own key, of wide patterns.
    by_row: of a row that is read, whatever it holds: the patterns it is eligible for, then uniform attention on the places of
    wide patterns; by_row_sums: over all rows that count. wide: those places, if there are any.
    """

    band: Band
    n: Float[Tensor, "*text row 1"]
    even: Float[Tensor, "*text row 1"]
    even_sums: Float[Tensor, "*text row column"]
    near: Float[Tensor, "*text step row kind"]
    by_row: Float[Tensor, "*text row place"]
    by_row_sums: Float[Tensor, "*text place"]
    deal: Float[Tensor, "*text row pattern"]
    target: Int[Tensor, "row step"]
    wide: Places | None


@dataclass(frozen=True, eq=False, slots=True)
class Rows:
    """Some heads' rows of a band as one side reads them.

    keep: rows that are read. scale: what each is multiplied by to become parts of 1; 0 where it is not read.
    weights: zero outside this side's keys. near: weights at short distances. total: the sum over rows of scaled weights times n.
    far: the sum over rows of scaled weights on the far places of each wide pattern, None where it has none.
    sums: the same of scaled weights by this side's columns.
    """

    keep: Bool[Tensor, "*text row head"]
    scale: Float[Tensor, "*text row head"]
    weights: Float[Tensor, "*text row head key_pos"]
    near: Float[Tensor, "*text row head step"]
    total: Float[Tensor, "*text head key_pos"]
    far: tuple[Float[Tensor, "*text head key_pos"] | None, ...]
    sums: Float[Tensor, "*text head column"]


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
            torch.cat([getattr(plan, part) for plan in (self.cell, self.step)], dim=-2).mT
            for part in ("eligible", "deal")
        )
        self.wide = [at for at, pattern in enumerate(self.cell.patterns) if pattern.wide]
        self.steps = [REACH + pattern.offset for pattern in self.step.patterns if pattern.offset is not None]
        self.n_columns = len(self.cell.patterns) + len(self.cell.of)
        each = (*text.texts, heads)
        self.share, self.rows, self.variance = torch.zeros(3, *each, len(self.patterns), dtype=torch.float64)
        self.habit = torch.zeros(*each, len(self.cell.of), dtype=torch.float64)
        self.own = torch.zeros(*each, len(self.step.patterns), dtype=torch.float64)
        self.by_key = torch.zeros(*each, text.n, dtype=torch.float64)
        self.spread, self.focus, self.kept = torch.zeros(3, *each, dtype=torch.float64)
        self.narrow = Narrowness(text, heads, len(self.wide))
        self.room = room(tuple(self.cell.patterns[at] for at in self.wide), text)

    def own_band(self, band: Band) -> Band:
        """The band under this side's mask."""
        return Band(self.text, band.query_pos, band.distance)

    def prepared(self, columns: Float[Tensor, "*text column row key_pos"], band: Band) -> Prepared:
        """What of this side's own band is the same for all heads; columns: this side's."""
        kind, rows = columns.dtype, slice(int(band.query_pos[0]), int(band.query_pos[-1]) + 1)
        n = band.n_allowed[..., None].to(kind)
        even = 1.0 / n.clamp_min(1.0)
        eligible = self.eligible[..., rows, :].to(kind)
        own = self.step.own[..., rows].to(kind)
        near = columns.new_zeros(*self.text.texts, 2 * REACH + 1, len(band.query_pos), 2 + len(self.wide))
        near[..., 0][..., self.steps, :] = eligible[..., len(self.cell.patterns) :].mT
        near[..., 1][..., self.steps, :] = own * n.mT
        by_row, wide = eligible, None
        if self.wide:
            wide = places(band, self.cell.marks(band).chosen[..., self.wide, :, :])
            near[..., 2:] = wide.near.transpose(-3, -1)
            blank = [even * part.transpose(-3, -2).flatten(-2) for part in (wide.near, wide.chosen)]
            by_row = torch.cat([eligible, *blank], dim=-1)
        even_sums = (columns * (band.allowed * even)[..., None, :, :]).sum(dim=-1).mT
        by_row_sums = (band.counted[..., None, :].to(kind) @ by_row)[..., 0, :]
        return Prepared(
            band, n, even, even_sums, near, by_row, by_row_sums, self.deal[..., rows, :].to(kind), targets(band)[0],
            wide,
        )  # fmt: skip

    def columns(self, band: Band) -> Float[Tensor, "*text column row key_pos"]:
        """Coefficients of this band; `band` is this side's own."""
        return coefficients(self.cell, band)

    def add(self, at: slice, prepared: Prepared, rows: Rows) -> None:
        """Add a band for some heads."""
        many, patterns = len(self.cell.patterns), len(self.patterns)
        self.share[..., at, :many] += rows.sums[..., :many]
        self.habit[..., at, :] += rows.sums[..., many:]
        near = rows.near * rows.scale[..., None]
        by_step = near.transpose(-3, -1).contiguous() @ prepared.near
        self.share[..., at, many:] += by_step[..., 0][..., self.steps, :].mT
        self.own[..., at, :] += by_step[..., 1][..., self.steps, :].mT
        self.by_key[..., at, :] += rows.total
        by_row = self._add_lost(at, prepared, rows.keep)
        self.rows[..., at, :] += by_row[..., :patterns]
        self._add_shape(at, prepared, rows)
        if prepared.wide is not None:
            self._add_wide(at, prepared, near, rows.far)
            self.narrow.per_distance[..., at, :] += by_step[..., 2:].transpose(-3, -1)
            beside = len(self.wide) * (2 * REACH + 1)
            for sums, blank in (
                (self.narrow.per_distance, by_row[..., patterns : patterns + beside]),
                (self.narrow.per_key, by_row[..., patterns + beside :]),
            ):
                sums[..., at, :] -= blank.unflatten(-1, (len(self.wide), -1)).transpose(-3, -2)

    def _add_lost(
        self, at: slice, prepared: Prepared, keep: Bool[Tensor, "*text row head"]
    ) -> Float[Tensor, "*text #head place"]:
        """`by_row` summed over rows that are read; those that keep too little count as uniform attention in the profile."""
        whole = prepared.by_row_sums[..., None, :]
        lost = prepared.band.counted[..., None] & ~keep
        if not bool(lost.any()):
            return whole
        weight = lost.to(prepared.n.dtype).mT
        where = slice(int(prepared.band.query_pos[0]), int(prepared.band.query_pos[-1]) + 1)
        self.habit[..., at, :] += weight @ prepared.even_sums[..., len(self.cell.patterns) :]
        self.own[..., at, :] += weight @ self.step.own[..., where].mT.to(weight.dtype)
        self.by_key[..., at, :] += weight @ prepared.band.allowed.to(weight.dtype)
        return whole - weight @ prepared.by_row

    def _add_wide(
        self, at: slice, prepared: Prepared, near: Float[Tensor, "*text row head step"], far: tuple[Tensor | None, ...]
    ) -> None:
        assert prepared.wide is not None
        keys = prepared.target.flatten().expand(*self.text.texts, near.shape[-2], -1)
        for pattern, (cells_of, beyond) in enumerate(zip(prepared.wide.near.unbind(dim=-3), far, strict=True)):
            per_key = self.narrow.per_key[..., pattern, at, :]
            if bool(cells_of.any()):
                found = (near * cells_of[..., None, :]).transpose(-3, -2).flatten(-2)
                per_key.scatter_add_(-1, keys, found.double())
            if beyond is not None:
                per_key += beyond

    def _add_shape(self, at: slice, prepared: Prepared, rows: Rows) -> None:
        """Distance to uniform attention and the largest weight, both 0 for uniform and 1 for a single key; squares.

        The distance is the sum of what stands above the even share.
        """
        even, scale = prepared.even, rows.scale
        floor = (even / scale).masked_fill_(scale == 0, 0.0)  # compared before scaling, so that no scaled copy is made
        above = torch.clamp_min(rows.weights, floor[..., None]).sum(dim=-1) * scale - even * rows.weights.shape[-1]
        rest = rows.keep / (1.0 - even).clamp_min(1e-6)
        self.spread[..., at] += (above * rest).sum(dim=-2)
        self.focus[..., at] += ((rows.weights.amax(dim=-1) * scale - even) * rest).sum(dim=-2)
        self.kept[..., at] += rows.keep.sum(dim=-2)
        squares = (torch.linalg.vector_norm(rows.weights, dim=-1) * scale).square()
        self.variance[..., at, :] += ((squares - even).clamp_min(0.0) * rows.keep).mT @ prepared.deal

    def sums(self) -> Sums:
        """Everything added so far, pattern by pattern; a pattern without a plan has no rows."""
        many = len(self.cell.patterns)
        plans = (self.cell, self.step)
        number, uniform = (
            torch.cat([getattr(plan, part) for plan in plans], dim=-1).double()[..., None, :]
            for part in ("rows", "uniform")
        )
        rows = self.rows * (self.rows >= MIN_ROWS)
        share = self.share.clone()
        share[..., :many] *= number[..., :many]
        by_key, by_distance = torch.zeros(2, *share.shape, dtype=torch.float64)
        habit = self.habit + self.cell.constant[..., None, :]
        for profile, (pattern, of_keys) in enumerate(
            zip(self.cell.of.tolist(), self.cell.by_key.tolist(), strict=True)
        ):
            (by_key if of_keys else by_distance)[..., pattern] = habit[..., profile]
        by_key[..., many:] = self.by_key @ self.step.per_key.mT - self.own + self.step.constant[..., None, :]
        above, wide = torch.zeros(2, *share.shape, dtype=torch.float64)
        if self.wide:
            above[..., self.wide], wide[..., self.wide] = self.narrow.sums(self.room)
        chances = (part * rows for part in (uniform.expand_as(share), by_key, by_distance))
        quantities = torch.stack([share, *chances, rows, self.variance, above, wide], dim=-3)
        table = quantities.new_zeros(*quantities.shape[:-1], len(SLOTS))
        table[..., [PLACE[pattern.name] for pattern in self.patterns]] = quantities * (rows > 0)[..., None, :, :]
        return Sums(table, torch.stack([self.spread, self.focus, self.kept], dim=-2))
