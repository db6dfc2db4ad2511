"""The Languages tab's lists of heads and its tokenizers: what they answer, and one sentence for what cannot be."""

import json
from dataclasses import replace
from typing import Any

import gradio as gr
import pytest

from attention.errors import ModelError
from attention.models import languages, reader
from attention.models.catalog import INDUCTION, MINILM
from attention.share import languages_heads, languages_pieces
from attention.share.settings.languages import Languages
from attention.tabs import _languages_answers as heads
from attention.tabs import _languages_lists as lists
from attention.tabs import _languages_pieces as tokenizers
from attention.tabs import languages as tab
from tests.tabs.answered import untouched, value

pytestmark = pytest.mark.usefixtures("offline")
SHOWN = Languages(model=MINILM, layer=3, head=4, tokenizers=f"{MINILM}\n{INDUCTION}")


def said(line: Any) -> tuple[str, str]:
    return line["kind"], " ".join(text for text, _ in line["parts"])


def test_another_list_is_shown_and_a_wrong_one_said() -> None:
    status, listed = lists.on_list("differs", SHOWN)  # MiniLM has not read the set
    assert (said(status), value(listed)["rows"]) == (("", ""), [])
    assert said(lists.on_list("sideways", SHOWN)[0])[0] == "error"
    assert said(lists.on_list("same", None)[0])[0] == "error"


def test_reading_the_whole_set_is_told_and_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = replace(SHOWN, model=INDUCTION, layer=0, head=0)
    reader.capture(INDUCTION, "Loaded by now.")

    def cancelled(*given: Any, **named: Any) -> None:
        named["progress"]("reading the same meanings", 0.5)
        raise ModelError("load_cancelled", got="it")

    monkeypatch.setattr(languages, "agreement", cancelled)
    *_, status = lists.on_build(shown)
    assert said(status)[0] == "error"


def test_the_list_appears_when_the_set_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "agreement", lambda model, **named: None)
    monkeypatch.setattr(languages_heads, "heads", lambda settings: {"rows": [], "model": settings.model})
    *_, status = lists.on_build(SHOWN)
    assert said(status) == ("", "")
    meanwhile = heads.on_head(4, 3, SHOWN)[2]
    listed, button, figure = lists.on_built("same", meanwhile)
    assert value(listed) == {"rows": [], "model": MINILM}
    assert button.visible is False
    assert value(figure)["title"] == "L4H3"
    assert all(untouched(part) for part in lists.on_built("same", None))


def test_tokenizers_sentence_and_measure() -> None:
    status, pieces = tokenizers.on_cut("1", SHOWN.models, SHOWN)
    assert said(status) == ("", "")
    assert value(pieces) == json.loads(json.dumps(languages_pieces.cut(replace(SHOWN, cut="1"))))
    *_, (status, table, ready) = tokenizers.on_tokenizers([INDUCTION])
    assert (said(status), ready) == (("", ""), (INDUCTION,))
    assert value(table)["columns"] == ["induction-2l (ours)"]
    status, pieces = tokenizers.on_pieces("0", ready, SHOWN)
    assert untouched(status)  # an error of the tokenizers stays
    assert [line["title"] for line in value(pieces)["lines"]] == ["induction-2l (ours)"]
    status, table = tokenizers.on_price("unknown")
    assert (said(status), table.props["price"]) == (("", ""), "unknown")


@pytest.mark.parametrize(("ready", "shown"), [(None, SHOWN), ((MINILM,), None), (None, None)])
def test_no_pieces_are_drawn_before_tokenizers_and_sentences_are_there(ready: Any, shown: Any) -> None:
    assert all(untouched(part) for part in tokenizers.on_pieces("0", ready, shown))


def test_another_set_that_is_read_is_told_before_its_turn_comes() -> None:
    with gr.Blocks(analytics_enabled=False) as demo:
        tab.TAB.build(demo)
    clicked = [fn for fn in demo.fns.values() if any(name == "click" for _, name in fn.targets)]
    at = next(n for n, fn in enumerate(clicked) if fn.name == "on_build")
    before = clicked[at - 1]
    assert before.targets == clicked[at].targets
    assert "Waiting for its turn" in str(before.js)
    assert list(before.outputs) == list(clicked[at].outputs)


@pytest.mark.parametrize(
    "chosen", [[], None, "x", [7], [MINILM] * 3 + ["nobody/nothing"], ["a/b", "c/d", "e/f", "g/h", "i/j"]]
)
def test_tokenizers_that_cannot_be_are_said(chosen: Any) -> None:
    *_, (status, *rest) = tokenizers.on_tokenizers(chosen)
    assert said(status)[0] == "error"
    assert all(untouched(part) for part in rest)


@pytest.mark.parametrize(
    "answer", [lambda: tokenizers.on_cut("9", (MINILM,), SHOWN), lambda: tokenizers.on_price(None)]
)
def test_measures_that_cannot_be_are_said(answer: Any) -> None:
    status, *rest = answer()
    assert said(status)[0] == "error"
    assert all(untouched(part) for part in rest)
