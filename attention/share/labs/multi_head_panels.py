"""The panels of the Multi-head lab, of made-up heads and of a model's alike."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core import measures
from attention.core.heads import average
from attention.core.names import head_name
from attention.views import lab
from attention.views.labels import Label
from attention.views.panels import flow, matrix, numbers, token_bars
from attention.views.panels.flow import Arrow, Box, Group
from attention.views.panels.numbers import Number

MAX_FINE = 40
"""Small pictures of more tokens are coded in 8 bits: sixteen of them, twice, would be more than a page should wait for."""

MAX_SMALL = 16
"""Of models with more heads, the small pictures show as many as this at once."""
PARTS: tuple[tuple[Literal["query", "key", "value"], str], ...] = (("query", "Q"), ("key", "K"), ("value", "V"))
CLOSE = 1e-5  # float32 sums in another order differ by less


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    """All heads of one layer on one sentence. shown: the head that is enlarged. layer: its number, None for made-up heads.

    allowed: which keys each row may attend to, or None for all of them.
    """

    labels: tuple[Label, ...]
    weights: Float[Tensor, "head query_pos key_pos"]
    allowed: Bool[Tensor, "query_pos key_pos"] | None
    shown: int
    layer: int | None = None

    def name(self, head: int) -> str:
        """L2H6, or Head 6 among made-up heads."""
        return f"Head {head}" if self.layer is None else head_name(self.layer, head)


@dataclass(frozen=True, eq=False, slots=True)
class Compared:
    """The enlarged head's weights by us and by torch, and the largest differences over `heads` heads."""

    ours: Float[Tensor, "query_pos key_pos"]
    theirs: Float[Tensor, "query_pos key_pos"]
    weights: float
    output: float
    heads: int
    by: str


def heads(layer: Layer, mark: str = "") -> list[dict]:
    """All heads, small; one of them and their average, large."""
    n_heads, at = len(layer.weights), layer.shown
    first = at // MAX_SMALL * MAX_SMALL
    small = [
        lab.picking(
            matrix.render(
                f"small-{head}{mark}", layer.weights[head], title=layer.name(head), aside="enlarged" if head == at else "",
                span=3 if n_heads <= 8 else 2, allowed=layer.allowed, small=True, coarse=layer.weights.shape[-1] > MAX_FINE,
            ),
            head,
        )
        for head in range(first, min(first + MAX_SMALL, n_heads))
    ]  # fmt: skip
    return [
        *small,
        _large(layer, f"head{mark}", layer.weights[at], layer.name(at), "enlarged"),
        _large(layer, f"average{mark}", average(layer.weights), "Average of heads", f"mean of {n_heads}"),
    ]


def _large(layer: Layer, panel: str, weights: Float[Tensor, "query_pos key_pos"], title: str, aside: str) -> dict:
    """A click on a row of it changes nothing: what a click picks in this lab is a head."""
    beside = None if layer.layer is None else layer.labels
    shown = matrix.render(
        panel, weights, title=title, aside=aside, span=6, rows=beside, columns=beside, allowed=layer.allowed
    )
    return lab.picking(shown, None)


def shapes(steps: Mapping[str, tuple[int, ...]], mark: str = "") -> list[dict]:
    """How the arrays travel. steps: the shape after each step, as MultiHead.shapes names them."""
    n, d_model = steps["hidden"]
    wide: dict[str, int] = {name: steps[name][0] * steps[name][2] for name, _ in PARTS}
    matrices = {name: (d_model, width) for name, width in wide.items()} | {"output": (steps["merged"][1], d_model)}
    boxes = [Box("hidden", "X", 0, 1, _times(steps["hidden"]))]
    for row, (name, letter) in enumerate(PARTS):
        boxes.append(Box(name, f"{letter} = X W", 1, row, _times((n, wide[name])), f"W {_times(matrices[name])}", name))
        boxes.append(Box(f"{name} split", f"{letter} in heads", 2, row, _times(steps[name]), role=name))
    boxes += [
        Box("weights", "weights", 3, 0.5, _times(steps["weights"])),
        Box("head outputs", "outputs", 4, 1, _times(steps["head outputs"])),
        Box("merged", "side by side", 5, 1, _times(steps["merged"])),
        Box("output", "output", 6, 1, _times(steps["output"]), f"W {_times(matrices['output'])}"),
    ]
    arrows = [Arrow(*pair) for name in wide for pair in pairwise(("hidden", name, f"{name} split"))]
    arrows += [
        Arrow(*pair)
        for pair in (
            ("query split", "weights"), ("key split", "weights"), ("weights", "head outputs"),
            ("value split", "head outputs"), ("head outputs", "merged"), ("merged", "output"),
        )
    ]  # fmt: skip
    inside = (*(f"{name} split" for name in wide), "weights", "head outputs")
    drawn = flow.render(
        f"flow{mark}", boxes, arrows, groups=[Group(f"{counted(steps['query'][0])} at once", inside)],
        title="The shape after each step", aside="heads × tokens × numbers",
    )  # fmt: skip
    learned = sum(math.prod(one) for one in matrices.values())
    return [lab.picking(drawn, None), _sizes(f"sizes{mark}", steps, learned)]


def _sizes(panel: str, steps: Mapping[str, tuple[int, ...]], learned: int) -> dict:
    """What the shapes cost."""
    (n_heads, _, d_head), (kv_heads, _, d_value) = steps["query"], steps["value"]
    each = d_head + d_value
    return numbers.render(
        panel,
        [
            Number("numbers per head", d_head, note=f"d_model {steps['hidden'][1]}, {counted(n_heads)}"),
            Number("numbers to learn", learned, note="the four W, biases left out"),
            Number("weights", math.prod(steps["weights"]), note=_times(steps["weights"])),
            Number("kept per token", kv_heads * each, note=f"K and V; {n_heads * each:,} with one per head"),
        ],
    )


def differ(layer: Layer, mark: str = "") -> list[dict]:
    """How far the heads are from each other, and what their average no longer says."""
    weights = layer.weights
    n_heads = len(weights)
    apart = measures.head_distances(weights).float()
    lost = measures.averaging_loss(weights).clamp(min=0)
    most = math.log(n_heads)
    pairs = apart[torch.ones_like(apart).bool().triu(1)]
    alone, together = (measures.effective_tokens(one).mean().item() for one in (weights, average(weights)))
    distances = matrix.render(
        f"distances{mark}", apart, title="Distance between every two heads", aside="0 alike, 1 nothing in common", span=6,
        axes=("head", "head"), linked=("", ""), measure="distance",
    )  # fmt: skip
    loss = token_bars.render(
        f"loss{mark}", lost, labels=layer.labels, title="Lost by averaging, per token that looks", aside="nats", span=6,
        lines=[(f"most: ln {n_heads} = {most:.2f}", most)] if n_heads > 1 else (), largest=most or 1.0, linked="query",
    )  # fmt: skip
    items = [
        Number("mean distance", pairs.mean().item() if len(pairs) else "one head", note="of two heads, 0 to 1"),
        Number("lost by averaging", lost.mean().item(), "nats", f"0 to ln {n_heads} = {most:.2f}"),
        Number("a head looks at", alone, "equal tokens", "mean over heads and rows"),
        Number("the average looks at", together, "equal tokens", "mean over rows"),
    ]
    return [distances, lab.picking(loss, None), numbers.render(f"spread{mark}", items)]


def against_torch(layer: Layer, compared: Compared, mark: str = "") -> list[dict]:
    """The enlarged head by us and by torch, side by side, and how far all of it differs."""
    name = layer.name(layer.shown)
    scope = f"all {counted(compared.heads)}" if compared.heads > 1 else name
    found = {"weights": compared.weights, "output": compared.output}
    return [
        _large(layer, f"ours{mark}", compared.ours, f"{name}, from scratch", "attention.core"),
        _large(layer, f"theirs{mark}", compared.theirs, f"{name}, torch", compared.by),
        numbers.render(
            f"difference{mark}",
            [
                Number(
                    f"largest difference, {what}",
                    size or "0",
                    note=scope,
                    state="agrees" if size < CLOSE else "differs",
                )
                for what, size in found.items()
            ],
        ),
    ]


def counted(count: int) -> str:
    """1 head, 2 heads."""
    return "1 head" if count == 1 else f"{count} heads"


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
