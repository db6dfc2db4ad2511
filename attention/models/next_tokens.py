"""What a decoder expects after a text: a score for every token of its vocabulary."""

import os
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.tokens import Text
from attention.errors import ModelError
from attention.models import loader, reader
from attention.models.forward import arguments
from attention.models.loaded import LoadedModel
from attention.models.spans import shown
from attention.models.unembedding import unembedding


@dataclass(frozen=True, eq=False, slots=True)
class NextTokens:
    """Every token's score as the next one, and how the highest are read.

    scores: unbounded, before softmax. ids, texts: of the highest, best first; a blank at the front is ␣.
    """

    scores: Float[Tensor, " vocabulary"]
    ids: tuple[int, ...]
    texts: tuple[str, ...]


def next_tokens(
    model: str | os.PathLike[str], text: str, count: int = 10, *, folders: bool = True
) -> NextTokens | None:
    """What comes after the last written token of `text`: one forward pass and one product with W_U.

    None for a model that does not predict the next token, or whose files lack its language-model head.
    Raises: as reader.capture.
    """
    read = reader.capture(model, text, folders=folders)
    loaded = loader.load(model, folders=folders)
    try:
        matrix = unembedding(loader.resolve(model, folders=folders), loaded)
    except ModelError as error:
        if error.key == "not_checkable":
            return None
        raise
    with torch.inference_mode():
        hidden = loaded.module(**arguments(loaded, read.text.inputs)).last_hidden_state[0, _last_written(read.text)]
        scores = (matrix @ hidden.to(matrix.dtype)).cpu()
    ids = scores.topk(min(count, len(scores))).indices.tolist()
    return NextTokens(scores, tuple(ids), tuple(_text_of(loaded, one) for one in ids))


def _last_written(text: Text) -> int:
    """Where the text ends; what some tokenizers add after it announces nothing."""
    return max(at for at, token in enumerate(text.tokens) if not token.special)


def _text_of(model: LoadedModel, token: int) -> str:
    """The token as it would be read; by its number where it is only a part of a character, or nothing at all."""
    text = model.tokenizer.decode([token])
    if not text or "\ufffd" in text:
        return f"piece {token}"
    return ("␣" + shown(text[1:])) if text[0] == " " and text.strip() else shown(text)
