"""A selection is what it says, or is refused in one sentence."""

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from attention.errors import SelectionError
from attention.share.selection import LEVELS, MEASURES, Selection
from tests.share.made import made


def test_every_level_and_measure_is_accepted() -> None:
    capture = made()
    for level in LEVELS:
        for measure in MEASURES:
            selection = Selection(1, None, None, level, measure)
            assert selection.checked(capture) == selection


def test_it_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        Selection().layer = 3  # type: ignore[misc]


def test_another_head_is_the_same_view() -> None:
    before = Selection(0, 0, query=4, level="word", measure="value")
    assert before.pick(made(), 1, 2) == Selection(1, 2, query=4, level="word", measure="value")
    assert before.pick(made(), 1, None).head is None


@pytest.mark.parametrize(("layer", "head"), [(2, 0), (-1, 0), (0, 3), (0, -1), ("0", 0), (0, 1.0), (True, 0), ([], {})])
def test_a_head_that_does_not_exist_is_refused(layer: Any, head: Any) -> None:
    with pytest.raises(SelectionError, match="does not exist"):
        Selection().pick(made(), layer, head)


def test_other_numbers_keep_the_head_and_the_row_only_where_it_means_the_same() -> None:
    before = Selection(1, 2, query=4)
    assert before.shown("token", "content") == Selection(1, 2, query=4, measure="content")
    assert before.shown("word", "raw") == Selection(1, 2, query=None, level="word")


@pytest.mark.parametrize("bad", [None, "Token", 3, ["token"], {"token": 1}, "x" * 500])
def test_numbers_that_are_not_offered_are_refused(bad: Any) -> None:
    for level, measure, name in ((bad, "raw", "level"), ("token", bad, "measure")):
        with pytest.raises(SelectionError, match=f"{name} must be one of") as caught:
            Selection().shown(level, measure)
        assert len(str(caught.value)) < 150


def test_a_selection_made_wrongly_is_refused_when_checked() -> None:
    for selection in (Selection(2), Selection(0, 3), Selection(level="letters"), Selection(measure="gradient")):
        with pytest.raises(SelectionError):
            selection.checked(made())


def test_a_pattern_is_outlined_or_none() -> None:
    before = Selection(1, 2, query=4, level="word", measure="value")
    assert before.outlining("next") == Selection(1, 2, 4, "word", "value", "next")
    assert before.outlining("next").outlining(None) == before
    assert before.outlining("offset").pick(made(), 0, 0).pattern == "offset"


@pytest.mark.parametrize(
    "bad", ["", "Next token", "broad", "none", "offset +2", 1, True, ["next"], {"next": 1}, "x" * 9999]
)
def test_a_pattern_that_is_not_listed_is_refused(bad: Any) -> None:
    with pytest.raises(SelectionError, match="pattern must be one of previous, next, ") as caught:
        Selection().outlining(bad)
    assert len(str(caught.value)) < 300
    with pytest.raises(SelectionError):
        replace(Selection(), pattern=str(bad)).checked(made())
