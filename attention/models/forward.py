"""The forward pass itself: token ids in, plain tensors on the CPU out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.capture import QueryKeyLayer, WeightsLayer
from attention.models.loaded import LoadedModel
from attention.models.recording import Recording, recording


@dataclass(frozen=True, eq=False, slots=True)
class RawCapture:
    """What a forward pass leaves: plain tensors on the CPU, fit to be pickled between processes.

    values: of the layer that was asked for; None when none was, or when this family does not tell.
    """

    layers: tuple[QueryKeyLayer | WeightsLayer, ...]
    value_norms: Float[Tensor, "layer head key_pos"]
    values: Float[Tensor, "head key_pos d_head"] | None = None


def run(model: LoadedModel, inputs: Mapping[str, tuple[int, ...]], *, values_of: int | None = None) -> RawCapture:
    """One forward pass without gradients, everything moved to the CPU afterwards."""
    target = Recording(model.grams, values_of=values_of)
    with torch.inference_mode():
        with recording(target):
            model.module(**arguments(model, inputs), output_attentions=model.family.hooked)
        return RawCapture(
            layers=tuple(_to_cpu(layer) for layer in target.layers),
            value_norms=torch.stack([norms.cpu() for norms in target.norms]),
            values=None if target.values is None else target.values.float().cpu(),
        )


def arguments(model: LoadedModel, inputs: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """What the module is called with: a batch of one, and nothing it would misunderstand.

    Token types are left out where the model has only one: GPT-2 would add a word vector for each.
    """
    device = next(model.module.parameters()).device
    types = getattr(model.config, "type_vocab_size", None) or 0
    given = {name: ids for name, ids in inputs.items() if name != "token_type_ids" or types > 1}
    batch: dict[str, Any] = {name: torch.tensor([ids], device=device) for name, ids in given.items()}
    return batch | ({"use_cache": False} if model.causal else {})


def _to_cpu(layer: QueryKeyLayer | WeightsLayer) -> QueryKeyLayer | WeightsLayer:
    if isinstance(layer, WeightsLayer):
        return WeightsLayer(layer.kept.cpu(), layer.mask)
    return QueryKeyLayer(layer.query.cpu(), layer.key.cpu(), layer.mask, layer.bias, layer.scale)
