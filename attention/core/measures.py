"""What can be read off attention weights besides the weights: each has one definition, here."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def entropy(weights: Float[Tensor, "*batch key_pos"]) -> Float[Tensor, "*batch"]:
    """Shannon entropy of each row in nats, 0 (one key) to ln(number of keys) (uniform)."""
    return torch.special.entr(weights).sum(dim=-1)


def effective_tokens(weights: Float[Tensor, "*batch key_pos"]) -> Float[Tensor, "*batch"]:
    """exp(entropy): how many equally weighted keys would be as spread out, 1 to number of keys."""
    return entropy(weights).exp()


def renormalize(weights: Float[Tensor, "*batch key_pos"]) -> Float[Tensor, "*batch key_pos"]:
    """Rows divided by their sum; a row of zeros stays zero."""
    total = weights.sum(dim=-1, keepdim=True)
    return weights / total.where(total > 0, 1.0)


def without_specials(
    weights: Float[Tensor, "*batch query_pos key_pos"], special: Bool[Tensor, " key_pos"]
) -> Float[Tensor, "*batch query_pos key_pos"]:
    """The weights with special keys set to zero and the rest of each row scaled back to 1.

    A row that gave everything to specials becomes zero.
    """
    return renormalize(weights.masked_fill(special, 0.0))


def value_weighted(
    weights: Float[Tensor, "*batch query_pos key_pos"], value_norms: Float[Tensor, "*batch key_pos"]
) -> Float[Tensor, "*batch query_pos key_pos"]:
    """Each key's share of what the head writes: weight times the norm of its transformed value, rows scaled to 1.

    Norms add up only along one direction, so this is an upper reading of each share.
    Source: Kobayashi et al. 2020, "Attention is Not Only a Weight", section 3.
    """
    return renormalize(weights * value_norms[..., None, :])


def rollout(layers: Sequence[Float[Tensor, "query_pos key_pos"]]) -> Float[Tensor, "query_pos key_pos"]:
    """How much of each input position reaches each position after these layers, if mixing were all that happened.

    layers: head-averaged weights from the first layer up. The residual path counts for one half in each layer.
    Source: Abnar and Zuidema 2020, "Quantifying Attention Flow in Transformers", equation 1.
    """
    mixed = torch.eye(layers[0].shape[0], dtype=layers[0].dtype)
    for weights in layers:
        mixed = renormalize(weights + torch.eye(weights.shape[0], dtype=weights.dtype)) @ mixed
    return mixed


def js_distance(
    first: Float[Tensor, "*batch query_pos key_pos"], second: Float[Tensor, "*batch query_pos key_pos"]
) -> Float[Tensor, "*batch"]:
    """Jensen-Shannon distance of two heads' rows, 0 (equal) to 1 (no key in common), mean over rows; computed in float64.

    The square root of the divergence in bits, which makes it a metric.
    Source: Lin 1991, "Divergence Measures Based on the Shannon Entropy", equation 4.1; Endres and Schindelin 2003 for the root.
    """
    first, second = first.double(), second.double()
    nats = entropy((first + second) / 2) - (entropy(first) + entropy(second)) / 2
    return (nats.clamp(min=0) / math.log(2)).sqrt().mean(dim=-1)


def head_distances(weights: Float[Tensor, "head query_pos key_pos"]) -> Float[Tensor, "head head"]:
    """Jensen-Shannon distance of each two heads; zero on the diagonal."""
    return torch.stack([js_distance(weights, head.expand_as(weights)) for head in weights])


def averaging_loss(weights: Float[Tensor, "head query_pos key_pos"]) -> Float[Tensor, " query_pos"]:
    """What the average over heads no longer says, in nats: its entropy less the heads' mean entropy.

    0 (all heads agree) to ln(number of heads) (no key in common): the Jensen-Shannon divergence of all heads.
    """
    return entropy(weights.mean(dim=0)) - entropy(weights).mean(dim=0)
