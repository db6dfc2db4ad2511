"""A matrix as a heatmap: rows look, columns are looked at, unless the axes are named otherwise."""

from collections.abc import Sequence
from typing import Literal

from jaxtyping import Bool, Float
from torch import Tensor

from attention.errors import SelectionError, ShapeError
from attention.views.coding import encode_mask
from attention.views.labels import Label, coded_labels
from attention.views.panels.frame import check_choice, check_row, check_size, encode_values, framed

Axis = Literal["query", "key", ""]


def render(
    panel: str,
    values: Float[Tensor, "row column"],
    *,
    title: str = "",
    aside: str = "",
    span: int = 6,
    rows: Sequence[Label] | None = None,
    columns: Sequence[Label] | None = None,
    axes: tuple[str, str] = ("looking: query", "looked at: key"),
    linked: tuple[Axis, Axis] = ("query", "key"),
    ramp: Literal["weights", "signed"] = "weights",
    low: float | int | None = None,
    high: float | int | None = None,
    measure: str = "weight",
    digits: int = 2,
    allowed: Bool[Tensor, "row column"] | None = None,
    blocked_text: str = "",
    empty_rows: Sequence[int] = (),
    empty_note: str = "no allowed key",
    selected: int | None = None,
    small: bool = False,
    coarse: bool = False,
) -> dict:
    """The panel; plain JSON. Tone runs with the square root of the weight in "weights", evenly in "signed".

    rows, columns: what stands beside them; None: zero-based positions, as ticks. axes: names of rows and columns.
    linked: which focus the rows and columns share with other panels; "" none.
    low, high: the ramp's ends, so that panels can share one color range; 0 and 1, or the largest size around zero.
    allowed: False is hatched, with `blocked_text` where it fits. Rows without any allowed cell are empty rows.
    small: one of many: no labels, numbers or color bar. coarse: half the bytes, steps of 0.4% of what is shown.
    Values may be infinite or NaN; such cells are never colored.
    Raises: ShapeError, SelectionError.
    """
    n_rows, n_columns = values.shape
    coded = encode_values(values, coarse=coarse)
    check_choice("ramp", ramp, ("weights", "signed"))
    for axis in linked:
        check_choice("linked", axis, ("query", "key", ""))
    for name, given, size in (("rows", rows, n_rows), ("columns", columns, n_columns)):
        check_size(name, size if given is None else len(given), size)
    for row in (selected, *empty_rows):
        check_row(row, n_rows)
    if allowed is not None and allowed.shape != values.shape:
        raise ShapeError("shape", name="allowed", got=tuple(allowed.shape), expected=(n_rows, n_columns))
    low, high = _ends(ramp, low, high, largest=max(abs(coded["low"]), abs(coded["high"])) or 1.0)
    return framed(
        "matrix", panel, title=title, aside=aside, span=span, exact={"values": values},
        values=coded, rows=_beside(rows), columns=_beside(columns), axes=list(axes), linked=list(linked),
        ramp=ramp, low=low, high=high, measure=measure, digits=digits,
        allowed=None if allowed is None else encode_mask(allowed), blocked_text=blocked_text,
        empty_rows=sorted(set(empty_rows)), empty_note=empty_note, selected=selected, small=small,
    )  # fmt: skip


def _ends(
    ramp: str, low: float | int | None, high: float | int | None, *, largest: float
) -> tuple[float | int, float | int]:
    """The ramp's ends as asked for, or 0 and 1 for weights, the largest size around zero for signed values."""
    if ramp == "weights":
        ends = (0.0 if low is None else low, 1.0 if high is None else high)
    else:
        reach = high if high is not None else -low if low is not None else largest
        ends = (-reach if low is None else low, reach)
    if not ends[0] < ends[1] or (ramp == "signed" and ends[0] != -ends[1]):
        expected = "low below high; -high and high for the signed ramp"
        raise SelectionError("bad_choice", name="low, high", choices=expected, got=ends)
    return ends


def _beside(labels: Sequence[Label] | None) -> dict | None:
    return None if labels is None else coded_labels(labels)
