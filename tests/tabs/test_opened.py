"""Links opened in the Explore tab: exactly the view they describe, or as much of it as there is."""

import json
from typing import Any

import pytest

from attention.models.catalog import MINILM
from attention.share import pictures
from attention.share.links import to_query
from attention.share.settings.explorer import Explorer
from attention.tabs import _answers, _opened
from attention.tabs._updates import Answer, Asked, Reading
from tests.tabs.answered import TEXT, status, untouched, value, visit


def query(settings: Explorer, **more: str) -> dict[str, str]:
    """The query of these settings, as a server hears it."""
    from urllib.parse import parse_qsl

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
    assert figure.pop("address") == to_query(
        "explore", Explorer(**{**_as_dict(SETTINGS), "mode": "matrix", "color": ""})
    )
    from attention import capture

    assert figure == pictures.head_picture(capture(MINILM, TEXT), SETTINGS.selection)
    assert (figure["query"], answer.figure.props["mode"]) == (2, "arcs")
    assert (answer.color.value, answer.grid.props["color"]) == ("next", "next")
    assert asked.waiting
    assert status(answer)[0] == ""


def _as_dict(settings: Explorer) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(settings)


def test_what_a_link_says_wrongly_is_said_and_the_rest_is_opened() -> None:
    answer, _ = opened(**query(SETTINGS, layer="77", measure="<b>", nonsense="1"))
    kind, words = status(answer)
    assert kind == "note"
    assert "nonsense" in words
    assert "Layer 77 does not exist" in words
    assert answer.selection.layer == answer.selection.head == 0
    assert value(answer.figure.value)["title"] == "L0H0"


def test_a_text_or_model_that_cannot_be_read_leaves_the_page_and_says_why() -> None:
    for given in ({"text": "word " * 2000}, {"model": "../../etc/passwd"}, {"text": " "}):
        asked = Asked()
        answer, _ = opened(asked, **query(SETTINGS, **given))
        assert status(answer)[0] == "error"
        assert untouched(answer.figure)
        assert not asked.waiting


@pytest.mark.parametrize(
    "given", [{}, {"v": "1"}, {"tab": "explore", "theme": "dark"}, {"__theme": "dark"}, {"tab": "masks", "n": "5"}]
)
def test_an_address_without_a_view_of_this_tab_opens_as_ever(given: dict[str, str]) -> None:
    asked = Asked()
    (answer,) = list(_opened.on_link(asked, visit(**given)))
    assert all(untouched(part) for part in answer)
    assert asked == Asked()
    assert not untouched(_answers.on_load(visit(**given)).figure)


def test_the_first_picture_leaves_the_page_to_a_link() -> None:
    answer = _answers.on_load(visit(**query(SETTINGS)))
    assert status(answer) == ("busy", "Opening the link")
    assert untouched(answer.figure)
