"""Scaled dot-product attention, one step per function: softmax(Q K^T / sqrt(d_head)) V is written here and nowhere else.

Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.1, equation 1.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core.heads import expand_groups


@dataclass(frozen=True, eq=False, slots=True)
class Attention:
    """Every intermediate of one attention, in the order it is computed.

    empty: rows with no allowed key; their weights and output are zero, never NaN and never uniform.
    """

    scores: Float[Tensor, "*batch head query_pos key_pos"]
    masked: Float[Tensor, "*batch head query_pos key_pos"]
    weights: Float[Tensor, "*batch head query_pos key_pos"]
    output: Float[Tensor, "*batch head query_pos d_value"]
    empty: Bool[Tensor, "*batch head query_pos"]


def scores(
    query: Float[Tensor, "*batch query_pos d_head"],
    key: Float[Tensor, "*batch key_pos d_head"],
    scale: float | None = None,
) -> Float[Tensor, "*batch query_pos key_pos"]:
    """How well each query matches each key: q.k times `scale`, 1/sqrt(d_head) unless given. Unbounded."""
    if scale is None:
        scale = query.shape[-1] ** -0.5
    return (query * scale) @ key.mT


def masked(
    scores: Float[Tensor, "*batch query_pos key_pos"],
    mask: Bool[Tensor, "*#batch #query_pos #key_pos"] | None = None,
    bias: Float[Tensor, "*#batch #query_pos #key_pos"] | None = None,
) -> Float[Tensor, "*batch query_pos key_pos"]:
    """The scores plus `bias`, with minus infinity wherever `mask` is False (True = may attend)."""
    if bias is not None:
        scores = scores + bias
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    return scores


def empty_rows(masked: Float[Tensor, "*batch query_pos key_pos"]) -> Bool[Tensor, "*batch query_pos"]:
    """Which rows have no allowed key: nothing but minus infinity."""
    return masked.amax(dim=-1) == -torch.inf


def weights(masked: Float[Tensor, "*batch query_pos key_pos"]) -> Float[Tensor, "*batch query_pos key_pos"]:
    """Softmax of each row, in float32 at least. Rows sum to 1; a row with no allowed key is all zero."""
    precise = torch.promote_types(masked.dtype, torch.float32)
    empty = empty_rows(masked)[..., None]
    if not empty.any():
        return torch.softmax(masked, dim=-1, dtype=precise).to(masked.dtype)
    # Zeros go in before the softmax as well as out after it: its gradient at a row of minus infinities is NaN.
    filled = torch.softmax(masked.masked_fill(empty, 0.0), dim=-1, dtype=precise)
    return filled.masked_fill(empty, 0.0).to(masked.dtype)


def output(
    weights: Float[Tensor, "*batch query_pos key_pos"], value: Float[Tensor, "*batch key_pos d_value"]
) -> Float[Tensor, "*batch query_pos d_value"]:
    """Each row's average of the values, weighted by its weights."""
    return weights @ value


def attend(
    query: Float[Tensor, "*batch head query_pos d_head"],
    key: Float[Tensor, "*batch kv_head key_pos d_head"],
    value: Float[Tensor, "*batch kv_head key_pos d_value"],
    mask: Bool[Tensor, "*#batch #head #query_pos #key_pos"] | Bool[Tensor, "#query_pos #key_pos"] | None = None,
    bias: Float[Tensor, "*#batch #head #query_pos #key_pos"] | Float[Tensor, "#query_pos #key_pos"] | None = None,
    scale: float | None = None,
) -> Attention:
    """All steps of attention for all heads; fewer key-value heads than query heads is grouped-query attention.

    mask and bias broadcast against [*batch, head, query_pos, key_pos].
    Raises: ShapeError when the key-value heads do not divide the query heads.

    >>> query = key = value = torch.eye(2)[None]
    >>> attend(query, key, value, mask=torch.tensor([[True, False], [True, True]])).weights[0, 0].tolist()
    [1.0, 0.0]
    """
    n_heads = query.shape[-3]
    key, value = expand_groups(key, n_heads), expand_groups(value, n_heads)
    raw = scores(query, key, scale)
    blocked = masked(raw, mask, bias)
    shares = weights(blocked)
    return Attention(
        scores=raw, masked=blocked, weights=shares, output=output(shares, value), empty=empty_rows(blocked)
    )
