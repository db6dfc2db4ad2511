"""Adds up what heads do, band by band, so that no array of heads times cells is ever made for a long text."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core.patterns.layout import Band, Layout
from attention.core.patterns.plan import bands
from attention.core.patterns.side import Side
from attention.errors import ShapeError

CONTENT_FLOOR = 0.02
"""Rows that keep less than this on content are not read as working: what is left of them is noise."""

CHUNK_CELLS = 5 << 17
"""Weights handled at a time: 2.5 MiB in float32, 5 MiB in float64."""

EXACT_TOKENS = 320
"""Up to this length everything is added up in float64, which costs little there."""

SUM_TOLERANCE = {torch.float16: 1e-2, torch.bfloat16: 1e-2}


class Tally:
    """Sums of all heads of one text under one mask. Add every band once, then read the two sides.

    exact: add a short text's weights up in float64; the weights of a capture are float32 to begin with.
    """

    def __init__(self, text: Layout, heads: int, *, exact: bool = True) -> None:
        self.text = text
        self.bands = bands(text)
        self.raw = Side(text, heads)
        self.working = Side(text.over_content(), heads)
        self.resting = torch.zeros(heads, dtype=torch.float64)
        self._dtype = torch.float64 if exact and len(text.ids) <= EXACT_TOKENS else torch.float32

    def columns(self, band: Band) -> Float[Tensor, "column row key_pos"]:
        """All coefficients of a band: raw, working, then content, resting and allowed keys."""
        text = self.text
        resting = text.special | (torch.arange(len(text.ids)) == text.first)
        marks = torch.stack([band.allowed & text.content, band.allowed & resting, band.allowed]).float()
        sides = [side.columns(side.own_band(band)) for side in (self.raw, self.working)]
        return torch.cat([*sides, marks]).to(self._dtype)

    def add(self, band: Band, weights: Float[Tensor, "head row key_pos"]) -> None:
        """Add these rows of all heads. Raises: ShapeError for a row that does not sum to 1."""
        tolerance = SUM_TOLERANCE.get(weights.dtype, 1e-3)
        columns = self.columns(band)
        by_row = columns.permute(1, 2, 0).contiguous()
        real = self._real(band)
        chunk = max(1, CHUNK_CELLS // band.distance.numel())
        for begin in range(0, weights.shape[0], chunk):
            some = weights[begin : begin + chunk].transpose(0, 1).to(self._dtype, memory_format=torch.contiguous_format)
            if not bool(real.all()):
                some = some.masked_fill(~real[:, None, None], 0.0)
            at = slice(begin, begin + some.shape[1])
            self._add(at, band, some, torch.bmm(some, by_row), columns, tolerance)

    def _add(self, at: slice, band: Band, weights: Tensor, sums: Tensor, columns: Tensor, tolerance: float) -> None:
        raw, working = self.raw.n_columns, self.working.n_columns
        content, resting, total = sums[..., -3], sums[..., -2], sums[..., -1]
        self._check(at, band, total, tolerance)
        counted = band.counted[:, None].expand(-1, weights.shape[1])
        self.resting[at] += (resting * counted).sum(dim=0)
        none = columns[:raw, :, 0].T  # no row of this side is ever left out
        part = weights if bool(counted.all()) else weights * counted[..., None]
        self.raw.add(at, band, part, sums[..., :raw] * counted[..., None], none, counted)
        own = self.working.own_band(band)
        even = (own.allowed / own.n_allowed.clamp_min(1.0)[:, None]).to(self._dtype)
        even_sums = (columns[raw : raw + working] * even).sum(dim=-1).T
        keep = own.counted[:, None] & (content >= CONTENT_FLOOR)
        scale = (keep / torch.where(keep, content, 1.0))[..., None]
        part = (weights * self.text.content).mul_(scale)
        self.working.add(at, own, part, sums[..., raw : raw + working] * scale, even_sums, keep)

    def _real(self, band: Band) -> Bool[Tensor, " row"]:
        """Rows that are not padding; what the others hold, be it NaN, is never read."""
        return self.text.allowed.any(dim=0)[band.query_pos] & band.allowed.any(dim=-1)

    def _check(self, at: slice, band: Band, total: Float[Tensor, "row head"], tolerance: float) -> None:
        wrong = ~((total - 1.0).abs() <= tolerance) & self._real(band)[:, None]
        if bool(wrong.any()):
            row, head = wrong.nonzero()[0].tolist()
            raise ShapeError(
                "bad_rows", row=int(band.query_pos[row]), head=at.start + head, got=float(total[row, head])
            )
