"""The numbers of each kind of panel as a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from attention.views.coding import decode_mask
from attention.views.panels.frame import decode_values

Panel = Mapping[str, Any]


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
    values = decode_values(panel["values"]).numpy().copy()
    rows, columns = values.shape
    allowed = decode_mask(panel["allowed"], rows, columns).numpy()
    values[~allowed] = np.nan
    values[panel["empty_rows"]] = np.nan
    down, across = panel["axes"]
    return Table(
        panel["id"], Axis(down, _labels(panel["rows"], rows)), Axis(across, _labels(panel["columns"], columns)), values,
        panel["measure"],
    )  # fmt: skip


def _bars(panel: Panel) -> Table:
    names = (panel["names"][0] or "value", *([panel["names"][1] or "compared"] if panel["compare"] else []))
    series = [panel["values"], *([panel["compare"]] if panel["compare"] else [])]
    values = _numbers(series).T.copy()
    values[panel["blocked"]] = np.nan
    kinds = tuple(panel["blocked_note"] if at in panel["blocked"] else "" for at in range(len(values)))
    return Table(
        panel["id"], Axis("token", tuple(panel["labels"]["texts"])), Axis("series", names), values, panel["unit"],
        {"note": kinds},
    )  # fmt: skip


def _curves(panel: Panel) -> Table:
    series = panel["series"]
    columns = Axis("series", (panel["x_name"], *(one["name"] for one in series)))
    values = _numbers([panel["x"], *(one["values"] for one in series)]).T
    return Table(panel["id"], _counted("point", len(values)), columns, values, panel["y_name"])


def _items(panel: Panel) -> Table:
    items = panel["items"]
    words = {name: tuple(item[name] for item in items) for name in ("text", "unit", "note", "state")}
    return _of_words(panel, Axis("number", tuple(item["name"] for item in items)), words)


def _table(panel: Panel) -> Table:
    words = {f"{at} {name}": tuple(row[at] for row in panel["rows"]) for at, name in enumerate(panel["header"])}
    return _of_words(panel, _counted("row", len(panel["rows"])), words)


def _stack(panel: Panel) -> Table:
    values = np.vstack([decode_values(panel["values"]).numpy(), _numbers([panel["output"]])])
    rows = Axis("token", (*panel["labels"]["texts"], "output"))
    return Table(panel["id"], rows, _counted("dimension", values.shape[1]), values, "weight times value")


def _swatches(panel: Panel) -> Table:
    words = {"color": (*panel["colors"], panel["mixed"] or "")}
    rows = Axis("token", (*panel["labels"]["texts"], panel["output_name"]))
    return Table(panel["id"], rows, Axis("series", ("weight",)), _numbers([[*panel["weights"], None]]).T, "", words)


def _flow(panel: Panel) -> Table:
    boxes, label = panel["boxes"], {box["name"]: box["label"] for box in panel["boxes"]}
    leads = (
        ", ".join(label[arrow["end"]] for arrow in panel["arrows"] if arrow["start"] == box["name"]) for box in boxes
    )
    words = {name: tuple(box[name] for box in boxes) for name in ("shape", "number")} | {"leads to": tuple(leads)}
    return _of_words(panel, Axis("box", tuple(box["label"] for box in boxes)), words)


def _graph(panel: Panel) -> Table:
    """Edges by weight, or where there are none, arrows by their ends."""
    nodes, edges = panel["nodes"], panel["edges"]
    if not edges:
        ends = [[*one["start"], *one["end"]] for one in panel["vectors"]]
        labels = tuple(one["label"] for one in panel["vectors"])
        values = _numbers(ends) if ends else np.zeros((0, 4), np.float32)
        return Table(
            panel["id"], Axis("arrow", labels), Axis("end", ("x1", "y1", "x2", "y2")), values, "share of the side"
        )
    words = {
        "from": tuple(nodes[edge[0]]["label"] for edge in edges),
        "to": tuple(nodes[edge[1]]["label"] for edge in edges),
    }
    weights = _numbers([[edge[2]] for edge in edges])
    return Table(panel["id"], _counted("edge", len(edges)), Axis("series", ("weight",)), weights, "", words)


KINDS: Mapping[str, Callable[[Panel], Table]] = {
    "matrix": _matrix, "bars": _bars, "curves": _curves, "numbers": _items, "table": _table, "stack": _stack,
    "swatches": _swatches, "flow": _flow, "graph": _graph,
}  # fmt: skip


def _numbers(rows: Sequence[Sequence[float | str | None]]) -> np.ndarray:
    """JSON's numbers as float32: null is NaN, "inf" infinity."""
    return np.array([[np.nan if one is None else float(one) for one in row] for row in rows], dtype=np.float32)


def _labels(coded: Mapping[str, Any] | None, count: int) -> tuple[str, ...]:
    return tuple(str(at) for at in range(count)) if coded is None else tuple(coded["texts"])


def _counted(name: str, count: int) -> Axis:
    return Axis(name, tuple(str(at) for at in range(count)))


def _of_words(panel: Panel, rows: Axis, words: Mapping[str, tuple[str, ...]]) -> Table:
    return Table(panel["id"], rows, Axis("", ()), np.zeros((len(rows.labels), 0), np.float32), "", words)
