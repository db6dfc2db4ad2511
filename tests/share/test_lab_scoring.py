"""The Scoring lab: every number its figure shows, read back and computed another way."""

import json
import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from attention.core import attention, scoring
from attention.errors import AttentionError
from attention.share.labs.scoring import picture, reveal
from attention.share.labs.scoring_pairs import Pairs
from attention.share.labs.scoring_panels import matrices, spreads
from attention.share.settings.kinds import checked
from attention.share.settings.scoring import KINDS, VIEWS, Scoring
from attention.views.labels import Label
from attention.views.panels.frame import decode_values
from tests.share.lab_numbers import by_id, softmax_of, texts


def panels(settings: Scoring) -> dict[str, Any]:
    """The figure's panels by id."""
    return by_id(picture(settings))


def vectors(settings: Scoring) -> tuple[np.ndarray, np.ndarray]:
    """The vectors in float64: the first components of the longest."""
    query, key = scoring.query_and_key(settings.n, 256, settings.seed, settings.same)
    return query.double().numpy()[:, : settings.d_k], key.double().numpy()[:, : settings.d_k]


def spoken(number: float) -> str:
    return "" if abs(number) < 0.005 else f"{number:.2f}"


@pytest.mark.parametrize(("d_k", "same", "seed"), [(16, False, 0), (4, True, 3), (256, False, 99)])
def test_the_two_matrices_are_softmax_without_and_with_scaling(d_k: int, same: bool, seed: int) -> None:
    settings = Scoring(d_k=d_k, same=same, seed=seed)
    found, (query, key) = panels(settings), vectors(settings)
    for name, scale in (("plain", 1.0), ("chosen", d_k**-0.5)):
        shown = decode_values(found[name]["values"]).numpy()
        np.testing.assert_allclose(shown, softmax_of(query @ key.T * scale), atol=3e-5)
        assert (found[name]["low"], found[name]["high"]) == (0.0, 1.0)


def test_other_scorings_take_the_place_of_the_scaled_one_alone() -> None:
    query, key = (torch.from_numpy(part) for part in vectors(Scoring()))
    usual = panels(Scoring())["plain"]
    matrix = scoring.draw(0, 16, 16, role="scoring").double() / 16
    w, u = scoring.draw(0, 2, 16, 16, role="scoring").double() / 4
    v = scoring.draw(0, 16, role="scoring direction").double() / 4
    expected = {
        "cosine": torch.cosine_similarity(query[:, None], key[None], dim=-1),
        "bilinear": torch.einsum("ia,ab,jb->ij", query, matrix, key),
        "additive": torch.einsum("h,ijh->ij", v, torch.tanh((query @ w)[:, None] + (key @ u)[None])),
    }
    for kind, scores in expected.items():
        found = panels(Scoring(kind=kind))
        shown = decode_values(found["chosen"]["values"]).double()
        torch.testing.assert_close(shown, scores.softmax(dim=-1), atol=3e-5, rtol=0)
        assert found["plain"] == usual
        assert ("random" in picture(Scoring(kind=kind))["caption"].split("·")[-1]) == (kind != "cosine")


@pytest.mark.parametrize(("d_k", "same"), [*product((4, 16, 64, 256), (False, True))])
def test_spread_is_measured_beside_what_the_law_expects(d_k: int, same: bool) -> None:
    settings = Scoring(d_k=d_k, same=same)
    query, key = vectors(settings)
    panel = panels(settings)["spread"]
    off = ~np.eye(settings.n, dtype=bool)
    for name, scale in (("unscaled", 1.0), ("scaled", d_k**-0.5)):
        scores = query @ key.T * scale
        assert spoken(float(texts(panel)[f"spread, {name}"])) == spoken(scores[off].std(ddof=1))
        assert float(texts(panel)[f"diagonal, {name}"]) == pytest.approx(np.diag(scores).mean(), abs=0.006)
    notes = {item["name"]: item["note"] for item in panel["items"]}
    assert notes["spread, unscaled"] == f"expected √{d_k} = {math.sqrt(d_k):.2f}"
    assert notes["spread, scaled"] == "expected 1.00"
    assert notes["diagonal, unscaled"] == f"expected {d_k if same else 0:.2f}"
    assert notes["diagonal, scaled"] == f"expected {math.sqrt(d_k) if same else 0:.2f}"


def test_with_equal_keys_all_scores_together_spread_as_the_notebook_prints() -> None:
    printed = {4: 2.3, 16: 6.3, 64: 20.9, 256: 78.4}
    for d_k, expected in printed.items():
        seen = [
            float(texts(panels(Scoring(d_k=d_k, same=True, seed=seed))["spread"])["all, unscaled"]) for seed in range(8)
        ]
        assert sum(seen) / len(seen) == pytest.approx(expected, rel=0.2)


def test_curves_pass_through_what_the_matrices_show() -> None:
    settings = Scoring(d_k=20, n=6, seed=2)
    found, (query, key) = panels(settings), vectors(settings)
    for name, scale in (("unscaled", 1.0), ("scaled", 20**-0.5)):
        scores = torch.from_numpy(query @ key.T * scale)
        jacobians = [torch.autograd.functional.jacobian(lambda row: row.softmax(dim=0), row) for row in scores]
        expected = {
            "spread": scores[~torch.eye(6, dtype=torch.bool)].std().item(),
            "largest": scores.softmax(dim=-1).amax(dim=-1).mean().item(),
            "gradient": sum(one.norm().item() for one in jacobians) / 6,
        }
        for curve, value in expected.items():
            panel = found[f"{curve}-by-length"]
            series = next(one for one in panel["series"] if one["name"] == name)
            assert panel["present"] == 20
            assert series["values"][panel["x"].index(20)] == pytest.approx(value, rel=1e-5)
            low, high = panel["y_range"]
            assert all(low <= one <= high for one in series["values"])
    assert found["largest-by-length"]["lines"] == [["even", pytest.approx(1 / 6, abs=1e-5)]]


@pytest.mark.parametrize(("d_k", "same"), [(16, False), (64, True), (256, True), (256, False)])
def test_formats_break_where_exp_in_numpy_does(d_k: int, same: bool) -> None:
    settings = Scoring(view="formats", d_k=d_k, same=same, row=2)
    found, (query, key) = panels(settings), vectors(settings)
    rows = {row[0]: row for row in found["formats"]["rows"]}
    with np.errstate(all="ignore"):
        for name, kind in (("float16", np.float16), ("float32", np.float32)):
            assert float(rows[name][1]) == pytest.approx(math.log(np.finfo(kind).max), abs=0.01)
            for column, scale in ((2, 1.0), (3, d_k**-0.5)):
                powers = np.exp((query @ key.T * scale).astype(np.float32).astype(kind))
                total = powers.astype(np.float64).sum(axis=1)
                broken = (total > np.finfo(kind).max) | (total == 0)
                assert int(rows[name][column]) == broken.sum()
            naive = np.exp((query @ key.T).astype(np.float32)[2].astype(kind))
            naive = naive / naive.sum(dtype=kind)
            for shown, expected in zip(found[f"naive-{name}"]["values"], naive.tolist(), strict=True):
                assert (shown is None) == math.isnan(expected)
                assert shown is None or shown == pytest.approx(expected, abs=2e-3)
    exact = softmax_of(query @ key.T)[2]
    for name in ("float16", "bfloat16", "float32"):
        np.testing.assert_allclose(found[f"naive-{name}"]["compare"], exact, atol=0.04 if name != "float32" else 1e-5)
    np.testing.assert_allclose(found["row-scores"]["values"], (query @ key.T)[2], rtol=1e-4, atol=1e-4)
    assert found["row-scores"]["lines"][0][1] == pytest.approx(11.0899, abs=1e-3)


@pytest.mark.parametrize("same", [False, True])
def test_pytorch_agrees_and_a_wrong_formula_is_seen(same: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Scoring(view="torch", same=same, d_k=4)  # longer equal vectors saturate at any scale
    assert [item["state"] for item in panels(settings)["torch"]["items"]] == ["agrees"] * 3
    monkeypatch.setattr(attention, "scores", lambda query, key, scale=None: query @ key.mT * 0.3)
    assert [item["state"] for item in panels(settings)["torch"]["items"]] == ["differs"] * 3


def ends() -> Iterator[Scoring]:
    for kind, view, (d_k, n), same in product(KINDS, VIEWS, ((4, 2), (4, 32), (256, 2), (256, 32)), (False, True)):
        yield Scoring(kind=kind, view=view, d_k=d_k, n=n, same=same, row=63, seed=99)
    for kind, view, text in product(KINDS, VIEWS, ("a", "🙂", "word " * 60)):
        yield Scoring(source="real", kind=kind, view=view, text=text, other=text, layer=11, head=11, row=63)


def test_every_end_gives_numbers_and_stays_small() -> None:
    count = 0
    for settings in ends():
        packed = json.dumps(picture(settings), allow_nan=False)
        assert len(packed) <= 300_000
        for panel in json.loads(packed)["panels"]:
            if panel["kind"] == "curves":
                assert None not in [value for one in panel["series"] for value in one["values"]]
            if panel["kind"] == "matrix":
                assert bool(decode_values(panel["values"]).isfinite().all())
            if panel["kind"] == "bars" and not panel["id"].startswith(
                "naive"
            ):  # NaN is what the naive way is shown for
                assert None not in panel["values"]
            assert "NaN" not in json.dumps(panel, ensure_ascii=False)
        count += 1
    assert count == 132


def test_one_token_alone_has_no_spread_to_show() -> None:
    one = Pairs((Label("a"),), torch.ones(1, 4), torch.ones(1, 4), 0.5)
    scores = one.scores("dot product", 0)
    assert spreads(Scoring(), one, scores, scores, "") == []
    assert matrices(Scoring(row=7), one, scores, scores, "")[0]["selected"] == 0


def test_a_row_beyond_the_text_is_the_last() -> None:
    assert panels(Scoring(n=5, row=63))["plain"]["selected"] == 4


@pytest.mark.parametrize("seed", range(0, 100, 9))
def test_the_question_is_answered_by_measuring(seed: int) -> None:
    found = reveal(Scoring(seed=seed, kind="cosine", source="real"))
    assert (found.right, found.choices) == (1, 3)
    query, key = vectors(Scoring(seed=seed, n=32, d_k=64))
    off = ~np.eye(32, dtype=bool)
    assert f"{(query @ key.T)[off].std(ddof=1):.2f} at d_k = 64" in found.sentence
    shown = texts(panels(found.settings)["spread"])["spread, unscaled"]
    assert f"{shown} at d_k = 64" in found.sentence


def test_another_law_would_be_another_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def grows(power: float) -> int:
        def scores(query: Tensor, key: Tensor, scale: float | None = None) -> Tensor:
            return query @ key.mT / query.shape[-1] ** 0.5 * query.shape[-1] ** power

        monkeypatch.setattr(attention, "scores", scores)
        return reveal(Scoring()).right

    assert [grows(power) for power in (1.0, 0.5, 0.0)] == [0, 1, 2]


@pytest.mark.parametrize(
    "values",
    [{"d_k": math.nan}, {"d_k": 5e9}, {"n": "10"}, {"kind": "magic"}, {"same": 1}, {"seed": -1}, {"view": None}],
)
def test_values_of_no_control_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(AttentionError):
        checked(Scoring, values)
