"""What may not change a score: other heads, padding, bands, half precision."""

import numpy as np
import pytest
import torch
from torch import Tensor

from attention.core.patterns import NAMES, PatternScores, plan
from attention.core.patterns.layout import layout_of
from benchmarks.patterns import reference
from tests.core.patterns.specimens import (
    MASKS,
    NAMED,
    applicable,
    layout,
    mask_of,
    noise,
    oracle_text,
    score,
    text_tokens,
    tokens_of,
)
from tests.core.patterns.test_score import mixed_heads


def assert_same(one: PatternScores, other: PatternScores, heads: Tensor | None = None, close: float = 1e-9) -> None:
    """All numbers and labels. heads: where the heads of `one` stand in `other`."""
    heads = torch.arange(len(one.labels)) if heads is None else heads
    stands = (one.scores["offset"] > 1e-6) | one.scores["offset"].isnan()  # else no distance is the best
    for field in ("scores", "working", "share", "chance"):
        for name in NAMES if field in ("scores", "working") else (*NAMED, "offset"):
            found, expected = getattr(one, field)[name], getattr(other, field)[name][heads]
            if name == "offset" and field in ("share", "chance"):
                found, expected = found[stands], expected[stands]
            torch.testing.assert_close(found, expected, atol=close, rtol=0, equal_nan=True, msg=f"{field} of {name}")
    torch.testing.assert_close(one.resting, other.resting[heads], atol=max(close, 1e-7), rtol=0, equal_nan=True)
    assert one.labels == [other.labels[head] for head in heads.tolist()]
    assert one.working_labels == [other.working_labels[head] for head in heads.tolist()]
    assert one.offset[stands].tolist() == other.offset[heads][stands].tolist()
    assert one.rows == other.rows


@pytest.mark.parametrize("kind", MASKS)
def test_permuting_heads_permutes_scores(kind: str) -> None:
    text = layout(33, kind)
    heads = noise(text, 6, sharpness=3.0)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    scores = score(text, *heads)
    assert_same(score(text, *heads[order]), scores, order)
    for name in applicable(text) - {"offset"}:
        assert len(set(scores.share[name].tolist())) == 6


@pytest.mark.parametrize("n", [64, 140])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_head_scores_the_same_alone(dtype: torch.dtype, n: int) -> None:
    """24 heads of 140 tokens are handled in several runs, one head is not."""
    text = layout(n, "causal", pair=True)
    heads = noise(text, 72, sharpness=3.0).to(dtype)
    together = score(text, *heads)
    for head in (0, 1, 35, 70, 71):
        assert_same(score(text, heads[head]), together, torch.tensor([head]))


@pytest.mark.parametrize("kind", ["bidirectional", "causal"])
@pytest.mark.parametrize("n", [8, 33, 120])
@pytest.mark.parametrize("filling", [0.0, 0.25, float("nan")])
def test_padding_behind_the_text_changes_nothing(n: int, kind: str, filling: float) -> None:
    """Keys no row may attend to and rows of their own, whatever those hold; 120 tokens grow to more bands."""
    tokens, extra = text_tokens(n, pair=True), 20
    text = layout_of(tokens, mask_of(kind, n), kind == "causal")
    heads = mixed_heads(text, 3, 2.0, 0.5)
    allowed = torch.zeros(n + extra, n + extra, dtype=torch.bool)
    allowed[:n, :n] = text.allowed
    if filling == 0.25:
        allowed[n:, :4] = True
    padded = torch.zeros(len(heads), n + extra, n + extra, dtype=torch.float64)
    padded[:, :n, :n] = heads
    padded[:, n:, : 4 if filling == 0.25 else n + extra] = filling
    more = layout_of(tokens + tokens_of([1] * extra, special={1}), allowed, text.causal)
    assert_same(score(text, *heads), score(more, *padded))


@pytest.mark.parametrize("kind", MASKS)
def test_bands_are_no_part_of_the_answer(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = layout(40, kind, pair=True)
    heads = mixed_heads(text, 1, 2.0, 0.5)
    whole = score(text, *heads)
    cells = {name: whole.cells(name) for name in NAMED}
    for rows in (1, 7, 9):
        monkeypatch.setattr(plan, "BAND_CELLS", rows * 40)
        assert len(plan.bands(text)) == -(-40 // rows)
        found = score(text, *heads)
        assert_same(found, whole)
        assert all(torch.equal(found.cells(name), cells[name]) for name in NAMED)
        assert torch.equal(found.cells("offset", -1), whole.cells("offset", -1))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_weights_are_added_up_in_full(dtype: torch.dtype) -> None:
    text = layout(64)
    heads = noise(text, 3, sharpness=3.0).to(dtype)
    found, exact = score(text, *heads), score(text, *(heads.double() / heads.double().sum(dim=-1, keepdim=True)))
    for name in applicable(text):
        torch.testing.assert_close(found.share[name], exact.share[name], atol=5e-3, rtol=0)
    written = reference.score_heads(heads.double().numpy(), oracle_text(text)).scores
    for name in applicable(text):
        np.testing.assert_allclose(found.scores[name], written[name], atol=1e-6, rtol=0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("kind", ["bidirectional", "causal"])
def test_half_precision_weights_score_nearly_the_same(kind: str, dtype: torch.dtype) -> None:
    """A label may change only where two patterns stand as near as rounding."""
    text = layout(48, kind, pair=True)
    heads = mixed_heads(text, 2, 1.0, 0.6).float()
    full, half = score(text, *heads), score(text, *heads.to(dtype))
    for name in NAMES:
        torch.testing.assert_close(half.scores[name], full.scores[name], atol=0.01, rtol=0, equal_nan=True)
        torch.testing.assert_close(half.working[name], full.working[name], atol=0.01, rtol=0, equal_nan=True)
    assert half.labels == full.labels
    assert half.working_labels == full.working_labels
