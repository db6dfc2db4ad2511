"""How long the vectors are that travel through a loaded model, block by block: one more forward pass with open ears."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from attention.errors import SelectionError
from attention.models import loader, reader
from attention.models.forward import arguments
from attention.models.loaded import LoadedModel

_ONE = ("mlp", "mlp")
_BERT_LIKE = ("intermediate.dense", "output.dense")
_FEED_FORWARD = {
    **dict.fromkeys(
        ("bert", "roberta", "xlm-roberta", "camembert", "electra", "deberta", "deberta-v2", "mpnet"), _BERT_LIKE
    ),
    **dict.fromkeys(("modernbert", "gpt2", "llama", "mistral", "qwen2", "qwen3"), _ONE),
    "distilbert": ("ffn", "ffn"),
    "albert": ("ffn", "ffn_output"),
    "opt": ("fc1", "fc2"),
}
"""By architecture, where its feed-forward network starts and ends. GPT-NeoX is missing: its two parts run side by side."""

NAMES = (
    "hidden", "attention in", "attention", "attention sum", "feed-forward in", "feed-forward", "feed-forward sum",
    "output",
)  # fmt: skip
"""In the order in which a block computes them; as in core.block.Block.lengths."""


@dataclass(frozen=True, eq=False, slots=True)
class Streams:
    """The length (Euclidean norm) of each position's vector, per stream of NAMES and layer.

    pre_norm: the blocks norm before each part; found by adding up, not looked up. The last output is what the last block
    gives, before the final norm that pre-norm models have.
    """

    pre_norm: bool
    d_model: int
    lengths: dict[str, Float[Tensor, "layer position"]]


def streams(model: str | os.PathLike[str], text: str, *, folders: bool = True) -> Streams:
    """The streams of a model on a text: one more forward pass.

    Raises: as reader.capture; SelectionError for a family whose blocks are built otherwise.
    """
    read = reader.capture(model, text, folders=folders)
    loaded = loader.load(model, folders=folders)
    if loaded.family.model_type not in _FEED_FORWARD:
        raise SelectionError(
            "bad_choice",
            name="model",
            choices="those whose feed-forward network follows their attention",
            got=loaded.id,
        )
    found = _heard(loaded, read.text.inputs)
    hidden, attention, added = found["hidden"], found["attention"], found["feed-forward"]
    total = hidden + attention
    pre_norm = _close(total[0] + added[0], found["output"][0])
    found["attention sum"] = total
    found["feed-forward sum"] = (total if pre_norm else found["feed-forward in"]) + added
    return Streams(pre_norm, hidden.shape[-1], {name: found[name].norm(dim=-1).cpu() for name in NAMES})


def _heard(
    model: LoadedModel, inputs: dict[str, tuple[int, ...]]
) -> dict[str, Float[Tensor, "layer position d_model"]]:
    """What went in and out of each part, from its modules as they ran."""
    kept: dict[str, list[Tensor]] = {name: [] for name in NAMES if "sum" not in name}
    with torch.inference_mode(), _listening(model, kept):
        model.module(**arguments(model, inputs))
    width = kept["hidden"][0].shape[-1]
    return {name: torch.stack([part.reshape(-1, width) for part in parts]) for name, parts in kept.items()}


@contextlib.contextmanager
def _listening(model: LoadedModel, kept: dict[str, list[Tensor]]) -> Iterator[None]:
    """While this is open, passes of this thread leave their streams in `kept`, in the order of the layers."""
    handles: list[Any] = []
    me = threading.get_ident()

    def going_in(name: str) -> Callable[..., None]:
        def hook(_module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
            if threading.get_ident() == me:
                kept[name].append((given[0] if given else named["hidden_states"]).float())

        return hook

    def coming_out(name: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _given: Any, output: Any) -> None:
            if threading.get_ident() == me:
                kept[name].append((output[0] if isinstance(output, tuple) else output).float())

        return hook

    named = dict(model.module.named_modules())
    start, end = _FEED_FORWARD[model.family.model_type]
    try:
        for stem in _stems(model, named):
            for part, name in (("", "hidden"), (model.family.attention, "attention in"), (start, "feed-forward in")):
                at = named[(stem + part).rstrip(".")]
                handles.append(at.register_forward_pre_hook(going_in(name), with_kwargs=True))
            for part, name in ((model.family.projection, "attention"), (end, "feed-forward"), ("", "output")):
                handles.append(named[(stem + part).rstrip(".")].register_forward_hook(coming_out(name)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _stems(model: LoadedModel, named: dict[str, nn.Module]) -> list[str]:
    """How the names of each block's parts begin; one for all layers that share a block."""
    return [path.removesuffix(model.family.attention) for path, module in named.items() if module in model.grams]


def _close(one: Tensor, other: Tensor) -> bool:
    """Equal but for rounding."""
    return bool((one - other).norm() < 1e-3 * other.norm())
