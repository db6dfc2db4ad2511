"""One value per token as bars, with a second series, reference lines and blocked tokens where asked."""

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.views.labels import Label, coded_labels
from attention.views.panels.frame import check_choice, check_row, check_size, framed, listed, reference_lines


def render(
    panel: str,
    values: Float[Tensor, " token"],
    *,
    labels: Sequence[Label],
    title: str = "",
    aside: str = "",
    span: int = 6,
    compare: Float[Tensor, " token"] | None = None,
    names: tuple[str, str] = ("", ""),
    lines: Sequence[tuple[str, float | int]] = (),
    unit: str = "",
    largest: float | int | None = None,
    digits: int = 2,
    allowed: Bool[Tensor, " token"] | None = None,
    blocked_note: str = "no weight",
    linked: Literal["query", "key", ""] = "key",
    selected: int | None = None,
) -> dict:
    """The panel; plain JSON. Negative values run to the left of zero.

    compare, names: a second series, drawn as a tick on each bar, and what the two are called.
    lines: (label, value) drawn across all bars. largest: the fixed end of the axis; None: the largest of what is shown.
    allowed: False is hatched and called `blocked_note`. linked: the focus shared with other panels.
    Raises: ShapeError, SelectionError.
    """
    count = len(values)
    check_size("labels", len(labels), count)
    check_row(selected, count)
    check_choice("linked", linked, ("query", "key", ""))
    for name, given in (("compare", compare), ("allowed", allowed)):
        check_size(name, count if given is None else len(given), count)
    shown = [values if allowed is None else values[allowed], torch.tensor([value for _, value in lines])]
    low, high = _ends(shown if compare is None else [*shown, compare], largest)
    series = torch.stack([one.double() for one in (values, compare) if one is not None])
    return framed(
        "bars", panel, title=title, aside=aside, span=span, exact={"values": series},
        labels=coded_labels(labels), values=listed(values.tolist()),
        compare=None if compare is None else listed(compare.tolist()), names=list(names),
        lines=reference_lines(lines), unit=unit, low=low, high=high, digits=digits,
        blocked=[] if allowed is None else (~allowed).nonzero().flatten().tolist(), blocked_note=blocked_note,
        linked=linked, selected=selected,
    )  # fmt: skip


def _ends(shown: Sequence[Tensor], largest: float | int | None) -> tuple[float, float]:
    """The ends of the axis, zero always between them."""
    values = torch.cat([part.detach().double().cpu() for part in shown])
    finite = values[values.isfinite()].tolist()
    low, high = min([0.0, *finite]), max([0.0, *finite])
    if largest is not None:
        return (-float(largest) if low < 0 else 0.0), float(largest)
    return (low, high) if low < high else (0.0, 1.0)
