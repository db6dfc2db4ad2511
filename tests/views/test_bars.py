"""What the bars are drawn from: whole percents of every head, and what cannot be told said as such."""

import base64
import json
from typing import Any

import pytest
import torch
from torch import Tensor

from attention.errors import ShapeError
from attention.views import bars
from attention.views.coding import NO_NUMBER, percents

TITLES = {"next": "Next token", "broad": "Broad"}
SCORES = {"next": torch.tensor([[0.987, 0.0], [0.004, 1.0]]), "broad": torch.tensor([[0.125, 0.5], [1.0, torch.nan]])}
CHANCE = {"next": torch.tensor([[0.05, 0.05], [0.06, 0.04]]), "broad": torch.full((2, 2), torch.nan)}


def rendered(**changed: Any) -> dict:
    given = {
        "rows": {"next": 9, "broad": 11}, "phrases": ["is “next token”", "follows no pattern"],
        "readings": [(0, 1, 12), (1, 1, None), (1, 1, 0), (0, 0, 100)], "shape": (2, 2), "outlined": ["next"],
        "selected": (1, 0),
    } | changed  # fmt: skip
    return bars.render(TITLES, SCORES, CHANCE, **given)


def codes(text: str) -> list[int]:
    return list(base64.b64decode(text))


def test_scores_are_percents_head_by_head_with_the_scores_side_by_side() -> None:
    value = json.loads(json.dumps(rendered(), allow_nan=False))
    assert codes(value["scores"]) == [99, 12, 0, 50, 0, 100, 100, NO_NUMBER]
    assert codes(value["chance"]) == [5, NO_NUMBER, 5, NO_NUMBER, 6, NO_NUMBER, 4, NO_NUMBER]
    assert (value["names"], value["titles"]) == (["next", "broad"], ["Next token", "Broad"])
    assert (value["rows"], value["outlined"], value["n_heads"], value["selected"]) == ([9, 11], ["next"], 2, [1, 0])
    assert value["readings"] == [[0, 1, 12], [1, 1, None], [1, 1, 0], [0, 0, 100]]
    assert value["phrases"] == ["is “next token”", "follows no pattern"]


def test_the_card_has_the_same_heads_in_the_same_order() -> None:
    low = {name: table - 0.1 for name, table in SCORES.items()}
    rows = {"next": 5, "broad": 6}
    card = json.loads(json.dumps(bars.render_card(list(TITLES), SCORES, low, SCORES, texts=180, rows=rows)))
    assert codes(card["usual"]) == codes(rendered()["scores"]) == codes(card["high"])
    assert codes(card["low"])[:4] == [89, 2, 0, 40]
    assert (card["texts"], card["names"], card["rows"]) == (180, ["next", "broad"], [5, 6])


def test_a_text_without_scores_has_none() -> None:
    value = bars.render({}, {}, {}, rows={}, phrases=["x"], readings=[(0, 0, None)], shape=(1, 1))
    assert (value["scores"], value["chance"], value["names"]) == ("", "", [])


@pytest.mark.parametrize(
    "wrong", [{"shape": (2, 3)}, {"shape": (4, 1)}, {"readings": [(0, 0, 1)]}, {"readings": [(0, 0, 1)] * 5}]
)
def test_what_does_not_fit_the_heads_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ShapeError, match="has shape"):
        rendered(**wrong)


def test_all_heads_of_a_base_model_are_small() -> None:
    tables = {f"pattern {n}": torch.rand(12, 12) for n in range(15)}
    value = bars.render(
        dict.fromkeys(tables, "A title"), tables, tables, rows=dict.fromkeys(tables, 1), phrases=["x"],
        readings=[(0, 0, 50)] * 144, shape=(12, 12),
    )  # fmt: skip
    assert len(json.dumps(value)) < 9_000


@pytest.mark.parametrize(
    ("number", "code"),
    [(0.0, 0), (1.0, 100), (0.004, 0), (0.0051, 1), (0.994, 99), (-1e-9, 0), (1 + 1e-6, 100), (torch.nan, NO_NUMBER)],
)
def test_percents_are_as_they_are_written(number: float, code: int) -> None:
    coded: Tensor = percents(torch.tensor([number]))
    assert coded.tolist() == [code]
    assert coded.dtype == torch.uint8
