"""Boxes with shapes and arrows between them: how an array travels through a layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from attention.views.panels.frame import check_choice, framed, known_numbers


@dataclass(frozen=True, slots=True)
class Box:
    """One box at a grid place. row 0 is on top; halves are allowed. shape, number: inside the box, short."""

    name: str
    label: str
    column: float | int
    row: float | int
    shape: str = ""
    number: str | float | int = ""
    role: Literal["", "query", "key", "value", "muted"] = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one box to another, by name. around: the side on which it goes around what is between (a residual)."""

    start: str
    end: str
    label: str = ""
    around: Literal["", "before", "after"] = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A frame around the named boxes."""

    label: str
    boxes: tuple[str, ...]


def render(
    panel: str,
    boxes: Sequence[Box],
    arrows: Sequence[Arrow],
    *,
    groups: Sequence[Group] = (),
    title: str = "",
    aside: str = "",
    span: int = 12,
    selected: str = "",
) -> dict:
    """The panel; plain JSON. Where columns would get too narrow, rows and columns change places.

    around: "before" is left of (or above) the boxes, "after" right of (or below) them. selected: a box's name.
    Raises: SelectionError: an arrow, group or selection that names no box, or a name given twice.
    """
    names = [box.name for box in boxes]
    for name in {*names}:
        check_choice("boxes", name, [name] if names.count(name) == 1 else ["names that differ"])
    for role in (box.role for box in boxes):
        check_choice("role", role, ("", "query", "key", "value", "muted"))
    for arrow in arrows:
        check_choice("start of an arrow", arrow.start, names)
        check_choice("end of an arrow", arrow.end, names)
        check_choice("around", arrow.around, ("", "before", "after"))
    for name in (*(name for group in groups for name in group.boxes), *([selected] if selected else [])):
        check_choice("box", name, names)
    return framed(
        "flow", panel, title=title, aside=aside, span=span, exact={"values": known_numbers([box.number for box in boxes])},
        boxes=[_fields(box) | {"number": _three(box.number)} for box in boxes],
        arrows=[_fields(arrow) for arrow in arrows],
        groups=[{"label": group.label, "boxes": list(group.boxes)} for group in groups],
        selected=selected,
    )  # fmt: skip


def _three(number: str | float | int) -> str:
    """To three figures; words as they are."""
    return number if isinstance(number, str) else f"{number:.3g}"


def _fields(row: Box | Arrow) -> dict:
    return {name: getattr(row, name) for name in row.__slots__}
