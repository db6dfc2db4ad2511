"""One block with the lengths of its streams, untrained or a model's own, and what its norms and ways around do."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core import block as blocks
from attention.core import scoring
from attention.core.block import BlockParameters
from attention.core.stack import gradients, likeness, random_stack, stack
from attention.models.streams import streams
from attention.share.labs import real
from attention.share.settings.transformer import Transformer
from attention.views.labels import Label, labels_of
from attention.views.panels import curves, flow, matrix, numbers
from attention.views.panels.curves import Series
from attention.views.panels.flow import Arrow, Box
from attention.views.panels.frame import directed
from attention.views.panels.numbers import Number

D_MODEL, N_HEADS = 64, 4
PRE = (
    ("hidden", "what comes in"), ("attention in", "norm"), ("attention", "attention"), ("attention sum", "add"),
    ("feed-forward in", "norm"), ("feed-forward", "feed-forward"), ("output", "add"),
)  # fmt: skip
POST = (
    ("hidden", "what comes in"), ("attention", "attention"), ("attention sum", "add"), ("feed-forward in", "norm"),
    ("feed-forward", "feed-forward"), ("feed-forward sum", "add"), ("output", "norm"),
)  # fmt: skip
"""Stream and what it comes from, in the order in which they are drawn."""
AROUND = {True: (("hidden", "attention sum"), ("attention sum", "output")),
          False: (("hidden", "attention sum"), ("feed-forward in", "feed-forward sum"))}  # fmt: skip
"""The ways around: where each leaves and where it is added. Keyed by pre_norm."""


@dataclass(frozen=True, eq=False, slots=True)
class Lengths:
    """The lengths of a stack's streams, by stream name, one row per block."""

    pre_norm: bool
    width: int
    labels: tuple[Label, ...]
    by_stream: dict[str, Float[Tensor, "block position"]]

    @property
    def levels(self) -> Float[Tensor, "level position"]:
        """What enters each block, then what the last one puts out."""
        return torch.cat([self.by_stream["hidden"], self.by_stream["output"][-1:]])


def panels(settings: Transformer) -> tuple[list[dict], str]:
    """The panels and the caption."""
    if settings.real:
        return _real(settings)
    hidden, parameters = made_up(settings)
    lengths = lengths_of(hidden, parameters, settings.pre_norm)
    at = min(settings.row, settings.blocks - 1)
    shown = [
        _flow("block", lengths, at), _both_norms(hidden, parameters, at),
        _alike(hidden, parameters, settings.pre_norm, at), _descent(settings, hidden, parameters, at),
        _checks(hidden, parameters[at]),
    ]  # fmt: skip
    norm = "before each part" if settings.pre_norm else "after each sum"
    return (
        shown,
        f"{settings.blocks} untrained blocks, {settings.n} random words, {N_HEADS} heads, norm {norm}, seed {settings.seed}",
    )


def made_up(settings: Transformer) -> tuple[Float[Tensor, "position d_model"], tuple[BlockParameters, ...]]:
    """Random words and untrained blocks."""
    hidden = scoring.draw(settings.seed, settings.n, D_MODEL, role="words of a sentence")
    return hidden, random_stack(settings.blocks, D_MODEL, N_HEADS, settings.seed)


def lengths_of(
    hidden: Float[Tensor, "position d_model"], parameters: tuple[BlockParameters, ...], pre_norm: bool
) -> Lengths:
    """The lengths in every block of a stack."""
    found = [one.lengths for one in stack(hidden, parameters, pre_norm)]
    labels = tuple(Label(str(at)) for at in range(len(hidden)))
    by_stream = {name: torch.stack([one[name] for one in found]) for name in found[0]}
    return Lengths(pre_norm, hidden.shape[-1], labels, by_stream)


def _real(settings: Transformer) -> tuple[list[dict], str]:
    """A loaded model's own streams, for one sentence or two."""
    shown, captions = [], []
    for at, text in enumerate(real.texts(settings)):
        capture = real.read(settings.model, text)
        found = streams(settings.model, text, folders=False)
        lengths = Lengths(found.pre_norm, found.d_model, tuple(labels_of(capture.tokens)), found.lengths)
        mark = "-2" * at
        row = min(settings.row, capture.n_layers - 1)
        parts = [
            _flow(f"block{mark}", lengths, row),
            _map(f"map{mark}", lengths, row),
            _growth(f"growth{mark}", lengths, row),
        ]
        shown += directed(parts, text)
        norm = "before each part" if found.pre_norm else "after each sum"
        captions.append(f"{real.caption_of(capture, f'block {row}')} · norm {norm}")
    return shown, " / ".join(captions)


def _flow(panel: str, lengths: Lengths, at: int) -> dict:
    """One block, each box with the mean length of the vectors it puts out."""
    names = PRE if lengths.pre_norm else POST
    n_blocks, n = lengths.by_stream["hidden"].shape
    boxes = [
        Box(name, label, column, 0, f"{n} × {lengths.width}", lengths.by_stream[name][at].mean().item(), _ROLES.get(name, ""))
        for column, (name, label) in enumerate(names)
    ]  # fmt: skip
    straight = [Arrow(start[0], end[0]) for start, end in pairwise(names)]
    around = [Arrow(start, end, "way around", "before") for start, end in AROUND[lengths.pre_norm]]
    return flow.render(
        panel, boxes, [*straight, *around], title=f"Block {at} of 0 to {n_blocks - 1}", aside="shape, mean length",
    )  # fmt: skip


_ROLES: dict[str, Literal["query", "value"]] = {"attention": "query", "feed-forward": "value"}


def _levels(count: int) -> Float[Tensor, " level"]:
    return torch.arange(count, dtype=torch.float64)


def _both_norms(hidden: Tensor, parameters: tuple[BlockParameters, ...], at: int) -> dict:
    """How long vectors get, by where the norm stands."""
    pre, post = (lengths_of(hidden, parameters, pre_norm).levels.mean(dim=-1) for pre_norm in (True, False))
    return curves.render(
        "growth", _levels(len(pre)),
        [Series("norm first", pre, "query"), Series("norm after", post, "key", "dashed")],
        x_name="blocks passed", present=at, span=6, title="Mean length of the hidden states",
    )  # fmt: skip


def _alike(hidden: Tensor, parameters: tuple[BlockParameters, ...], pre_norm: bool, at: int) -> dict:
    """How alike the positions get, with the ways around and without."""
    kept, closed = (
        torch.stack([likeness(hidden), *(likeness(one.output) for one in stack(hidden, parameters, pre_norm, around))])
        for around in (True, False)
    )
    return curves.render(
        "likeness", _levels(len(kept)),
        [Series("with", kept, "query"), Series("without", closed, "key", "dashed")],
        x_name="blocks passed", present=at, span=6, title="Ways around: how alike positions get", aside="mean cosine of pairs",
    )  # fmt: skip


def _descent(settings: Transformer, hidden: Tensor, parameters: tuple[BlockParameters, ...], at: int) -> dict:
    """How much of the gradient's direction is left on its way down."""
    target = scoring.draw(settings.seed, *hidden.shape, role="what the loss asks for")
    kept, closed = (
        scoring.cosine(gradients(hidden, parameters, settings.pre_norm, target, around).flatten(1), target.flatten()[None])[:, 0]
        for around in (True, False)
    )  # fmt: skip
    return curves.render(
        "descent", _levels(len(kept)),
        [Series("with", kept, "query"), Series("without", closed, "key", "dashed")],
        x_name="blocks passed", present=at, span=6, title="Ways around: the gradient going down",
        aside="cosine with the top",
    )  # fmt: skip


def _checks(hidden: Tensor, parameters: BlockParameters) -> dict:
    """What the norm does to scale, and that the feed-forward network reads one position at a time."""
    together = blocks.feed_forward(hidden, parameters.feed_forward)
    alone = torch.cat([blocks.feed_forward(word[None], parameters.feed_forward) for word in hidden])
    off = (together - alone).abs().max().item()
    normed, louder = (
        blocks.layer_norm(scale * hidden, parameters.attention_norm).norm(dim=-1).mean().item() for scale in (1, 100)
    )
    same: Literal["agrees", "differs"] = "agrees" if off < 1e-5 else "differs"
    return numbers.render(
        "checks",
        [
            Number("words together or alone", off, "", "largest difference in the feed-forward output", same),
            Number("length after the norm", normed, "", f"√{hidden.shape[-1]} = {hidden.shape[-1] ** 0.5:.2f}"),
            Number("the same, vectors × 100", louder, "", "the norm takes the scale away"),
        ],
        span=6, title="One position at a time, one scale for all",
    )  # fmt: skip


def _map(panel: str, lengths: Lengths, at: int) -> dict:
    """The length of what enters each block, per position."""
    levels = lengths.levels
    rows = [*(Label(str(one)) for one in range(len(levels) - 1)), Label("out")]
    return matrix.render(
        panel, levels, title="Length of what enters", aside="each block and token",
        span=6, rows=rows, columns=lengths.labels, axes=("block", "token"), low=0.0, high=levels.max().item(),
        measure="length", selected=at, linked=("query", "key"),
    )  # fmt: skip


def _growth(panel: str, lengths: Lengths, at: int) -> dict:
    """What enters each block beside what its two parts add."""
    count = len(lengths.by_stream["hidden"])
    if count < 2:
        return numbers.render(panel, [Number("hidden states", lengths.by_stream["hidden"].mean().item())], span=6)
    means = {name: lengths.by_stream[name].mean(dim=-1) for name in ("hidden", "attention", "feed-forward")}
    series = [
        Series("hidden", means["hidden"]),
        Series("attention", means["attention"], "query", "dashed"),
        Series("feed-forward", means["feed-forward"], "value", "dotted"),
    ]
    return curves.render(
        panel, _levels(count), series, x_name="block", present=at, span=6, title="Mean length in each block"
    )
