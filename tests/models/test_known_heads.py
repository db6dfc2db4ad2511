"""What is known of the bundled models' heads: each pattern's strongest head, on ordinary English, by a plain mean over sentences."""

import functools

import pytest
import torch
from torch import Tensor

from attention.core.capture import Capture
from attention.core.patterns import CaptureScores, rank, score_capture
from attention.models import bundled
from attention.models.reader import capture
from tests.models.bundled_models import needs_e5

pytestmark = pytest.mark.usefixtures("offline")

SENTENCES = (
    "The old fisherman who lives near the harbour said that the storm had broken two of his boats, and nobody had helped him.",
    "When the teacher asked the children what they had seen in the museum, most of them talked about the dinosaur.",
    "She bought bread, milk, cheese and apples at the market, but she forgot the coffee her brother had asked for.",
    "The committee will decide next week whether the new bridge across the river should be paid for by the city or by the state.",
    "If you leave the window open, the cat will jump out, the rain will come in, and the papers will fly all over the room.",
    "He opened the door, looked around, and closed the door again without saying a word.",
)


@functools.cache
def read(model: str) -> tuple[tuple[Capture, CaptureScores], ...]:
    captures = [capture(model, sentence) for sentence in SENTENCES]
    return tuple((found, score_capture(found)) for found in captures)


def strongest(model: str, name: str, count: int = 1) -> list[tuple[tuple[int, int], float]]:
    """The heads with the highest mean score, as ((layer, head), score); a sentence that cannot show the pattern has no say."""
    mean: Tensor = torch.stack([scores.scores[name] for _, scores in read(model)]).nanmean(dim=0)
    assert not bool(mean.isnan().any())
    values, places = mean.flatten().topk(count)
    return [
        (divmod(place, mean.shape[1]), value) for place, value in zip(places.tolist(), values.tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    ("name", "place", "low", "high"),
    [
        ("previous", (0, 2), 0.95, 1.0),
        ("next", (1, 8), 0.61, 0.71),
        ("same_token", (2, 9), 0.25, 0.45),
        ("punctuation", (3, 11), 0.2, 0.45),
    ],
)
def test_minilms_heads(name: str, place: tuple[int, int], low: float, high: float) -> None:
    ((found, score),) = strongest(bundled.MINILM, name)
    assert found == place
    assert low <= score <= high


def test_minilms_broadest_head_stands_in_the_first_layer() -> None:
    ((found, score),) = strongest(bundled.MINILM, "broad")
    assert found in {(0, 7), (0, 11)}
    assert score > 0.7


def test_minilm_has_no_induction_and_no_separator_head() -> None:
    for text, _ in read(bundled.MINILM):
        assert not {"induction", "separator"} & {finding.pattern for finding in rank(text, 100)}
    assert strongest(bundled.MINILM, "separator")[0][1] < 0.1


def test_minilms_two_sharpest_heads_are_named_and_listed_on_every_sentence() -> None:
    for text, scores in read(bundled.MINILM):
        assert (scores.labels[0][2], scores.labels[1][8]) == ("previous", "next")
        listed = {(f.layer, f.head, f.pattern) for f in rank(text, 100)}
        assert {(0, 2, "previous"), (1, 8, "next")} <= listed


@needs_e5
def test_e5s_heads() -> None:
    (first, second) = strongest(bundled.E5, "next", 2)
    assert (first[0], second[0]) == ((2, 6), (1, 7))
    assert first[1] >= 0.98
    assert second[1] >= 0.95
    ((previous, score),) = strongest(bundled.E5, "previous")
    assert previous == (0, 2)
    assert 0.6 <= score <= 0.8
