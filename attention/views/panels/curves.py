"""Named curves over one axis, with the present place on it marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from attention.errors import SelectionError
from attention.views.panels.frame import check_choice, check_size, framed, listed, reference_lines

ROLES = ("ink", "query", "key", "value", "muted")
DASHES = ("solid", "dashed", "dotted")


@dataclass(frozen=True, slots=True)
class Series:
    """One curve. role: its color; dash: its line, so that color is never the only signal; NaN leaves a gap."""

    name: str
    values: Float[Tensor, " point"]
    role: Literal["ink", "query", "key", "value", "muted"] = "ink"
    dash: Literal["solid", "dashed", "dotted"] = "solid"


def render(
    panel: str,
    x: Float[Tensor, " point"],
    series: Sequence[Series],
    *,
    x_name: str,
    y_name: str = "",
    title: str = "",
    aside: str = "",
    span: int = 6,
    x_log: bool = False,
    y_log: bool = False,
    y_range: tuple[float | int, float | int] | None = None,
    present: float | int | None = None,
    lines: Sequence[tuple[str, float | int]] = (),
    digits: int = 2,
) -> dict:
    """The panel; plain JSON. x ascends.

    present: the x of the control, marked. lines: (label, y) across the plot. y_range: fixed ends of the y axis, so that
    it stays while curves move; None: what is shown. On a logarithmic axis values of 0 and below are left out.
    Raises: ShapeError, SelectionError.
    """
    if len(x) < 2 or bool((x[1:] <= x[:-1]).any()) or (x_log and x[0] <= 0):
        wanted = "two or more ascending numbers" + (" above 0" if x_log else "")
        raise SelectionError("bad_choice", name="x", choices=wanted, got=f"{len(x)} from {x[:1].tolist()}")
    for one in series:
        check_size(f"series “{one.name}”", len(one.values), len(x))
        check_choice("role", one.role, ROLES)
        check_choice("dash", one.dash, DASHES)
    exact = {"points": torch.stack([one.double() for one in (x, *(each.values for each in series))])}
    return framed(
        "curves", panel, title=title, aside=aside, span=span, exact=exact,
        x=listed(x.tolist()), x_name=x_name, y_name=y_name, x_log=x_log, y_log=y_log,
        y_range=None if y_range is None else list(y_range), present=present, lines=reference_lines(lines), digits=digits,
        series=[
            {"name": one.name, "values": listed(one.values.tolist()), "role": one.role, "dash": one.dash}
            for one in series
        ],
    )  # fmt: skip
