"""The Masks lab: what its figure shows, read back and computed again without it."""

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from attention.core import masks as core_masks
from attention.core import multihead, scoring
from attention.errors import AttentionError
from attention.share.labs import masks as lab
from attention.share.labs import masks_heads
from attention.share.settings.kinds import Choice, Number, checked, kinds
from attention.share.settings.masks import KINDS, VIEWS, Masks
from attention.views.coding import decode_mask
from tests.share.lab_numbers import by_id, matrix

START = Masks()


def panels(settings: Masks) -> dict[str, dict]:
    return by_id(lab.picture(settings))


def items(panel: dict) -> dict[str, str]:
    return {item["name"]: item["text"] for item in panel["items"]}


def drawn(settings: Masks, n: int) -> np.ndarray:
    """The mask cell by cell, from what each kind says."""
    kept = max(0, n - settings.pads)
    rows = np.ones((n, n), dtype=bool)
    for i, j in itertools.product(range(n), range(n)):
        causal, padded = "causal" in settings.kind and j > i, "padding" in settings.kind and j >= kept
        away = "window" in settings.kind and abs(i - j) >= settings.width
        silent = settings.silence and "padding" in settings.kind and i >= kept
        rows[i, j] = not (causal or padded or away or silent)
    return rows


def vectors(settings: Masks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Query, key and value [head, position, d_head] in numpy, the replacing token last."""
    n, wide = settings.n + 1, masks_heads.D_MODEL
    hidden = math.sqrt(masks_heads.SPREAD) * scoring.draw(settings.seed, n, wide, role="masks lab").double().numpy()
    made = multihead.random_projections(wide, masks_heads.N_HEADS, seed=settings.seed)
    split = (n, masks_heads.N_HEADS, wide // masks_heads.N_HEADS)
    query, key, value = (
        (hidden @ one.double().numpy()).reshape(split).swapaxes(0, 1)
        for one in (made.w_query, made.w_key, made.w_value)
    )
    return query, key, value


def softmax(scores: np.ndarray, allowed: np.ndarray, temperature: float) -> np.ndarray:
    """Row by row; a row with nothing allowed is zero."""
    weights = np.zeros_like(scores)
    for where in np.ndindex(scores.shape[:-1]):
        open_ = allowed[where[-1]]
        if open_.any():
            shares = np.exp((scores[where][open_] - scores[where][open_].max()) / temperature)
            weights[where][open_] = shares / shares.sum()
    return weights


CASES = [
    START, replace(START, kind="none", seed=7), replace(START, kind="padding", pads=3, row=7),
    replace(START, kind="causal and padding", silence=True, pads=5, row=6, average=True),
    replace(START, kind="sliding window", width=2, n=24, row=63, tau=1.0),
    replace(START, kind="causal sliding window", n=2, width=1, tau=-1.0), replace(START, kind="padding", pads=64),
]  # fmt: skip


@pytest.mark.parametrize("settings", CASES)
def test_scores_masked_scores_and_weights_are_numpys(settings: Masks) -> None:
    query, key, _ = vectors(settings)
    every = (query @ key.swapaxes(1, 2) / math.sqrt(query.shape[-1]))[:, :-1, :-1]
    scores = every if settings.average else every[:1]
    allowed = drawn(settings, settings.n)
    weights = softmax(scores, allowed, settings.temperature).mean(axis=0)
    shown = panels(settings)
    np.testing.assert_allclose(matrix(shown["scores"]), scores.mean(axis=0), atol=1e-3)
    masked = matrix(shown["masked"])
    assert (np.isneginf(masked) == ~allowed).all()
    np.testing.assert_allclose(masked[allowed], scores.mean(axis=0)[allowed], atol=1e-3)
    assert shown["masked"]["blocked_text"] == "−∞"
    assert (decode_mask(shown["weights"]["allowed"], settings.n, settings.n).numpy() == allowed).all()
    np.testing.assert_allclose(matrix(shown["weights"]), weights, atol=1e-3)
    assert shown["scores"]["high"] == shown["masked"]["high"]
    row = min(settings.row, settings.n - 1)
    assert shown["row"]["blocked"] == [at for at in range(settings.n) if not allowed[row, at]]
    np.testing.assert_allclose(shown["row"]["values"], weights[row], atol=1e-5)
    without = softmax(scores, np.ones_like(allowed), settings.temperature).mean(axis=0)[row]
    np.testing.assert_allclose(shown["row"]["compare"], without, atol=1e-5)
    np.testing.assert_allclose(shown["paint"]["weights"], weights[row], atol=1e-5)
    assert shown["paint"]["blocked"] == shown["row"]["blocked"]
    said = items(shown["numbers"])
    assert said[f"row {row} may look at"] == str(allowed[row].sum())
    assert said["the mask takes away"] == f"{without[~allowed[row]].sum():.0%}"
    assert said["the row then sums to"] == ("1.00" if allowed[row].any() else "0.00")
    nats = -sum(w * math.log(w) for w in weights[row] if w > 0)
    assert said["looks at as many as"] == (f"{math.exp(nats):.2f}" if allowed[row].any() else "0.00")
    assert said["rows with no key"] == str((~allowed.any(axis=1)).sum())


def test_the_average_says_what_it_is_the_mean_of_and_is_there_only_for_weights() -> None:
    shown = panels(replace(START, average=True))
    said = [shown[name]["aside"] for name in ("scores", "masked", "weights")]
    assert said == ["mean of the heads", "mean of the heads", "mean of the heads' weights"]
    assert {panel.get("aside") for panel in panels(START).values()} == {""}
    for view in ("peeking", "empty"):
        alone = replace(START, view=view, kind="causal and padding", silence=True)
        assert lab.picture(replace(alone, average=True)) == lab.picture(alone)
        assert "head 0 of 4" in lab.picture(alone)["caption"]
    assert kinds(Masks)["average"].when == {"view": ("weights",)}


@pytest.mark.parametrize("settings", [replace(one, view="peeking") for one in CASES])
def test_peeking_is_two_outputs_compared(settings: Masks) -> None:
    query, key, value = (each[0] for each in vectors(settings))
    row = min(settings.row, settings.n - 1)

    def outputs(allowed: np.ndarray, changed: bool) -> np.ndarray:
        places = [settings.n if changed and at == row else at for at in range(settings.n)]
        scores = query[places] @ key[places].T / math.sqrt(query.shape[-1])
        return softmax(scores[None], allowed, settings.temperature)[0] @ value[places]

    def moved(allowed: np.ndarray) -> np.ndarray:
        return np.abs(outputs(allowed, True) - outputs(allowed, False)).max(axis=1)

    shown = panels(settings)
    allowed = drawn(settings, settings.n)
    np.testing.assert_allclose(shown["moved"]["values"], moved(allowed), atol=1e-4)
    np.testing.assert_allclose(shown["moved"]["compare"], moved(np.ones_like(allowed)), atol=1e-4)
    for (title, before, after), kind in zip(shown["kinds"]["rows"], KINDS, strict=True):
        expected = moved(drawn(replace(settings, kind=kind), settings.n))
        assert title == KINDS[kind]
        assert float(after) == pytest.approx(expected[row:].max(), abs=2e-4)
        if row == 0:
            assert before == "no output"
        elif "causal" in kind:
            assert before == "0.0000"
        else:
            assert float(before) == pytest.approx(expected[:row].max(), abs=2e-4)


def test_a_row_with_no_key_has_three_answers() -> None:
    settings = replace(START, view="empty", kind="padding", silence=True, pads=2, row=7)
    figure = lab.picture(settings)
    shown = {panel["id"]: panel for panel in figure["panels"]}
    assert figure["note"] == ""
    assert (matrix(shown["ours"])[6:] == 0).all()
    assert not decode_mask(shown["ours"]["allowed"], 8, 8)[6:].any()
    assert shown["ours"]["empty_note"] == "no allowed key"
    assert np.isnan(matrix(shown["plain"])[6:]).all()
    assert (matrix(shown["fused"])[6:] == 0).all()
    np.testing.assert_allclose(matrix(shown["plain"])[:6], matrix(shown["ours"])[:6], atol=1e-3)
    assert [row[1] for row in shown["answers"]["rows"]] == ["0.00", "NaN", "0.00"]
    assert items(shown["output"]) == {"output 7 is as long as": "0.00"}
    assert items(panels(replace(settings, row=0))["output"]) != {"output 0 is as long as": "0.00"}


def test_without_an_empty_row_the_figure_says_how_to_get_one() -> None:
    figure = lab.picture(replace(START, view="empty"))
    assert "silence the padding rows" in figure["note"]
    assert [row[1] for row in {panel["id"]: panel for panel in figure["panels"]}["answers"]["rows"]] == ["none"] * 3


def test_padding_rows_still_look_unless_silenced() -> None:
    settings = replace(START, kind="padding", pads=3)
    for silence, total in ((False, 1.0), (True, 0.0)):
        weights = matrix(panels(replace(settings, silence=silence))["weights"])
        np.testing.assert_allclose(weights[5:].sum(axis=1), total, atol=1e-3)
        assert (weights[:, 5:] == 0).all()


def test_the_kinds_are_the_mathematics() -> None:
    assert tuple(KINDS) == core_masks.KINDS


def ends(setting: str) -> list:
    kind = kinds(Masks)[setting]
    if isinstance(kind, Number):
        return [kind.low, kind.high]
    return list(kind.options) if isinstance(kind, Choice) else [False, True]


def numbers_in(value: object) -> list[float]:
    if isinstance(value, dict):
        return [number for one in value.values() for number in numbers_in(one)]
    if isinstance(value, list):
        return [number for one in value for number in numbers_in(one)]
    return [value] if isinstance(value, float) else []


@pytest.mark.parametrize("view", VIEWS)
def test_every_control_at_both_ends_gives_a_figure(view: str) -> None:
    alone = ("kind", "row", "pads", "n", "silence")
    for together in (0, -1):  # these matter one at a time
        rest = {name: ends(name)[together] for name in ("width", "tau", "average")}
        for chosen in itertools.product(*(ends(name) for name in alone)):
            settings = checked(Masks, {"view": view, **rest, **dict(zip(alone, chosen, strict=True))})
            check_figure(settings)


def check_figure(settings: Masks) -> None:
    """The figure is small, plain JSON, and says NaN only where torch does."""
    figure = lab.picture(settings)
    text = json.dumps(figure, ensure_ascii=False, allow_nan=False)
    assert len(text.encode()) < 300_000
    for panel in figure["panels"]:
        if panel["kind"] == "matrix" and panel["id"] != "plain":
            assert not np.isnan(matrix(panel)).any()
        if panel["kind"] == "bars":
            assert None not in panel["values"]
    assert all(math.isfinite(number) for number in numbers_in(figure))


def test_the_answer_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for settings in (START, replace(START, n=2, row=63), replace(START, n=24, row=0, pads=64, silence=True, seed=9)):
        found = lab.reveal(settings)
        assert found.right == 1
        assert found.settings.view == "peeking"
        assert lab.picture(found.settings)
    for tau, n, row, seed in itertools.product(
        (-2.0, 1.0), (2, 8, 24), (0, 4, 63), (0, 1, 57)
    ):  # a control left anywhere
        found = lab.reveal(replace(START, tau=tau, n=n, row=row, seed=seed, average=True))
        assert (found.right, found.settings.tau, found.settings.average) == (1, 0.0, False)
    monkeypatch.setattr(core_masks, "causal", lambda n: torch.ones(n, n, dtype=torch.bool))
    assert lab.reveal(START).right == 0
    monkeypatch.setattr(core_masks, "causal", lambda n: torch.eye(n, dtype=torch.bool))
    assert lab.reveal(START).right == 2


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "magic"}, {"row": -1}, {"row": 1.5}, {"pads": math.nan}, {"tau": math.inf}, {"n": "8"}, {"silence": 1}, {"view": None}],
)  # fmt: skip
def test_what_no_control_can_send_is_refused(wrong: dict) -> None:
    with pytest.raises(AttentionError, match="must be one of"):
        checked(Masks, wrong)
