"""Multi-head attention from scratch: project, cut into heads, attend in each, put side by side, project again."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from attention.core.attention import Attention, attend, masked
from attention.core.heads import expand_groups, merge_heads, split_heads
from attention.core.scoring import draw
from attention.errors import ShapeError


@dataclass(frozen=True, eq=False, slots=True)
class Projections:
    """The four learned maps of one layer, applied as X W + b. Fewer key-value features than d_model: shared heads."""

    n_heads: int
    w_query: Float[Tensor, "d_model d_model"]
    w_key: Float[Tensor, "d_model d_shared"]
    w_value: Float[Tensor, "d_model d_shared"]
    w_output: Float[Tensor, "d_model d_model"]
    b_query: Float[Tensor, " d_model"]
    b_key: Float[Tensor, " d_shared"]
    b_value: Float[Tensor, " d_shared"]
    b_output: Float[Tensor, " d_model"]

    @property
    def d_head(self) -> int:
        return self.w_query.shape[1] // self.n_heads

    @property
    def n_kv_heads(self) -> int:
        return self.w_key.shape[1] // self.d_head

    @property
    def size(self) -> int:
        """How many numbers the four matrices hold, biases left out."""
        return sum(one.numel() for one in (self.w_query, self.w_key, self.w_value, self.w_output))


@dataclass(frozen=True, eq=False, slots=True)
class MultiHead:
    """Every intermediate of multi-head attention, in the order it is computed."""

    hidden: Float[Tensor, "*batch query_pos d_model"]
    query: Float[Tensor, "*batch head query_pos d_head"]
    key: Float[Tensor, "*batch kv_head key_pos d_head"]
    value: Float[Tensor, "*batch kv_head key_pos d_head"]
    attention: Attention
    merged: Float[Tensor, "*batch query_pos d_model"]
    output: Float[Tensor, "*batch query_pos d_model"]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape after each step, for the picture of the flow."""
        steps = {
            "hidden": self.hidden,
            "query": self.query,
            "key": self.key,
            "value": self.value,
            "weights": self.attention.weights,
            "head outputs": self.attention.output,
            "merged": self.merged,
            "output": self.output,
        }
        return {name: tuple(step.shape) for name, step in steps.items()}


def random_projections(d_model: int, n_heads: int, n_kv_heads: int | None = None, seed: int = 0) -> Projections:
    """Untrained projections of variance 1/d_model, which keeps the size of what passes; biases are zero.

    n_kv_heads: n_heads unless given; 1 is multi-query attention.
    Raises: ShapeError when n_heads does not divide d_model, or n_kv_heads n_heads.
    """
    n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
    if n_heads < 1 or d_model % n_heads:
        raise ShapeError("shape", name="d_model", got=d_model, expected=f"a multiple of {n_heads} heads")
    if n_kv_heads < 1 or n_heads % n_kv_heads:
        raise ShapeError("shape", name="key", got=f"{n_kv_heads} heads", expected=f"a divisor of {n_heads} query heads")
    d_shared = d_model // n_heads * n_kv_heads
    w_query, w_output, w_key, w_value = draw(seed, 4, d_model, d_model, role="projections") / d_model**0.5
    zero = torch.zeros(d_model)
    return Projections(
        n_heads=n_heads,
        w_query=w_query,
        w_key=w_key[:, :d_shared],
        w_value=w_value[:, :d_shared],
        w_output=w_output,
        b_query=zero,
        b_key=zero[:d_shared],
        b_value=zero[:d_shared],
        b_output=zero,
    )


def multi_head(
    hidden: Float[Tensor, "*batch query_pos d_model"],
    projections: Projections,
    mask: Bool[Tensor, "*#batch #head #query_pos #key_pos"] | Bool[Tensor, "#query_pos #key_pos"] | None = None,
    source: Float[Tensor, "*batch key_pos d_model"] | None = None,
) -> MultiHead:
    """All steps of multi-head attention. source: who supplies keys and values, `hidden` itself unless given (cross-attention).

    Source: Vaswani et al. 2017, section 3.2.2; Ainslie et al. 2023 for shared key-value heads.
    """
    source = hidden if source is None else source
    query = split_heads(hidden @ projections.w_query + projections.b_query, projections.n_heads)
    key = split_heads(source @ projections.w_key + projections.b_key, projections.n_kv_heads)
    value = split_heads(source @ projections.w_value + projections.b_value, projections.n_kv_heads)
    seen = attend(query, key, value, mask=mask)
    merged = merge_heads(seen.output)
    output = merged @ projections.w_output + projections.b_output
    return MultiHead(hidden, query, key, value, seen, merged, output)


def ungrouped(projections: Projections) -> Projections:
    """The same layer with a copy of its shared keys and values for each head: what sharing them saves."""
    n_heads, shared = projections.n_heads, projections.n_kv_heads

    def copied(features: Float[Tensor, "row d_shared"]) -> Float[Tensor, "row d_model"]:
        return merge_heads(expand_groups(split_heads(features, shared), n_heads))

    return replace(
        projections,
        w_key=copied(projections.w_key),
        w_value=copied(projections.w_value),
        b_key=copied(projections.b_key[None])[0],
        b_value=copied(projections.b_value[None])[0],
    )


def as_torch(projections: Projections) -> nn.MultiheadAttention:
    """torch's own module with these projections loaded; in float32 and evaluation mode.

    Raises: ShapeError when heads share keys, which this module cannot do.
    """
    d_model, n_heads, n_kv_heads = len(projections.b_query), projections.n_heads, projections.n_kv_heads
    if n_kv_heads != n_heads:
        raise ShapeError(
            "shape", name="key", got=f"{n_kv_heads} heads", expected=f"all {n_heads} heads for this module"
        )
    # skip_init: what the module would draw at random is replaced anyway, and drawing it would move torch's own seed.
    module = nn.utils.skip_init(nn.MultiheadAttention, d_model, n_heads, batch_first=True).eval()
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.cat([projections.w_query, projections.w_key, projections.w_value], dim=1).mT)
        module.in_proj_bias.copy_(torch.cat([projections.b_query, projections.b_key, projections.b_value]))
        module.out_proj.weight.copy_(projections.w_output.mT)
        module.out_proj.bias.copy_(projections.b_output)
    return module


def torch_layer(
    hidden: Float[Tensor, "position d_model"],
    projections: Projections,
    mask: Bool[Tensor, "position position"] | None = None,
) -> tuple[Float[Tensor, "position d_model"], Float[Tensor, "head position position"]]:
    """Output and weights of each head by nn.MultiheadAttention; shared keys are copied first, as it cannot share them."""
    blocked = None if mask is None else ~mask
    with torch.no_grad():
        output, weights = as_torch(ungrouped(projections))(
            hidden, hidden, hidden, attn_mask=blocked, average_attn_weights=False
        )
    return output, weights


def torch_head(
    query: Float[Tensor, "query_pos d_head"],
    key: Float[Tensor, "key_pos d_head"],
    value: Float[Tensor, "key_pos d_value"],
    mask: Bool[Tensor, "query_pos key_pos"] | None = None,
    bias: Float[Tensor, "query_pos key_pos"] | None = None,
    scale: float | None = None,
) -> Float[Tensor, "query_pos d_value"]:
    """One head's output by torch's scaled_dot_product_attention; with the identity matrix as value, its weights."""
    added = masked(torch.zeros(len(query), len(key), dtype=query.dtype), mask, bias)
    return functional.scaled_dot_product_attention(query, key, value, attn_mask=added, scale=scale)


@dataclass(frozen=True, slots=True)
class Difference:
    """The largest differences between ours and torch's."""

    output: float
    weights: float


def difference_from_torch(
    hidden: Float[Tensor, "position d_model"],
    projections: Projections,
    mask: Bool[Tensor, "position position"] | None = None,
) -> Difference:
    """How far multi_head lies from nn.MultiheadAttention with the same projections; every row must have an allowed key."""
    ours = multi_head(hidden, projections, mask)
    output, weights = torch_layer(hidden, projections, mask)
    return Difference(
        output=(ours.output - output).abs().max().item(), weights=(ours.attention.weights - weights).abs().max().item()
    )
