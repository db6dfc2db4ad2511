"""Nodes in places with weighted edges between them, and arrows from point to point."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch

from attention.errors import SelectionError
from attention.views.panels.frame import check_choice, check_row, framed, listed

ROLES = ("ink", "query", "key", "value", "muted")
Role = Literal["ink", "query", "key", "value", "muted"]


@dataclass(frozen=True, slots=True)
class Node:
    """x runs to the right, y upwards, both 0 to 1."""

    label: str
    x: float | int
    y: float | int
    role: Role = "ink"


@dataclass(frozen=True, slots=True)
class Edge:
    """From one node to another, by index; weight 0 to 1 is its width and tone."""

    start: int
    end: int
    weight: float | int = 1.0


@dataclass(frozen=True, slots=True)
class Vector:
    """An arrow from point to point, in the nodes' coordinates."""

    label: str
    start: tuple[float | int, float | int]
    end: tuple[float | int, float | int]
    role: Role = "ink"
    dashed: bool = False


def render(
    panel: str,
    nodes: Sequence[Node] = (),
    edges: Sequence[Edge] = (),
    *,
    vectors: Sequence[Vector] = (),
    title: str = "",
    aside: str = "",
    span: int = 6,
    height: float | int = 0.5,
    linked: Literal["query", "key", ""] = "",
    selected: int | None = None,
) -> dict:
    """The panel; plain JSON. Edges between nodes of equal height are arcs, above going right and below going left.

    height: as a share of the width. linked: the nodes, in order, are the tokens of this focus.
    Raises: SelectionError: a place outside 0 to 1, an edge to no node, a weight outside 0 to 1.
    """
    for place in [(node.x, node.y) for node in nodes] + [end for one in vectors for end in (one.start, one.end)]:
        if not all(0 <= part <= 1 for part in place):
            raise SelectionError("bad_choice", name="a place", choices="two numbers from 0 to 1", got=place)
    for edge in edges:
        check_row(edge.start, len(nodes))
        check_row(edge.end, len(nodes))
        if not 0 <= edge.weight <= 1:
            raise SelectionError("bad_choice", name="weight", choices="a number from 0 to 1", got=edge.weight)
    check_row(selected, len(nodes))
    check_choice("linked", linked, ("query", "key", ""))
    for role in [*(node.role for node in nodes), *(one.role for one in vectors)]:
        check_choice("role", role, ROLES)
    exact = {
        "weights": torch.tensor([edge.weight for edge in edges], dtype=torch.float64),
        "ends": torch.tensor([[*one.start, *one.end] for one in vectors], dtype=torch.float64).reshape(-1, 4),
    }
    return framed(
        "graph", panel, title=title, aside=aside, span=span, exact=exact,
        nodes=[{"label": node.label, "at": listed((node.x, node.y)), "role": node.role} for node in nodes],
        edges=[[edge.start, edge.end, *listed([edge.weight])] for edge in edges],
        vectors=[
            {"label": one.label, "start": listed(one.start), "end": listed(one.end), "role": one.role, "dashed": one.dashed}
            for one in vectors
        ],
        height=height, linked=linked, selected=selected,
    )  # fmt: skip
