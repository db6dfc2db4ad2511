"""Every mask drawn by hand: 1 may attend, 0 may not; rows are queries."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from attention.core import attention, masks
from attention.core.attention import attend
from attention.core.scoring import draw
from attention.errors import SelectionError


def drawn(mask: Tensor) -> list[str]:
    return ["".join(str(int(cell)) for cell in row) for row in mask]


def test_causal_sees_itself_and_the_past() -> None:
    assert drawn(masks.causal(3)) == ["100", "110", "111"]


@pytest.mark.parametrize(
    ("width", "expected"),
    [(1, ["100", "010", "001"]), (2, ["110", "111", "011"]), (3, ["111", "111", "111"])],
)
def test_window_sees_distances_below_its_width(width: int, expected: list[str]) -> None:
    assert drawn(masks.sliding_window(3, width)) == expected


def test_padding_blocks_keys_of_each_text_and_fits_batch_head_query_key() -> None:
    mask = masks.padding(torch.tensor([1, 3]), 3)
    assert mask.shape == (2, 1, 1, 3)
    assert drawn(mask[:, 0, 0]) == ["100", "111"]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("blocked", [1.0, 0.9, torch.inf])
def test_additive_masks_block_at_minus_infinity_and_near_the_smallest_number(
    dtype: torch.dtype, blocked: float
) -> None:
    additive = torch.zeros(2, 2, dtype=dtype)
    additive[0, 1] = torch.finfo(dtype).min * blocked
    mask, bias = masks.from_additive(additive)
    assert drawn(mask) == ["10", "11"]
    assert bias is None


def test_what_is_not_blocked_is_a_bias() -> None:
    additive = torch.tensor([[0.0, -torch.inf], [-3.5, 0.0]])
    mask, bias = masks.from_additive(additive)
    assert drawn(mask) == ["10", "11"]
    assert bias is not None
    assert bias.tolist() == [[0.0, 0.0], [-3.5, 0.0]]


DRAWN = {
    "none": ["1111", "1111", "1111", "1111"],
    "padding": ["1110", "1110", "1110", "1110"],
    "causal": ["1000", "1100", "1110", "1111"],
    "causal and padding": ["1000", "1100", "1110", "1110"],
    "sliding window": ["1100", "1110", "0111", "0011"],
    "causal sliding window": ["1000", "1100", "0110", "0011"],
}


@pytest.mark.parametrize("kind", masks.KINDS)
def test_each_kind_of_the_lab_is_drawn(kind: str) -> None:
    assert drawn(masks.of_kind(kind, 4, length=3, width=2)) == DRAWN[kind]


@pytest.mark.parametrize("kind", masks.KINDS)
@given(st.integers(1, 7), st.integers(0, 7), st.integers(0, 7), st.booleans(), st.integers(0, 1000))
@settings(deadline=None)
def test_under_each_kind_rows_sum_to_one_or_have_no_key(
    kind: str, n: int, length: int, width: int, silent: bool, seed: int
) -> None:
    mask = masks.of_kind(kind, n, length, width)
    if silent:
        mask = masks.silence_padding(mask, length)
    vectors = draw(seed, 1, n, 4)
    seen = attend(vectors, vectors, vectors, mask=mask)
    assert torch.equal(seen.empty[0], ~mask.any(dim=-1))
    torch.testing.assert_close(seen.weights.sum(dim=-1)[0], mask.any(dim=-1).float(), atol=1e-6, rtol=0)
    assert bool((seen.weights[0][~mask] == 0).all())
    assert bool((seen.output[0][~mask.any(dim=-1)] == 0).all())
    assert bool(seen.output.isfinite().all())


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(SelectionError, match=r"The mask must be one of none, .*, not magic"):
        masks.of_kind("magic", 3, 3, 1)


def test_silencing_padding_empties_its_rows_and_no_other() -> None:
    assert drawn(masks.silence_padding(masks.of_kind("padding", 4, 2, 1), 2)) == ["1100", "1100", "0000", "0000"]


def test_torch_has_two_answers_to_a_row_with_no_key_and_ours_is_the_second() -> None:
    masked = attention.masked(draw(0, 4, 4), masks.silence_padding(masks.causal(4), 3))
    by_softmax, fused = masks.torch_answers(masked)
    assert bool(by_softmax[3].isnan().all())
    assert fused[3].tolist() == [0.0, 0.0, 0.0, 0.0]
    torch.testing.assert_close(by_softmax[:3], attention.weights(masked)[:3], atol=1e-6, rtol=0)
    torch.testing.assert_close(fused, attention.weights(masked), atol=1e-6, rtol=0)


@given(st.integers(2, 8), st.data(), st.integers(0, 1000))
@settings(deadline=None)
def test_nobody_peeks_under_a_causal_mask_and_everybody_does_without(n: int, data: st.DataObject, seed: int) -> None:
    changed = data.draw(st.integers(1, n - 1))
    vectors, other = draw(seed, n, 5), draw(seed, 5, role="other")

    def read(mask: Tensor) -> Tensor:
        return masks.change_of_output(
            lambda x: attend(x[None], x[None], x[None], mask=mask).output[0], vectors, changed, other
        )

    assert torch.equal(read(masks.causal(n))[:changed], torch.zeros(changed))
    assert bool((read(masks.of_kind("none", n, n, 1)) > 0).all())
