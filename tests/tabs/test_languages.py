"""The Languages tab's answers: the first view, other texts and heads, lists, tokenizers, and one sentence for what cannot be."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

import gradio as gr
import pytest

from attention.errors import ModelError
from attention.models import languages, parallel, reader
from attention.models.catalog import INDUCTION, MINILM
from attention.share import languages_comparison, languages_heads, languages_pieces, languages_words
from attention.share.settings.kinds import checked, kinds
from attention.share.settings.languages import Languages
from attention.tabs import _languages_answers as heads
from attention.tabs import _languages_lists as lists
from attention.tabs import _languages_pieces as tokenizers
from attention.tabs import languages as tab
from tests.tabs.answered import drawn, event, untouched, value, visit

pytestmark = pytest.mark.usefixtures("offline")
SHOWN = Languages(model=MINILM, layer=3, head=4, tokenizers=f"{MINILM}\n{INDUCTION}")
PAGE = [SHOWN.language1, SHOWN.language2, SHOWN.language3, SHOWN.language4]
OWN = {meaning.name: meaning.sentences for meaning in parallel.meanings()}


def said(line: Any) -> tuple[str, str]:
    return line["kind"], " ".join(text for text, _ in line["parts"])


def texts_of(settings: Languages) -> list[str]:
    return heads.sentences_of(settings)


def last(answers: Iterable[Any], name: str) -> Any:
    """The last update of this output that changes anything."""
    found = [getattr(one, name) for one in answers if not untouched(getattr(one, name))]
    return next(one for one in reversed(found) if name != "figure" or isinstance(one, str))  # else its links alone


def read(model: Any = MINILM, meaning: Any = "pronoun", given: Any = None, shown: Any = SHOWN) -> list[Any]:
    given = [*PAGE, *texts_of(SHOWN)] if given is None else given
    return list(heads.on_read(model, meaning, *given, shown))


def test_a_reading_gives_view_then_links_then_pieces() -> None:
    reader.capture(MINILM, "Loaded by now.")
    view, listed, links, pieces, end = read()
    assert drawn(view.figure) == json.loads(json.dumps(languages_comparison.comparison(SHOWN)))
    assert json.loads(links.figure.props["links"]) == json.loads(json.dumps(languages_words.links(SHOWN)))
    assert value(pieces.pieces) == json.loads(json.dumps(languages_pieces.cut(SHOWN)))
    assert listed.build.visible is True  # MiniLM has not read the set
    assert all(untouched(part) for part in end)
    assert (view.shown, said(view.status)) == (SHOWN, ("", ""))
    assert [view.text1, view.text2, view.text3, view.text4] == [OWN["pronoun"][name] for name in PAGE]


def test_the_first_view_is_read_once() -> None:
    first = last(heads.on_open(None, visit()), "shown")
    assert first == Languages()
    assert all(untouched(part) for one in heads.on_open(first, visit()) for part in one)


def test_a_typed_sentence_is_kept_and_one_of_the_set_is_not() -> None:
    given = [*PAGE, "My own words.", *texts_of(SHOWN)[1:]]
    shown = last(read(given=given), "shown")
    assert (shown.text1, shown.text2) == ("My own words.", "")
    other = list(heads.on_language(MINILM, "pronoun", "Finnish", *PAGE[1:], *given[4:], shown))
    assert last(other, "text1") == "My own words."
    other = list(heads.on_language(MINILM, "pronoun", PAGE[0], "Finnish", *PAGE[2:], *given[4:], shown))
    assert last(other, "text2") == OWN["pronoun"]["Finnish"]
    other = list(heads.on_meaning(MINILM, "negation", *PAGE, *given[4:], shown))
    assert [last(other, f"text{n}") for n in range(1, 5)] == [OWN["negation"][name] for name in PAGE]


def test_a_column_without_a_language_is_left_out() -> None:
    found = list(heads.on_language(MINILM, "pronoun", *PAGE[:2], "", "", *texts_of(SHOWN), SHOWN))
    assert [column["name"] for column in value(last(found, "figure"))["columns"]] == PAGE[:2]
    assert last(found, "text3") == ""


def test_another_model_without_the_head_opens_its_first_one() -> None:
    shown = replace(SHOWN, layer=5, head=11)
    found = read(model=INDUCTION, shown=shown)
    assert (last(found, "shown").layer, last(found, "shown").head) == (0, 0)
    assert value(last(found, "figure"))["selected"] == [0, 0]
    assert last(read(shown=shown), "shown").head == 11


def test_another_head_or_level_reads_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read()
    monkeypatch.setattr(reader, "run", lambda *given: pytest.fail("the model ran"))
    status, figure, shown = heads.on_head(1, 2, SHOWN)
    assert (said(status), shown.layer, shown.head) == (("", ""), 1, 2)
    assert value(figure)["title"] == "L1H2"
    _, figure, shown = heads.on_level("word", shown)
    assert drawn(figure) == json.loads(json.dumps(languages_comparison.comparison(shown)))
    _, figure, shown, layer, head = heads.on_pick(shown, event({"layer": 2, "head": 6, "pattern": "next"}))
    assert (shown.pattern, layer, head, value(figure)["title"]) == ("next", 2, 6, "L2H6")


@pytest.mark.parametrize(
    "sent",
    [
        {"layer": 99, "head": 0}, {"layer": 0, "head": 12}, {"layer": "0", "head": 0}, {"layer": True, "head": 0}, {}, None, [1],
        {"layer": 0, "head": 0, "pattern": 7}, {"layer": 0, "head": float("nan")},
    ],
)  # fmt: skip
def test_a_head_that_does_not_exist_changes_nothing(sent: Any) -> None:
    status, *rest = heads.on_pick(SHOWN, event(sent))
    assert said(status)[0] == "error"
    assert all(untouched(part) for part in rest)


@pytest.mark.parametrize(
    ("model", "meaning", "given"),
    [
        (None, "pronoun", None), ("../x", "pronoun", None), ("nobody/nothing", "pronoun", None), (MINILM, "nothing", None),
        (MINILM, None, None), (MINILM, "pronoun", ["Klingon", "", "", "", "", "", "", ""]),
        (MINILM, "pronoun", ["", "", "", "", "", "", "", ""]), (MINILM, "pronoun", [*PAGE, 7, "", "", ""]),
        (MINILM, "pronoun", [*PAGE, "\ud800", "", "", ""]), (MINILM, "pronoun", [*PAGE, "a " * 5000, "", "", ""]),
        (MINILM, "pronoun", [*PAGE, "long " * 200, "", "", ""]), (MINILM, "pronoun", [*PAGE, "\u200d", "", "", ""]),
        (MINILM, "pronoun", [[], {}, None, 3, "", "", "", ""]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_and_nothing_is_lost(model: Any, meaning: Any, given: Any) -> None:
    found = read(model, meaning, given)
    kind, sentence = said(found[-1].status)
    assert kind == "error"
    assert sentence.endswith(".")
    assert len(sentence) < 300
    assert all(untouched(part) for one in found for part in one[1:])


def test_odd_texts_are_shown() -> None:
    odd = ["\u202eabc\u202c def", "e\u0301" + "\u0301" * 1000, "\u0378 word", "👨‍👩‍👧 family"]
    found = read(given=[*PAGE, *odd])
    columns = value(last(found, "figure"))["columns"]
    assert len(columns) == 4
    assert "\u202e" not in "".join(text for text, _ in columns[0]["sentence"])


def test_another_list_is_remembered_and_a_wrong_one_said() -> None:
    status, listed, shown = lists.on_list("differs", SHOWN)  # MiniLM has not read the set
    assert (said(status), untouched(listed), shown.listed) == (("", ""), True, "differs")
    assert said(lists.on_list("sideways", SHOWN)[0])[0] == "error"
    assert said(lists.on_list("same", None)[0])[0] == "error"


def test_reading_the_whole_set_is_told_and_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = replace(SHOWN, model=INDUCTION, layer=0, head=0)
    read(model=INDUCTION, shown=shown)

    def cancelled(*given: Any, **named: Any) -> None:
        named["progress"]("reading the same meanings", 0.5)
        raise ModelError("load_cancelled", got="it")

    monkeypatch.setattr(languages, "agreement", cancelled)
    found = list(lists.on_build(shown))
    assert said(found[-1][0])[0] == "error"
    assert all(untouched(part) for one in found for part in one[1:])


def test_the_list_appears_when_the_set_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "agreement", lambda model, **named: None)
    monkeypatch.setattr(languages_heads, "heads", lambda settings: {"rows": [], "model": settings.model})
    *_, (status, listed, button, figure), end = lists.on_build(SHOWN)
    assert said(status) == ("", "")
    assert value(listed) == {"rows": [], "model": MINILM}
    assert button.visible is False
    assert value(figure)["title"] == "L3H4"
    assert all(untouched(part) for part in end)


def test_tokenizers_sentence_and_measure() -> None:
    status, pieces, shown = tokenizers.on_cut("1", SHOWN)
    assert (said(status), shown.cut) == (("", ""), "1")
    assert value(pieces) == json.loads(json.dumps(languages_pieces.cut(shown)))
    found = list(tokenizers.on_tokenizers([INDUCTION], SHOWN))
    assert found[-2][3].models == (INDUCTION,)
    assert len(value(found[-2][1])["lines"]) == 1
    assert value(found[-2][2])["columns"] == ["induction-2l (ours)"]
    status, table, shown = tokenizers.on_price("unknown", SHOWN)
    assert (table.props["price"], shown.price) == ("unknown", "unknown")
    assert value(tokenizers.on_table(SHOWN)[1]) == json.loads(json.dumps(languages_pieces.table(SHOWN)))


@pytest.mark.parametrize(
    "chosen", [[], None, "x", [7], [MINILM] * 3 + ["nobody/nothing"], ["a/b", "c/d", "e/f", "g/h", "i/j"]]
)
def test_tokenizers_that_cannot_be_are_said(chosen: Any) -> None:
    *_, (status, *rest) = tokenizers.on_tokenizers(chosen, SHOWN)
    assert said(status)[0] == "error"
    assert all(untouched(part) for part in rest)


@pytest.mark.parametrize("answer", [lambda: tokenizers.on_cut("9", SHOWN), lambda: tokenizers.on_price(None, SHOWN)])
def test_measures_that_cannot_be_are_said(answer: Any) -> None:
    status, *rest = answer()
    assert said(status)[0] == "error"
    assert all(untouched(part) for part in rest)


def test_settings_say_everything_and_are_checked_one_by_one() -> None:
    assert list(kinds(Languages)) == list(asdict(SHOWN))
    assert checked(Languages, asdict(SHOWN)) == SHOWN
    shown = replace(SHOWN, text1="Mine.", level="word", listed="differs")
    found = read(given=[*PAGE, *texts_of(shown)], shown=shown)
    assert last(found, "shown") == shown


def test_the_prose_has_the_numbers_of_the_evaluation() -> None:
    found = json.loads((parallel.DATA / "correspondence.json").read_text(encoding="utf-8"))
    prose = tab.sections()["Words that answer each other"]
    assert f"F1 {found['all'][2]:.2f}" in prose
    assert f"{found['links']:,} word pairs" in prose
    assert "{" not in "".join(tab.sections().values())


def test_few_outputs_for_another_head() -> None:
    with gr.Blocks(analytics_enabled=False) as demo:
        tab.TAB.build(demo)
    sizes = {fn.name: (len(fn.inputs), len(fn.outputs)) for fn in demo.fns.values()}
    assert sizes["on_head"] == (3, 3)
    assert sizes["on_pick"] == (1, 5)


def test_importing_the_tab_does_not_import_torch() -> None:
    code = "import sys; import attention.tabs.languages; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
