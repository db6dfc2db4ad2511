"""Before a model is offered: one short probe whose recomputed attention must be the model's own."""

from typing import NoReturn

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.capture import QueryKeyLayer, WeightsLayer
from attention.errors import ModelError
from attention.models.forward import arguments, run
from attention.models.loaded import LoadedModel

PROBE_TOKENS = 8
DIFFERENCE, HALF_DIFFERENCE = 1e-4, 1e-2
ROW_SUM, HALF_ROW_SUM = 1e-3, 1e-2


def check(model: LoadedModel) -> None:
    """Read eight tokens and compare every head with the model's own eager attention, run from its ids on.

    Must come before the model is shared: it switches the model to its eager function for one pass.
    Raises: ModelError("failed_self_check") when weights differ by more than 1e-4 (float32; 1e-2 in half precision), a row
    does not sum to 1, a layer is missing, or a decoder looks ahead.
    """
    probe = {"input_ids": _probe(model.config.vocab_size)}
    try:
        found = run(model, probe).layers
    except NotImplementedError as error:
        _refuse(model, str(error))
    expected = _eager(model, probe)
    if not len(found) == len(expected) == model.n_layers:
        _refuse(model, f"{len(found)} of {model.n_layers} layers were seen")
    for number, (layer, eager) in enumerate(zip(found, expected, strict=True)):
        problem = _problem(layer, eager, model.causal)
        if problem:
            _refuse(model, f"layer {number} {problem}")


def _probe(vocabulary: int) -> tuple[int, ...]:
    """Eight ids, the same each time, away from the specials that most vocabularies begin with."""
    generator = torch.Generator().manual_seed(0)
    first, end = min(10, vocabulary - 1), min(vocabulary, 5000)
    return tuple(torch.randint(first, end, (PROBE_TOKENS,), generator=generator).tolist())


def _eager(model: LoadedModel, probe: dict[str, tuple[int, ...]]) -> list[Float[Tensor, "head query_pos key_pos"]]:
    """The weights of each layer by the eager function in the model's own file, masks included; nothing of ours runs."""
    config = model.config
    ours, config._attn_implementation = config._attn_implementation, "eager"
    try:
        with torch.inference_mode():
            attentions = model.module(**arguments(model, probe), output_attentions=True).attentions
    finally:
        config._attn_implementation = ours
    return [weights[0].float().cpu() for weights in attentions]


def _problem(
    layer: QueryKeyLayer | WeightsLayer, eager: Float[Tensor, "head query_pos key_pos"], causal: bool
) -> str:  # fmt: skip
    weights = layer.weights(slice(None))
    half = isinstance(layer, QueryKeyLayer) and layer.query.dtype != torch.float32
    if weights.shape != eager.shape:
        return f"has shape {tuple(weights.shape)}"
    sums = (weights.sum(dim=-1) - 1).abs()
    if not bool((sums <= (HALF_ROW_SUM if half else ROW_SUM)).all()):
        return "has rows that do not sum to 1"
    if causal and bool(weights.triu(1).any()):
        return "looks ahead"
    difference = float((weights - eager).abs().max())
    return "" if difference <= (HALF_DIFFERENCE if half else DIFFERENCE) else f"differs by {difference:.1g}"


def _refuse(model: LoadedModel, reason: str) -> NoReturn:
    raise ModelError("failed_self_check", got=model.id, reason=reason)
