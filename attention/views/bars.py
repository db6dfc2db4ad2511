"""What each head does, as bars: the selected head's scores, largest first, each with its tick at chance level."""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from attention.errors import ShapeError
from attention.views.coding import percents, text_of_bytes

Table = Mapping[str, Float[Tensor, "layer head"]]


def render(
    titles: Mapping[str, str],
    scores: Table,
    chance: Table,
    *,
    rows: Mapping[str, int],
    phrases: Sequence[str],
    readings: Sequence[tuple[int, int, int | None]],
    shape: tuple[int, int],
    outlined: Sequence[str] = (),
    selected: tuple[int, int] = (0, 0),
) -> dict:
    """What `mountBars` draws: all heads at once, so that another head is only another `selected`; plain JSON.

    titles: of the scores to show, by name. scores, chance: 0 to 1; NaN where a score or a chance level does not apply.
    rows: how many rows of the text each score rests on. phrases: what a head can be said to do. readings: per head, layer by
    layer, the phrase for it as it is, the one over content alone, and how many percent rest (None where it cannot be told).
    shape: layers and heads. outlined: names whose cells can be outlined.
    Raises: ShapeError when tables or readings do not fit the heads.
    """
    for name in titles:
        for table in (scores, chance):
            if tuple(table[name].shape) != shape:
                raise ShapeError("shape", name=name, got=tuple(table[name].shape), expected=shape)
    if len(readings) != shape[0] * shape[1]:
        raise ShapeError("shape", name="readings", got=(len(readings),), expected=(shape[0] * shape[1],))
    return {
        "names": list(titles),
        "titles": list(titles.values()),
        "scores": _coded(titles, scores),
        "chance": _coded(titles, chance),
        "rows": [rows[name] for name in titles],
        "phrases": list(phrases),
        "readings": [list(reading) for reading in readings],
        "outlined": list(outlined),
        "n_heads": shape[1],
        "selected": list(selected),
    }


def render_card(
    names: Sequence[str], usual: Table, low: Table, high: Table, *, texts: int, rows: Mapping[str, int]
) -> dict:
    """The same scores over many texts, which `mountBars` draws beside those of one: interval ends low and high."""
    tables = {"usual": usual, "low": low, "high": high}
    coded = {name: _coded(names, table) for name, table in tables.items()}
    return {"names": list(names), "texts": texts, "rows": [rows[name] for name in names], **coded}


def _coded(names: Sequence[str] | Mapping[str, str], table: Table) -> str:
    """Percents, [head, name] with heads layer by layer, as base64."""
    return text_of_bytes(percents(torch.stack([table[name].flatten() for name in names], dim=-1))) if names else ""
