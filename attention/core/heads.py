"""Several heads: how one wide projection is cut into heads, and how heads share keys and values."""

from jaxtyping import Float
from torch import Tensor

from attention.errors import ShapeError


def split_heads(
    projected: Float[Tensor, "*batch position d_model"], n_heads: int
) -> Float[Tensor, "*batch {n_heads} position d_head"]:
    """The projection cut into heads: neighbouring features belong to one head.

    Raises: ShapeError when n_heads does not divide d_model.
    """
    d_model = projected.shape[-1]
    if n_heads < 1 or d_model % n_heads:
        raise ShapeError("shape", name="d_model", got=d_model, expected=f"a multiple of {n_heads} heads")
    return projected.unflatten(-1, (n_heads, d_model // n_heads)).transpose(-3, -2)


def merge_heads(heads: Float[Tensor, "*batch head position d_head"]) -> Float[Tensor, "*batch position d_model"]:
    """The heads side by side again: the inverse of split_heads."""
    return heads.transpose(-3, -2).flatten(-2)


def expand_groups(
    shared: Float[Tensor, "*batch kv_head position d_head"], n_heads: int
) -> Float[Tensor, "*batch {n_heads} position d_head"]:
    """Keys or values repeated so that each query head has its own: query head h reads kv head h // (n_heads / kv_heads).

    Raises: ShapeError when the kv heads do not divide the query heads.
    Source: Ainslie et al. 2023, "GQA", figure 2.
    """
    kv_heads = shared.shape[-3]
    if n_heads == kv_heads:
        return shared
    if n_heads % kv_heads:
        raise ShapeError("shape", name="key", got=f"{kv_heads} heads", expected=f"a divisor of {n_heads} query heads")
    return shared.repeat_interleave(n_heads // kv_heads, dim=-3)


def average(weights: Float[Tensor, "head query_pos key_pos"]) -> Float[Tensor, "query_pos key_pos"]:
    """The mean over heads. Its rows still sum to 1, but no head need look like it."""
    return weights.mean(dim=0)


def head_counts(width: int) -> tuple[int, ...]:
    """Every number of heads that divides `width`: d_model for query heads, the query heads for kv heads."""
    return tuple(n_heads for n_heads in range(1, width + 1) if width % n_heads == 0)
