"""What a text looks like to a pattern: which cells exist, which keys are content, which rows count.

Notation: f is the first key any row may attend to; content keys are not special and, in a causal model, not f; query rows
are not special, not f, not padding, and may attend to at least three keys; distance is key position minus query position.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention.core.tokens import Token


@dataclass(frozen=True, eq=False, slots=True)
class Layout:
    """Everything a selector may look at, computed once per text, or for several texts that are equally long under one mask.

    n_allowed: keys each row may attend to. content: keys that hold text. rows: queries that count. first: the position f.
    length: tokens that are not padding.
    """

    ids: Int[Tensor, "*text position"]
    special: Bool[Tensor, "*text position"]
    punctuation: Bool[Tensor, "*text position"]
    word: Int[Tensor, "*text position"]
    segment: Int[Tensor, "*text position"]
    allowed: Bool[Tensor, "*text query_pos key_pos"]
    causal: bool
    first: int
    length: int
    n_allowed: Float[Tensor, "*text query_pos"]
    content: Bool[Tensor, "*text key_pos"]
    rows: Bool[Tensor, "*text query_pos"]

    @property
    def n(self) -> int:
        """Tokens, padding included."""
        return self.ids.shape[-1]

    @property
    def texts(self) -> torch.Size:
        """How many texts it holds; nothing for one alone."""
        return self.ids.shape[:-1]

    @property
    def pairs(self) -> Bool[Tensor, "*text"]:
        """Whether there is a second text."""
        beyond = torch.iinfo(self.segment.dtype)
        least = self.segment.masked_fill(~self.content, beyond.max).amin(dim=-1)
        return self.segment.masked_fill(~self.content, beyond.min).amax(dim=-1) > least

    def over_content(self) -> "Layout":
        """The same text when only content keys may be looked at: what a head's working rows are scored on."""
        allowed = self.allowed & self.content[..., None, :]
        n_allowed = allowed.sum(dim=-1).float()
        return replace(self, allowed=allowed, n_allowed=n_allowed, rows=self.rows & (n_allowed >= 3))


@dataclass(frozen=True, eq=False, slots=True)
class Band:
    """A run of a text's query rows: what selectors see, so that a long text is never held as a whole.

    query_pos: positions of its rows. distance: key position minus query position.
    """

    text: Layout
    query_pos: Int[Tensor, " row"]
    distance: Int[Tensor, "row key_pos"]

    @property
    def allowed(self) -> Bool[Tensor, "*text row key_pos"]:
        return self.text.allowed[..., self.query_pos, :]

    @property
    def counted(self) -> Bool[Tensor, "*text row"]:
        return self.text.rows[..., self.query_pos]

    @property
    def n_allowed(self) -> Float[Tensor, "*text row"]:
        return self.text.n_allowed[..., self.query_pos]


def band(text: Layout, begin: int, end: int) -> Band:
    """Rows begin to end - 1."""
    query_pos = torch.arange(begin, min(end, text.n))
    return Band(text, query_pos, torch.arange(text.n)[None, :] - query_pos[:, None])


def layout_of(tokens: Sequence[Token], allowed: Bool[Tensor, "query_pos key_pos"], causal: bool) -> Layout:
    """The layout of a text under one mask."""
    return layout(
        ids=torch.tensor([token.id for token in tokens]),
        special=torch.tensor([token.special for token in tokens]),
        punctuation=torch.tensor([token.punctuation for token in tokens]),
        word=torch.tensor([token.word for token in tokens]),
        segment=torch.tensor([token.segment for token in tokens]),
        allowed=allowed,
        causal=causal,
    )


def layout_of_all(texts: Sequence[Sequence[Token]], allowed: Bool[Tensor, "query_pos key_pos"], causal: bool) -> Layout:
    """The layout of several texts of equally many tokens under one mask."""

    def array(fact: str) -> Tensor:
        return torch.tensor([[getattr(token, fact) for token in tokens] for tokens in texts])

    facts = [array(fact) for fact in ("id", "special", "punctuation", "word", "segment")]
    return layout(*facts, allowed=allowed, causal=causal)


def layout(
    ids: Int[Tensor, "*text position"],
    special: Bool[Tensor, "*text position"],
    punctuation: Bool[Tensor, "*text position"],
    word: Int[Tensor, "*text position"],
    segment: Int[Tensor, "*text position"],
    *,
    allowed: Bool[Tensor, "query_pos key_pos"],
    causal: bool,
) -> Layout:
    """The layout of arrays. A token that no row may attend to is padding."""
    is_key = allowed.any(dim=0)
    first = int(is_key.int().argmax())
    at_first = torch.arange(len(is_key)) == first
    of_each = allowed.expand(*ids.shape[:-1], -1, -1)
    n_allowed = of_each.sum(dim=-1).float()
    return Layout(
        ids, special, punctuation, word, segment, of_each, causal, first,
        length=int(is_key.sum()),
        n_allowed=n_allowed,
        content=is_key & ~special & ~(at_first & causal),
        rows=~special & ~at_first & is_key & (n_allowed >= 3),
    )  # fmt: skip
