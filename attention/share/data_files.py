"""Numbers as files: CSV to read in a spreadsheet, JSON and NPZ to compute with; each says what its numbers are.

CSV starts with records of a name and what it is, an empty record, then its tables, each under a record with its name and unit.
A text cell that a spreadsheet could take for a formula gets an apostrophe in front, as does one that starts with one: to read
it back, take one leading apostrophe off every text cell that has one. An empty cell of CSV, null in JSON and NaN in NPZ is a
place without a number. Numbers are float32, written so that they read back as the same float32.
"""

import csv
import io
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from attention.core.capture import Capture
from attention.errors import SelectionError
from attention.share import lab_origins
from attention.share.data_tables import Data, Table, head_data, lab_data, score_data
from attention.share.selection import Selection

MARKS = tuple("=+-@\t\r'＝＋－＠")
"""First characters that get an apostrophe in front. Source: OWASP, "CSV Injection"; the wide forms are read as the narrow ones."""


def weights(capture: Capture, selection: Selection, kind: str = "csv") -> bytes:
    """One head's numbers as shown (level, measure), exact float32, with tokens, axes, units and origin.

    kind: "csv", "json" or "npz". Blocked pairs and rows without anything to show have no number.
    Raises: SelectionError for a view or kind that does not exist.
    """
    return written(head_data(capture, selection), kind)


def scores(capture: Capture, kind: str = "csv") -> bytes:
    """Every pattern's score of every head, as it is and over content alone, chance levels, names and what rests.

    Raises: SelectionError for another kind.
    """
    return written(score_data(capture), kind)


def lab(value: Mapping[str, Any], kind: str = "csv", name: str = "", settings: object = None) -> bytes:
    """The numbers of a lab's panels, exact float32 as they were computed, and what they were computed from.

    value: of views.lab.render, not from JSON. name: the lab. settings: those of the figure, for its model, head and text.
    Raises: SelectionError for another kind.
    """
    return written(lab_data(value, name, lab_origins.origin_of(settings)), kind)


def written(data: Data, kind: str) -> bytes:
    """The file of any data. Raises: SelectionError for another kind."""
    if kind not in WRITERS:
        raise SelectionError("bad_choice", name="kind", choices=", ".join(WRITERS), got=str(kind)[:40])
    return WRITERS[kind](data)


def neutral(text: str) -> str:
    """The text cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(MARKS) else text


def restored(cell: str) -> str:
    """The text behind a neutral cell."""
    return cell.removeprefix("'")


def as_csv(data: Data) -> bytes:
    """UTF-8 with a byte order mark, without which spreadsheets garble what is not Latin."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerows([neutral(name), neutral(said)] for name, said in data.about.items())
    for table in data.tables:
        rows, columns = table.rows, table.columns
        writer.writerow([])
        writer.writerow(["table", neutral(table.name), neutral(table.unit)])
        writer.writerow([rows.name, f"{rows.name}_label", *table.words, *map(neutral, columns.labels)])
        numbers = _spelled(table)
        for at, label in enumerate(rows.labels):
            words = [neutral(column[at]) for column in table.words.values()]
            writer.writerow([at, neutral(label), *words, *numbers[at]])
    return file.getvalue().encode("utf-8-sig")


def as_json(data: Data) -> bytes:
    """`{about, tables: [{name, unit, rows, columns, values, words}]}`; infinities are "inf" and "-inf"."""
    tables = [
        {
            "name": table.name,
            "unit": table.unit,
            "rows": {"name": table.rows.name, "labels": list(table.rows.labels)},
            "columns": {"name": table.columns.name, "labels": list(table.columns.labels)},
            "values": [[_json_number(text) for text in row] for row in _spelled(table)],
            "words": {name: list(column) for name, column in table.words.items()},
        }
        for table in data.tables
    ]
    said = json.dumps({"about": dict(data.about), "tables": tables}, ensure_ascii=False, allow_nan=False)
    return said.encode("utf-8")


def as_npz(data: Data) -> bytes:
    """For each table its values under its name, with ".rows", ".columns" and ".<words>" beside; `about` is JSON."""
    arrays = {"about": np.array(json.dumps(dict(data.about), ensure_ascii=False))}
    for table in data.tables:
        arrays[table.name] = table.values
        for axis, which in ((table.rows, "rows"), (table.columns, "columns")):
            arrays[f"{table.name}.{which}"] = np.array(axis.labels, dtype=np.str_)
        arrays |= {f"{table.name}.{name}": np.array(column, dtype=np.str_) for name, column in table.words.items()}
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


WRITERS: Mapping[str, Callable[[Data], bytes]] = {"csv": as_csv, "json": as_json, "npz": as_npz}


def _spelled(table: Table) -> list[list[str]]:
    """The shortest digits that read back as the same float32; "" for no number."""
    texts = table.values.astype(np.str_).astype(object)
    texts[np.isnan(table.values)] = ""
    return texts.tolist()


def _json_number(text: str) -> float | str | None:
    if not text:
        return None
    number = float(text)
    return number if math.isfinite(number) else text
