"""Scores: exact on mixtures, equal to a slow reference, blind to what is not the pattern."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attention.core.patterns import PATTERNS
from attention.core.patterns.layout import layout_of
from attention.core.patterns.score import plans, score_layer
from tests.core.patterns import reference
from tests.core.patterns.specimens import (
    MASKS,
    follower,
    layout,
    mask_of,
    noise,
    plan_of,
    score,
    text_tokens,
    to_offset,
    tokens_of,
    uniform,
)

NAMES = [pattern.name for pattern in PATTERNS]
LENGTHS = [8, 12, 16, 33, 64, 256]


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("n", [24, 64])
def test_every_pattern_can_occur_in_the_specimens(n: int, kind: str) -> None:
    expected = {pattern.name for pattern in PATTERNS if not (pattern.both_ways and "causal" in kind)}
    assert {plan.pattern.name for plan in plans(layout(n, kind)).each} == expected


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("n", LENGTHS)
def test_a_mixture_of_pattern_and_uniform_scores_its_part_of_the_pattern(n: int, kind: str) -> None:
    text = layout(n, kind)
    parts = [0.0, 0.03, 0.4, 1.0]
    planned = plans(text)
    assert planned.each
    heads = [part * follower(plan, text) + (1 - part) * uniform(text) for plan in planned.each for part in parts]
    for dtype, close in ((torch.float64, 1e-6), (torch.float32, 1e-5)):
        scores = score_layer(torch.stack(heads).to(dtype), planned)
        for place, plan in enumerate(planned.each):
            kappa = scores[plan.pattern.name].kappa[len(parts) * place :][: len(parts)]
            assert kappa.dtype == dtype
            assert kappa.tolist() == pytest.approx(parts, abs=close), plan.pattern.name


@given(st.sampled_from(MASKS), st.integers(8, 40), st.integers(0, 10_000), st.floats(0, 1))
@settings(deadline=None, max_examples=40)
def test_a_mixture_scores_its_part_on_any_text(kind: str, n: int, seed: int, part: float) -> None:
    text = layout(n, kind, seed)
    planned = plans(text)
    heads = [part * follower(plan, text, seed) + (1 - part) * uniform(text) for plan in planned.each]
    scores = score_layer(torch.stack(heads), planned) if heads else {}
    for head, plan in enumerate(planned.each):
        assert float(scores[plan.pattern.name].kappa[head]) == pytest.approx(part, abs=1e-6)


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("n", LENGTHS)
def test_uniform_attention_follows_nothing_and_is_what_chance_gives(n: int, kind: str) -> None:
    text = layout(n, kind)
    for found in score(text, uniform(text)).values():
        assert float(found.kappa) == pytest.approx(0.0, abs=1e-6)
        assert float(found.share) == pytest.approx(float(found.chance), abs=1e-6)


@given(
    st.sampled_from([*MASKS, "holes"]),
    st.integers(1, 14),
    st.integers(0, 10_000),
    st.sampled_from([0.3, 2.0, 8.0]),
    st.floats(0, 1),
)
@settings(deadline=None, max_examples=80, derandomize=True)
def test_scores_are_those_of_the_slow_reference(kind: str, n: int, seed: int, sharpness: float, part: float) -> None:
    tokens = text_tokens(n, seed)
    allowed = (
        torch.rand(n, n, generator=torch.Generator().manual_seed(seed)) < 0.6 if kind == "holes" else mask_of(kind, n)
    )
    text = layout_of(tokens, allowed, "causal" in kind)
    planned = plans(text)
    heads = [noise(text, 1, seed, sharpness)[0], to_offset(text, -1), to_offset(text, -n // 2)]
    heads += [part * follower(plan, text, seed) + (1 - part) * heads[0] for plan in planned.each]
    scores = score_layer(torch.stack(heads).float(), planned)
    for name in NAMES:
        for place, head in enumerate(heads):
            expected = reference.score(name, head.tolist(), tokens, allowed.tolist(), text.causal)
            assert (expected is None) == (name not in scores)
            if expected is not None:
                found = scores[name]
                numbers = [float(part[place]) for part in (found.kappa, found.share, found.chance)]
                assert numbers == pytest.approx(expected, abs=1e-5), name


def test_two_by_two_of_the_formula() -> None:
    """Five tokens, three rows that count: r = 0.6, uniform gives 1/5, so kappa = 0.4 / 0.8."""
    tokens = tokens_of([0, 3, 4, 5, 1], special={0, 1})
    text = layout_of(tokens, torch.ones(5, 5, dtype=torch.bool), False)
    head = torch.full((5, 5), 0.1, dtype=torch.float64)
    head[torch.arange(5), torch.arange(5)] = 0.6
    found = score(text, head)["self"]
    assert [float(part) for part in (found.share, found.chance, found.kappa)] == pytest.approx([0.6, 0.2, 0.5])
    assert (plan_of(text, "self").rows, plan_of(text, "self").uniform) == (3, pytest.approx(0.2))


def test_a_popular_key_raises_what_chance_gives() -> None:
    """Key 2 gets 0.6 from rows 1 and 3 as well, so the same 0.6 on itself is habit: c = (0.2 + 0.6 + 0.2) / 3 by columns."""
    tokens = tokens_of([0, 3, 4, 5, 1], special={0, 1})
    text = layout_of(tokens, torch.ones(5, 5, dtype=torch.bool), False)
    head = torch.full((5, 5), 0.1, dtype=torch.float64)
    head[:, 2] = 0.6
    found = score(text, head)["self"]
    assert float(found.share) == pytest.approx(0.8 / 3)
    assert float(found.chance) == pytest.approx(0.8 / 3)
    assert float(found.kappa) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("kind", MASKS)
def test_permuting_heads_permutes_scores(kind: str) -> None:
    text = layout(33, kind)
    heads = noise(text, 6, sharpness=3.0)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    scores, moved = score_layer(heads, plans(text)), score_layer(heads[order], plans(text))
    assert scores
    for name, found in scores.items():
        assert len(set(found.share.tolist())) == 6
        torch.testing.assert_close(moved[name].kappa, found.kappa[order], atol=1e-9, rtol=0)
        torch.testing.assert_close(moved[name].chance, found.chance[order], atol=1e-9, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_head_scores_the_same_alone(dtype: torch.dtype) -> None:
    text = layout(64, "causal")
    heads, planned = noise(text, 12, sharpness=3.0).to(dtype), plans(text)
    together = score_layer(heads, planned)
    for head in range(12):
        for name, found in score_layer(heads[head : head + 1], planned).items():
            torch.testing.assert_close(found.share[0], together[name].share[head], atol=1e-6, rtol=0)
            torch.testing.assert_close(found.kappa[0], together[name].kappa[head], atol=1e-6, rtol=0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_weights_are_scored_in_float32(dtype: torch.dtype) -> None:
    text = layout(64)
    planned, heads = plans(text), noise(text, 3, sharpness=3.0).to(dtype)
    scores, exact = score_layer(heads, planned), score_layer(heads.double(), planned)
    for name, found in scores.items():
        assert found.kappa.dtype == torch.float32
        torch.testing.assert_close(found.share.double(), exact[name].share, atol=1e-6, rtol=0)
