"""Made-up texts: only what a pattern can see of a text, drawn from a seed, in four styles and under both masks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CLS, SEP, BOS, COMMA, STOP, FIRST_WORD = range(6)
STYLES = ("words", "random", "repeat", "marks")


@dataclass(frozen=True, eq=False, slots=True)
class Layout:
    """One text under one mask; arrays of one entry per token. word_ids: -1 for specials. allowed: [query, key]."""

    token_ids: NDArray[np.int64]
    special: NDArray[np.bool_]
    punctuation: NDArray[np.bool_]
    word_ids: NDArray[np.int64]
    segment_ids: NDArray[np.int64]
    causal: bool
    allowed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.token_ids)


def text_of(rng: np.random.Generator, n: int, causal: bool, style: str, *, pair: bool = False) -> Layout:
    """A text of n tokens.

    style: "words" (words of one to three pieces that come back, whole phrases too, with commas and full stops), "random"
    (tokens drawn one by one from a small vocabulary), "repeat" (the second half is the first half again) or "marks" (only
    commas and full stops come back, as in most single sentences).
    Bidirectional texts stand between [CLS] and [SEP], pairs have a [SEP] in the middle; causal ones start with a
    beginning-of-text mark, or with nothing, and sometimes have an end-of-document mark in the middle.
    """
    marks = _marks(rng, n, causal, pair)
    places = np.setdiff1d(np.arange(n), list(marks))
    ids = np.empty(n, dtype=np.int64)
    words = np.full(n, -1, dtype=np.int64)
    ids[places], words[places] = _content(rng, len(places), style)
    for place, mark in marks.items():
        ids[place] = mark
    special = words < 0
    middle = sorted(marks)[1] if pair else n
    segments = np.where(special, 0, np.arange(n) > middle).astype(np.int64)
    allowed = np.tri(n, dtype=bool) if causal else np.ones((n, n), dtype=bool)
    return Layout(ids, special, np.isin(ids, (COMMA, STOP)), words, segments, causal, allowed)


def _marks(rng: np.random.Generator, n: int, causal: bool, pair: bool) -> dict[int, int]:
    """What the tokenizer adds: place -> id."""
    if not causal:
        middle = {int(rng.integers(n * 2 // 5, n * 3 // 5)): SEP} if pair else {}
        return {0: CLS, n - 1: SEP, **middle}
    kind = rng.integers(3)
    middle = {n // 3: SEP, n * 2 // 3: SEP} if kind == 2 and n >= 16 else {}
    return middle if kind == 0 else {0: BOS, **middle}


def _content(rng: np.random.Generator, n: int, style: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ids and word numbers of n tokens of running text."""
    if style == "random":
        ids = rng.integers(FIRST_WORD, FIRST_WORD + max(4, n // 2), n)
        ids[rng.random(n) < 0.12] = COMMA
        return ids, np.arange(n)
    if style == "repeat":
        half = (n + 1) // 2
        ids, words = _sentence(rng, half)
        return np.tile(ids, 2)[:n], np.concatenate([words, words + words[-1] + 1])[:n]
    ids, words = _sentence(rng, n)
    if style == "marks":
        ids = np.where(np.isin(ids, (COMMA, STOP)), ids, FIRST_WORD + np.arange(n))
        ids[rng.choice(n, max(2, n // 8), replace=False)] = COMMA
    return ids, words


def _sentence(rng: np.random.Generator, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Words of a small vocabulary, some more common than others; one time in six the last few words come back in order."""
    vocabulary = max(4, n // 4)
    sizes = rng.choice([1, 2, 3], size=vocabulary, p=[0.55, 0.3, 0.15])
    starts = FIRST_WORD + np.concatenate([[0], np.cumsum(sizes)[:-1]])
    popularity = 1 / (1 + np.arange(vocabulary)) ** 0.7
    chosen: list[int] = []
    ids: list[int] = []
    words: list[int] = []
    while len(ids) < n:
        if len(chosen) >= 4 and rng.random() < 1 / 6:
            begin = rng.integers(len(chosen) - 2)
            upcoming = chosen[begin : begin + 3]
        else:
            upcoming = [int(rng.choice(vocabulary, p=popularity / popularity.sum()))]
        for word in upcoming:
            number = words[-1] + 1 if words else 0
            chosen.append(word)
            ids += range(starts[word], starts[word] + sizes[word])
            words += [number] * int(sizes[word])
        if rng.random() < 0.2:
            ids.append(int(rng.choice([COMMA, STOP])))
            words.append(words[-1] + 1)
    return np.array(ids[:n]), np.array(words[:n])
