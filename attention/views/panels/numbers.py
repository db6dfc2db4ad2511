"""A row of large numbers, each with its name, and where given what was expected and whether it agrees."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from attention.views.panels.frame import check_choice, framed, known_numbers, spoken


@dataclass(frozen=True, slots=True)
class Number:
    """value: a number, shown with `digits` decimals, or words as they are. note: such as "expected 4.00".

    form: "fixed" shows numbers near zero as 0, not as a power of ten; "percent" shows a share.
    """

    name: str
    value: float | int | str
    unit: str = ""
    note: str = ""
    state: Literal["", "agrees", "differs"] = ""
    digits: int = 2
    form: Literal["", "fixed", "percent"] = ""


def render(panel: str, items: Sequence[Number], *, title: str = "", aside: str = "", span: int = 12) -> dict:
    """The panel; plain JSON.

    Raises: SelectionError.
    """
    for item in items:
        check_choice("state", item.state, ("", "agrees", "differs"))
    return framed(
        "numbers", panel, title=title, aside=aside, span=span, exact={"values": known_numbers([item.value for item in items])},
        items=[
            {"name": item.name, "text": _text(item), "unit": item.unit, "note": item.note, "state": item.state}
            for item in items
        ],
    )  # fmt: skip


def _text(item: Number) -> str:
    if isinstance(item.value, str):
        return item.value
    if item.form == "percent":
        return f"{item.value:.0%}"
    if isinstance(item.value, int):
        return f"{item.value:,}"
    return spoken(round(item.value, item.digits) if item.form == "fixed" else item.value, item.digits)
