"""Pressing Read: the complete view, or one sentence."""

from typing import Any

import pytest

from attention import capture
from attention.core.capture import Capture
from attention.errors import MESSAGES, ModelError
from attention.models import loader
from attention.models.catalog import E5, MINILM
from attention.share import overview, pictures
from attention.share.selection import Selection
from attention.share.settings.explorer import MEAN
from attention.tabs import _answers
from attention.tabs._updates import Asked
from tests.tabs.answered import READING, TEXT, drawn, read, shown, status, untouched, value


@pytest.fixture(scope="module")
def mat() -> Capture:
    return capture(MINILM, TEXT)


def test_reading_gives_the_complete_view(mat: Capture) -> None:
    answer = read(MINILM, TEXT)
    selection = Selection(*overview.first_head(overview.overview(mat).findings))
    assert answer.reading == READING
    assert answer.selection == selection
    assert drawn(answer.figure) == pictures.head_picture(mat, selection)
    assert [shown(answer.cards), shown(answer.grid), shown(answer.bars)] == [[selection.layer, selection.head]] * 3
    assert value(answer.grid)["n_layers"] == 6
    assert (answer.layer.value, answer.head.value) == (selection.layer, selection.head)
    assert [n for _, n in answer.layer.choices] == list(range(6))
    assert [n for _, n in answer.head.choices] == [*range(12), MEAN]
    assert (answer.level, answer.measure) == ("token", "raw")
    assert status(answer) == ("", "")
    assert answer.counter["parts"][0][0] == f"{len(mat.tokens)} of 512 tokens"


def test_what_stays_skipped_is_nothing_of_a_reading() -> None:
    assert not any(untouched(part) for part in read(MINILM, TEXT))


def test_loading_says_so_before_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    loader.MODELS.clear()
    asked = Asked()
    first = _answers.on_read(MINILM, TEXT, "", None, Selection(), asked)
    *steps, last = _answers.on_wanted(None, Selection(), asked)
    assert steps
    for step in (first, *steps):
        assert status(step)[0] == "busy"
        assert MINILM in status(step)[1]
        assert all(untouched(part) for part in step[1:])
    assert last.reading == READING
    assert (asked.times, asked.failed, asked.wanted) == (1, 0, None)


def test_a_model_in_memory_answers_at_once() -> None:
    loader.load(MINILM)
    asked = Asked()
    assert _answers.on_read(MINILM, TEXT, "", None, Selection(), asked).reading == READING
    (more,) = _answers.on_wanted(READING, Selection(), asked)
    assert all(untouched(part) for part in more)
    assert (asked.times, asked.failed, asked.wanted) == (1, 0, None)


def test_the_same_model_keeps_the_head_another_opens_its_own() -> None:
    selection = Selection(4, 9, query=3, level="word", measure="content")
    kept = read(MINILM, "Another sentence of some length follows here.", None, READING, selection)
    assert kept.selection == Selection(4, 9, query=None, level="word", measure="content")
    other = read(E5, TEXT, None, READING, selection)
    best = overview.first_head(overview.overview(capture(E5, TEXT)).findings)
    assert other.selection == Selection(*best, level="word", measure="content")
    assert (other.level, other.measure) == ("word", "content")


def test_a_mean_stays_a_mean() -> None:
    answer = read(MINILM, "Another sentence of some length.", None, READING, Selection(3, None))
    assert answer.selection == Selection(3, None)
    assert answer.head.value == MEAN
    assert shown(answer.grid) is None


@pytest.mark.parametrize(
    ("model", "text", "pair", "key"),
    [
        (MINILM, "", None, "empty_text"),
        (MINILM, "  \n", "second", "empty_text"),
        (MINILM, None, None, "empty_text"),
        (MINILM, 5, None, "text_not_string"),
        (MINILM, TEXT, ["x"], "text_not_string"),
        (MINILM, "x" * 30_000, None, "too_many_characters"),
        (MINILM, "cat " * 600, None, "too_many_tokens"),
        (MINILM, "a \ud800", None, "half_character"),
        (MINILM, TEXT, "a \udfff", "half_character"),
        (MINILM, "\x01", None, "no_tokens"),
        (None, TEXT, None, "bad_model_id"),
        (7, TEXT, None, "bad_model_id"),
        ("../x", TEXT, None, "bad_model_id"),
        ("/etc/passwd", TEXT, None, "bad_model_id"),
        ("nobody/nothing", TEXT, None, "hub_unreachable"),
    ],
)
@pytest.mark.usefixtures("offline")
def test_what_cannot_be_read_is_one_sentence(model: Any, text: Any, pair: Any, key: str) -> None:
    answer = read(model, text, pair, READING, Selection(1, 1))
    kind, words = status(answer)
    assert kind == "error"
    assert words.startswith(MESSAGES[key].split("{")[0])
    assert all(untouched(part) for part in answer[1:])


def test_an_unplanned_error_is_one_sentence_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret/path/of/something")

    monkeypatch.setattr(overview, "overview", broken)
    answer = read(MINILM, TEXT)
    assert status(answer) == ("error", MESSAGES["unexpected"])
    assert "secret/path" in caplog.text  # in the log, where it helps


def test_closing_a_reading_cancels_its_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    cancels: list[Any] = []
    asked = Asked()

    def slow(model: str, *, progress: Any, cancel: Any) -> None:
        cancels.append(cancel)
        cancel.wait(30)
        raise ModelError("load_cancelled", got=model)

    loader.MODELS.clear()
    monkeypatch.setattr(loader, "load", slow)
    _answers.on_read(MINILM, TEXT, None, None, Selection(), asked)
    assert asked.waiting
    answers = _answers.on_wanted(None, Selection(), asked)
    next(answers)
    answers.close()
    assert cancels[0].is_set()
    assert not asked.waiting
    assert asked.wanted is None


@pytest.mark.parametrize("later", [TEXT, " "])
def test_who_asks_for_something_else_waits_no_longer(monkeypatch: pytest.MonkeyPatch, later: str) -> None:
    """Another model's reading, or one that cannot be, takes the place of the one that is being loaded."""
    loader.load(MINILM)
    cancels: list[Any] = []
    load = loader.load

    def slow(model: str, **how: Any) -> Any:
        if model != E5:
            return load(model, **how)
        cancels.append(how["cancel"])
        how["cancel"].wait(30)
        raise ModelError("load_cancelled", got=model)

    loader.MODELS.drop(E5)
    monkeypatch.setattr(loader, "load", slow)
    asked = Asked()
    _answers.on_read(E5, TEXT, "", None, Selection(), asked)
    waiting = _answers.on_wanted(None, Selection(), asked)
    assert status(next(waiting))[0] == "busy"
    answer = _answers.on_read(MINILM, later, "", None, Selection(), asked)
    assert (answer.reading == READING) is (later == TEXT)
    *_, last = waiting
    assert all(untouched(part) for part in last)
    assert cancels[0].is_set()
    assert asked.waiting is (later == TEXT)
    assert (asked.times, asked.failed) == ((2, 1) if later == TEXT else (2, 2))


def test_cancelling_says_so() -> None:
    assert _answers.on_cancel()["parts"][0][0].startswith("Cancelled")
