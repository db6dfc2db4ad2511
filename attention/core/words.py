"""From tokens to words, by the rule of Clark et al. 2019, section 4.1: sum over keys, mean over queries."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.tokens import Token


@dataclass(frozen=True, slots=True)
class Word:
    """Neighboring tokens that make up one word; a special is a word of its own.

    first, last: its tokens, both included.
    """

    text: str
    first: int
    last: int
    special: bool
    segment: int


def words_of(tokens: Sequence[Token], text: str, pair: str | None = None) -> tuple[Word, ...]:
    """The words in token order; one of several tokens reads as its slice of the original text."""
    words: list[Word] = []
    first = 0
    for position, token in enumerate(tokens):
        if position + 1 < len(tokens) and tokens[position + 1].word == token.word and not token.special:
            continue
        source = pair if token.segment == 1 and pair is not None else text
        shown = _text_of(tokens[first : position + 1], source)
        words.append(Word(shown, first, position, token.special, token.segment))
        first = position + 1
    return tuple(words)


def to_words(
    weights: Float[Tensor, "*batch query_pos key_pos"], words: Sequence[Word]
) -> Float[Tensor, "*batch query_word key_word"]:
    """Attention between words: what a word's tokens give to all tokens of another, averaged over the first one's tokens."""
    member = torch.zeros(len(words), weights.shape[-1], dtype=weights.dtype)
    for row, word in enumerate(words):
        member[row, word.first : word.last + 1] = 1.0
    mean = member / member.sum(dim=-1, keepdim=True)
    return mean @ weights @ member.mT


def _text_of(members: Sequence[Token], source: str) -> str:
    written = [token for token in members if token.start < token.end]  # a mark before a word has no letters
    if len(members) == 1 or not written:
        return members[0].text
    return source[min(token.start for token in written) : max(token.end for token in written)]
