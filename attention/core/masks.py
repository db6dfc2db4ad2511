"""Masks: bool, True = may attend, rows are queries and columns are keys."""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from attention.errors import SelectionError

KINDS = ("none", "padding", "causal", "causal and padding", "sliding window", "causal sliding window")


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


def of_kind(kind: str, n: int, length: int, width: int) -> Bool[Tensor, "{n} {n}"]:
    """One of KINDS for n positions, of which the first `length` are no padding; width: as in sliding_window.

    Raises: SelectionError for any other kind.
    """
    padded = padding(torch.tensor([length]), n)[0, 0].expand(n, n)
    match kind:
        case "none":
            return torch.ones(n, n, dtype=torch.bool)
        case "padding":
            return padded
        case "causal":
            return causal(n)
        case "causal and padding":
            return causal(n) & padded
        case "sliding window":
            return sliding_window(n, width)
        case "causal sliding window":
            return causal(n) & sliding_window(n, width)
    raise SelectionError("bad_choice", name="The mask", choices=", ".join(KINDS), got=kind)


def silence_padding(mask: Bool[Tensor, "n n"], length: int) -> Bool[Tensor, "n n"]:
    """The mask with nothing left to attend to in the rows of padding, those from `length` on."""
    return mask & (torch.arange(len(mask)) < length)[:, None]


def torch_answers(
    masked: Float[Tensor, "query_pos key_pos"],
) -> tuple[Float[Tensor, "query_pos key_pos"], Float[Tensor, "query_pos key_pos"]]:
    """The weights of these scores by torch's softmax and by its scaled_dot_product_attention.

    They agree but in a row with no allowed key: NaN from the first (as in nn.MultiheadAttention), zeros from the second.
    """
    identity = torch.eye(masked.shape[-1], dtype=masked.dtype)
    nothing = torch.zeros_like(masked)  # no query matches any key: only what is added to the scores counts
    fused = functional.scaled_dot_product_attention(nothing, identity, identity, attn_mask=masked)
    return torch.softmax(masked, dim=-1), fused


def change_of_output(
    read: Callable[[Tensor], Tensor],
    vectors: Float[Tensor, "position d_model"],
    changed: int,
    replacement: Float[Tensor, " d_model"],
) -> Float[Tensor, " position"]:
    """How much each position's output moves (largest dimension) when the vector at `changed` is replaced.

    Exactly 0 before `changed` if `read` is causal: nobody peeked.
    """
    edited = vectors.clone()
    edited[changed] = replacement
    return (read(edited) - read(vectors)).abs().amax(dim=-1)


def from_additive(
    additive: Float[Tensor, "*batch query_pos key_pos"],
) -> tuple[Bool[Tensor, "*batch query_pos key_pos"], Float[Tensor, "*batch query_pos key_pos"] | None]:
    """The mask and the bias inside an additive mask: blocked where it is minus infinity or close to its dtype's minimum.

    The bias is None when every allowed entry is zero.
    """
    mask = additive > torch.finfo(additive.dtype).min / 2
    bias = additive.masked_fill(~mask, 0.0)
    return mask, bias if bool(bias.any()) else None
