"""From scores to weights: softmax with a temperature, its sparse alternatives, and how concentrated the weights are.

Everywhere a score of minus infinity is a blocked key: its weight is 0, and a row with no other key is all zero.
"""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention.core import attention
from attention.core.measures import renormalize
from attention.errors import SelectionError


def softmax(
    scores: Float[Tensor, "*batch query_pos key_pos"], temperature: float = 1.0
) -> Float[Tensor, "*batch query_pos key_pos"]:
    """Softmax of scores / temperature; rows sum to 1.

    temperature: 0 to infinity, both exact: at 0 the largest scores share everything equally, at infinity all allowed keys do.
    Raises: SelectionError for a negative temperature or NaN.
    """
    if not temperature >= 0:
        raise SelectionError(
            "bad_choice", name="The temperature", choices="the numbers from 0 to infinity", got=temperature
        )
    allowed = scores > -torch.inf
    top = scores.amax(dim=-1, keepdim=True)
    if temperature == 0:
        return renormalize((allowed & (scores == top)).to(scores.dtype))
    if temperature == math.inf:
        return renormalize(allowed.to(scores.dtype))
    # The largest score is taken off before the division, which could overflow; float64 holds any temperature above 0.
    below_top = (scores.double() - top).masked_fill(~allowed, -torch.inf)
    return attention.weights(below_top / temperature).to(scores.dtype)


def sparsemax(scores: Float[Tensor, "*batch query_pos key_pos"]) -> Float[Tensor, "*batch query_pos key_pos"]:
    """The point of the simplex nearest to the scores: rows sum to 1 and many weights are exactly 0.

    Source: Martins and Astudillo 2016, "From Softmax to Sparsemax", algorithm 1.
    """
    z = _below_top(scores)
    ordered = z.sort(dim=-1, descending=True).values
    rank = torch.arange(1, z.shape[-1] + 1)
    total = ordered.cumsum(dim=-1)
    support = (1 + rank * ordered > total).sum(dim=-1, keepdim=True)
    threshold = (total.gather(-1, support - 1) - 1) / support
    return (z - threshold).clamp(min=0).masked_fill(scores == -torch.inf, 0.0).to(scores.dtype)


def entmax15(scores: Float[Tensor, "*batch query_pos key_pos"]) -> Float[Tensor, "*batch query_pos key_pos"]:
    """Half way from softmax to sparsemax (alpha 1.5): rows sum to 1, small scores get exactly 0.

    Source: Peters et al. 2019, "Sparse Sequence-to-Sequence Models", algorithm 2.
    """
    z = _below_top(scores) / 2
    ordered = z.sort(dim=-1, descending=True).values
    rank = torch.arange(1, z.shape[-1] + 1)
    mean = ordered.cumsum(dim=-1) / rank
    squares = ordered.square().cumsum(dim=-1) - rank * mean.square()
    threshold = mean - ((1 - squares) / rank).clamp(min=0).sqrt()
    support = (threshold <= ordered).sum(dim=-1, keepdim=True)
    lifted = (z - threshold.gather(-1, support - 1)).clamp(min=0)
    return lifted.square().masked_fill(scores == -torch.inf, 0.0).to(scores.dtype)


def top_k(scores: Float[Tensor, "*batch query_pos key_pos"], k: int) -> Float[Tensor, "*batch query_pos key_pos"]:
    """Softmax over the k largest scores of each row, 0 elsewhere; scores tied with the k-th all stay.

    Raises: SelectionError when k is below 1.
    """
    if k < 1:
        raise SelectionError("bad_choice", name="k", choices="the whole numbers from 1", got=k)
    kth = scores.topk(min(k, scores.shape[-1]), dim=-1).values[..., -1:]
    return attention.weights(scores.masked_fill(scores < kth, -torch.inf))


def jacobian(weights: Float[Tensor, "*batch key_pos"]) -> Float[Tensor, "*batch key_pos key_pos"]:
    """How softmax weights p answer to their scores, diag(p) - p p^T: cell (a, b) is d p_a / d score_b.

    At a temperature other than 1, divide by it.
    """
    return torch.diag_embed(weights) - weights[..., :, None] * weights[..., None, :]


def gradient_size(weights: Float[Tensor, "*batch key_pos"]) -> Float[Tensor, "*batch"]:
    """Frobenius norm of the Jacobian, 0 (one key has everything) to 1/2 (two keys share); computed in float64.

    Its square is the sum of p_a^2 (1 - p_a)^2, and of p_a^2 p_b^2 over all pairs.
    """
    p = weights.double().sort(dim=-1).values
    smaller = p.square().cumsum(dim=-1)[..., :-1]  # no difference of near equals: tiny gradients stay exact
    pairs = (p[..., 1:].square() * smaller).sum(dim=-1)
    return ((p * (1 - p)).square().sum(dim=-1) + 2 * pairs).sqrt()


def share_below(weights: Float[Tensor, "*batch key_pos"], level: float = 0.01) -> Float[Tensor, "*batch"]:
    """The share of a row's keys whose weight is below `level`, 0 to 1; blocked keys count as 0."""
    return (weights < level).double().mean(dim=-1)


def keys_holding(weights: Float[Tensor, "*batch key_pos"], mass: float = 0.9) -> Int[Tensor, "*batch"]:
    """The smallest number of keys that hold `mass` of a row, to a millionth; 0 for a row of zeros."""
    held = weights.double().sort(dim=-1, descending=True).values.cumsum(dim=-1)
    enough = 1 + (held < mass - 1e-6).sum(dim=-1)
    return enough.clamp(max=weights.shape[-1]).where(held[..., -1] > 0, 0)


def _below_top(scores: Float[Tensor, "*batch query_pos key_pos"]) -> Float[Tensor, "*batch query_pos key_pos"]:
    """Scores minus the largest of their row in float64, no lower than -4, which is out of reach of every threshold here.

    A threshold lies at most 1 below the top, or the top alone would get more than 1. A row with no key is all -4.
    """
    top = scores.amax(dim=-1, keepdim=True)
    return (scores.double() - top).nan_to_num(nan=-4.0).clamp(min=-4.0)
