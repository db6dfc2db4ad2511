"""The answers of the Explore tab, called as the plain functions they are."""

import json
from collections.abc import Callable
from typing import Any

import gradio as gr
import pytest
import torch

from attention import capture
from attention.core.capture import Capture
from attention.errors import MESSAGES, ModelError
from attention.models import loader, reader
from attention.models.catalog import E5, MINILM
from attention.share import pictures
from attention.share.selection import Selection
from attention.tabs import _answers, _background
from attention.tabs._answers import MEAN, Answer, Reading
from attention.tabs._examples import EXAMPLES
from attention.tabs._recorded import recorded
from attention.views.coding import decode

TEXT = "The cat that the dog chased sat on the mat."
READING = Reading(MINILM, TEXT, None)


def event(data: Any) -> gr.EventData:
    """As gradio builds it from what a browser sent."""
    return gr.EventData(None, data)


def read(
    model: Any, text: Any, pair: Any = None, reading: Reading | None = None, selection: Selection | None = None
) -> Answer:
    """The last answer of a reading."""
    return list(_answers.on_read(model, text, pair, reading, selection or Selection()))[-1]


def status(answer: Answer) -> tuple[str, str]:
    """Kind and words of the status line."""
    return answer.status["kind"], " ".join(text for text, _ in answer.status["parts"])


def value(update: Any) -> Any:
    """The picture in an update."""
    return json.loads(update if isinstance(update, str) else update.value)


def shown(update: Any) -> Any:
    """The head that a picture marks; the figure tells the others."""
    return value(update)["selected"]


def untouched(answer: Any) -> bool:
    return answer == gr.skip()


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """`state(word)`: what the background says of the default model."""

    def set_state(word: str) -> None:
        monkeypatch.setattr(_background, "state", lambda: word)

    return set_state


@pytest.fixture(scope="module")
def mat() -> Capture:
    return capture(MINILM, TEXT)


# reading


def test_reading_gives_the_complete_view(mat: Capture) -> None:
    answer = read(MINILM, TEXT)
    selection = Selection(*pictures.first_head(pictures.overview(mat).findings))
    assert answer.reading == READING
    assert answer.selection == selection
    assert value(answer.figure) == pictures.head_picture(mat, selection)
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
    first, *_, last = _answers.on_read(MINILM, TEXT, "", None, Selection())
    assert status(first)[0] == "busy"
    assert MINILM in status(first)[1]
    assert untouched(first.figure)
    assert last.reading == READING


def test_the_same_model_keeps_the_head_another_opens_its_own() -> None:
    selection = Selection(4, 9, query=3, level="word", measure="content")
    kept = read(MINILM, "Another sentence of some length follows here.", None, READING, selection)
    assert kept.selection == Selection(4, 9, query=None, level="word", measure="content")
    other = read(E5, TEXT, None, READING, selection)
    best = pictures.first_head(pictures.overview(capture(E5, TEXT)).findings)
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

    monkeypatch.setattr(pictures, "overview", broken)
    answer = read(MINILM, TEXT)
    assert status(answer) == ("error", MESSAGES["unexpected"])
    assert "secret/path" in caplog.text  # in the log, where it helps


def test_closing_a_reading_cancels_its_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def slow(model: str, *, progress: Any, cancel: Any) -> None:
        asked.append(cancel)
        cancel.wait(30)
        raise ModelError("load_cancelled", got=model)

    loader.MODELS.clear()
    monkeypatch.setattr(loader, "load", slow)
    answers = _answers.on_read(MINILM, TEXT, None, None, Selection())
    next(answers)
    answers.close()
    assert asked[0].is_set()


# looking


def test_picking_a_head_draws_it_and_runs_no_pass(mat: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    read(MINILM, TEXT)
    monkeypatch.setattr(reader, "run", None)
    before = Selection(0, 0, query=2, level="word", measure="value")
    answer = _answers.on_pick(READING, before, event({"layer": 5, "head": 11}))
    after = Selection(5, 11, query=2, level="word", measure="value")
    assert answer.selection == after
    assert value(answer.figure) == pictures.head_picture(mat, after)
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


# examples, counting


@pytest.mark.parametrize("index", [0, 1, 8])
def test_an_example_fills_in_its_texts_and_says_what_to_look_for(index: int) -> None:
    example = EXAMPLES[index]
    first, *_, last = _answers.on_example(index, E5, None, Selection())
    assert first[:2] == (example.text, example.pair or "")
    assert status(Answer(*first[2:])) == ("note", example.look)
    assert all(untouched(part) for part in last[:2])
    answer = Answer(*last[2:])
    assert answer.reading == Reading(E5, example.text, example.pair)
    assert status(answer) == ("note", example.look)


@pytest.mark.parametrize("index", [-1, len(EXAMPLES), 1.0, "0", True, [0], {"a": 1}])
def test_an_example_that_does_not_exist_reads_nothing(index: Any) -> None:
    (only,) = _answers.on_example(index, E5, READING, Selection())
    assert status(Answer(*only[2:])) == ("error", MESSAGES["no_example"])
    assert all(untouched(part) for part in (*only[:2], *only[3:]))


def test_letting_go_of_the_example_says_nothing() -> None:
    (only,) = _answers.on_example(None, E5, READING, Selection())
    assert status(Answer(*only[2:])) == ("", "")


@pytest.mark.usefixtures("offline")
def test_an_example_for_a_model_that_cannot_be_read_says_why() -> None:
    *_, last = _answers.on_example(0, "../x", READING, Selection())
    assert status(Answer(*last[2:]))[0] == "error"


def test_counting_is_in_the_model_s_own_tokens_and_loads_nothing() -> None:
    read(MINILM, TEXT)
    assert _answers.on_count(MINILM, TEXT, "")["parts"][0] == [
        f"{len(capture(MINILM, TEXT).tokens)} of 512 tokens",
        "strong",
    ]
    assert _answers.on_count(MINILM, "", "")["parts"][0] == ["0 of 512 tokens", "strong"]
    loader.MODELS.clear()
    assert "once the model is loaded" in _answers.on_count(MINILM, TEXT, "")["parts"][0][0]
    assert len(loader.MODELS) == 0


def test_counting_says_how_many_are_too_many() -> None:
    read(MINILM, TEXT)
    parts = [text for text, _ in _answers.on_count(MINILM, "cat " * 600, None)["parts"]]
    assert parts[:2] == ["602 of 512 tokens", "90 too many"]


@pytest.mark.parametrize(
    ("model", "text", "pair", "start"),
    [
        ("../x", TEXT, "", "“../x” is not a model id"),
        (None, TEXT, "", "“None” is not a model id"),
        (MINILM, 5, "", "The text must be a string"),
        (MINILM, TEXT, {}, "The text must be a string"),
        (MINILM, "a\ud800", "", "Character 1 of the text is half"),
    ],
)
def test_counting_says_why_it_cannot(model: Any, text: Any, pair: Any, start: str) -> None:
    read(MINILM, TEXT)
    assert _answers.on_count(model, text, pair)["parts"][0][0].startswith(start)


# the first picture


def test_the_recorded_picture_waits_for_the_model(state: Callable[[str], None]) -> None:
    state("loading")
    answer = _answers.on_load()
    values = recorded()
    assert value(answer.figure) == values["figure"]
    assert [value(update) for update in (answer.cards, answer.grid, answer.bars)] == [
        values[name] for name in ("cards", "grid", "bars")
    ]
    assert answer.selection == Selection(values["layer"], values["head"])
    assert (answer.layer.value, answer.head.value) == (values["layer"], values["head"])
    assert untouched(answer.reading)
    assert status(answer)[0] == "busy"
    assert "recorded" in status(answer)[1]


def test_a_ready_model_gives_the_live_picture_at_once(state: Callable[[str], None]) -> None:
    state("ready")
    answer = _answers.on_load()
    assert answer.reading == Reading(E5, EXAMPLES[0].text, EXAMPLES[0].pair)
    assert value(answer.figure)["caption"].startswith(E5)


def test_the_clock_waits_replaces_once_and_stops(state: Callable[[str], None]) -> None:
    state("loading")
    *answer, clock = _answers.on_tick(None)
    assert all(untouched(part) for part in (*answer, clock))
    state("ready")
    *answer, clock = _answers.on_tick(None)
    assert Answer(*answer).reading == Reading(E5, EXAMPLES[0].text, EXAMPLES[0].pair)
    assert clock.active is False


def test_the_clock_never_touches_a_person_s_reading(state: Callable[[str], None]) -> None:
    state("ready")
    *answer, clock = _answers.on_tick(READING)
    assert all(untouched(part) for part in answer)
    assert clock.active is False


def test_a_model_that_does_not_load_is_said_once(state: Callable[[str], None]) -> None:
    state("The disk is full.")
    *answer, clock = _answers.on_tick(None)
    assert status(Answer(*answer)) == ("error", "The disk is full.")
    assert clock.active is False


def test_the_clock_goes_on_after_an_error_without_a_reading() -> None:
    assert _answers.on_answered(None).active is True
    assert _answers.on_answered(READING).active is False


def test_cancelling_says_so() -> None:
    assert _answers.on_cancel()["parts"][0][0].startswith("Cancelled")
