"""What a text looks like to a pattern: which cells exist, which keys are content, which rows count.

Notation: f is the first key any row may attend to; content keys are not special and, in a causal model, not f; query rows
are not special, not f, not padding, and may attend to at least three keys; distance is key position minus query position.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention.core.tokens import Token


@dataclass(frozen=True, eq=False, slots=True)
class Layout:
    """Everything a selector may look at, computed once per text.

    n_allowed: keys each row may attend to. content: keys that hold text. rows: queries that count. first: the position f.
    """

    ids: Int[Tensor, " position"]
    special: Bool[Tensor, " position"]
    punctuation: Bool[Tensor, " position"]
    word: Int[Tensor, " position"]
    segment: Int[Tensor, " position"]
    allowed: Bool[Tensor, "query_pos key_pos"]
    causal: bool
    first: int
    n_allowed: Float[Tensor, " query_pos"]
    content: Bool[Tensor, " key_pos"]
    rows: Bool[Tensor, " query_pos"]
    distance: Int[Tensor, "query_pos key_pos"]


def layout_of(tokens: tuple[Token, ...], allowed: Bool[Tensor, "query_pos key_pos"], causal: bool) -> Layout:
    """The layout of a text under one mask. A token that no row may attend to is padding."""
    position = torch.arange(len(tokens))
    special = torch.tensor([token.special for token in tokens])
    is_key = allowed.any(dim=0)
    first = int(is_key.int().argmax())
    at_first = position == first
    n_allowed = allowed.sum(dim=-1).float()
    return Layout(
        ids=torch.tensor([token.id for token in tokens]),
        special=special,
        punctuation=torch.tensor([token.punctuation for token in tokens]),
        word=torch.tensor([token.word for token in tokens]),
        segment=torch.tensor([token.segment for token in tokens]),
        allowed=allowed,
        causal=causal,
        first=first,
        n_allowed=n_allowed,
        content=~special & ~(at_first & causal),
        rows=~special & ~at_first & is_key & (n_allowed >= 3),
        distance=position[None, :] - position[:, None],
    )
