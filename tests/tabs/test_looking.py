"""Looking at what was read: heads, options, rows; whatever a browser sends."""

from typing import Any

import pytest
import torch

from attention import capture
from attention.core.capture import Capture
from attention.errors import MESSAGES
from attention.models import reader
from attention.models.catalog import MINILM
from attention.share import pictures
from attention.share.selection import Selection
from attention.share.settings.explorer import MEAN
from attention.tabs import _answers
from attention.views.coding import decode
from tests.tabs.answered import READING, TEXT, drawn, event, on_page, read, shown, status, untouched, value


@pytest.fixture(scope="module")
def mat() -> Capture:
    return capture(MINILM, TEXT)


def test_picking_a_head_draws_it_and_runs_no_pass(mat: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    read(MINILM, TEXT)
    monkeypatch.setattr(reader, "run", None)
    before = Selection(0, 0, query=2, level="word", measure="value")
    answer = on_page(before, _answers.on_pick(READING, before, event({"layer": 5, "head": 11})))
    after = Selection(5, 11, query=2, level="word", measure="value")
    assert answer.selection == after
    assert drawn(answer.figure) == pictures.head_picture(mat, after)
    assert (answer.layer, answer.head, answer.level, answer.measure) == (5, 11, "word", "value")
    assert shown(answer.figure) == [5, 11]
    assert status(answer) == ("", "")


@pytest.mark.parametrize("layer", [-1, 6, 10**30, 1.0, "1", None, True, [1], {"a": {"b": 1}}, float("inf")])
def test_a_layer_that_does_not_exist_changes_nothing(layer: Any) -> None:
    selection = Selection(2, 3, level="word")
    for answer in (
        _answers.on_pick(READING, selection, event({"layer": layer, "head": 1})),
        _answers.on_select(layer, 1, READING, selection),
    ):
        assert status(answer)[0] == "error"
        assert status(answer)[1].startswith("Layer ")
        assert len(status(answer)[1]) < 200
        assert answer.selection == selection
        assert (answer.layer, answer.head, answer.level, answer.measure) == (2, 3, "word", "raw")
        assert untouched(answer.figure)


@pytest.mark.parametrize("head", [-2, 12, 1.5, "mean", True, [1], {}])
def test_a_head_that_does_not_exist_changes_nothing(head: Any) -> None:
    selection = Selection(2, None)
    for answer in (
        _answers.on_pick(READING, selection, event({"layer": 1, "head": head})),
        _answers.on_select(1, head, READING, selection),
    ):
        assert status(answer)[1].startswith("Head ")
        assert (answer.layer, answer.head) == (2, MEAN)


@pytest.mark.parametrize("data", [None, 5, "layer", ["layer"], [], {}, {"head": 1}])
def test_an_event_of_any_shape_is_answered(data: Any) -> None:
    answer = _answers.on_pick(READING, Selection(), event(data))
    assert status(answer)[1].startswith("Layer None")


def test_nothing_read_is_said() -> None:
    for answer in (
        _answers.on_pick(None, Selection(), event({"layer": 0, "head": 0})),
        _answers.on_select(0, 0, None, Selection()),
        _answers.on_option("word", "raw", None, Selection()),
    ):
        assert status(answer) == ("error", MESSAGES["nothing_read"])
        assert answer.level == "token"


def test_the_average_over_heads(mat: Capture) -> None:
    answer = _answers.on_select(3, MEAN, READING, Selection(1, 1))
    assert answer.selection == Selection(3, None)
    assert torch.allclose(decode(value(answer.figure)["weights"]), mat.weights(3).mean(0), atol=1e-4)
    assert shown(answer.figure) is None


def test_options_keep_the_head_and_between_words_the_row_is_let_go() -> None:
    selection = Selection(2, 3, query=4)
    assert _answers.on_option("token", "content", READING, selection).selection.query == 4
    words = _answers.on_option("word", "raw", READING, selection)
    assert words.selection == Selection(2, 3, query=None, level="word")
    assert "averaged over them" in words.about["parts"][0][0]


@pytest.mark.parametrize("bad", [None, "", "words", 1, ["word"], {"a": 1}, "x" * 1000])
def test_options_that_are_not_offered_change_nothing(bad: Any) -> None:
    selection = Selection(2, 3, measure="content")
    for answer in (
        _answers.on_option(bad, "raw", READING, selection),
        _answers.on_option("token", bad, READING, selection),
    ):
        assert status(answer)[0] == "error"
        assert len(status(answer)[1]) < 200
        assert answer.selection == selection
        assert (answer.level, answer.measure) == ("token", "content")


def test_a_text_set_aside_is_read_again_and_that_is_said() -> None:
    read(MINILM, TEXT)
    reader.CAPTURES.clear()
    answer = _answers.on_pick(READING, Selection(), event({"layer": 1, "head": 1}))
    assert status(answer)[0] == "note"
    assert "read once more" in status(answer)[1]
    assert status(_answers.on_pick(READING, Selection(), event({"layer": 1, "head": 2}))) == ("", "")


def test_a_kept_row_is_remembered() -> None:
    said, selection = _answers.on_pin(READING, Selection(1, 2), event({"query": 3}))
    assert untouched(said)
    assert selection == Selection(1, 2, query=3)
    said, selection = _answers.on_pin(READING, selection, event({"query": None}))
    assert untouched(said)
    assert selection.query is None


def test_rows_are_those_of_the_level(mat: Capture) -> None:
    last = len(mat.tokens) - 1
    _, selection = _answers.on_pin(READING, Selection(), event({"query": last}))
    assert selection.query == last
    for bad in (last + 1, -1, 2.0, "2", True, [2], {"a": 1}, 10**30):
        said, selection = _answers.on_pin(READING, Selection(), event({"query": bad}))
        assert untouched(selection)
        words = said["parts"][0][0]
        assert words.startswith("Row ")
        assert words.endswith(f"rows 0 to {last}.")


def test_a_row_of_the_recorded_picture_is_nobody_s() -> None:
    assert all(untouched(part) for part in _answers.on_pin(None, Selection(), event({"query": 3})))


@pytest.mark.parametrize("mode", ["matrix", "arcs"])
def test_the_picture_changes_its_form(mode: str) -> None:
    said, figure = _answers.on_mode(mode)
    assert untouched(said)
    assert figure.constructor_args["mode"] == mode


@pytest.mark.parametrize("mode", [None, "circle", 5, ["arcs"], {"arcs": 1}])
def test_a_form_that_does_not_exist_is_refused(mode: Any) -> None:
    said, figure = _answers.on_mode(mode)
    assert said["kind"] == "error"
    assert untouched(figure)
