"""Adds up what heads do, band by band, so that no array of heads times cells is ever made for a long text."""

from collections.abc import Iterable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core.patterns.layout import Band, Layout
from attention.core.patterns.plan import EXACT_TOKENS, bands
from attention.core.patterns.side import Prepared, Rows, Side
from attention.errors import ShapeError

CONTENT_FLOOR = 0.02
"""Rows that keep less than this on content are not read as working: what is left of them is noise."""

CHUNK_CELLS = 5 << 17
"""Weights handled at a time: 2.5 MiB in float32, 5 MiB in float64."""

SUM_TOLERANCE = {torch.float16: 1e-2, torch.bfloat16: 1e-2}


def heads_at_once(cells: int) -> int:
    """How many heads of a band of so many cells are handled together."""
    return max(1, CHUNK_CELLS // cells)


def _far(
    prepared: list[Prepared],
    scale: Float[Tensor, "*text head side row"],
    weights: Float[Tensor, "*text row head key_pos"],
) -> list[tuple[Float[Tensor, "*text head key_pos"] | None, ...]]:
    """For each side, the sums of scaled weights on the far places of its wide patterns; places both have are summed once."""
    found: list[tuple[Tensor, Tensor]] = []
    sides = []
    for number, one in enumerate(prepared):
        sums: list[Tensor | None] = []
        for cells in () if one.wide is None else one.wide.far:
            if cells is None:
                sums.append(None)
                continue
            known = next((total for mask, total in found if torch.equal(mask, cells)), None)
            if known is None:
                there = weights * cells[..., None, :]
                known = scale @ there.transpose(-3, -2)
                found.append((cells, known))
            sums.append(known[..., number, :])
        sides.append(tuple(sums))
    return sides


class Tally:
    """Sums of all heads of one text, or of several, under one mask. Add every band once, then read the two sides.

    exact: add a short text's weights up in float64; the weights of a capture are float32 to begin with.
    working: read over content alone as well; without it there is one side only.
    """

    def __init__(self, text: Layout, heads: int, *, exact: bool = True, working: bool = True) -> None:
        self.text = text
        self.bands = bands(text)
        self.raw = Side(text, heads)
        self.sides = (self.raw, Side(text.over_content(), heads)) if working else (self.raw,)
        self.resting = torch.zeros(*text.texts, heads, dtype=torch.float64)
        self._dtype = torch.float64 if exact and text.n <= EXACT_TOKENS else torch.float32

    def columns(self, band: Band) -> Float[Tensor, "*text column row key_pos"]:
        """All coefficients of a band: raw, working, then content, resting and allowed keys."""
        text = self.text
        resting = text.special | (torch.arange(text.n) == text.first)
        kinds = torch.stack([text.content, resting, torch.ones_like(resting)], dim=-2)
        marks = band.allowed[..., None, :, :] & kinds[..., None, :]
        sides = [side.columns(side.own_band(band)) for side in self.sides]
        return torch.cat([*sides, marks.float()], dim=-3).to(self._dtype)

    def add(self, band: Band, *parts: Float[Tensor, "*text _ row key_pos"]) -> None:
        """Add these rows of all heads, in as many parts as suits. Raises: ShapeError for a row that does not sum to 1."""
        self.add_each(band, parts)

    def add_each(self, band: Band, parts: Iterable[Float[Tensor, "*text _ row key_pos"]]) -> None:
        """The same from parts made one after the other, so that only one of them is held."""
        columns = self.columns(band)
        by_row = columns.movedim(-3, -1)  # of one text such strides are taken as they are, here and in the weights
        of_side = columns.split([*(side.n_columns for side in self.sides), 3], dim=-3)
        prepared = [side.prepared(own, side.own_band(band)) for side, own in zip(self.sides, of_side[:-1], strict=True)]
        real = self._real(band)
        padded = not bool(real.all())
        begin = 0
        for weights in parts:
            tolerance = SUM_TOLERANCE.get(weights.dtype, 1e-3)
            for some in weights.split(heads_at_once(band.allowed.numel()), dim=-3):
                rows = some.transpose(-3, -2).to(self._dtype)
                if padded:
                    rows = rows.masked_fill(~real[..., None, None], 0.0)
                at = slice(begin, begin + some.shape[-3])
                sums = rows @ by_row
                self._check(at, band, real, sums[..., -1], tolerance)
                self._add(at, prepared, rows, sums)
                begin = at.stop

    def _add(self, at: slice, prepared: list[Prepared], weights: Tensor, sums: Tensor) -> None:
        content, resting = sums[..., -3], sums[..., -2]
        counted = prepared[0].band.counted[..., None].to(weights.dtype)
        self.resting[..., at] += (resting * counted).sum(dim=-2)
        keep = [prepared[0].band.counted[..., None].expand_as(content)]
        scale = [counted.expand_as(content)]
        held = [weights]
        if len(self.sides) > 1:
            keep.append(prepared[1].band.counted[..., None] & (content >= CONTENT_FLOOR))
            scale.append(keep[1] / torch.where(keep[1], content, 1.0))
            held.append(weights * self.text.content[..., None, None, :])
        by_head = torch.stack(scale, dim=-1).movedim(-3, -1).contiguous()  # other strides are gone through head by head
        times_n = by_head * torch.stack([one.n[..., 0] for one in prepared], dim=-2)[..., None, :, :]
        total = times_n @ weights.transpose(-3, -2)
        near = weights.gather(-1, prepared[0].target[:, None].expand(*weights.shape[:-1], -1))
        far = _far(prepared, by_head, weights)
        of_side = sums.split([*(side.n_columns for side in self.sides), 3], dim=-1)
        for number, side in enumerate(self.sides):
            summed = (by_head[..., number, None, :] @ of_side[number].transpose(-3, -2))[..., 0, :]
            part = (keep[number], scale[number], held[number], near, total[..., number, :], far[number], summed)
            side.add(at, prepared[number], Rows(*part))

    def _real(self, band: Band) -> Bool[Tensor, "*text row"]:
        """Rows that are not padding; what the others hold, be it NaN, is never read."""
        return self.text.allowed.any(dim=-2)[..., band.query_pos] & band.allowed.any(dim=-1)

    def _check(
        self, at: slice, band: Band, real: Bool[Tensor, "*text row"], total: Float[Tensor, "*text row head"],
        tolerance: float,
    ) -> None:  # fmt: skip
        wrong = ~((total - 1.0).abs() <= tolerance) & real[..., None]
        if bool(wrong.any()):
            place = wrong.nonzero()[0].tolist()
            row, head = place[-2:]
            raise ShapeError(
                "bad_rows", row=int(band.query_pos[row]), head=at.start + head, got=float(total[tuple(place)])
            )
