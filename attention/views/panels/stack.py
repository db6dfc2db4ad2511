"""Weighted values stacked per dimension, one color per token, with the output marked: a weighted sum one can see."""

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from attention.errors import ShapeError
from attention.views.labels import Label, coded_labels
from attention.views.panels.frame import check_choice, check_size, encode_values, framed, listed
from attention.views.panels.paint import hexes, paints


def render(
    panel: str,
    values: Float[Tensor, "token dimension"],
    *,
    labels: Sequence[Label],
    output: Float[Tensor, " dimension"] | None = None,
    colors: Float[Tensor, "token channel"] | None = None,
    title: str = "",
    aside: str = "",
    span: int = 6,
    largest: float | int | None = None,
    linked: Literal["query", "key", ""] = "key",
) -> dict:
    """The panel; plain JSON. Positive parts go up from zero, negative ones down; each token has its paint's color.

    values: weight times value, finite. output: what is marked; None: the sum of the values.
    colors: one OKLab point per token; None: the fixed paints.
    largest: the fixed end of the axis in both directions; None: what is shown.
    Raises: ShapeError, SelectionError; ValueError for values that are not finite.
    """
    for name, given in (("labels", labels), ("colors", colors)):
        check_size(name, len(values) if given is None else len(given), len(values))
    check_choice("linked", linked, ("query", "key", ""))
    total = values.sum(0) if output is None else output
    if len(total) != values.shape[1]:
        raise ShapeError("shape", name="output", got=tuple(total.shape), expected=(values.shape[1],))
    if not bool(values.isfinite().all()) or not bool(total.isfinite().all()):
        raise ValueError("weighted values must be finite; give blocked tokens a weight of zero.")
    return framed(
        "stack", panel, title=title, aside=aside, span=span, exact={"values": torch.cat([values, total[None]])},
        labels=coded_labels(labels), colors=hexes(paints(len(values)) if colors is None else colors), values=encode_values(values),
        output=listed(total.tolist()), largest=largest, linked=linked,
    )  # fmt: skip
