"""Weights that are none, arrays that do not fit, and texts that ask for nothing."""

import inspect

import pytest
import torch
from torch import Tensor

from attention.core import masks
from attention.core.patterns import NAMES, score_heads
from attention.errors import ShapeError
from tests.core.patterns.specimens import layout, noise, score, tokens_of, uniform

TEXT = layout(140)


def arrays(n: int) -> dict[str, list]:
    return {
        "token_ids": list(range(n)), "special": [False] * n, "punctuation": [False] * n, "word_ids": list(range(n)),
        "segment_ids": [0] * n,
    }  # fmt: skip


@pytest.mark.parametrize("row", [1, 40, 139])
@pytest.mark.parametrize(
    ("dtype", "wrong", "refused"),
    [
        (torch.float32, 5e-4, False),
        (torch.float32, 2e-3, True),
        (torch.float64, 2e-3, True),
        (torch.bfloat16, 4e-3, False),
        (torch.bfloat16, 3e-2, True),
        (torch.float16, 8e-3, False),
        (torch.float16, 1.5e-2, True),
        (torch.float32, -2e-3, True),
        (torch.float32, float("nan"), True),
        (torch.float32, float("inf"), True),
    ],
)
def test_a_row_that_does_not_sum_to_one_is_refused_by_name(
    row: int, dtype: torch.dtype, wrong: float, refused: bool
) -> None:
    heads = noise(TEXT, 20)
    heads[17] = torch.eye(140)
    heads[17, row, row] += wrong
    if not refused:
        score(TEXT, *heads.to(dtype))
        return
    with pytest.raises(ShapeError, match=f"Row {row} of head 17 sums to ") as caught:
        score(TEXT, *heads.to(dtype))
    assert caught.value.key == "bad_rows"


def test_weights_outside_the_mask_are_missing_from_the_row() -> None:
    text = layout(33, "causal")
    head = uniform(text)
    head[10] = torch.full((33,), 1 / 33)
    with pytest.raises(ShapeError, match=r"Row 10 of head 0 sums to 0\.3333"):
        score(text, head)


@pytest.mark.parametrize("name", ["token_ids", "special", "punctuation", "word_ids", "segment_ids"])
@pytest.mark.parametrize("length", [0, 7, 9])
def test_arrays_of_another_length_are_refused(name: str, length: int) -> None:
    given = arrays(8) | {name: arrays(length)[name]}
    with pytest.raises(ShapeError, match=rf"{name} has shape \({length},\); expected \(8,\)"):
        score_heads(torch.full((1, 8, 8), 1 / 8), **given, causal=False)


@pytest.mark.parametrize("shape", [(8,), (8, 8), (1, 7, 8), (1, 1, 8, 8)])
def test_weights_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="weights has shape"):
        inspect.unwrap(score_heads)(torch.full(shape, 1 / 8), **arrays(8), causal=False)


def test_a_mask_of_another_shape_is_refused() -> None:
    allowed = torch.ones(8, 7, dtype=torch.bool)
    with pytest.raises(ShapeError, match="allowed has shape"):
        inspect.unwrap(score_heads)(torch.full((1, 8, 8), 1 / 8), **arrays(8), causal=False, allowed=allowed)


def test_the_mask_is_the_triangle_or_everything_unless_given() -> None:
    triangle = torch.ones(8, 8).tril()
    found = score_heads((triangle / triangle.sum(dim=-1, keepdim=True))[None], **arrays(8), causal=True)
    assert torch.equal(found.layout.allowed, masks.causal(8))
    assert bool(score_heads(torch.full((1, 8, 8), 1 / 8), **arrays(8), causal=False).layout.allowed.all())


def heads_of(n: int, causal: bool) -> tuple[Tensor, Tensor]:
    """Uniform, noise and one distance; and their mask."""
    allowed = masks.causal(n) if causal else torch.ones(n, n, dtype=torch.bool)
    scores = torch.stack([torch.zeros(n, n), torch.randn(n, n, generator=torch.Generator().manual_seed(0))])
    sharp = torch.where(torch.eye(n, dtype=torch.bool), 20.0, 0.0)[None]
    return torch.cat([scores, sharp]).masked_fill(~allowed, -torch.inf).softmax(dim=-1), allowed


COPIES = {"same_token", "induction"}


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(
    ("tokens", "absent"),
    [
        (tokens_of([5]), set(NAMES)),
        (tokens_of([5, 6]), set(NAMES)),
        (tokens_of([0, 1], special={0, 1}), set(NAMES)),
        (tokens_of([0] + [2] * 14 + [1], special={0, 1}, stops={2}), {*COPIES, "punctuation", "same_segment"}),
        (tokens_of([0] + [5] * 30 + [1], special={0, 1}), {*COPIES, "punctuation", "same_segment"}),
        (tokens_of([0] + [100] * 20 + [1], special={0, 1}), {*COPIES, "punctuation", "same_segment"}),
        (tokens_of([0] + [5] * 510 + [1], special={0, 1}), {*COPIES, "punctuation", "same_segment"}),
    ],
    ids=["one", "two", "two specials", "only punctuation", "one repeated", "all unknown", "512 of one word"],
)
def test_what_a_text_cannot_show_has_no_number(tokens: tuple, absent: set[str], causal: bool) -> None:
    """Never a zero that was not measured."""
    heads, allowed = heads_of(len(tokens), causal)
    found = score_heads(
        heads, token_ids=[t.id for t in tokens], special=[t.special for t in tokens],
        punctuation=[t.punctuation for t in tokens], word_ids=[t.word for t in tokens],
        segment_ids=[t.segment for t in tokens], causal=causal, allowed=allowed,
    )  # fmt: skip
    for name in NAMES:
        missing = found.scores[name].isnan()
        assert bool(missing.all()) == bool(missing.any())
        assert not bool(missing.any()) or name in absent or found.rows[name] == 0
        if name in absent:
            assert bool(missing.all()) or (causal and name in {*COPIES, "punctuation"}), name
    if len(tokens) <= 2:
        assert found.labels == found.working_labels == ["none"] * 3
    else:
        assert found.labels == ["broad", found.labels[1], "self"]
        assert found.labels[1] in {"broad", "none", "unstructured"}
