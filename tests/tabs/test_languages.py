"""The Languages tab's answers: the first view, other texts and heads, lists, tokenizers, and one sentence for what cannot be."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

import gradio as gr
import pytest

from attention.models import loader, parallel, reader
from attention.models.catalog import INDUCTION, MINILM
from attention.share import languages_comparison, languages_words
from attention.share.settings.kinds import checked, kinds
from attention.share.settings.languages import Languages
from attention.tabs import _languages_answers as heads
from attention.tabs import languages as tab
from attention.tabs._words import languages as tongues
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
    return list(heads.on_read(model, meaning, *given, "0", shown))


def other(meaning: str, languages: Iterable[str], texts: Iterable[str], shown: Languages) -> list[Any]:
    return list(heads.on_other(MINILM, meaning, *languages, *texts, "0", shown))


def test_a_reading_gives_the_view_and_then_what_follows_from_it() -> None:
    reader.capture(MINILM, "Loaded by now.")
    (view,) = read()
    assert drawn(view.figure) == json.loads(json.dumps(languages_comparison.comparison(SHOWN)))
    more = heads.on_more("same", view.shown)
    assert more.build.visible is True  # MiniLM has not read the set
    assert json.loads(more.figure.props["links"]) == json.loads(json.dumps(languages_words.links(SHOWN)))
    assert (view.shown, said(view.status)) == (SHOWN, ("", ""))
    assert [view.text1, view.text2, view.text3, view.text4] == [OWN["pronoun"][name] for name in PAGE]


def test_the_first_view_is_read_once() -> None:
    found = [heads.View(*one[: len(heads.View._fields)]) for one in heads.on_open(None, visit())]
    first = last(found, "shown")
    assert first == Languages()
    assert all(untouched(part) for one in heads.on_open(first, visit()) for part in one)


def test_a_link_sets_the_controls_before_anything_is_drawn_from_them() -> None:
    wanted = replace(
        SHOWN, meaning="negation", language2="Thai", listed="differs", price="unknown", cut="1", level="word"
    )
    query = {name: str(part) for name, part in asdict(wanted).items() if part != getattr(Languages(), name)}
    first, view, *_ = heads.on_open(None, visit(tab="languages", v="1", **query))
    controls = first[len(heads.View._fields) :]
    assert all(untouched(part) for part in first[: len(heads.View._fields)])
    assert list(controls[:-1]) == [
        MINILM, "negation", "English", "Thai", "Arabic", "Hindi", "word", "differs", [MINILM, INDUCTION], "unknown",
    ]  # fmt: skip
    assert controls[-1].props["price"] == "unknown"
    assert heads.View(*view[: len(heads.View._fields)]).shown == wanted
    assert view[len(heads.View._fields) :][:-1] == controls[:-1]  # once more, as a page may read the last answer only


@pytest.mark.usefixtures("offline")
def test_a_link_whose_model_cannot_be_read_sets_the_controls_with_the_error() -> None:
    *_, end = heads.on_open(None, visit(tab="languages", v="1", model="nobody/nothing", meaning="negation"))
    assert said(end[0])[0] == "error"
    assert end[len(heads.View._fields) :][:2] == ("nobody/nothing", "negation")


def test_a_typed_sentence_is_kept_and_one_of_the_set_is_not() -> None:
    given = [*PAGE, "My own words.", *texts_of(SHOWN)[1:]]
    shown = last(read(given=given), "shown")
    assert (shown.text1, shown.text2) == ("My own words.", "")
    assert last(other("pronoun", ["Finnish", *PAGE[1:]], given[4:], shown), "text1") == "My own words."
    found = other("pronoun", [PAGE[0], "Finnish", *PAGE[2:]], given[4:], shown)
    assert last(found, "text2") == OWN["pronoun"]["Finnish"]
    found = other("negation", PAGE, given[4:], shown)
    expected = ["My own words.", *(OWN["negation"][name] for name in PAGE[1:])]
    assert [last(found, f"text{n}") for n in range(1, 5)] == expected


def test_a_column_without_a_language_is_left_out() -> None:
    found = other("pronoun", [*PAGE[:2], "", ""], texts_of(SHOWN), SHOWN)
    assert [column["name"] for column in value(last(found, "figure"))["columns"]] == PAGE[:2]
    assert last(found, "text3") == ""


def test_another_model_without_the_head_opens_its_first_one() -> None:
    shown = replace(SHOWN, layer=5, head=11)
    found = read(model=INDUCTION, shown=shown)
    assert (last(found, "shown").layer, last(found, "shown").head) == (0, 0)
    assert value(last(found, "figure"))["selected"] == [0, 0]
    assert last(read(shown=shown), "shown").head == 11


def test_a_model_that_is_not_loaded_yet_keeps_the_head() -> None:
    loader.MODELS.drop(MINILM)
    found = read(shown=replace(SHOWN, model=INDUCTION, layer=5, head=11))
    assert said(found[0].status)[0] == "busy"
    assert (last(found, "shown").layer, last(found, "shown").head) == (5, 11)


def test_whose_pieces_are_shown_stays_where_it_is_while_there_is_such_a_column() -> None:
    def chosen(languages: list[str]) -> tuple[list[str], str]:
        (view,) = heads.on_read(MINILM, "pronoun", *languages, "", "", "", "", "2", SHOWN)
        return [name for name, _ in view.cut.choices], view.cut.value

    assert chosen(["Thai", "Thai", "", "Arabic"]) == (["Thai (1)", "Thai (2)", "Arabic"], "2")
    assert chosen(["Thai", "Arabic", "", ""]) == (["Thai", "Arabic"], "0")


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


def test_only_readings_and_looks_say_what_is_shown() -> None:
    """Gradio tells of a list's change when a link sets it; what answers late must not write over what was opened meanwhile."""
    with gr.Blocks(analytics_enabled=False) as demo:
        tab.TAB.build(demo)
    outputs = {fn.name: list(fn.outputs) for fn in demo.fns.values()}
    shown = next(one for one in outputs["on_open"] if isinstance(one, gr.State))
    assert {name for name, found in outputs.items() if shown in found} == {
        "on_open", "on_read", "on_other", "on_head", "on_level", "on_pick",
    }  # fmt: skip


def test_every_note_is_translated() -> None:
    said = {one.about for one in parallel.meanings()}
    said |= {note for one in parallel.meanings() for note in one.notes.values()}
    assert len(said) > 200
    for tongue in tongues().values():
        assert sorted(said - set(tongue.words)) == []
        assert len({tongue.words[one] for one in said}) > 0.97 * len(said)  # few may be told alike


def test_the_meaning_says_what_to_look_at() -> None:
    for meaning in parallel.meanings():
        assert said(heads.on_about(meaning.name)) == ("", meaning.about)
    assert untouched(heads.on_about("nothing"))


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
    assert f"{found['pairs']:,} word pairs" in prose
    assert f"{found['links']:,} in all" in prose
    assert (
        f"{found['drawn']:,} links drawn in these {found['sentence_pairs']} sentence pairs {found['judged']:,}" in prose
    )
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
