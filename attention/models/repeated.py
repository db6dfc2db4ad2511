"""Texts of random tokens written twice, what every head does on them, and what each token costs the model."""

from collections.abc import Collection
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy

from attention.core.capture import Capture
from attention.core.patterns import CaptureScores, score_capture
from attention.core.tokens import Text, Token
from attention.errors import ModelError
from attention.models.forward import run, switched_off
from attention.models.loaded import LoadedModel

MIN_LENGTH = 8


@dataclass(frozen=True, eq=False, slots=True)
class Repeated:
    """Texts of one length. begin: how many tokens, 0 or 1, stand before the first copy. length: tokens of one copy."""

    ids: Int[Tensor, "text token"]
    begin: int

    @property
    def length(self) -> int:
        return (self.ids.shape[1] - self.begin) // 2


def sample(model: LoadedModel, length: int, texts: int, generator: torch.Generator) -> Repeated:
    """Random texts: a beginning-of-text token where the tokenizer has one, then `length` different tokens, twice.

    length: less where the model, or its vocabulary without the tokens that are marks and not text, has no room for it.
    Raises: ModelError("not_checkable") where there is no room for 8.
    """
    tokenizer = model.tokenizer
    marks = {*tokenizer.all_special_ids, *tokenizer.added_tokens_decoder}
    known = {number for number in tokenizer.get_vocab().values() if number < model.config.vocab_size}
    ordinary = torch.tensor(sorted(known - marks), dtype=torch.long)
    begin = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    length = min(length, (model.limit - len(begin)) // 2, len(ordinary))
    if length < MIN_LENGTH:
        raise ModelError("not_checkable", got=model.id, reason=f"it has no room for two copies of {MIN_LENGTH} tokens")
    once = torch.stack([ordinary[torch.randperm(len(ordinary), generator=generator)[:length]] for _ in range(texts)])
    start = torch.tensor([begin] * texts, dtype=torch.long).view(texts, len(begin))
    return Repeated(torch.cat([start, once, once], dim=1), len(begin))


def score(model: LoadedModel, ids: Int[Tensor, " token"], begin: int) -> CaptureScores:
    """Every pattern of every head on one of the texts, as on a text that was typed."""
    numbers = tuple(ids.tolist())
    tokens = tuple(
        Token("", number, 0, 0, -1 if at < begin else at, special=at < begin) for at, number in enumerate(numbers)
    )
    text = Text("", None, tokens, {"input_ids": numbers})
    raw = run(model, text.inputs)
    return score_capture(Capture(model.id, model.revision, model.note, text, raw.layers, raw.value_norms, True))


def losses(
    model: LoadedModel,
    matrix: Float[Tensor, "vocabulary d_model"],
    texts: Repeated,
    off: Collection[tuple[int, int]] = (),
) -> Float[Tensor, " position"]:
    """Nats that each token of the two copies costs, mean over texts, with the heads `off` (layer, head) switched off.

    One forward pass of all texts. NaN for a first token that nothing stands before. matrix: see unembedding.
    """
    ids = texts.ids.to(matrix.device)
    with torch.inference_mode():
        with switched_off(model, off):
            hidden = model.module(input_ids=ids, use_cache=False).last_hidden_state
        total = torch.zeros(ids.shape[1] - 1, device=matrix.device)
        for row, after in zip(
            hidden[:, :-1], ids[:, 1:], strict=True
        ):  # a vocabulary is wide: logits of one text at a time
            total += cross_entropy(row @ matrix.T, after, reduction="none")
    unannounced = torch.full((1 - texts.begin,), torch.nan)
    return torch.cat([unannounced, total.cpu() / len(ids)])
