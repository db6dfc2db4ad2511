"""A Capture: everything one forward pass tells about attention, small enough to keep, exact enough to recompute from."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core import attention
from attention.core.heads import expand_groups
from attention.core.tokens import Text, Token
from attention.errors import SelectionError


@dataclass(frozen=True, eq=False, slots=True)
class QueryKeyLayer:
    """One layer as its queries and keys (after rotation, before scaling): its weights are recomputed when asked for."""

    query: Float[Tensor, "head query_pos d_head"]
    key: Float[Tensor, "kv_head key_pos d_head"]
    mask: Bool[Tensor, "query_pos key_pos"] | None
    bias: Float[Tensor, "#head query_pos key_pos"] | None
    scale: float

    @property
    def n_heads(self) -> int:
        return self.query.shape[0]

    def weights(self, heads: slice, rows: slice = slice(None)) -> Float[Tensor, "head row key_pos"]:
        """Weights in float32 of a run of heads and query rows, through the one formula in core.attention."""
        key = expand_groups(self.key, self.n_heads)[heads]
        bias = self.bias if self.bias is None or self.bias.shape[0] == 1 else self.bias[heads]
        raw = attention.scores(self.query[heads, rows].float(), key.float(), self.scale)
        mask = None if self.mask is None else self.mask[rows]
        return attention.weights(attention.masked(raw, mask, bias if bias is None else bias[:, rows]))

    @property
    def arrays(self) -> tuple[Tensor, ...]:
        """Everything it holds; layers of one model share masks."""
        return tuple(part for part in (self.query, self.key, self.mask, self.bias) if part is not None)


@dataclass(frozen=True, eq=False, slots=True)
class WeightsLayer:
    """One layer as its finished weights, for models whose scores are more than q.k (DeBERTa, MPNet)."""

    kept: Float[Tensor, "head query_pos key_pos"]
    mask: Bool[Tensor, "query_pos key_pos"] | None = None

    @property
    def n_heads(self) -> int:
        return self.kept.shape[0]

    def weights(self, heads: slice, rows: slice = slice(None)) -> Float[Tensor, "head row key_pos"]:
        """Weights in float32 of a run of heads and query rows, as the model computed them."""
        return self.kept[heads, rows].float()

    @property
    def arrays(self) -> tuple[Tensor, ...]:
        """Everything it holds; layers of one model share masks."""
        return (self.kept,) if self.mask is None else (self.kept, self.mask)


@dataclass(frozen=True, eq=False, slots=True)
class Capture:
    """One text read by one model.

    model, revision: what read it; note: what a reader must know of the weights ("4-bit"), or empty.
    value_norms: norm of each key's value after the head's share of the output projection.
    causal: no row may attend to what comes after it.
    halfway: the hidden states after half of the layers, rounded down; None where no model made them.
    """

    model: str
    revision: str
    note: str
    text: Text
    layers: tuple[QueryKeyLayer | WeightsLayer, ...]
    value_norms: Float[Tensor, "layer head key_pos"]
    causal: bool
    halfway: Float[Tensor, "position d_model"] | None = None

    @property
    def tokens(self) -> tuple[Token, ...]:
        return self.text.tokens

    @property
    def n_layers(self) -> int:
        return len(self.layers)

    @property
    def n_heads(self) -> int:
        return self.layers[0].n_heads

    @property
    def nbytes(self) -> int:
        """Bytes held by its arrays, a shared one once; the cache counts with it."""
        arrays = {id(array): array for layer in self.layers for array in layer.arrays}
        beside = self.value_norms.nbytes + (0 if self.halfway is None else self.halfway.nbytes)
        return beside + sum(array.nbytes for array in arrays.values())

    def weights(
        self, layer: int, head: int | None = None
    ) -> Float[Tensor, "query_pos key_pos"] | Float[Tensor, "head query_pos key_pos"]:
        """Attention weights in float32: of one head [query_pos, key_pos], or of a whole layer [head, query_pos, key_pos].

        No forward pass runs. Rows sum to 1 (to 0 where no key is allowed); blocked cells are exactly 0.
        Raises: SelectionError for a layer or head the model does not have.
        """
        self.check(layer, head)
        if head is None:
            return self.layers[layer].weights(slice(None))
        return self.layers[layer].weights(slice(head, head + 1))[0]

    def allowed(self, layer: int) -> Bool[Tensor, "query_pos key_pos"]:
        """Which keys each row of this layer may attend to."""
        mask = self.layers[layer].mask
        n = len(self.tokens)
        return torch.ones(n, n, dtype=torch.bool) if mask is None else mask

    def check(self, layer: object, head: object = None) -> None:
        """Refuses, whatever a browser or a caller may send, all but a layer and a head of this model.

        Raises: SelectionError saying which exist. True is not 1 here, and -1 is not the last.
        """
        if type(layer) is not int or not 0 <= layer < self.n_layers:
            raise SelectionError("bad_layer", got=str(layer)[:40], model=self.model, last=self.n_layers - 1)
        if head is not None and (type(head) is not int or not 0 <= head < self.n_heads):
            raise SelectionError("bad_head", got=str(head)[:40], model=self.model, last=self.n_heads - 1)
