"""A model that is ready to read, and how a module that was just loaded becomes one."""

from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from attention.errors import ModelError
from attention.models.families import FAMILIES, Family, supported

MAX_TOKENS = 1024


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

    @property
    def config(self) -> Any:
        """transformers' own description of the module."""
        return self.module.config

    @property
    def nbytes(self) -> int:
        """Bytes held by its arrays; the cache counts with it."""
        return sum(part.nbytes for part in [*self.module.parameters(), *self.module.buffers(), *self.grams.values()])


def describe(name: str, revision: str, note: str, module: nn.Module, tokenizer: Any, device: str) -> LoadedModel:
    """The module as a model that has passed the self-check.

    name: how messages call it. Raises: ModelError when its family is unread here or its attention is not what it computes.
    """
    from attention.models.self_check import check

    config: Any = module.config
    family = FAMILIES.get(config.model_type)
    if family is None:
        raise ModelError("unsupported_family", got=name, family=config.model_type, supported=supported())
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError("broken_model", got=name, reason="its tokenizer cannot say where each piece came from")
    tokenizer.backend_tokenizer.no_truncation()  # here, once: changing it while another thread reads is an error
    tokenizer.backend_tokenizer.no_padding()
    module = module.eval().requires_grad_(False).to(device)
    model = LoadedModel(
        id=name,
        revision=revision,
        note=note,
        family=family,
        module=module,
        tokenizer=tokenizer,
        n_layers=config.num_hidden_layers,
        n_heads=config.num_attention_heads,
        causal=(family.causal and getattr(config, "is_causal", True)) or bool(getattr(config, "is_decoder", False)),
        limit=limit_of(family, config, tokenizer.model_max_length),
        grams=_attentions(name, module, family, config.num_attention_heads),
    )
    check(model)
    return model


def limit_of(family: Family, config: Any, tokenizer_limit: int | float) -> int:
    """The longest text in tokens: what its table of positions, its tokenizer and MAX_TOKENS all allow."""
    spent = max(family.position_offset, (config.pad_token_id or 0) + 1) if family.position_offset else 0
    table = config.max_position_embeddings or MAX_TOKENS
    return int(min(table - spent, tokenizer_limit, MAX_TOKENS))


def _attentions(
    name: str, module: nn.Module, family: Family, n_heads: int
) -> dict[nn.Module, Float[Tensor, "head d_head d_head"]]:
    """Per attention module, W_h^T W_h of each head's slice of the output projection. Blocks are overheard, and hooked families listened to, from here."""
    from attention.models.recording import listen, overhear

    named = dict(module.named_modules())
    grams: dict[nn.Module, Tensor] = {}
    for path, attention in named.items():
        stem = path.removesuffix(family.attention)
        projection: Any = named.get(stem + family.projection)
        if not path.endswith(family.attention) or projection is None or (stem and not stem.endswith(".")):
            continue
        weight = projection.weight.detach().float()
        if type(projection).__name__ == "Conv1D":  # GPT-2 keeps [in, out]
            weight = weight.T
        per_head = weight.unflatten(1, (n_heads, -1)).transpose(0, 1)
        grams[attention] = per_head.mT @ per_head
        overhear(named[stem.rstrip(".")])
        if family.hooked:
            listen(attention, None if family.value is None else named[stem + family.value])
    if not grams:
        raise ModelError("failed_self_check", got=name, reason="its attention modules were not found")
    return grams
