"""core.attention is torch's: scaled_dot_product_attention under every mask, and nn.MultiheadAttention with the same weights."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention as sdpa

from attention.core import attention, masks
from attention.core.attention import attend
from attention.core.heads import merge_heads, split_heads
from tests.core.test_attention import BATCH, HEADS, N, qkv, random

MASKS = {
    "none": None,
    "one for all": masks.causal(N),
    "window": masks.sliding_window(N, 2),
    "causal window": masks.sliding_window(N, 3) & masks.causal(N),
    "per text": (random(BATCH, 1, N, N, seed=4) > 0) | torch.eye(N, dtype=torch.bool),
    "per head": (random(HEADS, N, N, seed=5) > 0) | torch.eye(N, dtype=torch.bool),
    "per text and head": (random(BATCH, HEADS, N, N, seed=6) > 0) | torch.eye(N, dtype=torch.bool),
    "padding": masks.padding(torch.tensor([3, N]), N),
    "causal and padding": masks.padding(torch.tensor([3, N]), N) & masks.causal(N),
    "one row for all": torch.tensor([[True, True, False, True, False, True, True]]),
}


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("kv_heads", [HEADS, 2, 1])
@pytest.mark.parametrize(("dtype", "close"), [(torch.float32, 1e-6), (torch.bfloat16, 2e-2)])
def test_output_is_torchs(kind: str, kv_heads: int, dtype: torch.dtype, close: float) -> None:
    query, key, value = qkv(kv_heads=kv_heads, dtype=dtype)
    theirs = sdpa(query, key, value, attn_mask=MASKS[kind], enable_gqa=True)
    ours = attend(query, key, value, mask=MASKS[kind]).output
    assert ours.dtype == dtype
    torch.testing.assert_close(ours, theirs, atol=close, rtol=close)


@pytest.mark.parametrize("shape", [(N, N), (1, N, N), (HEADS, N, N), (BATCH, 1, N, N), (BATCH, HEADS, N, N)])
@pytest.mark.parametrize(("dtype", "close"), [(torch.float32, 1e-6), (torch.bfloat16, 2e-2)])
def test_output_with_a_bias_is_torchs(shape: tuple[int, ...], dtype: torch.dtype, close: float) -> None:
    query, key, value = qkv(dtype=dtype)
    bias = random(*shape, seed=7, dtype=dtype)
    theirs = sdpa(query, key, value, attn_mask=bias)
    torch.testing.assert_close(attend(query, key, value, bias=bias).output, theirs, atol=close, rtol=close)


def test_bias_and_mask_together_are_torchs_additive_mask() -> None:
    query, key, value = qkv()
    bias = random(HEADS, N, N, seed=8)
    theirs = sdpa(query, key, value, attn_mask=bias.masked_fill(~masks.causal(N), -torch.inf))
    ours = attend(query, key, value, mask=masks.causal(N), bias=bias).output
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)


@pytest.mark.parametrize("scale", [0.01, 1.0, 2.5])
def test_custom_scale_is_torchs(scale: float) -> None:
    query, key, value = qkv()
    theirs = sdpa(query, key, value, scale=scale, is_causal=True)
    ours = attend(query, key, value, mask=masks.causal(N), scale=scale).output
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-6)


def test_float64_stays_float64_all_the_way() -> None:
    query, key, value = (part.double() for part in qkv())
    theirs = sdpa(query, key, value)
    torch.testing.assert_close(attend(query, key, value).output, theirs, atol=1e-14, rtol=1e-14)


def multihead(mask: Tensor | None, padded: Tensor | None) -> tuple[Tensor, Tensor, attention.Attention, Tensor]:
    """torch's output and per-head weights, ours, and our output behind the same projections."""
    torch.manual_seed(0)
    theirs = nn.MultiheadAttention(embed_dim=12, num_heads=3, batch_first=True).eval()
    hidden = random(BATCH, N, 12, seed=11)
    blocked = None if mask is None else ~mask
    output, weights = theirs(
        hidden, hidden, hidden, attn_mask=blocked, key_padding_mask=padded, average_attn_weights=False
    )
    projected = nn.functional.linear(hidden, theirs.in_proj_weight, theirs.in_proj_bias)
    query, key, value = (split_heads(part, 3) for part in projected.chunk(3, dim=-1))
    allowed = torch.ones(1, 1, N, N, dtype=torch.bool) if mask is None else mask.expand(1, 1, N, N)
    if padded is not None:
        allowed = allowed & ~padded[:, None, None, :]
    ours = attend(query, key, value, mask=allowed)
    return output, weights, ours, theirs.out_proj(merge_heads(ours.output))


@pytest.mark.parametrize("mask", [None, masks.causal(N), masks.sliding_window(N, 2)], ids=["none", "causal", "window"])
@pytest.mark.parametrize("padded", [None, torch.arange(N).expand(BATCH, N) >= torch.tensor([[4], [N]])])
def test_multihead_attention_is_torchs_module(mask: Tensor | None, padded: Tensor | None) -> None:
    output, weights, ours, ours_projected = multihead(mask, padded)
    seen = ~ours.empty
    torch.testing.assert_close(ours.weights[seen], weights[seen], atol=1e-6, rtol=0)
    whole = seen.all(dim=1)
    assert bool(whole.any())
    torch.testing.assert_close(ours_projected[whole], output[whole], atol=1e-6, rtol=0)


def test_a_row_with_no_key_is_zero_here_zero_in_one_torch_function_and_nan_in_the_other() -> None:
    mask = torch.ones(N, N, dtype=torch.bool)
    mask[2] = False
    query, key, value = qkv()
    seen = attend(query, key, value, mask=mask)
    assert torch.equal(seen.empty, (torch.arange(N) == 2).expand(BATCH, HEADS, N))
    assert bool((seen.weights[:, :, 2] == 0).all())
    assert bool((seen.output[:, :, 2] == 0).all())
    theirs = sdpa(query, key, value, attn_mask=mask)
    assert bool((theirs[:, :, 2] == 0).all())
    torch.testing.assert_close(seen.output, theirs, atol=1e-6, rtol=0)
    output, weights, ours, _ = multihead(mask, None)
    assert bool(weights[:, :, 2].isnan().all())
    assert bool(output[:, 2].isnan().all())
    assert bool((ours.weights[:, :, 2] == 0).all())
