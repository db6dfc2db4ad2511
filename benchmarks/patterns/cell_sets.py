"""Which cells each pattern means, written once more from the definitions, as arrays of [query, key]."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.patterns.texts import Layout

Cells = NDArray[np.bool_]

OFFSETS = (-6, -5, -4, -3, -2, 2, 3, 4, 5, 6)
NAMED = (
    "previous", "next", "self", "offset", "first", "separator", "punctuation", "same_token", "induction",
    "word_internal", "local", "long_range", "same_segment",
)  # fmt: skip
SHAPES = ("broad", "unstructured")
WIDE = ("local", "long_range", "same_segment")
"""Patterns of many cells, which contain those of others."""


def first_key(text: Layout) -> int:
    """The first key that any row may attend to."""
    return int(text.allowed.any(axis=0).argmax())


def content(text: Layout) -> Cells:
    """Keys that hold text: not special and, in a causal model, not the first."""
    return ~text.special & ~(text.causal & (np.arange(len(text)) == first_key(text)))


def query_rows(text: Layout) -> Cells:
    """Rows that count: text, not the first key, not padding, and with at least three keys to choose from."""
    position = np.arange(len(text))
    is_key = text.allowed.any(axis=0)
    return ~text.special & (position != first_key(text)) & is_key & (text.allowed.sum(axis=1) >= 3)


def distances(text: Layout) -> NDArray[np.int64]:
    """Key position minus query position."""
    position = np.arange(len(text))
    return position[None, :] - position[:, None]


def cells(name: str, text: Layout, offset: int = 0) -> Cells:
    """The cells of one pattern that the mask allows. offset: which one, where name is "offset"."""
    distance, n = distances(text), len(text)
    ids, words, segments = text.token_ids, text.word_ids, text.segment_ids
    before = np.concatenate([[-1], ids[:-1]])
    elsewhere = distance != 0
    whole = np.ones((n, n), dtype=bool)
    chosen = {
        "previous": distance == -1,
        "next": distance == 1,
        "self": distance == 0,
        "offset": distance == offset,
        "local": np.abs(distance) <= 2,
        "long_range": 3 * np.abs(distance) > text.allowed.any(axis=0).sum(),
        "punctuation": text.punctuation & elsewhere,
        "same_token": (ids[:, None] == ids) & elsewhere,
        "induction": (ids[:, None] == before) & elsewhere & (distance != 1),
        "word_internal": (words[:, None] == words) & elsewhere,
        "same_segment": (segments[:, None] == segments) & (np.abs(distance) > 2),
        "first": whole & (np.arange(n) == first_key(text)),
        "separator": whole & text.special & (np.arange(n) != first_key(text)),
    }[name]
    if name not in ("first", "separator"):
        chosen = chosen & content(text)
    return chosen & text.allowed


def eligible_rows(chosen: Cells, text: Layout) -> Cells:
    """Query rows that have selected cells and others."""
    count = chosen.sum(axis=1)
    return query_rows(text) & (count > 0) & (count < text.allowed.sum(axis=1))


def applicable(name: str, text: Layout, offset: int = 0) -> bool:
    """Whether the text can show the pattern: at least three eligible rows, where chance gives 0.65 at most.

    A text of one segment has no other to stay out of, so it cannot show same_segment; a causal row cannot look ahead.
    """
    if name == "next" and text.causal:
        return False
    if name == "same_segment" and len(set(text.segment_ids[content(text)].tolist())) < 2:
        return False
    chosen = cells(name, text, offset)
    rows = eligible_rows(chosen, text)
    if rows.sum() < 3:
        return False
    return bool((chosen.sum(axis=1)[rows] / text.allowed.sum(axis=1)[rows]).mean() <= 0.65)
