"""Masks: bool, True = may attend, rows are queries and columns are keys."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def causal(n: int) -> Bool[Tensor, "{n} {n}"]:
    """Each position may attend to itself and to what came before."""
    return torch.ones(n, n, dtype=torch.bool).tril()


def sliding_window(n: int, width: int) -> Bool[Tensor, "{n} {n}"]:
    """Each position may attend to positions at distance below `width` on either side; add `causal` for one side."""
    position = torch.arange(n)
    return (position[:, None] - position[None, :]).abs() < width


def padding(lengths: Int[Tensor, " batch"], n: int) -> Bool[Tensor, "batch 1 1 {n}"]:
    """Keys beyond each text's length are blocked for every head and query; rows of padding still exist."""
    return (torch.arange(n) < lengths[:, None])[:, None, None, :]


def from_additive(
    additive: Float[Tensor, "*batch query_pos key_pos"],
) -> tuple[Bool[Tensor, "*batch query_pos key_pos"], Float[Tensor, "*batch query_pos key_pos"] | None]:
    """The mask and the bias inside an additive mask: blocked where it is minus infinity or close to its dtype's minimum.

    The bias is None when every allowed entry is zero.
    """
    mask = additive > torch.finfo(additive.dtype).min / 2
    bias = additive.masked_fill(~mask, 0.0)
    return mask, bias if bool(bias.any()) else None
