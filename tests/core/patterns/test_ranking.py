"""Which heads are shown first, why, and what is refused."""

import inspect

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from attention.core.capture import Capture, QueryKeyLayer, WeightsLayer
from attention.core.patterns import LISTED, Finding, find, rank, score_capture, unexplained
from attention.core.patterns.layout import Layout
from attention.core.tokens import Text, Token
from attention.errors import SelectionError
from tests.core.patterns.specimens import (
    applicable,
    capture_of,
    cells_of,
    follower,
    layout,
    mask_of,
    noise,
    text_tokens,
    to_offset,
    uniform,
)

N = 30
TEXT = layout(N)


def head(name: str, part: float = 1.0, text: Layout = TEXT) -> Tensor:
    """A head that follows one pattern with this part of its attention."""
    return part * follower(text, name) + (1 - part) * uniform(text)


def test_each_head_is_found_by_what_it_does_strongest_first() -> None:
    capture = capture_of([head("previous", 0.9), uniform(TEXT)], [uniform(TEXT), head("punctuation", 0.6)])
    findings = rank(capture)
    assert [(f.layer, f.head, f.pattern) for f in findings] == [(0, 0, "previous"), (1, 1, "punctuation")]
    assert [f.score for f in findings] == pytest.approx([0.9, 0.6], abs=1e-5)
    assert [f.title for f in findings] == ["Previous token", "Punctuation"]
    rows = {name: int(cells_of(TEXT, name).any(dim=-1).sum()) for name in ("previous", "punctuation")}
    assert rows["previous"] != rows["punctuation"]
    assert [f.rows for f in findings] == [rows["previous"], rows["punctuation"]]


def test_the_reason_has_the_numbers() -> None:
    (found,) = rank(capture_of([head("previous", 0.9), uniform(TEXT)]))
    assert found.chance == pytest.approx(1 / N)
    assert found.share == pytest.approx(0.9 + 0.1 / N)
    assert found.reason == "Each token looks at the one before it: 90% of its attention, where chance gives 3%."
    assert found.rows == int(cells_of(TEXT, "previous").any(dim=-1).sum())


def test_what_every_head_does_comes_last_however_strong() -> None:
    """Seven of eight heads rest on the first token with all they have."""
    capture = capture_of([head("first")] * 4, [head("first")] * 3 + [head("previous", 0.4)])
    findings = rank(capture)
    assert [f.pattern for f in findings] == ["previous", "first"]
    assert findings[0].score < findings[1].score


def test_of_equals_the_earliest_head_stands_for_its_pattern() -> None:
    capture = capture_of([uniform(TEXT), head("self")], [head("self"), head("self")])
    assert [(f.layer, f.head) for f in rank(capture)] == [(0, 1)]


def test_a_head_of_two_patterns_is_listed_for_the_more_interesting_one() -> None:
    """Half previous, half first; two other heads are also "first", so "previous" is the rarer."""
    both = (head("previous") + head("first")) / 2
    capture = capture_of([both, head("first", 0.9)], [head("first", 0.8), uniform(TEXT)])
    assert [(f.layer, f.head, f.pattern) for f in rank(capture)] == [(0, 0, "previous"), (0, 1, "first")]


@given(st.integers(0, 10_000), st.booleans(), st.integers(1, 12))
@settings(deadline=None, max_examples=15)
def test_patterns_and_heads_are_listed_once_and_the_limit_holds(seed: int, causal: bool, limit: int) -> None:
    kind = "causal" if causal else "bidirectional"
    text = layout(N, kind, seed)
    choices = sorted(applicable(text) - {"offset"})
    chosen = [choices[(seed + 5 * place) % len(choices)] for place in range(8)]
    heads = [head(name, 0.3 + 0.08 * place, text) for place, name in enumerate(chosen)]
    capture = capture_of(heads[:4], heads[4:], tokens=text_tokens(N, seed), causal=causal)
    findings = rank(capture, limit)
    every = rank(capture, 100)
    assert findings == every[:limit]
    assert 1 <= len(findings) <= limit
    assert len({f.pattern for f in every}) == len(every)
    assert len({(f.layer, f.head) for f in every}) == len(every)
    for f in every:
        assert f.score >= 0.25
        assert f.rows >= 5
        assert f"{f.share:.0%}" in f.reason or "over 99%" in f.reason


def test_scores_already_there_give_the_same_list() -> None:
    capture = capture_of([head("next"), uniform(TEXT)], [head("separator"), head("word_internal", 0.5)])
    assert find(score_capture(capture), causal=False) == rank(capture)
    assert find(score_capture(capture), 1, causal=False) == rank(capture, 1)
    assert len(rank(capture)) == 3


@pytest.mark.parametrize("part", [0.24, 0.26])
def test_a_quarter_over_chance_is_the_least_that_is_shown(part: float) -> None:
    assert bool(rank(capture_of([head("previous", part), uniform(TEXT)]))) == (part > 0.25)


@pytest.mark.parametrize("rows", [4, 5])
def test_a_pattern_seen_in_fewer_than_five_rows_is_not_shown(rows: int) -> None:
    tokens = tuple(Token("t", 50 + place, 0, 1, place) for place in range(rows + 1))
    n = len(tokens)
    capture = capture_of([torch.eye(n), torch.full((n, n), 1 / n)], tokens=tokens)
    assert [f.pattern for f in rank(capture)] == (["self"] if rows == 5 else [])


def test_nothing_stands_out_where_nothing_does() -> None:
    assert rank(capture_of([uniform(TEXT)] * 3)) == []
    noisy = list(noise(TEXT, 12, sharpness=0.5))
    assert rank(capture_of(noisy)) == []


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("causal", [False, True])
def test_a_text_of_a_few_tokens_has_no_findings(n: int, causal: bool) -> None:
    tokens = tuple(Token("t", 5, 0, 1, 0) for _ in range(n))
    weights = torch.ones(n, n).tril() if causal else torch.ones(n, n)
    assert rank(capture_of([weights / weights.sum(dim=-1, keepdim=True)], tokens=tokens, causal=causal)) == []


@pytest.mark.parametrize("limit", [0, -1, True, False, None, 2.0, "5", "all", float("nan")])
def test_a_limit_that_is_no_count_is_refused(limit: object) -> None:
    capture = capture_of([uniform(TEXT)])
    sentence = "limit must be one of the whole numbers from 1 up, not "
    with pytest.raises(SelectionError, match=sentence):
        inspect.unwrap(rank)(capture, limit)
    with pytest.raises(SelectionError, match=sentence):
        inspect.unwrap(find)(score_capture(capture), limit, causal=False)
    with pytest.raises(SelectionError, match=sentence):
        inspect.unwrap(unexplained)(score_capture(capture), limit)


def test_layers_that_share_a_mask_share_its_layout() -> None:
    wide, narrow = mask_of("causal", N), mask_of("causal window", N)
    query = torch.randn(2, N, 4, generator=torch.Generator().manual_seed(0))
    layers = tuple(QueryKeyLayer(query, query, mask, None, 1.0) for mask in (wide, narrow, wide))
    text = Text("", None, text_tokens(N), {})
    parts = score_capture(Capture("tiny", "main", "", text, layers, torch.ones(3, 2, N), True)).parts
    assert parts[0][0] is parts[2][0]
    assert [begin for _, begin in parts] == [0, 0, 2]
    assert parts[0][0] is not parts[1][0]
    assert torch.equal(parts[1][0].layout.allowed, narrow)


def test_a_pattern_only_some_layers_can_show_is_ranked_among_those() -> None:
    """A window of one token leaves nothing to score in the second layer."""
    text = layout(N, "causal")
    layers = (
        WeightsLayer(torch.stack([follower(text, "previous"), uniform(text)]).float(), text.allowed),
        WeightsLayer(torch.eye(N).expand(2, N, N), torch.eye(N, dtype=torch.bool)),
    )
    words = Text("", None, text_tokens(N), {})
    findings = rank(Capture("tiny", "main", "", words, layers, torch.ones(2, 2, N), True))
    assert [(f.layer, f.head, f.pattern) for f in findings] == [(0, 0, "previous")]


@pytest.mark.parametrize("kind", ["bidirectional", "causal"])
def test_every_pattern_can_be_found_with_its_own_sentence(kind: str) -> None:
    """All but induction where tokens look ahead, and next where they do not."""
    tokens, text = text_tokens(N, pair=True), layout(N, kind, pair=True)
    followed = [*sorted(applicable(text) - {"offset"}), "offset -3"]
    heads = [head(name, text=text) for name in followed]
    missing = {"induction"} if kind == "bidirectional" else {"next"}
    named = {pattern.name for pattern in LISTED} - missing
    findings: list[Finding] = rank(capture_of(heads, tokens=tokens, causal=kind == "causal"), limit=len(LISTED))
    assert {f.pattern for f in findings} == named
    for f in findings:
        assert followed[f.head].split()[0] == f.pattern
        pattern = next(pattern for pattern in LISTED if pattern.name == f.pattern)
        assert f.reason.startswith(pattern.reason.split("{")[0])
        assert ("3 back: " in f.reason) == (f.pattern == "offset")


def test_induction_is_scored_but_not_named_where_tokens_look_ahead() -> None:
    capture = capture_of([head("induction"), uniform(TEXT)])
    assert float(score_capture(capture).scores["induction"][0, 0]) == pytest.approx(1.0, abs=1e-5)
    assert "induction" not in {f.pattern for f in rank(capture, 20)}


def test_a_head_of_one_distance_is_not_listed_as_local() -> None:
    """Most of it is one step back, and yet it reaches 0.25 on the neighborhood."""
    near = 0.3 * follower(TEXT, "local") + 0.7 * to_offset(TEXT, -1)
    capture = capture_of([near, *[head("previous", 0.4)] * 3])
    scores = score_capture(capture)
    assert float(scores.scores["local"][0, 0]) > 0.25
    assert scores.labels[0][0] != "local"
    assert "local" not in {f.pattern for f in rank(capture, 20)}


def test_sharp_heads_that_follow_nothing_are_worth_opening() -> None:
    """Each row looks at one key drawn at random."""
    sharp = noise(TEXT, 3, sharpness=60.0)
    capture = capture_of(
        [head("previous"), sharp[0], uniform(TEXT)], [sharp[1], 0.5 * (sharp[2] + uniform(TEXT)), head("self")]
    )
    scores = score_capture(capture)
    found = unexplained(scores)
    assert {(layer, head) for layer, head, _ in found} == {(0, 1), (1, 0), (1, 1)}
    assert [score for *_, score in found] == sorted((score for *_, score in found), reverse=True)
    assert found[-1][:2] == (1, 1)
    assert unexplained(scores, 1) == found[:1]
    assert unexplained(score_capture(capture_of([uniform(TEXT), head("self")]))) == []
