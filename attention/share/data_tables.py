"""What a capture, its scores or a lab's panels are as tables of numbers with named axes and units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from attention.core.capture import Capture
from attention.core.names import head_name
from attention.core.patterns import score_capture
from attention.share import lab_tables
from attention.share.lab_tables import Axis, Table
from attention.share.origin import today
from attention.share.pictures import EXPLAINED, caption, cells, places, title
from attention.share.selection import Selection

__all__ = ["Axis", "Data", "Table", "head_data", "lab_data", "score_data", "side_by_side"]

MADE = {"numbers": "float32", "made_by": "Headlight"}
SCORE_UNIT = "0 to 1: share above chance, divided by what is left above chance"
QUANTITIES = {
    "scores": ("scores", SCORE_UNIT),
    "working_scores": ("working", f"{SCORE_UNIT}, over content alone"),
    "chance": ("chance", "share of attention that chance alone gives, 0 to 1"),
}


@dataclass(frozen=True, eq=False, slots=True)
class Data:
    """Tables, and what they are about: name and text, in the order of writing."""

    about: Mapping[str, str]
    tables: Sequence[Table] = field(default_factory=tuple)


def head_data(capture: Capture, selection: Selection) -> Data:
    """One head's numbers at the selection's level and measure; pairs that are not allowed, and empty rows, are NaN."""
    weights, allowed = cells(capture, selection)
    values = weights.detach().cpu().float().numpy().copy()
    values[~allowed.cpu().numpy()] = np.nan
    values[(weights.sum(-1) == 0).cpu().numpy()] = np.nan
    about = origin(capture) | {
        "head": title(selection),
        "layer": str(selection.layer),
        "measure": EXPLAINED[selection.measure],
        "level": selection.level,
        "caption": caption(capture, selection),
        "missing": "no number where a row may not look at a key, or where nothing of a row is left",
    }
    found = places(capture, selection)
    labels = tuple(place.text for place in found)
    kinds = tuple("special" if place.special else "" for place in found)
    table = Table(
        "weights",
        Axis("query_pos", labels),
        Axis("key_pos", labels),
        values,
        "share of the row, 0 to 1",
        {"kind": kinds},
    )
    return Data(about, (table,))


def side_by_side(found: Mapping[str, Data]) -> Data:
    """The same view of several texts, by name: a table each, and of what they are about what they share; then each caption."""
    every = list(found.values())
    shared = {name: said for name, said in every[0].about.items() if all(one.about.get(name) == said for one in every)}
    captions = {f"caption_{name}": one.about["caption"] for name, one in found.items()}
    tables = [replace(table, name=f"{table.name}_{name}") for name, one in found.items() for table in one.tables]
    return Data(shared | captions, tables)


def score_data(capture: Capture) -> Data:
    """Scores, scores over content alone and chance levels of every head, with its name in each reading."""
    found = score_capture(capture)
    heads = [(layer, head) for layer in range(capture.n_layers) for head in range(capture.n_heads)]
    axis = Axis("head", tuple(head_name(*head) for head in heads))
    words = {
        "layer": tuple(str(layer) for layer, _ in heads),
        "name": tuple(found.labels[layer][head] for layer, head in heads),
        "working_name": tuple(found.working_labels[layer][head] for layer, head in heads),
    }
    names = tuple(found.scores)
    tables = []
    for table, (quantity, unit) in QUANTITIES.items():
        numbers: dict[str, torch.Tensor] = getattr(found, quantity)
        values = torch.stack([numbers[name].flatten() for name in names], dim=-1).float().cpu().numpy()
        tables.append(Table(table, axis, Axis("pattern", names), values, unit, words if table == "scores" else {}))
    rest = torch.stack([found.resting.flatten(), found.offset.flatten().float()], dim=-1).float().cpu().numpy()
    unit = "resting: share of attention on the first token and on special tokens; offset: tokens"
    tables.append(Table("other", axis, Axis("quantity", ("resting", "offset")), rest, unit, {}))
    return Data(origin(capture) | {"missing": "no number where a pattern does not apply to this text"}, tuple(tables))


def lab_data(value: Mapping[str, Any], name: str = "", source: Mapping[str, str] | None = None) -> Data:
    """The numbers of a lab's panels as they were computed, a table each. source: what they were computed from, by name."""
    about = {
        "lab": name,
        "caption": value["caption"],
        "remark": value["note"],
        **(source or {}),
        **MADE,
        "date": today(),
    }
    return Data({key: said for key, said in about.items() if said}, lab_tables.tables_of(value["panels"]))


def origin(capture: Capture) -> dict[str, str]:
    """Where a capture's numbers come from."""
    said = {"model": capture.model, "revision": capture.revision, "note": capture.note, "text": capture.text.text}
    pair = {} if capture.text.pair is None else {"pair": capture.text.pair}
    return said | pair | {"date": today(), **MADE}
