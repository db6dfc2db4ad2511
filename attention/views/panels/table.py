"""A small table of words and numbers."""

from collections.abc import Sequence

import torch

from attention.views.panels.frame import check_row, check_size, framed, known_numbers, spoken


def render(
    panel: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str | float | int]],
    *,
    title: str = "",
    aside: str = "",
    span: int = 6,
    digits: int = 2,
    selected: int | None = None,
) -> dict:
    """The panel; plain JSON. Columns that hold only numbers are aligned by their last digit.

    Raises: ShapeError: a row with more or fewer cells than the header. SelectionError.
    """
    for row in rows:
        check_size("a row of the table", len(row), len(header))
    check_row(selected, len(rows))
    numbers = torch.stack([known_numbers(row) for row in rows]) if rows else torch.zeros(0, len(header))
    return framed(
        "table", panel, title=title, aside=aside, span=span, exact={"values": numbers},
        header=list(header),
        rows=[[spoken(cell, digits) if isinstance(cell, float) else str(cell) for cell in row] for row in rows],
        numeric=[
            at for at in range(len(header)) if rows and all(isinstance(row[at], float | int) for row in rows)
        ],
        selected=selected,
    )  # fmt: skip
