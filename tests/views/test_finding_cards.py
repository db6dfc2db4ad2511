import base64
import json

import torch

from attention.views.finding_cards import FindingCard, Row, Section, render
from attention.views.head_grid import gamma, thumbnails

CARD = FindingCard(
    "Next token", "next", 2, 6, 0.98765, 0.0434, 21, "It looks ahead.", thumbnails(torch.eye(5)[None])[0]
)


def test_a_card_says_what_how_strongly_and_against_what() -> None:
    value = json.loads(json.dumps(render([CARD], n_tokens=5, selected=(2, 6), footnote="Why these.")))
    (card,) = value["cards"]
    assert (card["pattern"], card["layer"], card["head"], card["reason"]) == ("Next token", 2, 6, "It looks ahead.")
    assert (card["score"], card["chance"], card["measured_rows"]) == (0.9877, 0.0434, 21)
    assert base64.b64decode(card["data"]) == bytes(255 * (row == col) for row in range(5) for col in range(5))
    assert (value["selected"], value["footnote"], value["gamma"]) == ([2, 6], "Why these.", round(gamma(5), 5))


def test_without_findings_the_footnote_stands_alone() -> None:
    value = render([], n_tokens=3, footnote="Three tokens are too few to tell patterns from chance.")
    assert value["cards"] == []
    assert value["selected"] is None
    assert value["footnote"].startswith("Three tokens")


def test_heads_worth_a_look_for_another_reason_are_lines() -> None:
    rows = [Row(4, 1, "", "sharp by 0.61"), Row(2, 6, "next", "Next token: 0.1 here.")]
    value = json.loads(json.dumps(render([CARD], n_tokens=5, more=[Section("Unexplained", "open these", rows)])))
    (section,) = value["more"]
    assert (section["title"], section["aside"]) == ("Unexplained", "open these")
    assert section["rows"] == [
        {"layer": 4, "head": 1, "name": "", "text": "sharp by 0.61"},
        {"layer": 2, "head": 6, "name": "next", "text": "Next token: 0.1 here."},
    ]
    assert value["cards"][0]["name"] == "next"
    assert render([], n_tokens=5)["more"] == []
