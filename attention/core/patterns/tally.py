"""Adds up what heads do, band by band, so that no array of heads times cells is ever made for a long text."""

from collections.abc import Iterable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core.patterns.layout import Band, Layout
from attention.core.patterns.plan import bands
from attention.core.patterns.side import Prepared, Side
from attention.errors import ShapeError

CONTENT_FLOOR = 0.02
"""Rows that keep less than this on content are not read as working: what is left of them is noise."""

CHUNK_CELLS = 5 << 17
"""Weights handled at a time: 2.5 MiB in float32, 5 MiB in float64."""

EXACT_TOKENS = 320
"""Up to this length everything is added up in float64, which costs little there."""

SUM_TOLERANCE = {torch.float16: 1e-2, torch.bfloat16: 1e-2}


def heads_at_once(cells: int) -> int:
    """How many heads of a band of so many cells are handled together."""
    return max(1, CHUNK_CELLS // cells)


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

    def add(self, band: Band, *parts: Float[Tensor, "_ row key_pos"]) -> None:
        """Add these rows of all heads, in as many parts as suits. Raises: ShapeError for a row that does not sum to 1."""
        self.add_each(band, parts)

    def add_each(self, band: Band, parts: Iterable[Float[Tensor, "_ row key_pos"]]) -> None:
        """The same from parts made one after the other, so that only one of them is held."""
        columns = self.columns(band)
        by_row = columns.permute(1, 2, 0)  # bmm takes such strides as they are, here and in the weights
        raw, working = self.raw.n_columns, self.working.n_columns
        own = self.working.own_band(band)
        sides = (
            self.raw.prepared(columns[:raw], band),
            self.working.prepared(columns[raw : raw + working], own),
        )
        real = self._real(band)
        begin = 0
        for weights in parts:
            tolerance = SUM_TOLERANCE.get(weights.dtype, 1e-3)
            for some in weights.split(heads_at_once(band.distance.numel())):
                rows = some.transpose(0, 1).to(self._dtype)
                if not bool(real.all()):
                    rows = rows.masked_fill(~real[:, None, None], 0.0)
                at = slice(begin, begin + len(some))
                sums = torch.bmm(rows, by_row)
                self._check(at, band, sums[..., -1], tolerance)
                self._add(at, sides, rows, sums)
                begin = at.stop

    def _add(self, at: slice, sides: tuple[Prepared, Prepared], weights: Tensor, sums: Tensor) -> None:
        raw, working = self.raw.n_columns, self.working.n_columns
        content, resting = sums[..., -3], sums[..., -2]
        counted = sides[0].band.counted[:, None].expand(-1, weights.shape[1])
        self.resting[at] += (resting * counted).sum(dim=0)
        part = weights if bool(counted.all()) else weights * counted[..., None]
        self.raw.add(at, sides[0], part, sums[..., :raw] * counted[..., None], counted)
        keep = sides[1].band.counted[:, None] & (content >= CONTENT_FLOOR)
        scale = (keep / torch.where(keep, content, 1.0))[..., None]
        part = (weights * self.text.content.to(weights.dtype)).mul_(scale)
        self.working.add(at, sides[1], part, sums[..., raw : raw + working] * scale, keep)

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
