"""Findings and scores clicked, patterns outlined, heads colored; whatever a browser sends."""

from typing import Any

import gradio as gr
import pytest
import torch

from attention import capture
from attention.core.capture import Capture
from attention.core.patterns import LISTED, cells_of
from attention.errors import MESSAGES
from attention.models import reader
from attention.models.catalog import MINILM
from attention.share import overview, pictures
from attention.share.pictures import TITLES
from attention.share.selection import Selection
from attention.tabs import _answers, _recorded
from attention.tabs._updates import PICTURES
from attention.views.coding import decode_mask
from tests.tabs.answered import READING, TEXT, event, on_page, read, shown, status, untouched, value, visit

HOSTILE = ["<img src=x onerror=alert(1)>", "x" * 10**6, "broad", "unstructured", "none", "offset +3", "Previous token", 5, 1.5, True, ["previous"], {"name": "previous"}]  # fmt: skip


@pytest.fixture(scope="module")
def mat() -> Capture:
    return capture(MINILM, TEXT)


def outlined(figure: dict, n: int) -> torch.Tensor:
    """The outlined pairs of a figure."""
    return decode_mask(figure["outline"], n, n)


def choices(update: gr.Dropdown) -> list[tuple[str, Any]]:
    return [tuple(choice) for choice in update.choices]


def test_a_finding_opens_its_head_with_its_cells_outlined(mat: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    read(MINILM, TEXT)
    monkeypatch.setattr(reader, "run", None)
    for card in overview.overview(mat).cards["cards"]:
        layer, head, name = card["layer"], card["head"], card["name"]
        sent = {"layer": layer, "head": head, "pattern": name}
        before = Selection(5, 5, query=2)
        answer = on_page(before, _answers.on_find(READING, before, event(sent)))
        assert answer.selection == Selection(layer, head, query=2, pattern=name)
        assert (answer.layer, answer.head, answer.outline) == (layer, head, name)
        figure = value(answer.figure)
        cells = cells_of(mat, name, layer, head)
        assert bool(cells.any())
        assert torch.equal(outlined(figure, len(mat.tokens)), cells)
        assert shown(answer.figure) == [layer, head]
        assert f"“{card['pattern'].lower()}”" in answer.about["parts"][0][0]
        assert status(answer) == ("", "")


def test_a_head_without_a_pattern_is_opened_without_an_outline() -> None:
    answer = _answers.on_find(READING, Selection(pattern="next"), event({"layer": 1, "head": 2, "pattern": None}))
    assert answer.selection == Selection(1, 2)
    assert answer.outline == ""
    assert value(answer.figure)["outline"] is None


def test_a_score_clicked_outlines_and_clicked_again_no_longer() -> None:
    once = _answers.on_outline(READING, Selection(1, 8), event({"pattern": "next"}))
    assert once.selection == Selection(1, 8, pattern="next")
    assert value(once.figure)["outline"] is not None
    twice = _answers.on_outline(READING, once.selection, event({"pattern": "next"}))
    assert twice.selection == Selection(1, 8)
    assert value(twice.figure)["outline"] is None
    other = _answers.on_outline(READING, once.selection, event({"pattern": "previous"}))
    assert other.selection.pattern == other.outline == "previous"


@pytest.mark.parametrize("name", [pattern.name for pattern in LISTED])
def test_every_pattern_can_be_chosen(name: str, mat: Capture) -> None:
    answer = _answers.on_outline_choice(name, READING, Selection(2, 9))
    assert answer.selection == Selection(2, 9, pattern=name)
    cells = cells_of(mat, name, 2, 9)
    figure = value(answer.figure)
    assert (figure["outline"] is not None) == bool(cells.any())
    if bool(cells.any()):
        assert torch.equal(outlined(figure, len(mat.tokens)), cells)


@pytest.mark.parametrize("nothing", ["", None])
def test_no_pattern_is_no_outline(nothing: Any) -> None:
    answer = _answers.on_outline_choice(nothing, READING, Selection(1, 8, pattern="next"))
    assert answer.selection == Selection(1, 8)
    assert value(answer.figure)["outline"] is None


def test_another_head_keeps_the_outline_and_words_have_none() -> None:
    selection = Selection(1, 8, pattern="next")
    picked = _answers.on_pick(READING, selection, event({"layer": 0, "head": 2}))
    assert on_page(selection, picked).outline == picked.selection.pattern == "next"
    words = on_page(selection, _answers.on_option("word", "raw", READING, selection))
    assert value(words.figure)["outline"] is None
    assert "Outlined" not in words.about["parts"][0][0]
    assert words.selection.pattern == "next"  # and back between tokens it is there again


@pytest.mark.parametrize("bad", HOSTILE)
def test_a_pattern_that_does_not_exist_changes_nothing(bad: Any) -> None:
    selection = Selection(2, 3, pattern="next")
    for answer in (
        _answers.on_find(READING, selection, event({"layer": 1, "head": 1, "pattern": bad})),
        _answers.on_outline(READING, selection, event({"pattern": bad})),
        _answers.on_outline_choice(bad, READING, selection),
    ):
        kind, words = status(answer)
        assert kind == "error"
        assert words.startswith("pattern must be one of previous, next, ")
        assert len(words) < 400
        assert answer.selection == selection
        assert (answer.layer, answer.head, answer.outline) == (2, 3, "next")
        assert untouched(answer.figure)


@pytest.mark.parametrize("data", [None, 5, "pattern", ["pattern"], [], {}])
def test_an_event_of_any_shape_is_answered(data: Any) -> None:
    found = _answers.on_find(READING, Selection(), event(data))
    assert status(found)[1].startswith("Layer None")
    nothing = on_page(Selection(2, 3), _answers.on_outline(READING, Selection(2, 3), event(data)))
    assert nothing.selection == Selection(2, 3)


def test_a_finding_of_no_head_is_refused() -> None:
    for layer, head, start in ((6, 0, "Layer "), (0, 12, "Head "), ("0", 0, "Layer "), (0, [1], "Head ")):
        answer = _answers.on_find(READING, Selection(), event({"layer": layer, "head": head, "pattern": "next"}))
        assert status(answer)[0] == "error"
        assert status(answer)[1].startswith(start)


def test_nothing_read_is_said() -> None:
    for answer in (
        _answers.on_find(None, Selection(), event({"layer": 0, "head": 0, "pattern": "next"})),
        _answers.on_outline(None, Selection(), event({"pattern": "next"})),
        _answers.on_outline_choice("next", None, Selection()),
    ):
        assert status(answer) == ("error", MESSAGES["nothing_read"])
        assert answer.outline == ""


@pytest.mark.parametrize("color", ["", *TITLES])
def test_heads_are_colored_by_a_score_or_by_none(color: str) -> None:
    said, grid = _answers.on_color(color)
    assert untouched(said)
    assert grid.constructor_args["color"] == color
    assert "value" not in grid.constructor_args  # the page has the numbers


@pytest.mark.parametrize("bad", [None, "<img>", "x" * 10**6, 5, True, ["next"], {"a": "next"}])
def test_a_color_that_does_not_exist_is_refused(bad: Any) -> None:
    said, grid = _answers.on_color(bad)
    assert said["kind"] == "error"
    words = said["parts"][0][0]
    assert words.startswith("color must be one of previous, ")
    assert len(words) < 400
    assert untouched(grid)


def test_the_selectors_offer_what_this_text_can_show(mat: Capture) -> None:
    answer = read(MINILM, TEXT)
    scored = overview.overview(mat).scored
    cells = [(TITLES[pattern.name], pattern.name) for pattern in LISTED if pattern.name in scored]
    assert choices(answer.outline) == [("none", ""), *sorted(cells, key=lambda pair: list(scored).index(pair[1]))]
    assert choices(answer.color) == [(PICTURES, ""), *((title, name) for name, title in scored.items())]
    names = [name for _, name in choices(answer.color)]
    assert {"broad", "unstructured", "previous", "same_token"} <= set(names)
    assert "same_segment" not in names  # one text alone
    assert answer.outline.value == ""
    assert set(value(answer.grid)["tables"]) == set(names) - {""}


def test_two_texts_can_be_outlined_as_two() -> None:
    answer = read(MINILM, "Who wrote this old book about the sea?", "Maria wrote it a long time ago, they say.")
    assert "same_segment" in [name for _, name in choices(answer.outline)]


def test_another_text_keeps_the_outline_where_it_can_be_shown() -> None:
    keep = Selection(4, 9, pattern="next")
    kept = read(MINILM, "Another sentence of some length follows here.", None, READING, keep)
    assert (kept.selection.pattern, kept.outline.value) == ("next", "next")
    assert value(kept.figure)["outline"] is not None
    pair = Selection(4, 9, pattern="same_segment")
    gone = read(MINILM, "Another sentence of some length follows here.", None, READING, pair)
    assert (gone.selection, gone.outline.value) == (Selection(4, 9), "")
    assert "Outlined" not in gone.about["parts"][0][0]
    other = read(MINILM, TEXT, None, None, keep)
    assert (other.selection.pattern, other.outline.value) == (None, "")


def test_the_recorded_picture_has_its_selectors_too() -> None:
    recorded = _recorded.recorded()
    answer = _answers.on_load(visit())
    names = [name for _, name in choices(answer.color)]
    assert names == ["", *recorded["bars"]["names"]]
    assert {name for _, name in choices(answer.outline)} - {""} <= set(recorded["bars"]["outlined"])
    assert untouched(answer.build)


def test_what_is_explained_is_what_is_outlined(mat: Capture) -> None:
    said = pictures.explained(mat, Selection(pattern="same_token"))
    assert said.endswith(" Outlined: where “same token” would look.")
