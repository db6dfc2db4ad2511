"""Links opened in the Explore tab: exactly the view they describe, or as much of it as there is."""

import importlib
import json
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl

import pytest

from attention.errors import MESSAGES
from attention.models.catalog import MINILM
from attention.share import pictures
from attention.share.links import TABS, to_query
from attention.share.settings.explorer import Explorer
from attention.share.settings.kinds import Number, kinds
from attention.share.settings.languages import Languages
from attention.share.settings.patterns import Patterns
from attention.share.settings.real_head import NAMES
from attention.tabs import _answers, _languages_answers, _opened, patterns
from attention.tabs._lab_answers import Answers
from attention.tabs._languages_answers import UNSET
from attention.tabs._updates import Answer, Asked, Reading
from tests.tabs.answered import TEXT, status, untouched, value, visit


def query(settings: Explorer, **more: str) -> dict[str, str]:
    """The query of these settings, as a server hears it."""
    return {**dict(parse_qsl(to_query("explore", settings))), **more}


def opened(asked: Asked | None = None, **given: str) -> tuple[Answer, list[Any]]:
    """The last answer to a link: the view, then model, text, pair and picture."""
    *_, last = _opened.on_link(asked or Asked(), visit(**given))
    return Answer(*last[:-4]), list(last[-4:])


SETTINGS = Explorer(
    model=MINILM, text=TEXT, layer=3, head=5, query=2, level="word", measure="value", mode="arcs", pattern="previous", color="next"
)  # fmt: skip


def test_a_link_opens_exactly_its_view() -> None:
    asked = Asked()
    answer, typed = opened(asked, **query(SETTINGS))
    assert answer.reading == Reading(MINILM, TEXT, None)
    assert answer.selection == SETTINGS.selection
    assert typed == [MINILM, TEXT, "", "arcs"]
    figure = json.loads(answer.figure.value)
    assert figure.pop("address") == to_query("explore", Explorer(**{**asdict(SETTINGS), "mode": "matrix", "color": ""}))
    from attention import capture

    assert figure == pictures.head_picture(capture(MINILM, TEXT), SETTINGS.selection)
    assert (figure["query"], answer.figure.props["mode"]) == (2, "arcs")
    assert (answer.color.value, answer.grid.props["color"]) == ("next", "next")
    assert asked.waiting
    assert status(answer)[0] == ""


def test_what_a_link_says_wrongly_is_said_and_the_rest_is_opened() -> None:
    answer, _ = opened(**query(SETTINGS, layer="77", measure="<b>", nonsense="1"))
    kind, words = status(answer)
    assert kind == "note"
    assert "nonsense" in words
    assert "Layer 77 does not exist" in words
    assert answer.selection.layer == answer.selection.head == 0
    assert value(answer.figure.value)["title"] == "L0H0"


def test_a_score_that_is_none_colors_nothing_and_that_is_said() -> None:
    answer, _ = opened(**query(SETTINGS, color="sideways"))
    kind, words = status(answer)
    assert kind == "note"
    assert words.startswith("The score to color by must be one of previous, next, self, ")
    assert words.endswith(", not sideways.")
    assert (answer.color.value, answer.grid.props["color"]) == ("", "")


def test_a_text_or_model_that_cannot_be_read_leaves_the_page_and_says_why() -> None:
    for given in ({"text": "word " * 2000}, {"model": "../../etc/passwd"}, {"text": " "}):
        asked = Asked()
        answer, _ = opened(asked, **query(SETTINGS, **given))
        assert status(answer)[0] == "error"
        assert untouched(answer.figure)
        assert not asked.waiting


@pytest.mark.parametrize(
    "given",
    [{}, {"v": "1"}, {"tab": "explore", "theme": "dark"}, {"__theme": "dark"}, {"tab": "masks", "n": "5"},
     {"utm_source": "news", "fbclid": "x"}],
)  # fmt: skip
def test_an_address_without_a_view_of_this_tab_opens_as_ever(given: dict[str, str]) -> None:
    asked = Asked()
    (answer,) = list(_opened.on_link(asked, visit(**given)))
    assert all(untouched(part) for part in answer)
    assert asked == Asked()
    assert not untouched(_answers.on_load(visit(**given)).figure)


@pytest.mark.parametrize(
    ("given", "said"),
    [({"tab": "nope"}, "no tab “nope”"), ({"v": "9"}, "version “9”"), ({"theme": "pink"}, "no theme “pink”")],
)
def test_a_tab_version_or_theme_that_is_not_there_is_said(given: dict[str, str], said: str) -> None:
    answer, _ = opened(**given)
    kind, words = status(answer)
    assert (kind, said in words) == ("note", True)
    assert answer.reading == Reading(Explorer().model, Explorer().text, None)


def controls(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    """What an answer of the Languages tab says of the controls that a link sets."""
    return answer[-len(UNSET) :]


def test_of_a_name_given_twice_the_first_counts_and_that_is_said() -> None:
    twice = visit(*query(SETTINGS).items(), ("layer", "1"))
    *_, last = _opened.on_link(Asked(), twice)
    assert Answer(*last[:-4]).selection.layer == 3
    assert "“layer” is in this link 2 times; the first counts." in status(Answer(*last[:-4]))[1]
    both = visit(("tab", "languages"), ("model", MINILM), ("listed", "differs"), ("listed", "same"))
    assert controls(next(_languages_answers.on_open(None, both)))[7] == "differs"
    first, *_ = patterns.on_link(visit(("tab", "patterns"), ("seed", "3"), ("seed", "4")))
    assert first[1] == 3


def test_a_text_that_was_typed_into_the_address_opens_at_its_best_head() -> None:
    from attention import capture, rank

    typed, _ = opened(text=TEXT)
    assert typed.reading == Reading(Explorer().model, TEXT, None)
    best = rank(capture(Explorer().model, TEXT))[0]
    assert (typed.selection.layer, typed.selection.head) == (best.layer, best.head)
    exact, _ = opened(v="1", model=Explorer().model, text=TEXT)  # as the page writes it: left out is L0H0
    assert (exact.selection.layer, exact.selection.head) == (0, 0)


def test_a_pattern_or_row_that_is_not_there_takes_nothing_else_with_it() -> None:
    answer, _ = opened(**query(SETTINGS, pattern="bogus", query="900"))
    kind, words = status(answer)
    assert kind == "note"
    assert "pattern must be one of" in words
    assert "Row 900 does not exist" in words
    assert (answer.selection.layer, answer.selection.head, answer.selection.level) == (3, 5, "word")
    assert (answer.selection.query, answer.selection.pattern) == (None, None)


def test_the_first_picture_leaves_the_page_to_a_link() -> None:
    answer = _answers.on_load(visit(**query(SETTINGS)))
    assert status(answer) == ("busy", "Opening the link")
    assert untouched(answer.figure)


def test_a_link_opens_the_languages_it_names() -> None:
    wanted = Languages(
        model=MINILM, language3="Hebrew", language4="", text1="A cat.", layer=3, head=4, level="word", price="pieces"
    )
    given = dict(parse_qsl(to_query("languages", wanted), keep_blank_values=True))
    first, *later = _languages_answers.on_open(None, visit(**given))
    shown = [_languages_answers.View(*one[: -len(UNSET)]).shown for one in later]
    assert [one for one in shown if isinstance(one, Languages)] == [wanted]
    model, meaning, *columns, level, listed, tokenizers, price, table = controls(first)
    assert (model, meaning, columns) == (MINILM, wanted.meaning, ["English", "Japanese", "Hebrew", ""])
    assert (level, listed, tokenizers, price) == ("word", "same", list(wanted.models), "pieces")
    assert table.props["price"] == "pieces"
    elsewhere = _languages_answers.on_open(None, visit(tab="explore", layer="2"))
    assert all(untouched(part) for one in elsewhere for part in controls(one))


def test_a_link_opens_the_check_it_names() -> None:
    given = dict(parse_qsl(to_query("patterns", Patterns(length=8, seed=3, check=True))))
    first, *_, drawn = list(patterns.on_link(visit(**given)))
    assert first[:3] == ("induction-2l", 3, 8)
    assert dict(parse_qsl(value(drawn[4])["address"])) == given
    (only,) = patterns.on_link(visit(tab="masks"))
    assert all(untouched(part) for part in only)


@pytest.mark.parametrize("tab", [tab for tab in TABS if tab not in ("explore", "languages", "patterns")])
def test_a_link_opens_the_lab_it_names(tab: str) -> None:
    lab = importlib.import_module(f"attention.tabs.{tab.replace('-', '_')}").LAB
    number = next(name for name, kind in kinds(lab.settings).items() if isinstance(kind, Number) and name not in NAMES)
    kind = kinds(lab.settings)[number]
    wanted = lab.settings(**{number: kind.high})
    answer = Answers(lab).on_link(f"?{to_query(tab, wanted)}&theme=dark")
    figure = json.loads(answer["figure"])
    assert figure["moved"] == {number: kind.high}
    assert figure["settings"] == asdict(wanted)
    assert figure["address"] == to_query(tab, wanted)
    _real, *controls = Answers(lab).on_restore(figure["moved"])
    assert [getattr(one, "value", one) for one in controls] == list(asdict(wanted).values())
    wrong = Answers(lab).on_link(f"?v=1&tab={tab}&{number}=<b>&nonsense=1")
    assert wrong["status"]["kind"] == "note"
    assert json.loads(wrong["figure"])["moved"] == {}
    assert Answers(lab).on_link("?tab=explore&layer=3")["status"]["kind"] == ""
    for hostile in (None, 5, "?" + "a=1&" * 500, "?" + "x" * 10**6, ["tab"]):
        start = json.loads(Answers(lab).on_link(hostile)["figure"])
        assert start["panels"]
        assert start["moved"] == {}


@pytest.mark.parametrize(
    ("tab", "asked", "said"),
    [
        ("softmax", {"source": "real", "model": "openai-community/gpt2"}, MESSAGES["nothing_read"]),
        ("softmax", {"source": "real", "model": "../.."}, "../.."),
        ("softmax", {"typed": "abc"}, "“abc” is not a number"),
        ("weighted-sum", {"sentence": ""}, "type a sentence"),
        ("scoring", {"source": "real", "text": ""}, "nothing to read"),
        ("transformer", {"view": "cross", "typed": "seven"}, "not a whole number"),
    ],
)
def test_a_link_whose_figure_cannot_be_drawn_still_moves_the_controls(tab: str, asked: dict, said: str) -> None:
    """The sentence says why, the figure is the one at the start, and nothing of the link is lost."""
    lab = importlib.import_module(f"attention.tabs.{tab.replace('-', '_')}").LAB
    wanted = lab.settings(**asked)
    answer = Answers(lab).on_link(f"?{to_query(tab, wanted)}")
    assert answer["status"]["kind"] == "error"
    assert said in answer["status"]["parts"][0][0]
    figure = json.loads(answer["figure"])
    assert figure["panels"] == json.loads(Answers(lab).on_move({})["figure"])["panels"]
    assert figure["moved"] == asked
    assert figure["settings"] == asdict(wanted)
    assert figure["address"] == to_query(tab, wanted)
    real, *controls = Answers(lab).on_restore(figure["moved"])
    assert real.visible == wanted.real
    assert [getattr(one, "value", one) for one in controls] == list(asdict(wanted).values())


def test_a_link_to_a_layer_or_head_that_is_not_there_opens_the_last_and_says_so() -> None:
    lab = importlib.import_module("attention.tabs.scoring").LAB
    answer = Answers(lab).on_link(f"?tab=scoring&source=real&layer=99&head=50&model={MINILM}")
    assert answer["status"]["kind"] == "note"
    assert "99" in answer["status"]["parts"][0][0]
    figure = json.loads(answer["figure"])
    assert (figure["settings"]["layer"], figure["settings"]["head"]) == (5, 11)
    assert "L5H11" in json.dumps(figure["panels"]) + figure["caption"]
