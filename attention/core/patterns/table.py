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
    reason: one sentence; {share} and {chance} become parts of attention in percent.
    both_ways: scored only where a row may look ahead.
    causal_only: named only where none may. Elsewhere the same cells are scored, but ordinary heads reach 0.3 on them (what
    follows another "the" is a noun, and nouns are looked at anyway).
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
    return text.content & text.punctuation & (text.distance != 0)


def _same_token(text: Layout) -> Cells:
    return text.content & (text.ids[:, None] == text.ids) & (text.distance != 0)


def _induction(text: Layout) -> Cells:
    before = torch.cat([text.ids.new_full((1,), -1), text.ids[:-1]])
    return text.content & (text.ids[:, None] == before) & (text.distance != 0) & (text.distance != 1)


def _word_internal(text: Layout) -> Cells:
    return text.content & (text.word[:, None] == text.word) & (text.distance != 0)


_CLARK = "Clark et al. 2019, section 3"
_SHARE = "{share} of its attention, where chance gives {chance}."

PATTERNS = (
    Pattern("previous", "Previous token", _previous, "column", f"Each token looks at the one before it: {_SHARE}", _CLARK),
    Pattern("next", "Next token", _next, "column", f"Each token looks at the one after it: {_SHARE}", _CLARK, both_ways=True),
    Pattern("self", "Itself", _self, "column", f"Each token looks at itself: {_SHARE}", _CLARK),
    Pattern("first", "First token", _first, "distance", f"Each token looks at the very first one, whatever it is: {_SHARE}", "Xiao et al. 2024, section 3.1"),
    Pattern("separator", "Separator", _separator, "distance", f"Each token looks at an added mark, such as the one that ends the text: {_SHARE}", _CLARK),
    Pattern("punctuation", "Punctuation", _punctuation, "distance", f"Each token looks at punctuation, wherever it stands: {_SHARE}", _CLARK),
    Pattern("same_token", "Same token", _same_token, "distance", f"A repeated token looks at its other copies: {_SHARE}", "Wang et al. 2023, section 3"),
    Pattern("induction", "Induction", _induction, "distance", f"A repeated token looks at what followed its earlier copies: {_SHARE}", "Olsson et al. 2022", causal_only=True),
    Pattern("word_internal", "Inside the word", _word_internal, "distance", f"A piece of a word looks at the word's other pieces: {_SHARE}", "Correia et al. 2019, section 5"),
)  # fmt: skip
