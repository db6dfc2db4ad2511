"""One name per head, by hand and on whole heads; and what is left of a head that rests."""

import pytest
import torch
from torch import Tensor

from attention.core.patterns import PATTERNS, PatternScores
from attention.core.patterns.labels import MIN_Z, MIN_Z_OFFSET, ORDER, certain, label_heads
from attention.core.patterns.layout import Layout
from attention.core.patterns.score import NAMES, scores_of
from attention.core.patterns.tally import CONTENT_FLOOR, Tally
from benchmarks.patterns import cell_sets, reference
from tests.core.patterns.specimens import (
    MASKS,
    NAMED,
    follower,
    layout,
    noise,
    oracle_text,
    score,
    to_offset,
    uniform,
)


def label(broad: float = 0.0, unstructured: float = 0.0, **named: float) -> str:
    column = torch.tensor([[named.get(name, 0.0)] for name in ORDER])
    return label_heads(column, torch.tensor([broad]), torch.tensor([unstructured]))[0]


def test_every_named_pattern_has_its_place_in_the_order() -> None:
    assert set(ORDER) == {*(pattern.name for pattern in PATTERNS), "offset"}
    assert ORDER == reference.ORDER
    assert len(set(ORDER)) == len(ORDER)


@pytest.mark.parametrize("place", range(len(ORDER) - 1))
def test_of_equals_the_more_specific_names_the_head(place: int) -> None:
    assert label(**{ORDER[place]: 0.7, ORDER[place + 1]: 0.7}) == ORDER[place]
    assert label(**{ORDER[place]: 0.66, ORDER[place + 1]: 0.7}) == ORDER[place]
    assert label(**{ORDER[place]: 0.64, ORDER[place + 1]: 0.7}) == ORDER[place + 1]


@pytest.mark.parametrize(
    ("expected", "broad", "unstructured", "named"),
    [
        ("previous", 0.0, 0.0, {"previous": 0.2}),
        ("none", 0.0, 0.0, {"previous": 0.199}),
        ("local", 0.0, 0.0, {"previous": 0.19, "local": 0.22}),  # within 0.05, but too weak to name anything
        ("previous", 0.79, 0.0, {"previous": 0.21}),
        ("first", 0.0, 0.9, {"first": 0.5}),
        ("broad", 0.6, 0.0, {}),
        ("none", 0.59, 0.0, {}),
        ("broad", 0.6, 0.27, {}),
        ("unstructured", 0.6, 0.29, {}),  # most of what is not even is a single key per row
        ("unstructured", 0.3, 0.2, {}),
        ("none", 0.3, 0.19, {}),
        ("none", float("nan"), float("nan"), {}),
    ],
)
def test_labels_by_hand(expected: str, broad: float, unstructured: float, named: dict[str, float]) -> None:
    assert label(broad, unstructured, **named) == expected


def test_each_head_gets_its_own_label() -> None:
    named = torch.zeros(len(ORDER), 3)
    named[ORDER.index("self"), 0] = 0.5
    assert label_heads(named, torch.tensor([0.5, 0.7, 0.1]), torch.tensor([0.1, 0.1, 0.1])) == ["self", "broad", "none"]


def test_only_scores_far_enough_above_chance_name_a_head() -> None:
    kappa = {name: torch.tensor([0.5, 0.5, float("nan")]) for name in ORDER}
    z = {name: torch.tensor([MIN_Z - 0.01, MIN_Z, 9.0]) for name in ORDER}
    z["offset"] = torch.tensor([MIN_Z, MIN_Z_OFFSET, 9.0])
    assert certain(kappa, z).T.tolist() == [[0.0] * 13, [0.5] * 13, [0.0] * 13]


@pytest.mark.parametrize("kind", ["bidirectional", "causal", "padded"])
@pytest.mark.parametrize("n", [24, 64, 140])
def test_a_head_of_one_distance_is_not_local_and_one_of_the_neighborhood_is(n: int, kind: str) -> None:
    text = layout(n, kind)
    near = (to_offset(text, -1) + to_offset(text, 0) + to_offset(text, -2)) / 3
    found = score(text, to_offset(text, -1), near, follower(text, "local"), uniform(text))
    assert found.labels == ["previous", "local", "local", "broad"]
    assert float(found.scores["local"][0]) < 0.2
    assert float(found.scores["local"][2]) == pytest.approx(1.0, abs=1e-6)


def over_content(text: Layout, heads: Tensor) -> Tensor:
    kept = heads * text.content
    return kept / kept.sum(dim=-1, keepdim=True).clamp_min(1e-12)


@pytest.mark.parametrize("n", [12, 33, 140])
@pytest.mark.parametrize("kind", MASKS)
def test_working_scores_are_the_scores_of_what_heads_do_over_content(n: int, kind: str) -> None:
    text = layout(n, kind, pair=True)
    heads = torch.stack([*noise(text, 3, sharpness=1.0), *(follower(text, name) for name in ("previous", "local"))])
    heads = 0.6 * heads + 0.4 * uniform(text)
    assert float((heads * text.content).sum(dim=-1)[:, text.rows].min()) >= CONTENT_FLOOR
    found, inner = score(text, *heads), text.over_content()
    tally = Tally(inner, len(heads))
    for band in tally.bands:
        tally.add(band, over_content(text, heads)[:, band.query_pos])
    expected = scores_of(tally)
    for name in NAMES:
        torch.testing.assert_close(found.working[name], expected.scores[name], atol=1e-9, rtol=0, equal_nan=True)
    assert found.working_labels == expected.labels


@pytest.mark.parametrize("kind", MASKS)
def test_working_scores_are_those_of_the_slow_reference(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text still begins at its first token, though it is no key; long_range still counts in tokens of the text."""
    text = layout(40, kind, pair=True)
    heads = 0.6 * torch.stack([*noise(text, 4, sharpness=2.0), follower(text, "word_internal")]) + 0.4 * uniform(text)
    monkeypatch.setattr(cell_sets, "first_key", lambda _: text.first)
    slow = oracle_text(text.over_content())
    expected = reference.score_heads(over_content(text, heads).numpy(), slow).scores
    working = score(text, *heads).working
    for name in {*NAMED, "offset"} - {"long_range"}:
        torch.testing.assert_close(working[name], torch.tensor(expected[name]), atol=1e-6, rtol=0, equal_nan=True)


def resting_head(text: Layout, name: str, rest: float) -> Tensor:
    """Rests with this part of its attention on the first token and follows a pattern with what is left."""
    rows = torch.zeros_like(text.allowed).double()
    rows[:, text.first] = 1.0
    return rest * rows + (1 - rest) * follower(text, name)


@pytest.mark.parametrize("name", ["previous", "induction"])
@pytest.mark.parametrize("n", [48, 140])
def test_a_resting_head_is_first_and_works_as_something_else(n: int, name: str) -> None:
    text = layout(n, "causal")
    found: PatternScores = score(text, resting_head(text, name, 0.95))
    assert (found.labels, found.working_labels) == (["first"], [name])
    assert float(found.working[name]) > 0.9
    assert float(found.resting) == pytest.approx(resting_share(text, resting_head(text, name, 0.95)), abs=1e-6)
    assert 0.95 <= float(found.resting) < 0.98


def resting_share(text: Layout, head: Tensor) -> float:
    rest = text.special.clone()
    rest[text.first] = True
    return float((head * (rest & text.allowed)).sum(dim=-1)[text.rows].mean())


@pytest.mark.parametrize("kind", MASKS)
def test_the_resting_share_is_what_lies_on_the_first_token_and_specials(kind: str) -> None:
    text = layout(33, kind)
    heads = noise(text, 4, sharpness=2.0)
    assert score(text, *heads).resting.tolist() == pytest.approx([resting_share(text, h) for h in heads], abs=1e-6)


def test_rows_that_keep_less_than_the_floor_are_left_out() -> None:
    """Half of the rows look at themselves with what little they keep; the other half look back."""
    text = layout(40)
    rows = torch.arange(40)
    found = []
    for kept in (CONTENT_FLOOR - 0.001, CONTENT_FLOOR + 0.001):
        weak, strong = resting_head(text, "self", 1 - kept), resting_head(text, "previous", 0.5)
        found.append(score(text, torch.where((rows % 2 == 0)[:, None], weak, strong)).working)
    assert float(found[0]["previous"]) == pytest.approx(1.0, abs=0.01)
    assert float(found[0]["self"]) == 0.0
    assert float(found[1]["previous"]) == pytest.approx(0.5, abs=0.1)
    assert float(found[1]["self"]) == pytest.approx(0.5, abs=0.1)


def test_a_head_that_keeps_nothing_has_no_working_side() -> None:
    text = layout(40)
    found = score(text, resting_head(text, "previous", 0.99))
    assert found.labels == ["first"]
    assert all(bool(found.working[name].isnan()) for name in NAMES)
    assert found.working_labels == ["none"]
    assert float(found.resting) > 0.98
