"""Data files: every number reads back as it was, and no text becomes a formula."""

import csv
import io
import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attention.core.patterns import score_capture
from attention.core.words import to_words, words_of
from attention.errors import SelectionError
from attention.share import data_files
from attention.share.data_tables import lab_data
from attention.share.pictures import measured
from attention.share.selection import MEASURES, Selection
from attention.views.panels.frame import decode_values
from tests.share.made import WORDS, made
from tests.views import lab_fixtures

KINDS = ("csv", "json", "npz")


def number(cell: str | float | None) -> np.float32:
    return np.float32(math.nan if cell in ("", None) else cell)


def from_csv(file: bytes) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """About, and tables by name, as a person would read them: with the csv module and one apostrophe taken off."""
    about: dict[str, str] = {}
    tables: dict[str, dict[str, Any]] = {}
    records = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))
    while records and records[0]:
        name, said = records.pop(0)
        about[name.removeprefix("'")] = said.removeprefix("'")
    while records:
        assert records.pop(0) == []
        _, name, unit = records.pop(0)
        header = records.pop(0)
        rows = []
        while records and records[0]:
            rows.append(records.pop(0))
        tables[name] = {"unit": unit, "header": header, "rows": rows}
    return about, tables


def read(file: bytes, kind: str, table: str) -> tuple[dict[str, str], np.ndarray, list[str], list[str]]:
    """About, values, and the labels of rows and columns of one table."""
    if kind == "csv":
        about, tables = from_csv(file)
        rows, header = tables[table]["rows"], tables[table]["header"]
        count = len(header) - next(
            i for i in range(2, len(header) + 1) if i == len(header) or header[i] not in WORDS_OF
        )
        values = [[number(cell) for cell in row[len(row) - count :]] for row in rows]
        columns = [cell.removeprefix("'") for cell in header[len(header) - count :]]
        return about, np.array(values, np.float32), [row[1].removeprefix("'") for row in rows], columns
    if kind == "json":
        whole = json.loads(file)
        one = next(one for one in whole["tables"] if one["name"] == table)
        values = np.array([[number(cell) for cell in row] for row in one["values"]], np.float32)
        return whole["about"], values, one["rows"]["labels"], one["columns"]["labels"]
    arrays = np.load(io.BytesIO(file))
    labels = [arrays[f"{table}.{axis}"].tolist() for axis in ("rows", "columns")]
    return json.loads(str(arrays["about"])), arrays[table], *labels


WORDS_OF = {"kind", "layer", "name", "working_name"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("measure", MEASURES)
def test_weights_read_back_as_the_same_float32(kind: str, causal: bool, measure: str) -> None:
    capture, selection = made(causal=causal), Selection(layer=1, head=2, measure=measure)
    about, values, rows, columns = read(data_files.weights(capture, selection, kind), kind, "weights")
    expected = measured(capture, selection).float().numpy()
    known = ~np.isnan(values)
    assert values.dtype == np.float32
    assert np.array_equal(values[known], expected[known])
    missing = np.zeros_like(known) if measure == "rollout" else ~capture.allowed(1).numpy()
    missing |= (expected.sum(-1) == 0)[:, None]
    assert np.array_equal(~known, missing)
    assert rows == columns == ["[CLS]", *WORDS, "[SEP]"]
    assert about["model"] == "someone/made"
    assert about["revision"] == "main"
    assert about["text"] == capture.text.text
    assert about["date"]


@pytest.mark.parametrize("kind", KINDS)
def test_weights_between_words_are_those_shown(kind: str) -> None:
    capture = made()
    _, values, rows, _ = read(data_files.weights(capture, Selection(level="word"), kind), kind, "weights")
    words = words_of(capture.tokens, capture.text.text, None)
    assert np.array_equal(values, to_words(capture.weights(0, 0), words).numpy())
    assert "unbelievably" in rows


@pytest.mark.parametrize("kind", KINDS)
def test_scores_read_back_with_chance_and_names(kind: str) -> None:
    capture = made()
    file, found = data_files.scores(capture, kind), score_capture(capture)
    for table, numbers in (("scores", found.scores), ("working_scores", found.working), ("chance", found.chance)):
        _, values, rows, columns = read(file, kind, table)
        assert columns == [*found.scores]
        assert rows[4] == "L1H1"
        expected = torch.stack([numbers[name].flatten() for name in columns], dim=-1).float().numpy()
        assert np.array_equal(values, expected, equal_nan=True)
    _, values, _, columns = read(file, kind, "other")
    assert np.array_equal(values[:, 0], found.resting.flatten().numpy())
    assert columns == ["resting", "offset"]


def test_scores_name_every_head() -> None:
    capture = made()
    rows = from_csv(data_files.scores(capture))[1]["scores"]["rows"]
    found = score_capture(capture)
    assert [row[3] for row in rows] == [name for layer in found.labels for name in layer]


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_every_panel_read_back(kind: str) -> None:
    value = lab_fixtures.figure()
    file = data_files.lab(value, kind, name="softmax")
    for one in lab_data(value).tables:
        about, values, rows, columns = read(file, kind, one.name) if kind != "csv" else (*read_plain(file, one.name),)
        assert about["lab"] == "softmax"
        assert np.array_equal(values, one.values, equal_nan=True), one.name
        assert (rows, columns) == ([*one.rows.labels], [*one.columns.labels])


@pytest.mark.parametrize("kind", ["json", "npz"])
def test_matrices_are_as_they_were_computed_and_not_as_the_page_gets_them(kind: str) -> None:
    value, scores = lab_fixtures.figure(), lab_fixtures.scores_of(10)
    _, values, _, _ = read(data_files.lab(value, kind), kind, "scores")
    assert np.array_equal(values, scores.numpy())
    sent = next(panel for panel in value["panels"] if panel["id"] == "scores")["values"]
    assert not np.array_equal(decode_values(sent).numpy(), scores.numpy())


def read_plain(file: bytes, table: str) -> tuple[dict[str, str], np.ndarray, list[str], list[str]]:
    """As `read`, for tables whose words have other names: numbers are the last columns."""
    about, tables = from_csv(file)
    one = next(one for one in lab_data(lab_fixtures.figure()).tables if one.name == table)
    rows, header = tables[table]["rows"], tables[table]["header"]
    start = 2 + len(one.words)
    values = np.array([[number(cell) for cell in row[start:]] for row in rows], np.float32).reshape(len(rows), -1)
    return (
        about,
        values,
        [row[1].removeprefix("'") for row in rows],
        [cell.removeprefix("'") for cell in header[start:]],
    )


def test_a_labs_blocked_cells_have_no_number_and_its_words_are_kept() -> None:
    tables = {table.name: table for table in lab_data(lab_fixtures.figure()).tables}
    assert np.isnan(tables["masked"].values[0, 1:]).all()
    assert tables["numbers"].words["text"][3] == "overflow"
    assert np.array_equal(tables["numbers"].values[:, 0], np.array([4.07, 1.02, 1.2e-7, np.nan], np.float32), True)
    assert tables["table"].columns.labels == ("1 entropy", "2 tokens kept")
    assert np.array_equal(tables["table"].values, np.array([[2.3, 10], [1.72, 6], [1.1, 3]], np.float32))
    assert tables["flow"].words["leads to"][0] == "Q, K, V, add & norm"


@given(st.text(max_size=20))
def test_neutral_cells_are_restored(text: str) -> None:
    cell = data_files.neutral(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert data_files.restored(cell) == text


def test_tokens_that_look_like_formulas_stay_text() -> None:
    words = ('=HYPERLINK("http://x")', "+1", "-2", "@SUM(A1)", "'quoted", "a,b", 'say "x"', "two\nlines", "\tx")
    file = data_files.weights(made(words=words), Selection())
    records = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))
    for record in records:
        for cell in record:
            if cell.startswith(("=", "+", "-", "@", "\t", "\r")):
                float(cell)  # only a number may start so
    _, _, rows, columns = read(file, "csv", "weights")
    assert rows == columns == ["[CLS]", *words, "[SEP]"]


def test_an_npz_holds_nothing_that_must_be_unpickled() -> None:
    arrays = np.load(io.BytesIO(data_files.scores(made(), "npz")), allow_pickle=False)
    assert all(arrays[name].dtype != object for name in arrays.files)


def test_other_kinds_are_refused() -> None:
    with pytest.raises(SelectionError, match="csv, json, npz"):
        data_files.weights(made(), Selection(), "xlsx")
