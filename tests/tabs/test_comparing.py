"""A model's card on the page: there at once for bundled models, computed when asked for elsewhere."""

import threading
from pathlib import Path
from typing import Any

import pytest

from attention import capture
from attention.errors import MESSAGES, ModelError
from attention.models import cards, catalog, loader
from attention.models.catalog import E5, INDUCTION, MINILM
from attention.share import overview
from attention.share.selection import Selection
from attention.tabs import _answers
from attention.tabs._examples import EXAMPLES
from attention.tabs._updates import Reading
from tests.tabs.answered import READING, TEXT, event, read, status, untouched, value

OWN = Reading(INDUCTION, TEXT, None)
SHORT = tuple(("The cat sat on the mat, and the cat sat on the rug, again and again." * (1 + n % 2), None) for n in range(31))  # fmt: skip


@pytest.fixture
def no_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No card was ever computed on this machine, and few texts are read for one."""
    monkeypatch.setenv("ATTENTION_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(cards, "texts", lambda: SHORT)
    return tmp_path / "cards"


def compared(reading: Reading | None, selection: Selection = Selection()) -> tuple[Any, Any, Any]:
    return _answers.on_compared(reading, selection)


@pytest.mark.parametrize("model", [E5, MINILM])
def test_a_bundled_model_has_its_card_at_once(model: str) -> None:
    answer = read(model, TEXT)
    assert answer.build.visible is False
    card = cards.find_card(model)
    assert card is not None
    assert value(answer.bars.constructor_args["card"]) == overview.usual(card)
    again = read(model, EXAMPLES[0].text, None, Reading(model, TEXT, None), Selection(1, 1))
    assert value(again.bars.constructor_args["card"]) == overview.usual(card)


def test_another_model_offers_to_compute_its_own(no_card: Path) -> None:
    answer = read(INDUCTION, TEXT)
    assert answer.build.visible is True
    assert answer.bars.constructor_args["card"] == ""  # nothing of the model before
    assert not no_card.exists()


def test_the_card_is_computed_told_and_then_shown(no_card: Path) -> None:
    read(INDUCTION, TEXT)
    assert all(untouched(part) for part in compared(OWN))  # nothing to compare with yet
    *lines, last = _answers.on_card(OWN)
    assert {line["kind"] for line in lines} == {"busy"}
    shares = [line["share"] for line in lines]
    assert shares == sorted(shares)
    assert (last["kind"], last["parts"]) == ("", [])
    assert len(list(no_card.iterdir())) == 1
    bars, found, button = compared(OWN, Selection(1, 2))
    card = cards.find_card(INDUCTION)
    assert card is not None
    assert value(bars.constructor_args["card"]) == overview.usual(card)
    assert "value" not in bars.constructor_args
    assert button.visible is False
    seen = overview.overview(capture(INDUCTION, TEXT), None, card)
    assert value(found) == {**seen.cards, "selected": [1, 2]}
    assert value(compared(OWN, Selection(1, None))[1])["selected"] is None
    assert read(INDUCTION, TEXT).build.visible is False


def test_what_another_visitor_computed_is_there_for_the_next_text(no_card: Path) -> None:
    read(INDUCTION, TEXT)
    list(_answers.on_card(OWN))
    answer = read(INDUCTION, "Another text, read by someone else.", None, OWN, Selection())
    assert answer.build.visible is False
    assert value(answer.bars.constructor_args["card"])["texts"] == 31


def test_what_is_shown_belongs_to_the_text_that_is_read_by_then(no_card: Path) -> None:
    """The button is pressed on one text; another one is read before the card is there."""
    read(INDUCTION, TEXT)
    list(_answers.on_card(OWN))
    later = Reading(INDUCTION, "One, two, three, one, two, three, one, two, three.", None)
    read(later.model, later.text)
    _, found, _ = compared(later)
    seen = overview.overview(capture(later.model, later.text), None, cards.find_card(INDUCTION))
    assert value(found)["cards"] == seen.cards["cards"]


def test_an_error_is_one_sentence(no_card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (only,) = _answers.on_card(None)
    assert (only["kind"], only["parts"]) == ("error", [[MESSAGES["nothing_read"], ""]])
    assert all(untouched(part) for part in compared(None))

    def broken(*_: object, **__: object) -> None:
        raise ModelError("card_too_few_texts", got=INDUCTION, read=3, texts=180)

    monkeypatch.setattr(cards, "build_card", broken)
    *_, last = _answers.on_card(OWN)
    assert last["kind"] == "error"
    assert "reads only 3 of the 180 texts" in last["parts"][0][0]

    def worse(*_: object, **__: object) -> None:
        raise RuntimeError("secret/path")

    monkeypatch.setattr(cards, "build_card", worse)
    *_, last = _answers.on_card(OWN)
    assert last["parts"] == [[MESSAGES["unexpected"], ""]]
    monkeypatch.setattr(cards, "find_card", worse)
    assert all(untouched(part) for part in compared(OWN))


def test_closing_stops_the_computing_and_nothing_is_kept(no_card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loader.load(INDUCTION)
    ended, stops = threading.Event(), []
    build = cards.build_card

    def slow(model: str, *, progress: Any, cancel: threading.Event) -> Any:
        stops.append(cancel)
        try:
            return build(model, progress=lambda *said: (progress(*said), cancel.wait(0.2)), cancel=cancel)
        finally:
            ended.set()

    monkeypatch.setattr(cards, "build_card", slow)
    answers = _answers.on_card(OWN)
    next(answers)
    answers.close()
    assert ended.wait(30)
    assert stops[0].is_set()
    assert not no_card.exists()


def test_stopping_says_so() -> None:
    said = _answers.on_stop()
    assert said["kind"] == "note"
    assert said["parts"][0][0].startswith("Cancelled")


def test_the_session_that_reads_again_keeps_its_line_empty() -> None:
    answer = read(MINILM, TEXT)
    assert answer.usual["parts"] == []


def test_a_surprise_opens_with_its_pattern() -> None:
    """Rows below the cards send what cards send."""
    answer = _answers.on_find(READING, Selection(), event({"layer": 2, "head": 9, "pattern": "same_token"}))
    assert answer.selection == Selection(2, 9, pattern="same_token")
    assert status(answer) == ("", "")


def test_the_induction_model_is_one_of_the_picker() -> None:
    assert INDUCTION in [row.id for row in catalog.rows()]
