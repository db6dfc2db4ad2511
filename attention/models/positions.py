"""How a loaded model knows where a token stands, and what it reads when every token is told the same place."""

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from attention.errors import ModelError, ShapeError
from attention.models import loader
from attention.models.forward import arguments
from attention.models.loaded import LoadedModel
from attention.models.tokens import read_text

_TABLES = ("position_embeddings", "wpe", "embed_positions")
"""How the names of learned tables end."""


@dataclass(frozen=True, eq=False, slots=True)
class Positions:
    """One of the two is there. length: positions it was built for.

    table: learned, one row per position from the first token on.
    frequencies: rotary, radians per position of each pair of dimensions, fastest first.
    """

    length: int
    table: Float[Tensor, "position d_model"] | None
    frequencies: Float[Tensor, " pair"] | None


@dataclass(frozen=True, eq=False, slots=True)
class Shuffled:
    """The last hidden states of a text and of the same tokens in another order.

    together: every token is told that it stands at position 0.
    """

    as_is: Float[Tensor, "position d_model"]
    shuffled: Float[Tensor, "position d_model"]
    together_as_is: Float[Tensor, "position d_model"]
    together_shuffled: Float[Tensor, "position d_model"]


def positions_of(model: str) -> Positions:
    """How the model places its tokens. Raises: ModelError where it knows only distances inside its scores."""
    loaded = loader.load(model)
    length = int(loaded.config.max_position_embeddings)
    for name, module in loaded.module.named_modules():
        if isinstance(module, nn.Embedding) and name.endswith(_TABLES):
            table = module.weight.detach().float().cpu()
            spent = max(len(table) - length, _first_place(loaded))
            return Positions(len(table) - spent, table[spent:], None)
    for name, buffer in loaded.module.named_buffers():
        if name.endswith("inv_freq") and not name.endswith("original_inv_freq"):
            return Positions(length, None, buffer.detach().float().cpu())
    raise ModelError("no_positions", got=loaded.id)


def word_vectors(model: str, text: str) -> Float[Tensor, "position d_model"]:
    """The vectors of a text's tokens before any position is added. Raises: ModelError, TextError."""
    loaded = loader.load(model)
    ids = read_text(loaded.tokenizer, text, None, name=loaded.id).inputs["input_ids"]
    module: Any = loaded.module
    words = module.get_input_embeddings()
    with torch.inference_mode():
        return words(torch.tensor(ids, device=next(module.parameters()).device)).float().cpu().clone()


def read_shuffled(model: str, text: str, order: Int[Tensor, " position"]) -> Shuffled:
    """The model on a text and on its tokens in another order, with its positions and without: one pass of four texts.

    order: new place by new place, which token stands there. Token types stay where they are.
    Raises: ModelError where positions cannot be taken away; ShapeError for an order of another length.
    """
    loaded = loader.load(model)
    inputs = dict(read_text(loaded.tokenizer, text, None, name=loaded.id).inputs)
    if len(order) != len(inputs["input_ids"]):
        raise ShapeError("shape", name="order", got=len(order), expected=len(inputs["input_ids"]))
    if loaded.family.hooked:
        raise ModelError("no_positions", got=loaded.id)
    given = arguments(loaded, inputs)
    ids = given["input_ids"]
    places = torch.arange(ids.shape[1], device=ids.device).expand(2, -1) + _first_place(loaded)
    batch = {
        **{name: value.expand(4, -1) if isinstance(value, Tensor) else value for name, value in given.items()},
        "input_ids": torch.cat([ids, ids[:, order.to(ids.device)]]).repeat(2, 1),
        "position_ids": torch.cat([places, places[:, :1].expand_as(places)]),
        # Without it, decoders take repeated positions for texts packed into one row, and part them.
        "attention_mask": torch.ones(4, ids.shape[1], dtype=torch.long, device=ids.device),
    }
    with torch.inference_mode():
        states = loaded.module(**batch).last_hidden_state.float().cpu().clone()
    return Shuffled(*states)


def _first_place(loaded: LoadedModel) -> int:
    """The position of its first token: RoBERTa and its kin count from the one after padding's."""
    return (loaded.config.pad_token_id or 0) + 1 if loaded.family.position_offset else 0
