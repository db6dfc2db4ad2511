"""The named patterns: one selector and one row each. A selector marks the cells a perfect head would fill."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool
from torch import Tensor

from attention.core.patterns.layout import Layout

Cells = Bool[Tensor, "query_pos key_pos"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One row.

    null: what a head's own habits already explain: "column" (some keys are popular in every row) or "distance" (some
    offsets are popular whatever the token).
    reason: one sentence; {share} and {chance} are percentages of attention.
    """

    name: str
    title: str
    select: Callable[[Layout], Cells]
    null: Literal["column", "distance"]
    reason: str
    source: str
    both_ways: bool = False
    causal_only: bool = False


def _previous(text: Layout) -> Cells:
    return text.content & (text.distance == -1)


def _next(text: Layout) -> Cells:
    return text.content & (text.distance == 1)


def _self(text: Layout) -> Cells:
    return text.content & (text.distance == 0)


def _first(text: Layout) -> Cells:
    return (torch.arange(len(text.ids)) == text.first).expand_as(text.allowed)


def _separator(text: Layout) -> Cells:
    return (text.special & (torch.arange(len(text.ids)) != text.first)).expand_as(text.allowed)


def _punctuation(text: Layout) -> Cells:
    return (text.content & text.punctuation) & (text.distance != 0)


def _same_token(text: Layout) -> Cells:
    return text.content & (text.ids[:, None] == text.ids[None, :]) & (text.distance != 0)


def _induction(text: Layout) -> Cells:
    before = torch.cat([text.ids.new_full((1,), -1), text.ids[:-1]])
    return text.content & (text.ids[:, None] == before[None, :]) & (text.distance != 0) & (text.distance != 1)


def _word_internal(text: Layout) -> Cells:
    return text.content & (text.word[:, None] == text.word[None, :]) & (text.distance != 0)


_CLARK = "Clark et al. 2019, section 3"
_ALL = "of its attention, against {chance} by chance"

PATTERNS = (
    Pattern("previous", "Previous token", _previous, "column", "Each token looks at the one before it: {share} " + _ALL + ".", _CLARK),
    Pattern("next", "Next token", _next, "column", "Each token looks at the one after it: {share} " + _ALL + ".", _CLARK, both_ways=True),
    Pattern("self", "Itself", _self, "column", "Each token looks at itself: {share} " + _ALL + ".", _CLARK),
    Pattern("first", "First token", _first, "distance", "Rests on the first token: {share} " + _ALL + ".", "Xiao et al. 2024, section 3.1"),
    Pattern("separator", "Separator", _separator, "distance", "Rests on the closing special token: {share} " + _ALL + ".", _CLARK),
    Pattern("punctuation", "Punctuation", _punctuation, "distance", "Goes to punctuation wherever it stands: {share} " + _ALL + ".", _CLARK),
    Pattern("same_token", "Same token", _same_token, "distance", "A repeated token finds its other copies: {share} " + _ALL + ".", "Wang et al. 2023, section 3"),
    Pattern("induction", "Induction", _induction, "distance", "Looks at what followed an earlier copy of the token: {share} " + _ALL + ".", "Olsson et al. 2022", causal_only=True),
    Pattern("word_internal", "Inside the word", _word_internal, "distance", "Pieces of one word look at each other: {share} " + _ALL + ".", "Correia et al. 2019, section 5"),
)  # fmt: skip


def applies(pattern: Pattern, text: Layout) -> bool:
    """Whether the pattern can occur under this mask at all."""
    return not (pattern.both_ways and text.causal) and not (pattern.causal_only and not text.causal)
