"""The recorded picture, the clock, the live picture."""

from collections.abc import Callable

import pytest

from attention.models.catalog import E5, MINILM
from attention.share.selection import Selection
from attention.tabs import _answers, _background
from attention.tabs._examples import EXAMPLES
from attention.tabs._recorded import recorded
from attention.tabs._updates import Answer, Asked, Reading
from tests.tabs.answered import READING, status, untouched, value, visit


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """`state(word)`: what the background says of the default model."""

    def set_state(word: str) -> None:
        monkeypatch.setattr(_background, "state", lambda: word)

    return set_state


def test_the_recorded_picture_waits_for_the_model(state: Callable[[str], None]) -> None:
    state("loading")
    answer = _answers.on_load(visit())
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
    answer = _answers.on_load(visit())
    assert answer.reading == Reading(E5, EXAMPLES[0].text, EXAMPLES[0].pair)
    assert value(answer.figure)["caption"].startswith(E5)


def test_the_clock_waits_replaces_once_and_stops(state: Callable[[str], None]) -> None:
    state("loading")
    *answer, clock = _answers.on_tick(None, Asked())
    assert all(untouched(part) for part in (*answer, clock))
    state("ready")
    *answer, clock = _answers.on_tick(None, Asked())
    assert Answer(*answer).reading == Reading(E5, EXAMPLES[0].text, EXAMPLES[0].pair)
    assert clock.active is False


def test_the_clock_never_touches_a_person_s_reading(state: Callable[[str], None]) -> None:
    state("ready")
    *answer, clock = _answers.on_tick(READING, Asked(1))
    assert all(untouched(part) for part in answer)
    assert clock.active is False


def test_a_model_that_does_not_load_is_said_once(state: Callable[[str], None]) -> None:
    state("The disk is full.")
    *answer, clock = _answers.on_tick(None, Asked())
    assert status(Answer(*answer)) == ("error", "The disk is full.")
    assert clock.active is False


def test_the_clock_waits_while_a_person_s_own_reading_is_on_its_way(
    state: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    state("ready")
    assert all(untouched(part) for part in _answers.on_tick(None, Asked(times=1)))
    asked = Asked()
    monkeypatch.setattr(_answers, "view", lambda *_, **__: setattr(asked, "times", 1) or Answer("never shown"))
    assert all(untouched(part) for part in _answers.on_tick(None, asked))


def test_after_an_error_the_first_picture_still_comes(state: Callable[[str], None]) -> None:
    state("ready")
    asked = Asked()
    assert status(_answers.on_read(MINILM, "", None, None, Selection(), asked))[0] == "error"
    assert (asked.times, asked.failed, asked.waiting) == (1, 1, False)
    *answer, clock = _answers.on_tick(None, asked)
    assert not untouched(Answer(*answer).figure)
    assert clock.active is False
