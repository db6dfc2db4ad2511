"""The heads that the Masks lab lays its masks over: made up, or a real model's."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core import attention, masks, softmax
from attention.core.multihead import multi_head, random_projections
from attention.core.scoring import draw
from attention.share.labs import real
from attention.share.settings.masks import Masks
from attention.views.labels import Label

D_MODEL, N_HEADS = 32, 4
SPREAD = 2.0
"""Random scores are this many times as wide as scaled scores: wide enough to see who loses what."""


@dataclass(frozen=True, eq=False, slots=True)
class Heads:
    """Heads before any mask of ours.

    scores: of the heads that are shown, scaled. The rest is the first head's: scale, bias and, for each position, query, key
    and value side by side (vectors). own: the model's own mask. other: the vectors of the token that replaces one; None: the
    sentence's first token, and at position 0 its last.
    """

    name: str
    labels: tuple[Label, ...]
    scores: Float[Tensor, "head query_pos key_pos"]
    scale: float
    vectors: Callable[[], Float[Tensor, "position three_d_head"]]
    other: Float[Tensor, " three_d_head"] | None = None
    own: Bool[Tensor, "query_pos key_pos"] | None = None
    bias: Float[Tensor, "query_pos key_pos"] | None = None

    def mask(self, settings: Masks, kind: str) -> Bool[Tensor, "query_pos key_pos"]:
        """This kind of mask and the model's own, both."""
        n = len(self.labels)
        mask = masks.of_kind(kind, n, kept(settings, n), settings.width)
        if settings.silence and "padding" in kind:
            mask = masks.silence_padding(mask, kept(settings, n))
        return mask if self.own is None else mask & self.own

    def weights(
        self, mask: Bool[Tensor, "query_pos key_pos"], temperature: float
    ) -> Float[Tensor, "query_pos key_pos"]:
        """The weights under a mask, their mean where several heads are shown."""
        return softmax.softmax(attention.masked(self.scores, mask), temperature).mean(dim=0)

    def output(
        self,
        vectors: Float[Tensor, "position three_d_head"],
        mask: Bool[Tensor, "query_pos key_pos"],
        temperature: float,
    ) -> Float[Tensor, "position d_head"]:
        """What the first head makes of these vectors under a mask."""
        query, key, value = vectors.chunk(3, dim=-1)
        masked = attention.masked(attention.scores(query, key, self.scale), mask, self.bias)
        return attention.output(softmax.softmax(masked, temperature), value)

    def change(
        self, vectors: Float[Tensor, "position three_d_head"], mask: Bool[Tensor, "query_pos key_pos"],
        temperature: float, row: int,
    ) -> Float[Tensor, " position"]:  # fmt: skip
        """How far each output of the first head moves when the token of this row is replaced by another."""
        other = vectors[0 if row else -1] if self.other is None else self.other
        return masks.change_of_output(lambda edited: self.output(edited, mask, temperature), vectors, row, other)


def kept(settings: Masks, n: int) -> int:
    """How many of n tokens are no padding."""
    return max(0, n - settings.pads)


def made_up(settings: Masks) -> Heads:
    """Untrained heads on random vectors; the last tokens are called padding where the mask knows of it."""
    hidden = SPREAD**0.5 * draw(settings.seed, settings.n + 1, D_MODEL, role="masks lab")
    seen = multi_head(hidden, random_projections(D_MODEL, N_HEADS, seed=settings.seed))
    vectors = torch.cat([seen.query[0], seen.key[0], seen.value[0]], dim=-1)
    scores = seen.attention.scores[:, :-1, :-1]  # the last vector is the token that replaces one
    return Heads(
        f"mean of {N_HEADS} heads" if settings.average else f"head 0 of {N_HEADS}",
        _padded(settings, tuple(Label(str(at)) for at in range(settings.n))),
        scores if settings.average else scores[:1], seen.query.shape[-1] ** -0.5, lambda: vectors[:-1], vectors[-1],
    )  # fmt: skip


def of_model(settings: Masks, found: real.Head) -> Heads:
    """A real head, or all heads of its layer."""
    capture = found.capture
    heads = range(capture.n_heads) if settings.average else (settings.head,)
    scores = torch.stack([real.head_of(capture, settings.layer, head).scores for head in heads])

    def vectors() -> Float[Tensor, "position three_d_head"]:
        return torch.cat([found.query, found.key, real.values(settings, capture.text.text)], dim=-1)

    name = f"mean of {len(heads)} heads" if settings.average else found.name
    return Heads(
        name, _padded(settings, found.labels), scores, found.scale, vectors, own=found.allowed, bias=found.bias
    )


def _padded(settings: Masks, labels: tuple[Label, ...]) -> tuple[Label, ...]:
    first = kept(settings, len(labels)) if settings.padded else len(labels)
    return tuple(
        replace(label, special=True, note="counts as padding") if at >= first else label
        for at, label in enumerate(labels)
    )
