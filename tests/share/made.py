"""Captures made by hand, small enough to see what should come out."""

import torch
from torch import Tensor

from attention.core import masks
from attention.core.capture import Capture, WeightsLayer
from attention.core.tokens import Text, Token

WORDS = ("The", "cats", "sat", "un", "believ", "ably", "still", ".")
N = len(WORDS) + 2  # with a special token at each end


def text_of(words: tuple[str, ...] = WORDS) -> Text:
    """Words with a blank between, but "un", "believ" and "ably" in one; a special token at each end."""
    tokens, source, number = [Token("[CLS]", 0, 0, 0, -1, special=True)], "", -1
    for place, word in enumerate(words, 1):
        inside = word in {"believ", "ably"}
        source += "" if inside or not source else " "
        number += not inside
        tokens.append(Token(word, place, len(source), len(source) + len(word), number, punctuation=word == "."))
        source += word
    tokens.append(Token("[SEP]", len(tokens), 0, 0, -1, special=True))
    return Text(source, None, tuple(tokens), {"input_ids": tuple(range(len(tokens)))})


def weights_of(n_heads: int, n: int, seed: int, causal: bool = False) -> Tensor:
    """Random weights, with some zeros in them."""
    scores = 3 * torch.randn(n_heads, n, n, generator=torch.Generator().manual_seed(seed))
    return scores.masked_fill(~masks.causal(n), -torch.inf).softmax(-1) if causal else scores.softmax(-1)


def made(
    *layers: Tensor, words: tuple[str, ...] = WORDS, causal: bool = False, norms: Tensor | None = None, note: str = ""
) -> Capture:
    """A capture with these weights, one tensor [head, query_pos, key_pos] a layer; random ones unless given."""
    text = text_of(words)
    n = len(text.tokens)
    found = layers or tuple(weights_of(3, n, seed, causal) for seed in range(2))
    mask = masks.causal(n) if causal else None
    if norms is None:
        norms = 0.5 + torch.rand(len(found), found[0].shape[0], n, generator=torch.Generator().manual_seed(9))
    kept = tuple(WeightsLayer(weights, mask) for weights in found)
    return Capture("someone/made", "main", note, text, kept, norms, causal)
