"""Attention as mixing paint: how much of each token's color goes into the output."""

from collections.abc import Sequence
from typing import Literal

from jaxtyping import Bool, Float
from torch import Tensor

from attention.views.coding import checked
from attention.views.labels import Label, coded_labels
from attention.views.panels.frame import check_choice, check_row, check_size, framed, listed
from attention.views.panels.paint import hexes, paints


def render(
    panel: str,
    weights: Float[Tensor, " token"],
    *,
    labels: Sequence[Label],
    title: str = "",
    aside: str = "",
    span: int = 6,
    colors: Float[Tensor, "token channel"] | None = None,
    allowed: Bool[Tensor, " token"] | None = None,
    blocked_note: str = "no weight",
    output_name: str = "output",
    linked: Literal["query", "key", ""] = "key",
    selected: int | None = None,
) -> dict:
    """The panel; plain JSON. The output's color is weights @ colors in OKLab, as the output is weights @ value.

    colors: one OKLab point per token; None: the fixed paints. allowed: False is greyed, hatched and called
    `blocked_note`.
    No paint at all (all weights zero) gives no output color.
    Raises: ShapeError, SelectionError; ValueError for weights outside [0, 1] or NaN.
    """
    check_size("labels", len(labels), len(weights))
    check_row(selected, len(weights))
    check_choice("linked", linked, ("query", "key", ""))
    for name, given in (("colors", colors), ("allowed", allowed)):
        check_size(name, len(weights) if given is None else len(given), len(weights))
    amounts = checked(weights)
    amounts = amounts if allowed is None else amounts * allowed.cpu()
    points = (paints(len(weights)) if colors is None else colors).double().cpu()
    return framed(
        "swatches", panel, title=title, aside=aside, span=span, exact={"weights": amounts},
        labels=coded_labels(labels), weights=listed(amounts.tolist()), colors=hexes(points.float()),
        mixed=hexes((amounts @ points)[None].float())[0] if amounts.sum() > 0 else None,
        blocked=[] if allowed is None else (~allowed).nonzero().flatten().tolist(),
        blocked_note=blocked_note, output_name=output_name, linked=linked, selected=selected,
    )  # fmt: skip
