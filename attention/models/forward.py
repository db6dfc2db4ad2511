"""The forward pass itself: token ids in, plain tensors on the CPU out; and which heads take part in it."""

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.capture import QueryKeyLayer, WeightsLayer
from attention.errors import ModelError, SelectionError
from attention.models.loaded import LoadedModel
from attention.models.recording import Recording, recording, silencing

BATCH_TOKENS = 512
"""Tokens of all texts read together: enough for whole matrices, and what they leave is no more than one long text's."""

Inputs = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, eq=False, slots=True)
class RawCapture:
    """What a forward pass leaves: plain tensors on the CPU, fit to be pickled between processes.

    halfway: what the first half of the blocks, rounded down, made of each token.
    values: of the layer that was asked for; None when none was, or when this family does not tell.
    """

    layers: tuple[QueryKeyLayer | WeightsLayer, ...]
    value_norms: Float[Tensor, "layer head key_pos"]
    halfway: Float[Tensor, "position d_model"] | None
    values: Float[Tensor, "head key_pos d_head"] | None = None


def run(model: LoadedModel, inputs: Inputs, *, values_of: int | None = None) -> RawCapture:
    """One forward pass without gradients, everything moved to the CPU afterwards."""
    return run_together(model, [inputs], values_of=values_of)[0]


def run_together(
    model: LoadedModel, texts: Sequence[Inputs], *, values_of: int | None = None, with_norms: bool = True
) -> list[RawCapture]:
    """The same of several texts of equally many tokens in one forward pass: to each its own.

    with_norms: without them, value_norms are NaN.
    """
    target = Recording(model.grams, values_of=values_of, with_norms=with_norms, hidden_of=model.n_layers // 2)
    with torch.inference_mode():
        with recording(target):
            model.module(**arguments(model, *texts), output_attentions=model.family.hooked)
        norms = torch.stack([norms.cpu() for norms in target.norms], dim=1)
        halfway = _each(target.hidden, len(texts))
        values = _each(target.values, len(texts))
        return [
            RawCapture(
                layers=tuple(_to_cpu(layer[at]) for layer in target.layers),
                value_norms=norms[at] if len(texts) == 1 else norms[at].clone(),
                halfway=halfway[at],
                values=values[at],
            )
            for at in range(len(texts))
        ]


def batches(texts: Sequence[Inputs]) -> Iterator[list[int]]:
    """Which texts are read together, shortest first: as many tokens each, under the same names, at most BATCH_TOKENS in all.

    Nothing is padded, so a batch of any family's texts gives what each of them alone gives.
    """

    def kind(at: int) -> tuple[int, tuple[str, ...]]:
        return len(texts[at]["input_ids"]), tuple(sorted(texts[at]))

    for (tokens, _), alike in groupby(sorted(range(len(texts)), key=kind), kind):
        rest, size = list(alike), max(1, BATCH_TOKENS // max(1, tokens))
        yield from (rest[begin : begin + size] for begin in range(0, len(rest), size))


def arguments(model: LoadedModel, *texts: Inputs) -> dict[str, Any]:
    """What the module is called with: a batch of texts of equally many tokens, and nothing it would misunderstand.

    Token types are left out where the model has only one: GPT-2 would add a word vector for each.
    """
    device = next(model.module.parameters()).device
    types = getattr(model.config, "type_vocab_size", None) or 0
    names = [name for name in texts[0] if name != "token_type_ids" or types > 1]
    batch: dict[str, Any] = {name: torch.tensor([text[name] for text in texts], device=device) for name in names}
    return batch | ({"use_cache": False} if model.causal else {})


@contextlib.contextmanager
def switched_off(model: LoadedModel, heads: Collection[tuple[int, int]]) -> Iterator[None]:
    """While this is open, these heads (layer, head) of the model put out zeros before W_O, in this thread alone.

    Raises: SelectionError for a head it does not have; ModelError where its attention is not computed by our function, or
    where layers share one module.
    """
    modules = list(model.grams)  # in the order of the layers
    if model.family.hooked or len(modules) != model.n_layers:
        raise ModelError("not_checkable", got=model.id, reason="its heads cannot be switched off one by one")
    off = torch.zeros(model.n_layers, model.n_heads, dtype=torch.bool)
    for layer, head in heads:
        if not 0 <= layer < model.n_layers:
            raise SelectionError("bad_layer", got=layer, model=model.id, last=model.n_layers - 1)
        if not 0 <= head < model.n_heads:
            raise SelectionError("bad_head", got=head, model=model.id, last=model.n_heads - 1)
        off[layer, head] = True
    touched = sorted({layer for layer, _ in heads})
    device = next(model.module.parameters()).device
    with silencing({modules[layer]: off[layer].to(device) for layer in touched}):
        yield


def _each(together: Float[Tensor, "text *shape"] | None, n_texts: int) -> list[Float[Tensor, "*shape"] | None]:
    """Each text's own part on the CPU, which keeps no other text's alive; None for each where there is nothing."""
    if together is None:
        return [None] * n_texts
    return [part if n_texts == 1 else part.clone() for part in together.float().cpu()]


def _to_cpu(layer: QueryKeyLayer | WeightsLayer) -> QueryKeyLayer | WeightsLayer:
    if isinstance(layer, WeightsLayer):
        return WeightsLayer(layer.kept.cpu(), layer.mask)
    return QueryKeyLayer(layer.query.cpu(), layer.key.cpu(), layer.mask, layer.bias, layer.scale)
