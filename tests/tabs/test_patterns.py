"""The Patterns tab: the pictures once, the check pass by pass, and one sentence for whatever else a browser sends."""

import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from attention import tabs
from attention.errors import MESSAGES, ModelError
from attention.models import behavior, loader
from attention.models.catalog import E5, INDUCTION, MINILM
from attention.share import behavior_page, pattern_page
from attention.tabs import patterns
from tests.tabs.answered import drawn, untouched, value, visit


def words(line: dict[str, Any]) -> str:
    return " ".join(text for text, _ in line["parts"])


def checked(model: Any = INDUCTION, seed: Any = 0, length: Any = 8) -> list[tuple[Any, Any]]:
    return list(patterns.on_check(model, seed, length))


def test_opening_draws_the_pictures_once() -> None:
    said, drawn, opened = patterns.on_open(False)
    assert (said["kind"], words(said), opened) == ("", "", True)
    assert value(drawn) == pattern_page.pictures(patterns.sections("###"))
    assert all(untouched(part) for part in patterns.on_open(True))


def test_a_failed_opening_says_so_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pattern_page, "pictures", lambda definitions: definitions["nowhere"])
    said, drawn, opened = patterns.on_open(False)
    assert said["kind"] == "error"
    assert untouched(drawn)
    assert opened is False


def test_the_check_is_told_pass_by_pass_and_then_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attention.tabs._progress.SECONDS", 0.001)
    *told, (status, figure) = checked(seed=5, length=9)
    assert (status["kind"], words(status)) == ("", "")
    found = behavior.repeat_check(INDUCTION, seed=5, length=9)
    assert drawn(figure) == behavior_page.figure(found, asked=9)
    lines = [words(status) for status, _ in told]
    passes = [re.search(r"pass (\d+) of at most (\d+)", line) for line in lines]
    counted = [(int(one[1]), int(one[2])) for one in passes if one]
    assert counted == sorted(counted, key=lambda one: one[0])
    assert len(counted) > 3
    assert all(status["kind"] == "busy" and untouched(figure) for status, figure in told)


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(
    ("model", "key"),
    [
        (E5, "not_checkable"),
        (MINILM, "not_checkable"),
        (None, "bad_model_id"),
        (7, "bad_model_id"),
        ([INDUCTION], "bad_model_id"),
        ("../x", "bad_model_id"),
        ("/etc", "bad_model_id"),
        ("nobody/nothing", "hub_unreachable"),
    ],
)
def test_a_model_that_cannot_be_checked_is_one_sentence(model: Any, key: str) -> None:
    status, figure = checked(model)[-1]
    assert status["kind"] == "error"
    pattern = re.sub(r"\\\{\w+\\\}", ".*", re.escape(MESSAGES[key]))
    assert re.fullmatch(pattern, words(status)), words(status)
    assert untouched(figure)


@pytest.mark.parametrize("bad", [None, "8", 7, 129, -1, 8.5, True, [8], {"a": 1}, 10**30, float("inf"), float("nan")])
def test_a_length_that_is_no_length_is_one_sentence_and_loads_nothing(
    bad: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "load", None)
    ((status, figure),) = checked(length=bad)
    assert words(status).startswith("Length must be one of the whole numbers from 8 to 128, not ")
    assert untouched(figure)


@pytest.mark.parametrize("bad", [None, "x" * 10_000, -1, 0.5, False, 2**31])
def test_a_seed_that_is_no_seed_is_one_short_sentence(bad: Any) -> None:
    ((status, figure),) = checked(seed=bad)
    assert words(status).startswith("Seed must be one of the whole numbers from 0 to ")
    assert len(words(status)) < 140
    assert untouched(figure)


def test_the_last_answer_to_a_link_holds_all_that_the_page_should_say() -> None:
    """Of answers that come fast, a page may read the last one only."""
    asked = visit(("no", "such"), tab="patterns", v="1", model=INDUCTION, seed="3", length="8", check="on")
    *_, end = patterns.on_link(asked)
    assert end[:3] == (INDUCTION, 3, 8)
    assert end[3]["kind"] == "note"
    assert "“no”" in words(end[3])
    assert drawn(end[4]) == behavior_page.figure(behavior.repeat_check(INDUCTION, length=8, seed=3), asked=8)
    *_, refused = patterns.on_link(visit(tab="patterns", v="1", model=E5, seed="3", check="on"))
    assert refused[:2] == (E5, 3)
    assert refused[3]["kind"] == "error"
    (only,) = patterns.on_link(visit(tab="patterns", v="1", model=INDUCTION, seed="4"))
    assert only[:2] == (INDUCTION, 4)
    assert untouched(only[4])


def test_closing_a_check_cancels_it(monkeypatch: pytest.MonkeyPatch) -> None:
    cancels: list[threading.Event] = []

    def slow(model: str, *, cancel: threading.Event, **_: Any) -> None:
        cancels.append(cancel)
        cancel.wait(30)
        raise ModelError("check_cancelled", got=model)

    monkeypatch.setattr(behavior, "repeat_check", slow)
    answers = patterns.on_check(INDUCTION, 0, 8)
    next(answers)
    while not cancels:
        next(answers)
    answers.close()
    assert cancels[0].is_set()
    assert words(patterns.on_cancel()).startswith("Cancelled")


def test_an_unplanned_error_is_one_sentence(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret/path")

    monkeypatch.setattr(behavior, "repeat_check", broken)
    status, figure = checked()[-1]
    assert words(status) == MESSAGES["unexpected"]
    assert untouched(figure)
    assert "secret/path" in caplog.text


def test_only_decoders_are_offered() -> None:
    offered = [model for _, model in patterns.decoders()]
    assert offered[0] == INDUCTION
    assert "openai-community/gpt2" in offered
    assert not {E5, MINILM, "google-bert/bert-base-uncased"} & set(offered)


def test_one_check_at_a_time_on_the_whole_server() -> None:
    with gr.Blocks(analytics_enabled=False) as demo:
        patterns.TAB.build(demo)
    lanes = {fn.name: (fn.concurrency_id, fn.concurrency_limit) for fn in demo.fns.values() if fn.fn is not None}
    assert lanes["on_check"] == ("behavior", 1)


def test_the_tab_is_built_without_torch() -> None:
    code = "import sys, gradio as gr\nfrom attention.tabs import patterns\nwith gr.Blocks() as demo: patterns.build(demo)\nassert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_what_the_prose_says_of_grammar_is_that_nothing_parses() -> None:
    text = Path(tabs.__path__[0], "patterns.md").read_text(encoding="utf-8")
    assert "nothing here parses" in text
    found = [line for line in re.split(r"(?<=[.:])\s", text) if re.search("gramma|synta", line, re.IGNORECASE)]
    assert found == ["no score says anything about grammar."]


def test_the_prose_has_the_formula_that_is_computed() -> None:
    text = patterns.sections()["How a score is read"]
    assert r"\kappa = \frac{r - c}{1 - c}" in text
    from attention.core.patterns.sums import MIN_ROOM

    assert f"divisor stays at {MIN_ROOM:.2f}" in text


def test_sections_are_cut_at_their_headings() -> None:
    assert list(patterns.sections()) == ["Patterns", "How a score is read", "Checked by behavior"]
    assert not [text for text in patterns.sections("###").values() if "#" in text]


def test_on_a_page_of_its_own_the_pictures_come_with_the_page() -> None:
    with gr.Blocks(analytics_enabled=False) as demo:
        patterns.TAB.build(demo)
    events = [target for fn in demo.fns.values() if fn.name == "on_open" for target in fn.targets]
    assert [event for _, event in events] == ["load"]
