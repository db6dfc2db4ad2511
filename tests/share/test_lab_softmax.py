"""The Softmax lab: every number its figure shows, read back and computed another way."""

import json
import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from torch import Tensor

from attention.core import scoring, softmax
from attention.errors import AttentionError, SelectionError
from attention.models import catalog
from attention.share.labs.softmax import picture, reveal, typed
from attention.share.settings.kinds import checked
from attention.share.settings.softmax import KINDS, Softmax
from attention.views.panels.frame import decode_values
from tests.share.lab_numbers import by_id, entropy_of, expected_of, softmax_of, texts


def panels(settings: Softmax) -> dict[str, Any]:
    """The figure's panels by id."""
    return by_id(picture(settings))


@pytest.mark.parametrize(("kind", "tau"), [*product(KINDS, (-1.0, 0.0, 0.7))])
def test_weights_are_what_each_alternative_defines(kind: str, tau: float) -> None:
    settings = Softmax(kind=kind, tau=tau, n=7, seed=5, k=2, row=3)
    scores = 2 * scoring.draw(5, 7, 7, role="softmax lab").double().numpy()
    found, weights = panels(settings), np.stack([expected_of(kind, row, 10**tau, 2) for row in scores])
    np.testing.assert_allclose(decode_values(found["weights"]["values"]).numpy(), weights, atol=3e-5)
    np.testing.assert_allclose(found["row"]["values"], weights[3], atol=1e-5)
    np.testing.assert_allclose(found["row"]["compare"], softmax_of(scores[3]), atol=1e-5)
    shown = texts(found["spread"])
    assert float(shown["entropy of the row"]) == pytest.approx(entropy_of(weights[3]), abs=0.006)
    assert float(shown["effective tokens"]) == pytest.approx(math.exp(entropy_of(weights[3])), abs=0.006)
    assert float(shown["mean entropy"]) == pytest.approx(np.mean([entropy_of(row) for row in weights]), abs=0.006)
    assert shown["weights below 0.01"] == f"{(weights[3] < 0.01).mean():.0%}"
    held = np.sort(weights[3])[::-1].cumsum()
    assert int(shown["90% of the row"]) == 1 + (held < 0.9 - 1e-6).sum()
    notes = {item["name"]: item["note"] for item in found["spread"]["items"]}
    assert notes["entropy of the row"] == "0 to ln 7 = 1.95"


@pytest.mark.parametrize("kind", KINDS)
def test_the_curve_passes_through_the_row_and_keeps_its_bounds(kind: str) -> None:
    settings = Softmax(kind=kind, tau=0.25, n=9, seed=1, row=8)
    found = panels(settings)
    row, curve = np.array(found["row"]["values"]), found["entropy"]
    at = min(range(len(curve["x"])), key=lambda one: abs(curve["x"][one] - curve["present"]))
    assert curve["x"][at] == pytest.approx(10**0.25, rel=1e-4)
    entropy, largest = (one["values"] for one in curve["series"])
    assert entropy[at] == pytest.approx(entropy_of(row) / math.log(9), abs=1e-4)
    assert largest[at] == pytest.approx(row.max(), abs=1e-4)
    assert all(-1e-6 <= one <= 1 + 1e-6 for one in (*entropy, *largest))
    assert curve["lines"] == [["even", pytest.approx(1 / 9, abs=1e-5)]]
    if kind == "softmax":
        assert entropy == sorted(entropy)


def test_both_limits_are_exact_and_ties_share() -> None:
    found = panels(Softmax(typed="2, 2, 1", tau=-2.0, k=2))
    shown = dict(
        zip(found["otherwise"]["rows"]["texts"], decode_values(found["otherwise"]["values"]).tolist(), strict=True)
    )
    assert shown["τ = 0"] == pytest.approx([0.5, 0.5, 0.0], abs=1e-5)
    assert shown["τ = ∞"] == pytest.approx([1 / 3] * 3, abs=1e-5)
    assert found["row"]["values"] == pytest.approx([0.5, 0.5, 0.0], abs=1e-6)
    assert panels(Softmax(typed="0 1e6 -1e6", tau=1.0))["row"]["values"] == [0.0, 1.0, 0.0]


def test_alternatives_stand_beside_softmax_at_the_same_temperature() -> None:
    settings = Softmax(tau=-0.3, n=8, k=4, row=2)
    scores = 2 * scoring.draw(0, 8, 8, role="softmax lab").double().numpy()[2]
    panel = panels(settings)["otherwise"]
    names, rows = panel["rows"]["texts"][2:], decode_values(panel["values"])[2:]
    assert names == ["softmax", "entmax 1.5", "sparsemax", "top 4"]
    for kind, row in zip(KINDS, rows, strict=True):
        np.testing.assert_allclose(row, expected_of(kind, scores, 10**-0.3, 4), atol=3e-5)


@pytest.mark.parametrize(("n", "tau", "row"), [(2, 1.0, 63), (9, 0.25, 8), (20, -2.0, 3)])
def test_every_row_has_its_entropy_below_ln_n(n: int, tau: float, row: int) -> None:
    shown = panels(Softmax(n=n, tau=tau, seed=1, row=row))["row-entropy"]
    scores = 2 * scoring.draw(1, n, n, role="softmax lab").double().numpy()
    expected = [entropy_of(softmax_of(one, 10**tau)) for one in scores]
    np.testing.assert_allclose(shown["values"], expected, atol=1e-5)
    assert shown["lines"] == [[f"ln {n} = {math.log(n):.2f}", pytest.approx(math.log(n), rel=1e-5)]]
    assert (shown["low"], shown["high"], shown["selected"]) == (0, pytest.approx(math.log(n)), min(row, n - 1))


def test_typed_scores_have_one_row_of_entropy() -> None:
    shown = panels(Softmax(typed="2, 2, 2", row=5))["row-entropy"]
    assert shown["values"] == pytest.approx([math.log(3)], rel=1e-5)


def test_a_long_row_shows_its_largest_weights_in_the_order_of_the_text() -> None:
    found = panels(Softmax(n=24, row=1))
    weights, shown = (
        decode_values(found["weights"]["values"])[1],
        [int(text) for text in found["row"]["labels"]["texts"]],
    )
    assert len(shown) == 20
    assert shown == sorted(shown)
    assert set(shown) == set(weights.topk(20).indices.tolist())
    assert found["row"]["title"] == "Row 1, its 20 largest of 24"
    np.testing.assert_allclose(found["row"]["values"], weights[shown], atol=3e-5)


def ends() -> Iterator[Softmax]:
    for kind, tau, n, k in product(KINDS, (-2.0, 1.0), (2, 24), (1, 16)):
        yield Softmax(kind=kind, tau=tau, n=n, k=k, row=63, seed=99)
    for kind, tau, text, model in product(
        KINDS, (-2.0, 1.0), ("a", "🙂", "word " * 20), (catalog.default(), catalog.INDUCTION)
    ):
        yield Softmax(source="real", model=model, kind=kind, tau=tau, text=text, other=text, layer=1, head=3, row=63)


def test_every_end_gives_numbers_and_stays_small() -> None:
    for settings in ends():
        packed = json.dumps(picture(settings), allow_nan=False, ensure_ascii=False)
        assert len(packed.encode()) <= 300_000
        assert "NaN" not in packed
        for panel in json.loads(packed)["panels"]:
            if panel["kind"] == "matrix":
                weights = decode_values(panel["values"])
                torch.testing.assert_close(weights.sum(dim=-1), torch.ones(len(weights)), atol=2e-3, rtol=0)
            if panel["kind"] == "bars":
                assert None not in (*panel["values"], *(panel["compare"] or ()))
            if panel["kind"] == "curves":
                assert None not in [value for one in panel["series"] for value in one["values"]]


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=32), st.floats(-2, 1), st.sampled_from([*KINDS]))
@trials(deadline=None, max_examples=60)
def test_any_typed_scores_become_shares(row: list[float], tau: float, kind: str) -> None:
    found = panels(Softmax(typed=" ".join(map(repr, row))[:2000], tau=tau, kind=kind))
    weights = decode_values(found["weights"]["values"])
    assert weights.sum().item() == pytest.approx(1.0, abs=1e-3)
    assert bool((weights >= 0).all())


@pytest.mark.parametrize("text", ["[1, 2; -3.5]", "1 2 −3.5", "+1 2. -35e-1", "1,2,-3.5", "(1\n2\t-3.5)"])
def test_scores_may_be_typed_in_many_ways(text: str) -> None:
    assert typed(text).tolist() == [1.0, 2.0, -3.5]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1 two 3", "“two” is not a number"),
        ("1 nan", "“nan” is not a number"),
        ("inf 1", "“inf” is not a number"),
        ("1 1e7", "“1e7” is too large"),
        ("2000000 1", "“2000000” is too large"),
        ("−2000000 1", "“−2000000” is too large"),
        ("1_0 1", "“1_0” is not a number"),
        ("١ ٢", "“١” is not a number"),
        ("--1 2", "“--1” is not a number"),
        ("0x10 1", "“0x10” is not a number"),
        ("🙂", "“🙂” is not a number"),
        ("5", "Between 2 and 32 scores"),
        ("1 " * 33, "Between 2 and 32 scores"),
        (",", "“” is not a number"),
    ],
)
def test_other_scores_are_refused_with_the_word_that_is_none(text: str, sentence: str) -> None:
    with pytest.raises(SelectionError, match=sentence):
        picture(Softmax(typed=text))


@pytest.mark.parametrize(
    "values", [{"tau": math.inf}, {"tau": 1.5}, {"k": 0}, {"kind": "magic"}, {"typed": "1 " * 300}]
)
def test_values_of_no_control_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(AttentionError):
        checked(Softmax, values)


def test_a_row_beyond_the_text_is_the_last() -> None:
    assert panels(Softmax(n=5, row=63))["weights"]["selected"] == 4


def test_the_question_is_answered_by_the_figure_it_leads_to() -> None:
    found = reveal(Softmax(seed=9, source="real", kind="top_k"))
    assert (found.right, found.choices) == (0, 3)
    expected = softmax_of(np.array([1.0, 2.0, 3.0]), 0.5)
    np.testing.assert_allclose(panels(found.settings)["row"]["values"], expected, atol=1e-5)
    assert ", ".join(f"{one:.2f}" for one in expected) in found.sentence


def test_another_softmax_would_be_another_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(power: float) -> int:
        def bent(scores: Tensor, temperature: float = 1.0) -> Tensor:
            return torch.softmax(scores / temperature**power, dim=-1)

        monkeypatch.setattr(softmax, "softmax", bent)
        return reveal(Softmax()).right

    assert [answer(power) for power in (1.0, 0.5, -1.0)] == [0, 1, 2]
