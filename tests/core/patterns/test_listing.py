"""Resting places come last in the list, and the cells of a listed pattern can be outlined."""

import pytest
import torch

from attention.core.capture import Capture
from attention.core.patterns import LISTED, cells_of, rank, score_capture, unexplained
from tests.core.patterns.specimens import capture_of, follower, layout, noise, text_tokens, to_offset, uniform

N = 30
TEXT = layout(N, seed=3)
TOKENS = text_tokens(N, 3)


def test_resting_places_are_listed_after_everything_else() -> None:
    """One head alone rests, with all it has; another follows a pattern with a third of its attention."""
    for sink in ("first", "separator"):
        weak = follower(TEXT, "punctuation") / 3 + 2 * uniform(TEXT) / 3
        heads = [follower(TEXT, sink), weak, uniform(TEXT), uniform(TEXT)]
        found = rank(capture_of(heads, tokens=TOKENS))
        assert [one.pattern for one in found] == ["punctuation", sink]
        assert found[0].score < found[1].score


def capture(causal: bool) -> Capture:
    text = layout(N, "causal" if causal else "bidirectional", seed=3)
    layers = [[to_offset(text, -4), noise(text, 1, 5, 2.0)[0], uniform(text)], [follower(text, "previous")] * 3]
    return capture_of(*layers, tokens=TOKENS, causal=causal)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", [pattern.name for pattern in LISTED])
def test_cells_asked_for_alone_are_those_of_the_scores(name: str, causal: bool) -> None:
    made = capture(causal)
    scores = score_capture(made)
    for layer in range(2):
        for head in range(3):
            assert torch.equal(cells_of(made, name, layer, head), scores.cells(name, layer, head))
        if name != "offset":
            assert torch.equal(cells_of(made, name, layer, None), scores.cells(name, layer, 0))


def test_a_fixed_distance_is_each_head_s_own() -> None:
    made = capture(False)
    cells = cells_of(made, "offset", 0, 0)
    rows, keys = cells.nonzero().unbind(1)
    assert set((keys - rows).tolist()) == {-4}
    assert len(rows) > 20
    assert not bool(cells_of(made, "offset", 0, None).any())


def test_a_head_that_keeps_no_distance_has_none() -> None:
    made = capture_of([follower(TEXT, "self"), follower(TEXT, "previous")], tokens=TOKENS)
    scores = score_capture(made)
    assert scores.scores["offset"].tolist() == [[0.0, 0.0]]
    assert scores.offset.tolist() == [[0, 0]]
    assert not bool(cells_of(made, "offset", 0, 0).any())


def test_heads_no_pattern_explains_are_listed_sharpest_first() -> None:
    one_key = torch.zeros(N, N, dtype=torch.float64)
    one_key[range(N), torch.randperm(N, generator=torch.Generator().manual_seed(0))] = 1.0
    heads = [0.6 * one_key + 0.4 * uniform(TEXT), uniform(TEXT), one_key, follower(TEXT, "previous")]
    made = capture_of(heads, tokens=TOKENS)
    found = unexplained(score_capture(made))
    assert [(layer, head) for layer, head, _ in found] == [(0, 2), (0, 0)]
    assert found[0][2] == pytest.approx(score_capture(made).scores["unstructured"][0, 2].item())
    assert unexplained(score_capture(made), 1) == found[:1]
