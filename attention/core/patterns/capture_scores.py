"""Every head of a capture scored at once: weights are recomputed a band of rows at a time and never held as a whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention.core.capture import Capture, QueryKeyLayer
from attention.core.heads import expand_groups
from attention.core.patterns.layout import Band, Layout, layout_of, layout_of_all
from attention.core.patterns.score import NAMES, PatternScores, scores_of
from attention.core.patterns.sums import Sums
from attention.core.patterns.tally import Tally, heads_at_once

JOINED = 1 << 18
"""Numbers in a text's queries up to which layers are read together: there calling costs more than computing, beyond caches
are left."""


@dataclass(frozen=True, eq=False, slots=True)
class CaptureScores:
    """The scores of every head of a capture.

    scores, working, share, chance: by pattern name, [layer, head]. resting, offset: [layer, head].
    labels, working_labels: one list of names per layer. parts: for each layer, the scores under its mask and its place there.
    """

    scores: dict[str, Float[Tensor, "layer head"]]
    working: dict[str, Float[Tensor, "layer head"]]
    share: dict[str, Float[Tensor, "layer head"]]
    chance: dict[str, Float[Tensor, "layer head"]]
    resting: Float[Tensor, "layer head"]
    offset: Int[Tensor, "layer head"]
    labels: tuple[tuple[str, ...], ...]
    working_labels: tuple[tuple[str, ...], ...]
    parts: tuple[tuple[PatternScores, int], ...]

    def sums(self) -> tuple[Sums, Sums]:
        """What the scores were read off, as the heads are and over content alone: all heads, layer by layer."""
        n_heads = self.resting.shape[1]

        def joined(sides: list[tuple[Sums, int]]) -> Sums:
            patterns = [one.patterns[:, at : at + n_heads] for one, at in sides]
            shapes = [one.shapes[:, at : at + n_heads] for one, at in sides]
            return Sums(torch.cat(patterns, dim=1), torch.cat(shapes, dim=1))

        return joined([(p.sums, at) for p, at in self.parts]), joined([(p.working_sums, at) for p, at in self.parts])

    def rows(self, name: str, layer: int) -> int:
        """How many rows a pattern's score rests on in this layer."""
        return self.parts[layer][0].rows[name]

    def cells(self, name: str, layer: int, head: int) -> Bool[Tensor, "query_pos key_pos"]:
        """The cells a pattern selects under this layer's mask."""
        part, begin = self.parts[layer]
        return part.cells(name, begin + head)


def score_capture(capture: Capture) -> CaptureScores:
    """Every pattern for every head; weights are recomputed a band of rows and a layer at a time."""
    groups = _groups(capture)
    if len(groups) == 1:
        return _of_one_mask(scores_of(_tally([capture], groups[0], _layout(capture, groups[0]))), capture.n_heads)
    parts: dict[int, tuple[PatternScores, int]] = {}
    for layers in groups:
        found = scores_of(_tally([capture], layers, _layout(capture, layers)))
        parts.update({layer: (found, at * capture.n_heads) for at, layer in enumerate(layers)})
    return _together(tuple(parts[layer] for layer in range(capture.n_layers)), capture.n_heads)


def sum_captures(captures: Sequence[Capture]) -> list[Sums]:
    """The first of CaptureScores.sums for each, what heads do as they are, for a small part of the work: nothing over content,
    no scores, and what every text asks for is asked for once.

    captures: of one model, of texts that were read together: equally many tokens under the same masks. What is returned is not
    to be changed in place.
    """
    with torch.inference_mode():  # on short texts calling torch costs more than computing, and so it costs a tenth less
        return _summed(captures)


def _summed(captures: Sequence[Capture]) -> list[Sums]:
    one, sums = captures[0], {}
    for layers in _groups(one):
        text = layout_of_all([capture.tokens for capture in captures], one.allowed(layers[0]), one.causal)
        found = _tally(captures, layers, text, working=False).raw.sums()
        by_layer = (part.split(one.n_heads, dim=-2) for part in (found.patterns, found.shapes.mT))
        sums.update(dict(zip(layers, zip(*by_layer, strict=True), strict=True)))
    patterns, shapes = zip(*(sums[layer] for layer in range(one.n_layers)), strict=True)
    of_all = torch.cat(patterns, dim=-2), torch.cat(shapes, dim=-2).mT
    return [Sums(*of_text) for of_text in zip(*of_all, strict=True)]


def _groups(capture: Capture) -> list[list[int]]:
    """Layers that share a mask: they are scored together."""
    groups: dict[int, list[int]] = {}
    for layer, arrays in enumerate(capture.layers):
        groups.setdefault(id(arrays.mask), []).append(layer)
    return list(groups.values())


def _layout(capture: Capture, layers: list[int]) -> Layout:
    """The text as layers that share a mask see it."""
    return layout_of(capture.tokens, capture.allowed(layers[0]), capture.causal)


def _tally(captures: Sequence[Capture], layers: list[int], text: Layout, *, working: bool = True) -> Tally:
    """Everything these layers hold, added up; text: of the capture, or of all."""
    tally = Tally(text, len(layers) * captures[0].n_heads, exact=False, working=working)
    for band in tally.bands:
        tally.add_each(band, _weights(captures, layers, band))
    return tally


def _weights(
    captures: Sequence[Capture], layers: list[int], band: Band
) -> Iterator[Float[Tensor, "*text _ row key_pos"]]:
    """The rows of a band for all heads of some layers, as many layers at a time as are handled together."""
    rows = slice(int(band.query_pos[0]), int(band.query_pos[-1]) + 1)
    step = max(1, heads_at_once(band.allowed.numel()) // captures[0].n_heads)
    for begin in range(0, len(layers), step):
        some = [capture.layers[layer] for capture in captures for layer in layers[begin : begin + step]]
        plain = [one for one in some if isinstance(one, QueryKeyLayer) and one.bias is None]
        if 1 < len(plain) == len(some) and sum(one.query.numel() for one in plain) <= JOINED * len(captures):
            found = _joined(plain).weights(slice(None), rows)
        else:
            each = [one.weights(slice(None), rows) for one in some]
            found = each[0] if len(each) == 1 else torch.cat(each)
        yield found.unflatten(0, (*band.text.texts, -1))


def _joined(layers: list[QueryKeyLayer]) -> QueryKeyLayer:
    """Layers under one mask as one with all their heads."""
    key = torch.cat([expand_groups(layer.key, layer.n_heads) for layer in layers])
    scales = {layer.scale for layer in layers}
    if len(scales) == 1:
        return QueryKeyLayer(torch.cat([layer.query for layer in layers]), key, layers[0].mask, None, scales.pop())
    query = torch.cat([layer.query.float() * layer.scale for layer in layers])
    return QueryKeyLayer(query, key, layers[0].mask, None, 1.0)


def _of_one_mask(found: PatternScores, n_heads: int) -> CaptureScores:
    """The scores of layers that were all scored together."""

    def by_layer(table: dict[str, Tensor]) -> dict[str, Tensor]:
        return dict(zip(NAMES, torch.stack([table[name] for name in NAMES]).unflatten(1, (-1, n_heads)), strict=True))

    def rows(labels: list[str]) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(labels[at : at + n_heads]) for at in range(0, len(labels), n_heads))

    return CaptureScores(
        by_layer(found.scores), by_layer(found.working), by_layer(found.share), by_layer(found.chance),
        found.resting.unflatten(0, (-1, n_heads)), found.offset.unflatten(0, (-1, n_heads)), rows(found.labels),
        rows(found.working_labels), tuple((found, at) for at in range(0, len(found.labels), n_heads)),
    )  # fmt: skip


def _together(parts: tuple[tuple[PatternScores, int], ...], n_heads: int) -> CaptureScores:
    """One table over layers of several masks."""

    def stacked(field: str) -> dict[str, Tensor]:
        return {name: torch.stack([getattr(p, field)[name][at : at + n_heads] for p, at in parts]) for name in NAMES}

    return CaptureScores(
        scores=stacked("scores"),
        working=stacked("working"),
        share=stacked("share"),
        chance=stacked("chance"),
        resting=torch.stack([part.resting[at : at + n_heads] for part, at in parts]),
        offset=torch.stack([part.offset[at : at + n_heads] for part, at in parts]),
        labels=tuple(tuple(part.labels[at : at + n_heads]) for part, at in parts),
        working_labels=tuple(tuple(part.working_labels[at : at + n_heads]) for part, at in parts),
        parts=parts,
    )
