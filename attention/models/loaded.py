"""A model that is ready to read."""

from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from attention.models.families import Family


@dataclass(frozen=True, eq=False, slots=True)
class LoadedModel:
    """A model that is ready to read.

    limit: the longest text in tokens, specials included.
    grams: per attention module, W_O^T W_O of each head (see recording.value_norms).
    """

    id: str
    revision: str
    note: str
    family: Family
    module: nn.Module
    tokenizer: Any
    n_layers: int
    n_heads: int
    causal: bool
    limit: int
    grams: dict[nn.Module, Float[Tensor, "head d_head d_head"]]
    nbytes: int
