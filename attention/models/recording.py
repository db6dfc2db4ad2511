"""Our attention function in transformers' interface: it answers as sdpa does and, while a recording is on, keeps q and k.

Here, too, heads are switched off: their outputs become zero, in the thread that asked and while it asks.

The mask function of the same name is sdpa's own, so the model runs the very kernels it runs without us. Families whose
scores are more than q.k are listened to with forward hooks instead. Either way nothing is kept while no recording is on.
"""

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from attention.core import masks
from attention.core.capture import QueryKeyLayer, WeightsLayer
from attention.core.heads import expand_groups
from attention.models.imported import (
    AttentionInterface,
    AttentionMaskInterface,
    sdpa_attention_forward,
    sdpa_mask,
)

NAME = "headlight"

_MORE_THAN_QK = ("softcap", "s_aux", "sinks", "position_bias")


@dataclass
class Recording:
    """What one forward pass leaves behind, layer by layer in call order (a shared module is called once per layer).

    Texts that are read together have equally many tokens, so nothing is padded and one mask is every text's.
    layers, norms, values: one for each text in every layer.
    grams: for each attention module, per head W_O^T W_O, so that a value's norm after W_O needs no second product.
    values_of: the layer whose values are kept as well. with_norms: whether norms are wanted; they are NaN otherwise.
    hidden_of: the block of which is kept what goes into it.
    """

    grams: dict[nn.Module, Float[Tensor, "head d_head d_head"]]
    values_of: int | None = None
    with_norms: bool = True
    hidden_of: int | None = None
    layers: list[tuple[QueryKeyLayer | WeightsLayer, ...]] = field(default_factory=list)
    norms: list[Float[Tensor, "text head key_pos"]] = field(default_factory=list)
    values: Float[Tensor, "text head key_pos d_head"] | None = None
    projected: Float[Tensor, "text key_pos d_value"] | None = None
    hidden: Float[Tensor, "text position d_model"] | None = None
    _masks: dict[int, tuple[Tensor | None, Tensor]] = field(default_factory=dict)

    def add_query_key(
        self, module: nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, options: dict[str, Any]
    ) -> None:
        """Keep one layer; arguments as transformers hands them to an attention function.

        Raises: NotImplementedError for scores that are more than q.k and a mask.
        """
        for name in _MORE_THAN_QK:
            if options.get(name) is not None:
                raise NotImplementedError(f"its scores use {name}")
        scaling = options.get("scaling")
        scale = query.shape[-1] ** -0.5 if scaling is None else float(scaling)
        allowed = self._allowed(module, query, mask, options)
        layers = tuple(
            QueryKeyLayer(_own(of_text), _own(its_key), allowed, None, scale)
            for of_text, its_key in zip(query, key, strict=True)
        )
        self._add(module, layers, expand_groups(value, query.shape[1]))

    def add_weights(self, module: nn.Module, weights: Float[Tensor, "text head query_pos key_pos"]) -> None:
        """Keep one layer's finished weights, and the values that were projected just before."""
        values = None
        if self.projected is not None:
            values = self.projected.unflatten(-1, (weights.shape[1], -1)).transpose(1, 2)
        self._add(module, tuple(WeightsLayer(_own(one.float())) for one in weights), values)

    def _add(
        self,
        module: nn.Module,
        layers: tuple[QueryKeyLayer | WeightsLayer, ...],
        values: Float[Tensor, "text head key_pos d_head"] | None,
    ) -> None:
        if self.values_of == len(self.layers):
            self.values = values
        self.layers.append(layers)
        if values is None or not self.with_norms:
            one = layers[0]
            rows = (one.query if isinstance(one, QueryKeyLayer) else one.kept).shape[:2]
            self.norms.append(torch.full((len(layers), *rows), torch.nan))
        else:
            self.norms.append(value_norms(values, self.grams[module]))

    def _allowed(
        self, module: nn.Module, query: Tensor, mask: Tensor | None, options: dict[str, Any]
    ) -> Bool[Tensor, "query_pos key_pos"] | None:
        """What sdpa will let each row attend to; None for everything. Layers with the same mask share one copy."""
        if mask is None:
            causal = options.get("is_causal")
            if not (getattr(module, "is_causal", True) if causal is None else causal):
                return None
        elif mask.dtype != torch.bool or mask.shape[1] != 1:
            raise NotImplementedError("its mask differs between heads or adds to the scores")
        if id(mask) not in self._masks:  # the mask is kept beside its copy, so that its id cannot be reused
            kept = masks.causal(query.shape[2]) if mask is None else mask[0, 0].cpu().clone()
            self._masks[id(mask)] = (mask, kept)
        return self._masks[id(mask)][1]


Silence = Mapping[nn.Module, Bool[Tensor, " head"]]
"""For each attention module that is touched, which of its heads put out zeros."""

_CURRENT: ContextVar[Recording | None] = ContextVar("recording", default=None)
_SILENCE: ContextVar[Silence] = ContextVar("silence", default={})  # noqa: B039 - a mapping that nobody changes


@contextlib.contextmanager
def recording(target: Recording) -> Iterator[Recording]:
    """While this is open, attention in this thread is kept in `target`."""
    token = _CURRENT.set(target)
    try:
        yield target
    finally:
        _CURRENT.reset(token)


@contextlib.contextmanager
def silencing(heads: Silence) -> Iterator[None]:
    """While this is open, these heads put out zeros in this thread; one inside another takes its place."""
    token = _SILENCE.set(heads)
    try:
        yield
    finally:
        _SILENCE.reset(token)


def record_and_attend(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    """transformers' sdpa attention [batch, query_pos, head, d_head], kept while a recording is on."""
    current = _CURRENT.get()
    if current is not None:
        current.add_query_key(module, query, key, value, attention_mask, options)
    output, _ = sdpa_attention_forward(module, query, key, value, attention_mask, **options)
    off = _SILENCE.get().get(module)
    return (output if off is None else output.masked_fill(off[:, None], 0.0)), None


def listen(attention: nn.Module, value: nn.Module | None) -> None:
    """Let recordings hear a module that returns its finished weights, and the module that projects its values."""

    def on_value(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
        current = _CURRENT.get()
        if current is not None:
            current.projected = output

    def on_attention(module: nn.Module, _inputs: Any, output: tuple[Any, ...]) -> None:
        current = _CURRENT.get()
        if current is not None:
            current.add_weights(module, output[1])

    if value is not None:
        value.register_forward_hook(on_value)
    attention.register_forward_hook(on_attention)


def overhear(block: nn.Module) -> None:
    """Let recordings keep what goes into a block, where that is what they want of it."""

    def on_input(_module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        current = _CURRENT.get()
        if current is not None and current.hidden_of == len(current.layers):
            current.hidden = given[0] if given else named["hidden_states"]

    block.register_forward_pre_hook(on_input, with_kwargs=True)


def value_norms(
    values: Float[Tensor, "*text head key_pos d_head"], gram: Float[Tensor, "head d_head d_head"]
) -> Float[Tensor, "*text head key_pos"]:
    """Norm of each value after its head's share of the output projection: sqrt(v G v^T).

    Source: Kobayashi et al. 2020, section 3: the norm of f(x) = x W_V W_O.
    """
    values = values.float()
    return ((values @ gram) * values).sum(dim=-1).clamp_min(0.0).sqrt()


def _own(part: Tensor) -> Tensor:
    """The tensor, copied when it is a slice of a larger one that it would keep alive (fused projections, other texts)."""
    return part.clone() if part.untyped_storage().nbytes() > 1.5 * part.nbytes else part


AttentionInterface.register(NAME, record_and_attend)
AttentionMaskInterface.register(NAME, sdpa_mask)
