"""The last matrix of a decoder, which turns hidden states into next-token scores: captures need none, losses do."""

from typing import Any

import torch
from jaxtyping import Float
from safetensors import safe_open
from torch import Tensor

from attention.errors import ModelError
from attention.models import loader
from attention.models.folder import wanted
from attention.models.loaded import LoadedModel

_NAMES = frozenset({"lm_head.weight", "embed_out.weight"})  # the second in files of GPT-NeoX


def unembedding(resolved: str, model: LoadedModel) -> Float[Tensor, "vocabulary d_model"]:
    """W_U in float32, on the model's device: the language-model head of every decoder of families.FAMILIES, none of which
    adds a bias to it or scales what it gives.

    Read from the safetensors the model came from; the word vectors where the model ties the two.
    resolved: see loader.resolve.
    Raises: ModelError("not_checkable") for a model that does not predict the next token, or whose files lack this matrix.
    """
    if not (model.family.causal and model.causal):
        raise ModelError("not_checkable", got=model.id, reason="it is not trained to predict the next token")
    module: Any = model.module
    words: Tensor = module.get_input_embeddings().weight
    found = _read(resolved, model)
    if found is None and getattr(model.config, "tie_word_embeddings", False):
        return words
    if found is None or found.shape != words.shape:
        raise ModelError("not_checkable", got=model.id, reason="its files hold no language-model head")
    return found.to(words.device)


def _read(resolved: str, model: LoadedModel) -> Tensor | None:
    """The head as the files have it, also where config.json calls it tied: transformers goes by the files as well."""
    place = loader.files_of(resolved, model)
    for name in wanted([path.name for path in place.iterdir()]):
        if name.endswith(".safetensors"):
            with safe_open(place / name, framework="pt") as opened:
                for key in _NAMES.intersection(opened.keys()):
                    return torch.as_tensor(opened.get_tensor(key)).float()
    return None
