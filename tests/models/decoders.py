"""Decoders to check, and what transformers itself says about them: nothing of ours runs in the losses made here."""

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from attention.models import catalog, loader
from attention.models.families import FAMILIES
from tests.models import tiny

OURS = catalog.folders()[catalog.INDUCTION]


def plain_losses(folder: Path, ids: Tensor, off: Iterable[tuple[int, int]] = ()) -> Tensor:
    """Per position, mean over texts, by the eager model of transformers; the heads' slices of W_O's input are zeroed by hooks."""
    module = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    n_heads = module.config.num_attention_heads
    ending = FAMILIES[module.config.model_type].projection
    outputs = [part for name, part in module.named_modules() if name.endswith(ending)]
    for layer, head in off:

        def zero(_module: object, inputs: tuple[Tensor], head: int = head) -> tuple[Tensor]:
            width = inputs[0].shape[-1] // n_heads
            given = inputs[0].clone()
            given[..., head * width : (head + 1) * width] = 0.0
            return (given,)

        outputs[layer].register_forward_pre_hook(zero)
    with torch.no_grad():
        logits = module(input_ids=ids, use_cache=False).logits[:, :-1]
    return cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none").view(len(ids), -1).mean(dim=0)


def save_speaking(model_type: str, place: Path) -> Path:
    """A tiny decoder with its language-model head, in an ordinary folder; made when first asked for."""
    if not place.exists():
        backbone = tiny.build_module(model_type)
        whole = AutoModelForCausalLM.from_config(backbone.config).eval()
        setattr(whole, whole.base_model_prefix, backbone)
        whole.tie_weights()
        whole.save_pretrained(place)
        tiny.build_tokenizer(model_type).save_pretrained(place)
    return place


def save_widened(place: Path) -> Path:
    """induction-2l with four more heads in each layer, whose weights are noise and whose outputs are faint."""
    narrow = LlamaForCausalLM.from_pretrained(OURS, dtype=torch.float32)
    wide = LlamaForCausalLM(
        LlamaConfig(**{**narrow.config.to_dict(), "num_attention_heads": 8, "num_key_value_heads": 8})
    )
    state, generator = narrow.state_dict(), torch.Generator().manual_seed(0)
    for name, part in wide.state_dict().items():
        if ".self_attn." in name:
            part.copy_(torch.randn(part.shape, generator=generator) * 0.02)
            part[: state[name].shape[0], : state[name].shape[1]] = state[name]
        else:
            part.copy_(state[name])
    wide.save_pretrained(place)
    loader.load(catalog.INDUCTION).tokenizer.save_pretrained(place)
    return place
