"""Scores: exact on mixtures, equal to a slow reference, the same for a head alone, padded, permuted or cut into bands."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from attention.core.patterns import NAMES, plan
from attention.core.patterns.layout import Layout, layout_of
from attention.core.patterns.table import OFFSETS
from benchmarks.patterns import cell_sets, reference
from tests.core.patterns.specimens import (
    MASKS,
    NAMED,
    applicable,
    cells_of,
    follower,
    layout,
    mask_of,
    noise,
    oracle_text,
    score,
    text_tokens,
    to_offset,
    tokens_of,
    uniform,
)

LENGTHS = [8, 12, 16, 33, 64, 128, 256]
STEPS = {pattern.name: pattern.offset for pattern in OFFSETS}


def followed(text: Layout) -> dict[str, Tensor]:
    """A head for each pattern the text can show; "offset" once per distance."""
    named = applicable(text)
    steps = [name for name in STEPS if "offset" in named and int(cells_of(text, name).any(dim=-1).sum()) >= 3]
    return {name: follower(text, name) for name in (*(name for name in NAMED if name in named), *steps)}


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("n", [24, 64])
def test_every_pattern_can_occur_in_the_specimens(n: int, kind: str) -> None:
    ahead = {"next"} if "causal" in kind else set()
    assert applicable(layout(n, kind, pair=True)) == {*NAMED, "offset"} - ahead
    assert applicable(layout(n, kind)) == {*NAMED, "offset"} - ahead - {"same_segment"}


@pytest.mark.parametrize("pair", [False, True], ids=["single", "pair"])
@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("n", LENGTHS)
def test_a_mixture_of_pattern_and_uniform_scores_its_part_of_the_pattern(n: int, kind: str, pair: bool) -> None:
    text = layout(n, kind, pair=pair)
    parts = [0.0, 0.03, 0.4, 1.0]
    heads = followed(text)
    assert heads
    mixed = torch.stack([part * head + (1 - part) * uniform(text) for head in heads.values() for part in parts])
    for dtype, close in ((torch.float64, 1e-6), (torch.float32, 1e-5)):
        if dtype == torch.float32 and n > 64:
            continue
        found = score(text, *mixed.to(dtype))
        for place, name in enumerate(heads):
            at = slice(len(parts) * place, len(parts) * (place + 1))
            kappa = found.scores["offset" if name in STEPS else name][at]
            assert kappa.tolist() == pytest.approx(parts, abs=close), name
            if name in STEPS:
                assert found.offset[at][2:].tolist() == [STEPS[name]] * 2


@given(st.sampled_from(MASKS), st.integers(8, 40), st.integers(0, 10_000), st.floats(0, 1))
@settings(deadline=None, max_examples=15)
def test_a_mixture_scores_its_part_on_any_text(kind: str, n: int, seed: int, part: float) -> None:
    text = layout(n, kind, seed)
    named = [name for name in NAMED if name in applicable(text)]
    heads = [part * follower(text, name, seed) + (1 - part) * uniform(text) for name in named]
    scores = score(text, *heads).scores if heads else {}
    for head, name in enumerate(named):
        assert float(scores[name][head]) == pytest.approx(part, abs=1e-6)


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("n", LENGTHS)
def test_uniform_attention_follows_nothing_and_is_what_chance_gives(n: int, kind: str) -> None:
    text = layout(n, kind, pair=True)
    found = score(text, uniform(text))
    for name in applicable(text):
        assert float(found.scores[name]) == pytest.approx(0.0, abs=1e-6)
        assert float(found.share[name]) == pytest.approx(float(found.chance[name]), abs=1e-6)
    assert (found.labels, found.working_labels) == (["broad"], ["broad"])
    assert float(found.scores["broad"]) == pytest.approx(1.0, abs=1e-6)
    assert float(found.scores["unstructured"]) == pytest.approx(0.0, abs=1e-6)


def share_and_chance(name: str, heads: np.ndarray, text: reference.Layout, offset: int) -> tuple[np.ndarray, ...]:
    """r and c by the reference's own parts."""
    chosen = cell_sets.cells(name, text, offset)
    rows = cell_sets.eligible_rows(chosen, text)
    selected, keys = chosen & rows[:, None], text.allowed.sum(axis=1)
    chance = np.full(len(heads), (selected.sum(axis=1)[rows] / keys[rows]).mean())
    for null in reference.NULLS[name]:
        chance = np.maximum(chance, reference._habit(null, heads, chosen, selected, text) / rows.sum())
    return np.einsum("hij,ij->h", heads, selected) / rows.sum(), np.minimum(chance, 1.0)


def assert_is_the_oracles(text: Layout, heads: Tensor) -> None:
    """Every score, share, chance, label and best distance."""
    found, expected = score(text, *heads), reference.score_heads(heads.numpy(), oracle_text(text))
    for name in NAMES:
        np.testing.assert_allclose(found.scores[name], expected.scores[name], atol=1e-6, rtol=0, err_msg=name)
    assert found.labels == expected.labels
    stands = found.scores["offset"] > 1e-6  # of distances that all score 0, none is the best
    assert found.offset[stands].tolist() == expected.offsets[stands.numpy()].tolist()
    for name in NAMED:
        if not bool(found.scores[name].isnan().any()):
            share, chance = share_and_chance(name, heads.numpy(), oracle_text(text), 0)
            np.testing.assert_allclose(found.share[name], share, atol=1e-6, rtol=0, err_msg=name)
            np.testing.assert_allclose(found.chance[name], chance, atol=1e-6, rtol=0, err_msg=name)
    for head, offset in enumerate(found.offset.tolist()):
        if offset:
            share, chance = share_and_chance("offset", heads[head : head + 1].numpy(), oracle_text(text), offset)
            assert float(found.share["offset"][head]) == pytest.approx(float(share[0]), abs=1e-6)
            assert float(found.chance["offset"][head]) == pytest.approx(float(chance[0]), abs=1e-6)


def mixed_heads(text: Layout, seed: int, sharpness: float, part: float) -> Tensor:
    """Noise, single distances, and a part of each pattern on top of noise."""
    n = len(text.ids)
    heads = [*noise(text, 2, seed, sharpness), to_offset(text, -1), to_offset(text, -n // 2), uniform(text)]
    heads += [part * follower(text, name, seed) + (1 - part) * heads[0] for name in (*NAMED, "offset -3")]
    return torch.stack(heads)


@given(
    st.sampled_from([*MASKS, "holes"]),
    st.integers(1, 40),
    st.integers(0, 10_000),
    st.sampled_from([0.3, 2.0, 8.0]),
    st.floats(0, 1),
    st.booleans(),
)
@settings(deadline=None, max_examples=20, derandomize=True)
def test_scores_are_those_of_the_slow_reference(
    kind: str, n: int, seed: int, sharpness: float, part: float, pair: bool
) -> None:
    allowed = (
        torch.rand(n, n, generator=torch.Generator().manual_seed(seed)) < 0.6 if kind == "holes" else mask_of(kind, n)
    )
    text = layout_of(text_tokens(n, seed, pair=pair), allowed, "causal" in kind)
    assert_is_the_oracles(text, mixed_heads(text, seed, sharpness, part))


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize(("n", "pair"), [(8, False), (225, False), (230, True)])
def test_scores_of_texts_of_several_bands_are_those_of_the_slow_reference(n: int, kind: str, pair: bool) -> None:
    text = layout(n, kind, seed=n, pair=pair)
    assert (len(plan.bands(text)) > 1) == (n > 8)
    assert_is_the_oracles(text, mixed_heads(text, n, 2.0, 0.45))


@pytest.mark.parametrize("kind", MASKS)
def test_the_selected_cells_are_those_of_the_slow_reference(kind: str) -> None:
    for n in (8, 33, 240):
        text = layout(n, kind, pair=True)
        heads = [to_offset(text, -4), follower(text, "offset -2")]
        heads += [] if text.causal else [to_offset(text, 3)]
        found, slow = score(text, *heads), oracle_text(text)
        if n > 8:
            assert found.offset.tolist() == [-4, -2, 3][: len(heads)]
        for head, offset in enumerate(found.offset.tolist()):
            for name in (*NAMED, "offset"):
                chosen = cell_sets.cells(name, slow, offset)
                chosen = chosen & cell_sets.eligible_rows(chosen, slow)[:, None]
                absent = name == "next" and text.causal
                expected = np.zeros_like(chosen) if absent or (name, offset) == ("offset", 0) else chosen
                assert np.array_equal(found.cells(name, head).numpy(), expected), name


@pytest.mark.parametrize("name", ["broad", "unstructured", "same_segment", "nonsense"])
def test_what_has_no_cells_selects_none(name: str) -> None:
    text = layout(24)
    assert not bool(score(text, uniform(text)).cells(name).any())


def test_two_by_two_of_the_formula() -> None:
    """Five tokens, three rows that count: r = 0.6, uniform gives 1/5, so kappa = 0.4 / 0.8."""
    tokens = tokens_of([0, 3, 4, 5, 1], special={0, 1})
    text = layout_of(tokens, torch.ones(5, 5, dtype=torch.bool), False)
    head = torch.full((5, 5), 0.1, dtype=torch.float64)
    head[torch.arange(5), torch.arange(5)] = 0.6
    found = score(text, head)
    numbers = [float(part["self"]) for part in (found.share, found.chance, found.scores)]
    assert numbers == pytest.approx([0.6, 0.2, 0.5])
    assert found.rows["self"] == 3
    assert float(score(text, uniform(text)).chance["self"]) == pytest.approx(0.2)


def test_a_popular_key_raises_what_chance_gives() -> None:
    """Key 2 gets 0.6 from rows 1 and 3 as well, so the same 0.6 on itself is habit: c = (0.2 + 0.6 + 0.2) / 3 by columns."""
    tokens = tokens_of([0, 3, 4, 5, 1], special={0, 1})
    text = layout_of(tokens, torch.ones(5, 5, dtype=torch.bool), False)
    head = torch.full((5, 5), 0.1, dtype=torch.float64)
    head[:, 2] = 0.6
    found = score(text, head)
    assert float(found.share["self"]) == pytest.approx(0.8 / 3)
    assert float(found.chance["self"]) == pytest.approx(0.8 / 3)
    assert float(found.scores["self"]) == pytest.approx(0.0, abs=1e-6)
