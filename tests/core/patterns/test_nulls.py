"""A score is blind to what is not the pattern: a head's habits explain what they can, and odd texts ask nothing of it."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attention.core import masks
from attention.core.patterns import NAMES
from attention.core.patterns.layout import layout_of
from attention.core.tokens import Token
from tests.core.patterns.specimens import (
    MASKS,
    NAMED,
    applicable,
    cells_of,
    distances,
    follower,
    layout,
    noise,
    score,
    tokens_of,
    uniform,
)


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("n", [12, 24, 64])
def test_a_head_that_rests_on_one_key_is_not_previous_next_or_self(n: int, kind: str) -> None:
    text = layout(n, kind)
    sinks = [text.allowed & (torch.arange(n) == key) for key in range(1, n // 2)]
    heads = [torch.where(sink.any(dim=-1, keepdim=True), sink.double(), uniform(text)) for sink in sinks]
    scores = score(text, *heads).scores
    for name in ("previous", "next", "self"):
        if name in applicable(text):
            assert float(scores[name].max()) < (0.1 if text.causal else 1e-6)  # rows before the key are uniform


def pieces(n: int, seed: int) -> tuple[Token, ...]:
    """Words of one to three pieces between two specials."""
    sizes = torch.randint(1, 4, (n,), generator=torch.Generator().manual_seed(seed))
    word = torch.arange(n).repeat_interleave(sizes)[: n - 2].tolist()
    content = [Token("t", place, 0, 1, number) for place, number in enumerate(word, start=5)]
    return (Token("<s>", 0, 0, 0, -1, special=True), *content, Token("</s>", 1, 0, 0, -1, special=True))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("offset", [-1, 1, -2])
@given(n=st.integers(10, 60), seed=st.integers(0, 10_000), strength=st.sampled_from([4.0, 8.0, 12.0, 100.0]))
@settings(deadline=None, max_examples=25)
def test_a_head_of_one_distance_is_not_word_internal(
    causal: bool, offset: int, n: int, seed: int, strength: float
) -> None:
    """However sharp it is and wherever the words of several pieces stand."""
    text = layout_of(pieces(n, seed), masks.causal(n) if causal else torch.ones(n, n, dtype=torch.bool), causal)
    scores = noise(text, 1, seed, 0.3).log() + strength * (distances(text) == offset)
    found = score(text, scores[0].softmax(dim=-1).nan_to_num(0.0))
    if "word_internal" in applicable(text):
        assert float(found.scores["word_internal"]) < 0.25


def test_a_word_internal_head_is_not_previous() -> None:
    text = layout_of(pieces(40, 1), torch.ones(40, 40, dtype=torch.bool), False)
    found = score(text, follower(text, "word_internal"))
    assert float(found.scores["word_internal"]) == pytest.approx(1.0, abs=1e-6)
    assert float(found.scores["previous"]) < 0.6
    assert found.labels == ["word_internal"]


@pytest.mark.parametrize("name", [*NAMED, "offset -4", "offset +2"])
def test_a_follower_is_known_by_its_pattern(name: str) -> None:
    text = layout(64, pair=True)
    found = score(text, follower(text, name))
    expected = name.split()[0]
    assert max((*NAMED, "offset"), key=lambda other: float(found.scores[other])) == expected
    assert found.labels == [expected]


@pytest.mark.parametrize("rows", [2, 3])
def test_a_pattern_needs_three_rows(rows: int) -> None:
    """Token 9 stands alone; the others come in `rows` copies of one token."""
    tokens = tokens_of([0] + [5] * rows + [7, 8, 9, 1], special={0, 1})
    n = len(tokens)
    text = layout_of(tokens, torch.ones(n, n, dtype=torch.bool), False)
    assert ("same_token" in applicable(text)) == (rows == 3)
    assert score(text, uniform(text)).rows["same_token"] == (3 if rows == 3 else 0)


def test_a_pattern_that_covers_two_thirds_of_the_text_is_not_scored() -> None:
    """Of 20 keys, a token's other copies are 12 (0.6) or 14 (0.7)."""
    for copies, scored in ((13, True), (15, False)):
        tokens = tokens_of([5] * copies + list(range(10, 30 - copies)))
        text = layout_of(tokens, torch.ones(20, 20, dtype=torch.bool), False)
        assert ("same_token" in applicable(text)) == scored


def test_a_row_that_is_all_pattern_says_nothing() -> None:
    """Row 1 may only read copies of its own token; rows 2, 3 and 4 can choose, row 0 is where the text begins."""
    allowed = torch.ones(7, 7, dtype=torch.bool)
    allowed[1] = torch.tensor([True, False, True, True, False, False, False])
    text = layout_of(tokens_of([5, 5, 5, 5, 5, 6, 7]), allowed, False)
    assert cells_of(text, "same_token").any(dim=-1).tolist() == [False, False, True, True, True, False, False]
    head = noise(text, 1, sharpness=3.0)[0]
    other = head.clone()
    other[1] = torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    found = score(text, head, other)
    assert found.rows["same_token"] == 3
    share, chance = found.share["same_token"], found.chance["same_token"]
    assert share[0] == share[1]
    assert chance[0] == chance[1] > score(text, uniform(text)).chance["same_token"][0]


def test_next_is_not_asked_of_a_head_that_cannot_look_ahead() -> None:
    assert "next" in applicable(layout(32))
    assert "next" not in applicable(layout(32, "causal"))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(
    "tokens",
    [
        tokens_of([5]),
        tokens_of([0], special={0}),
        tokens_of([5, 6]),
        tokens_of([0, 1], special={0, 1}),
        tokens_of([0, 2, 2, 2, 2, 2, 1], special={0, 1}, stops={2}),
        tokens_of([2] * 9, stops={2}),
        tokens_of([0] + [5] * 9 + [1], special={0, 1}),
        tokens_of([5] * 40),
    ],
    ids=["one", "one special", "two", "two specials", "stops", "only stops", "one repeated", "only one repeated"],
)
def test_odd_texts_are_scored_or_left_out(tokens: tuple[Token, ...], causal: bool) -> None:
    n = len(tokens)
    text = layout_of(tokens, masks.causal(n) if causal else torch.ones(n, n, dtype=torch.bool), causal)
    found, named = score(text, *noise(text, 3)), applicable(text)
    assert ("self" in named) == (n > 2)
    assert bool(named) == (n > 2)
    for name in (*NAMED, "offset"):
        for part in (found.scores[name], found.share[name], found.chance[name]):
            assert part.shape == (3,)
            assert bool(((part >= 0) & (part <= 1)).all()) if name in named else bool(part.isnan().all())
        assert (found.rows[name] >= 3) == (name in named)
    if n <= 2:
        assert all(bool(found.scores[name].isnan().all()) for name in NAMES)
        assert all(bool(found.working[name].isnan().all()) for name in NAMES)
        assert (found.labels, found.working_labels) == (["none"] * 3, ["none"] * 3)
        assert bool(found.resting.isnan().all())


def test_one_repeated_token_has_no_copies_worth_counting() -> None:
    """Everything is a copy, so uniform attention already gives 39 of 40 parts."""
    text = layout_of(tokens_of([5] * 40), torch.ones(40, 40, dtype=torch.bool), False)
    assert not {"same_token", "induction"} & applicable(text)


def test_rows_of_padding_are_no_evidence() -> None:
    """What they attend to changes no number."""
    text = layout(33, "padded")
    padding = ~text.allowed.any(dim=0)
    head = noise(text, 1, sharpness=3.0)[0]
    other = torch.where(padding[:, None], noise(text, 1, seed=1)[0], head)
    assert not torch.equal(head, other)
    found = score(text, head, other)
    for name in applicable(text):
        assert float(found.share[name][0]) == pytest.approx(float(found.share[name][1]), abs=1e-12)
        assert float(found.chance[name][0]) == pytest.approx(float(found.chance[name][1]), abs=1e-12)
        assert float(found.scores[name][0]) == pytest.approx(float(found.scores[name][1]), abs=1e-12)
