"""The numbers of each kind of panel as a table: as they were computed, not as the page gets them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from attention.views.coding import decode_mask
from attention.views.panels.frame import Panel


@dataclass(frozen=True, slots=True)
class Axis:
    """What rows or columns are, and the text of each."""

    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """values: float32 [row, column], NaN where there is no number. words: further texts of each row, by name."""

    name: str
    rows: Axis
    columns: Axis
    values: np.ndarray
    unit: str = ""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def tables_of(panels: Sequence[Panel]) -> tuple[Table, ...]:
    """A table for each panel that holds numbers or words, named by its id."""
    return tuple(KINDS[panel["kind"]](panel) for panel in panels)


def _matrix(panel: Panel) -> Table:
    values = panel.exact["values"].numpy().copy()
    rows, columns = values.shape
    values[~decode_mask(panel["allowed"], rows, columns).numpy()] = np.nan
    values[panel["empty_rows"]] = np.nan
    down, across = panel["axes"]
    return Table(
        panel["id"], Axis(down, _labels(panel["rows"], rows)), Axis(across, _labels(panel["columns"], columns)), values,
        panel["measure"],
    )  # fmt: skip


def _bars(panel: Panel) -> Table:
    names = (panel["names"][0] or "value", *([panel["names"][1] or "compared"] if panel["compare"] else []))
    values = panel.exact["values"].T.numpy().copy()
    values[panel["blocked"]] = np.nan
    kinds = tuple(panel["blocked_note"] if at in panel["blocked"] else "" for at in range(len(values)))
    return Table(
        panel["id"], Axis("token", tuple(panel["labels"]["texts"])), Axis("series", names), values, panel["unit"],
        {"note": kinds},
    )  # fmt: skip


def _curves(panel: Panel) -> Table:
    columns = Axis("series", (panel["x_name"], *(one["name"] for one in panel["series"])))
    values = panel.exact["points"].T.numpy()
    return Table(panel["id"], _counted("point", len(values)), columns, values, panel["y_name"])


def _items(panel: Panel) -> Table:
    """The numbers, and the texts that say them or stand in their place."""
    items = panel["items"]
    words = {name: tuple(item[name] for item in items) for name in ("text", "unit", "note", "state")}
    rows = Axis("number", tuple(item["name"] for item in items))
    return Table(panel["id"], rows, Axis("series", ("value",)), panel.exact["values"][:, None].numpy(), "", words)


def _table(panel: Panel) -> Table:
    """Columns of numbers, and columns of words as they are read; one that has both is both."""
    values = panel.exact["values"].numpy()
    known = ~np.isnan(values)
    numbers, texts = known.any(axis=0), ~known.all(axis=0)
    header = [f"{at} {name}" for at, name in enumerate(panel["header"])]
    words = {name: tuple(row[at] for row in panel["rows"]) for at, name in enumerate(header) if texts[at]}
    columns = Axis("column", tuple(name for at, name in enumerate(header) if numbers[at]))
    return Table(panel["id"], _counted("row", len(values)), columns, values[:, numbers], "", words)


def _stack(panel: Panel) -> Table:
    values = panel.exact["values"].numpy()
    rows = Axis("token", (*panel["labels"]["texts"], "output"))
    return Table(panel["id"], rows, _counted("dimension", values.shape[1]), values, "weight times value")


def _swatches(panel: Panel) -> Table:
    words = {"color": (*panel["colors"], panel["mixed"] or "")}
    rows = Axis("token", (*panel["labels"]["texts"], panel["output_name"]))
    weights = np.append(panel.exact["weights"].numpy(), np.float32(np.nan))
    return Table(panel["id"], rows, Axis("series", ("weight",)), weights[:, None], "", words)


def _flow(panel: Panel) -> Table:
    boxes, label = panel["boxes"], {box["name"]: box["label"] for box in panel["boxes"]}
    leads = (
        ", ".join(label[arrow["end"]] for arrow in panel["arrows"] if arrow["start"] == box["name"]) for box in boxes
    )
    words = {name: tuple(box[name] for box in boxes) for name in ("shape", "number")} | {"leads to": tuple(leads)}
    rows = Axis("box", tuple(box["label"] for box in boxes))
    return Table(panel["id"], rows, Axis("series", ("value",)), panel.exact["values"][:, None].numpy(), "", words)


def _graph(panel: Panel) -> Table:
    """Edges by weight, or where there are none, arrows by their ends."""
    nodes, edges = panel["nodes"], panel["edges"]
    if not edges:
        labels, ends = tuple(one["label"] for one in panel["vectors"]), Axis("end", ("x1", "y1", "x2", "y2"))
        return Table(panel["id"], Axis("arrow", labels), ends, panel.exact["ends"].numpy(), "share of the side")
    words = {
        "from": tuple(nodes[edge[0]]["label"] for edge in edges),
        "to": tuple(nodes[edge[1]]["label"] for edge in edges),
    }
    weights = panel.exact["weights"][:, None].numpy()
    return Table(panel["id"], _counted("edge", len(edges)), Axis("series", ("weight",)), weights, "", words)


KINDS: Mapping[str, Callable[[Panel], Table]] = {
    "matrix": _matrix, "bars": _bars, "curves": _curves, "numbers": _items, "table": _table, "stack": _stack,
    "swatches": _swatches, "flow": _flow, "graph": _graph,
}  # fmt: skip


def _labels(coded: Mapping[str, Any] | None, count: int) -> tuple[str, ...]:
    return tuple(str(at) for at in range(count)) if coded is None else tuple(coded["texts"])


def _counted(name: str, count: int) -> Axis:
    return Axis(name, tuple(str(at) for at in range(count)))
