"""What holds for every lab, found as the page finds them."""

import importlib
import inspect
import json
import pkgutil
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from itertools import chain
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from attention import tabs
from attention.errors import MESSAGES, AttentionError
from attention.share.settings.kinds import Choice, Number, Switch, Words, checked, kinds
from attention.share.settings.real_head import NAMES, RealHead
from attention.tabs._lab import LABS, Lab
from attention.tabs._lab_answers import Answers
from attention.tabs._prose import prose
from tests.tabs.answered import event

PAYLOAD = 300_000
HERE = Path(tabs.__path__[0])


def _labs() -> Iterator[Lab]:
    for info in pkgutil.iter_modules(tabs.__path__):
        module = importlib.import_module(f"attention.tabs.{info.name}")
        if isinstance(getattr(module, "LAB", None), Lab):
            yield module.LAB


FOUND = sorted(_labs(), key=lambda lab: LABS.index(lab.title))
each_lab = pytest.mark.parametrize("lab", FOUND, ids=[lab.stem for lab in FOUND])


def ends(lab: Lab) -> Iterator[RealHead]:
    """Every own setting at each of its ends or options, the others as they start."""
    start = lab.settings()
    for name, kind in kinds(lab.settings).items():
        if name in (*NAMES, "source"):
            continue
        tried: tuple[Any, ...] = ()
        if isinstance(kind, Number):
            tried = (kind.low, kind.high)
        elif isinstance(kind, Choice):
            tried = tuple(kind.options)[: kind.offered or None]
        elif isinstance(kind, Switch):
            tried = (False, True)
        for value in tried:
            yield replace(start, **{name: value})
    largest = {name: kind.high for name, kind in kinds(lab.settings).items() if isinstance(kind, Number)}
    yield replace(start, **{name: high for name, high in largest.items() if name not in NAMES})


def said_by(controls: list[Any]) -> list[Any]:
    """What controls say, whether they are replaced whole or only get a value."""
    return [one.value if isinstance(one, gr.Dropdown) else one for one in controls]


def numbers(value: Any) -> Iterator[float]:
    """Every number in a payload."""
    if isinstance(value, dict | list):
        yield from chain.from_iterable(map(numbers, value.values() if isinstance(value, dict) else value))
    elif isinstance(value, float):
        yield value


def test_all_seven_are_there_in_order() -> None:
    assert tuple(lab.title for lab in FOUND) == LABS
    orders = {tab.title: tab.order for tab in tabs.tabs()}
    assert sorted(LABS, key=orders.__getitem__) == list(LABS)


@each_lab
def test_its_prose_has_every_section_and_its_question_has_answers(lab: Lab) -> None:
    words = prose(HERE / f"{lab.stem}.md")
    assert words.intent
    assert all(words.sections.values())
    assert words.question
    assert len(words.choices) >= 2
    assert lab.module.reveal(lab.settings()).choices == len(words.choices)
    assert not re.search(
        r"[!\U0001F000-\U0001FAFF]", re.sub(r"\$[^$]*\$", "", (HERE / f"{lab.stem}.md").read_text("utf-8"))
    )


@each_lab
def test_the_code_it_shows_is_code_that_its_pictures_run(lab: Lab) -> None:
    """Every function shown is called by a picture of the lab, and its source is that of the running code."""
    shown, wanted = lab.code(), {}
    for name in lab.source:
        module, _, function = name.partition(":")
        assert module.startswith("attention.core")
        found = inspect.unwrap(getattr(importlib.import_module(module), function))
        wanted[found.__code__] = name
        assert inspect.getsource(found) in shown

    def hear(frame: Any, what: str, _: Any) -> None:
        if what == "call":
            wanted.pop(frame.f_code, None)

    sys.setprofile(hear)
    try:
        for settings in ends(lab):
            lab.module.picture(settings)
    finally:
        sys.setprofile(None)
    assert not wanted


@each_lab
def test_every_setting_says_what_it_may_be(lab: Lab) -> None:
    start = lab.settings()
    for name, kind in kinds(lab.settings).items():
        assert isinstance(kind, Number | Choice | Switch | Words)
        assert kind.label
        assert kind.check(getattr(start, name)) == getattr(start, name)


@each_lab
def test_every_end_of_every_setting_gives_a_picture(lab: Lab) -> None:
    for settings in ends(lab):
        value = lab.module.picture(settings)
        packed = json.dumps(value, allow_nan=False, ensure_ascii=False)
        assert len(packed.encode()) <= PAYLOAD, settings
        assert value["panels"], settings
        assert value["caption"], settings
        assert "nan" not in re.findall(r"\bnan\b", packed.lower()), settings


@each_lab
def test_one_seed_gives_one_figure(lab: Lab) -> None:
    assert lab.module.picture(lab.settings()) == lab.module.picture(lab.settings())


@each_lab
@pytest.mark.parametrize(
    "hostile", [None, "<img src=x onerror=alert(1)>", float("nan"), 1e309, -1, [1], {"a": 1}, "9" * 5000]
)
def test_a_hostile_value_gets_one_sentence_and_the_figure_stays(lab: Lab, hostile: Any) -> None:
    given = Answers(lab)
    for name, kind in kinds(lab.settings).items():
        try:
            kind.check(hostile)
        except AttentionError:
            answer = given.on_move({name: hostile})
            status = answer["status"]
            assert answer["figure"] is None, name
            assert status["kind"] == "error", name
            assert len(status["parts"]) == 1
            assert 10 < len(status["parts"][0][0]) < 400


@each_lab
def test_every_answer_gets_a_verdict_from_the_figure(lab: Lab) -> None:
    given = Answers(lab)
    found = lab.module.reveal(lab.settings())
    assert 0 <= found.right < found.choices
    verdicts = []
    for guess in range(found.choices):
        verdict, status, figure, real, *controls = given.on_guess({}, guess)
        assert status["kind"] == ""
        assert json.loads(figure)["panels"]
        assert real.visible == found.settings.real
        assert said_by(controls) == [getattr(found.settings, one.name) for one in fields(lab.settings)]
        assert json.loads(figure)["moved"] == json.loads(figure)["settings"] == asdict(found.settings)
        verdicts.append(verdict["parts"])
    assert [parts[0][0].startswith("Yes") for parts in verdicts] == [at == found.right for at in range(found.choices)]
    assert all(parts[1][0] == found.sentence for parts in verdicts)
    for wrong in (found.choices, -1, True, "0", 1.5):
        assert given.on_guess({}, wrong)[0]["kind"] == "error"


@each_lab
def test_a_real_head_makes_the_same_picture_from_a_model(lab: Lab) -> None:
    given = Answers(lab)
    *_, last = given.on_real({"source": "real", "text": "猫は疲れていた。", "other": "القط متعب.", "head": 99})
    assert last[0]["kind"] == "", last[0]
    value = json.loads(last[1])
    assert "multilingual-e5-small" in value["caption"] or "L2H6" in value["caption"]
    assert value["moved"]["head"] == 11  # the model's last
    *_, back = given.on_real({})
    assert json.loads(back[1])["panels"] == json.loads(given.on_move({})["figure"])["panels"]


@each_lab
@pytest.mark.parametrize(
    ("text", "said"), [("", "nothing to read"), ("word " * 500, "tokens"), ("\ud800", "half a character")]
)
def test_a_sentence_that_cannot_be_read_gets_a_sentence(lab: Lab, text: str, said: str) -> None:
    *_, last = Answers(lab).on_real({"source": "real", "text": text})
    assert last[0]["kind"] == "error"
    assert said in last[0]["parts"][0][0]
    assert last[1] == gr.skip()
    assert last[2].visible is True  # what chooses a head, to choose another


@each_lab
@pytest.mark.parametrize(
    "data", [{}, None, {"query": "x"}, {"query": 1e9}, {"key": {"a": 1}}, {"box": "<b>"}, {"query": -1}]
)
def test_a_forged_click_changes_nothing_or_says_why(lab: Lab, data: Any) -> None:
    if not lab.picks:
        return
    status, figure, control = Answers(lab).on_pick({}, event(data))
    assert figure == gr.skip() or json.loads(figure)["panels"]
    assert status == gr.skip() or status["kind"] in {"", "error"}
    assert (figure == gr.skip()) == (control == gr.skip())


@each_lab
def test_settings_are_checked_whole(lab: Lab) -> None:
    start = lab.settings()
    assert checked(lab.settings, {one.name: getattr(start, one.name) for one in fields(start)}) == start
    assert checked(lab.settings, {"unknown": 1}) == start


@each_lab
@pytest.mark.parametrize("sent", [None, [], "scoring", 5, {"unknown": "<b>", "": None}])
def test_whatever_is_sent_what_is_not_a_setting_is_left_out(lab: Lab, sent: Any) -> None:
    answer = Answers(lab).on_move(sent)
    assert answer["status"]["kind"] == ""
    assert json.loads(answer["figure"])["panels"] == json.loads(Answers(lab).on_move({})["figure"])["panels"]


@each_lab
def test_a_move_fetches_no_model(lab: Lab) -> None:
    answer = Answers(lab).on_move({"source": "real", "model": "openai-community/gpt2"})
    assert answer["figure"] is None
    assert answer["status"]["parts"][0][0] == MESSAGES["nothing_read"]
