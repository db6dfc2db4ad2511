"""What the pictures show is what the mathematics says."""

import json
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from attention.core import measures
from attention.core.capture import Capture
from attention.core.patterns import cells_of
from attention.core.words import to_words, words_of
from attention.errors import SelectionError
from attention.share import pictures
from attention.share.selection import LEVELS, MEASURES, Selection
from attention.views.coding import decode, decode_mask
from tests.share.made import WORDS, N, made, weights_of

SPECIAL = torch.tensor([True] + [False] * len(WORDS) + [True])


def numbers(capture: Capture, selection: Selection) -> Tensor:
    return decode(pictures.head_picture(capture, selection)["weights"])


def test_the_raw_measure_is_the_weights() -> None:
    capture = made()
    assert torch.equal(pictures.measured(capture, Selection(1, 2)), capture.weights(1, 2))
    assert torch.allclose(pictures.measured(capture, Selection(1, None)), capture.weights(1).mean(0))


@pytest.mark.parametrize("head", [1, None])
def test_without_specials_nothing_goes_to_them(head: int | None) -> None:
    capture = made()
    shown = pictures.measured(capture, Selection(1, head, measure="content"))
    assert torch.all(shown[:, SPECIAL] == 0)
    assert torch.allclose(shown.sum(-1), torch.ones(N))
    weights = capture.weights(1)
    expected = measures.without_specials(weights, SPECIAL)
    assert torch.allclose(shown, expected.mean(0) if head is None else expected[head])


@pytest.mark.parametrize("head", [1, None])
def test_value_weighting_is_each_head_s_own(head: int | None) -> None:
    capture = made()
    written = capture.weights(1) * capture.value_norms[1].unsqueeze(1)
    expected = written / written.sum(-1, keepdim=True)
    shown = pictures.measured(capture, Selection(1, head, measure="value"))
    assert torch.allclose(shown, expected.mean(0) if head is None else expected[head], atol=1e-6)


def test_rollout_goes_back_to_the_first_layer() -> None:
    capture = made()
    half = [0.5 * (capture.weights(layer).mean(0) + torch.eye(N)) for layer in range(2)]
    assert torch.allclose(pictures.measured(capture, Selection(1, 0, measure="rollout")), half[1] @ half[0], atol=1e-6)
    assert torch.allclose(pictures.measured(capture, Selection(0, 2, measure="rollout")), half[0], atol=1e-6)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("causal", [False, True])
def test_rows_sum_to_one_or_are_said_to_be_empty(level: str, measure: str, causal: bool) -> None:
    capture = made(causal=causal)
    for head in (0, None):
        picture = pictures.head_picture(capture, Selection(1, head, level=level, measure=measure))
        sums = decode(picture["weights"]).sum(-1)
        full = torch.ones(len(sums)).index_fill(0, torch.tensor(picture["empty_rows"], dtype=torch.long), 0.0)
        assert torch.allclose(sums, full, atol=2e-3)
        json.dumps(picture, allow_nan=False)


def test_a_row_that_rests_on_specials_is_empty_and_says_why() -> None:
    weights = weights_of(1, N, 0)
    weights[0, 3] = torch.eye(N)[0]
    picture = pictures.head_picture(made(weights), Selection(0, 0, measure="content"))
    assert picture["empty_rows"] == [3]
    assert "special tokens" in picture["empty_note"]


def test_a_model_without_value_lengths_says_so() -> None:
    capture = made(norms=torch.full((2, 3, N), torch.nan))
    for head in (0, None):
        picture = pictures.head_picture(capture, Selection(0, head, measure="value"))
        assert picture["empty_rows"] == list(range(N))
        assert "not available" in picture["empty_note"]


def test_between_words_is_sum_over_keys_and_mean_over_queries() -> None:
    capture = made()
    words = words_of(capture.tokens, capture.text.text)
    assert "unbelievably" in [word.text for word in words]
    selection = Selection(0, 1, level="word")
    assert torch.allclose(numbers(capture, selection), to_words(capture.weights(0, 1), words), atol=1e-4)
    picture = pictures.head_picture(capture, selection)
    assert picture["queries"]["texts"] == [word.text for word in words]
    assert picture["queries"]["special"] == [0, len(words) - 1]


def test_what_a_causal_model_may_not_look_at_is_blocked_but_not_in_rollout() -> None:
    capture = made(causal=True)
    picture = pictures.head_picture(capture, Selection(1, 0))
    assert torch.equal(decode_mask(picture["allowed"], N, N), torch.ones(N, N).tril().bool())
    words = pictures.head_picture(capture, Selection(1, 0, level="word"))
    n = len(words["queries"]["texts"])
    assert torch.equal(decode_mask(words["allowed"], n, n), torch.ones(n, n).tril().bool())
    assert pictures.head_picture(capture, Selection(1, 0, measure="rollout"))["allowed"] is None
    assert pictures.head_picture(made(), Selection(1, 0))["allowed"] is None


def test_a_view_that_does_not_exist_is_refused() -> None:
    for selection in (Selection(2, 0), Selection(0, 3), Selection(level="letter"), Selection(measure="gradient")):
        with pytest.raises(SelectionError):
            pictures.head_picture(made(), selection)


def reading(text: str, *, pair: str | None = None) -> Capture:
    """Made up, of the same tokens as every other, but called another text."""
    return replace(made(), text=replace(made().text, text=text, pair=pair))


def test_a_text_read_from_right_to_left_is_mirrored() -> None:
    for text, pair, mirrored in (
        ("قط abc", None, True),
        ("abc قط", None, False),
        ("קט", "abc", True),
        ("a", "קט", False),
    ):
        assert pictures.head_picture(reading(text, pair=pair), Selection())["mirrored"] is mirrored


def test_what_would_turn_a_caption_around_is_named() -> None:
    caption = pictures.caption(reading("a\u2069\u202eb"), Selection())
    assert caption.endswith("“\u2068a⟨U+2069⟩⟨U+202E⟩b\u2069”")


def test_words_are_shown_as_tokens_are() -> None:
    tokens = list(made().tokens)
    tokens[1] = replace(tokens[1], text="a", start=0, end=1, word=0)
    tokens[2] = replace(tokens[2], text="b", start=2, end=3, word=0)
    text = replace(made().text, text="a\u202eb" + made().text.text[3:], tokens=tuple(tokens))
    capture = replace(made(), text=text)
    assert pictures.head_picture(capture, Selection(level="word"))["queries"]["texts"][1] == "a⟨U+202E⟩b"


def test_the_kept_row_is_shown() -> None:
    assert pictures.head_picture(made(), Selection(query=4))["query"] == 4
    assert pictures.head_picture(made(), Selection(query=None))["query"] is None


@pytest.mark.parametrize("query", [1.5, "x", True, -1, 10, float("nan")])
def test_only_a_row_that_is_there_passes(query: object) -> None:
    selection = Selection()
    object.__setattr__(selection, "query", query)  # as untyped callers may, past the checks of a test run
    with pytest.raises(SelectionError, match="this text has rows 0 to 9"):
        pictures.checked(made(), selection)
    for row in (None, 0, 9):
        assert pictures.checked(made(), Selection(query=row)).query == row


def test_captions_say_model_head_measure_level_and_text() -> None:
    capture = made(note="4-bit")
    plain = pictures.caption(capture, Selection(1, 2)).replace("\u2068", "").replace("\u2069", "")
    assert plain == "someone/made (4-bit) · L1H2 · weights between tokens · “The cats sat unbelievably still .”"
    assert " · L1 mean · no specials between words · " in pictures.caption(
        capture, Selection(1, None, None, "word", "content")
    )
    assert " · Rollout to L1 · rollout between tokens · " in pictures.caption(
        capture, Selection(1, 2, measure="rollout")
    )


def test_long_texts_are_cut_in_captions_and_pairs_are_both_there() -> None:
    capture = made()
    pair = replace(capture, text=replace(capture.text, pair="A second text"))
    assert "still .\u2069” / “\u2068A second text\u2069”" in pictures.caption(pair, Selection())
    long = replace(capture, text=replace(capture.text, text="word " * 100))
    caption = pictures.caption(long, Selection())
    assert "…" in caption
    assert len(caption) < 180


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_is_explained(measure: str) -> None:
    sentence = pictures.explained(made(), Selection(measure=measure))
    assert sentence.endswith(".")
    assert len(pictures.explained(made(), Selection(measure=measure, level="word"))) > len(sentence)


def test_pieces_that_stand_for_words_are_said() -> None:
    capture = made()
    chinese = replace(capture, text=replace(capture.text, pieces_as_words=True))
    assert "piece by piece" in pictures.explained(chinese, Selection(level="word"))
    assert "piece by piece" not in pictures.explained(chinese, Selection())


def test_pieces_that_hold_several_words_are_said() -> None:
    joined = replace(made(), text=replace(made().text, words_joined=True))
    assert "joins them" in pictures.explained(joined, Selection(level="word"))
    assert "joins them" not in pictures.explained(joined, Selection())
    assert "joins them" not in pictures.explained(made(), Selection(level="word"))


@pytest.mark.parametrize("head", [1, None])
def test_the_outlined_cells_are_the_pattern_s(head: int | None) -> None:
    capture = made()
    for name in ("next", "punctuation", "local"):
        drawn = pictures.head_picture(capture, Selection(1, head, pattern=name))
        expected = cells_of(capture, name, 1, head)
        assert (drawn["outline"] is None) == (not bool(expected.any()))
        if drawn["outline"] is not None:
            assert torch.equal(decode_mask(drawn["outline"], N, N), expected)
    assert pictures.head_picture(capture, Selection(1, head, pattern="next"))["outline"] is not None
    assert pictures.head_picture(capture, Selection(1, head, level="word", pattern="next"))["outline"] is None
    assert pictures.head_picture(capture, Selection(1, head))["outline"] is None


def test_an_outline_is_explained_where_it_is_drawn() -> None:
    capture = made()
    said = pictures.explained(capture, Selection(pattern="next"))
    assert said.endswith("Outlined: where “next token” would look.")
    assert "Outlined" not in pictures.explained(capture, Selection(pattern="next", level="word"))
