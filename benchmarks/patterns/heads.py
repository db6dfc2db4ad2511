"""Labelled heads: a pattern of known strength, the rest one of several kinds of noise, and heads that follow nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from benchmarks.patterns import noise
from benchmarks.patterns.cell_sets import NAMED, OFFSETS, WIDE, Cells, applicable, cells
from benchmarks.patterns.noise import Weights
from benchmarks.patterns.texts import STYLES, Layout, text_of

LENGTHS = (8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
STRENGTHS = (0.25, 0.4, 0.6, 0.8, 1.0)
SPREADS = ("even", "random", "one")
"""How a head divides a row's share among the pattern's cells: equally, by chance, or all to one of them."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a head was made to do.

    label: its (stronger) pattern, "broad", "unstructured", or "noise" where no answer but a named pattern is wrong.
    strength: the part of each row that follows it. second: another, weaker pattern in it, or empty.
    rest: the family of noise that fills the remainder.
    """

    label: str
    strength: float
    second: str = ""
    rest: str = "even"
    spread: str = "even"


@dataclass(frozen=True, eq=False, slots=True)
class Sample:
    """One text and its heads. weights: [head, query, key]."""

    text: Layout
    truths: tuple[Truth, ...]
    weights: Weights


def samples(seed: int = 0, lengths: tuple[int, ...] = LENGTHS) -> Iterator[Sample]:
    """The whole benchmark, text by text: every length, both masks, every style of text, and pairs."""
    for n, causal in product(lengths, (False, True)):
        for number, style in enumerate((*STYLES, "words", "marks")):
            rng = np.random.default_rng([seed, n, causal, number])
            text = text_of(rng, n, causal, style, pair=not causal and number >= len(STYLES))
            made = list(_heads(rng, text))
            yield Sample(text, tuple(truth for truth, _ in made), np.stack([weights for _, weights in made]))


def _heads(rng: np.random.Generator, text: Layout) -> Iterator[tuple[Truth, Weights]]:
    places = [(name, _offset(rng, text) if name == "offset" else 0) for name in NAMED]
    possible = [place for place in places if place != ("offset", 0) and applicable(place[0], text, place[1])]
    for name, offset in possible:
        chosen = cells(name, text, offset)
        for strength in rng.choice(STRENGTHS, 2, replace=False):
            yield _follower(rng, text, chosen, Truth(name, float(strength)))
        for strength in rng.choice(STRENGTHS, 3, replace=False):
            rest = noise.drawn(rng, mild=strength < 0.5)
            spread = str(rng.choice(SPREADS[:2] if name in WIDE else SPREADS))
            yield _follower(rng, text, chosen, Truth(name, float(strength), rest=rest, spread=spread))
    yield from _doubles(rng, text, [place for place in possible if place[0] not in WIDE])
    for _ in range(6):
        strength, rest = float(rng.choice([0.4, 0.6, 0.8, 1.0])), noise.drawn(rng, mild=True)
        part = strength * noise.targets(rng, text)
        yield Truth("unstructured", strength, rest=rest), _filled(part, noise.rows(rng, text, rest))
    for kind in noise.SHAPELESS:
        yield Truth("noise", 0.0, rest=kind), noise.rows(rng, text, kind)
    for size in (0.0, 0.15, 0.3, 0.45):
        yield Truth("broad", 1.0, rest=f"logits {size}"), noise.logits(rng, text, size)


def _doubles(
    rng: np.random.Generator, text: Layout, possible: list[tuple[str, int]]
) -> Iterator[tuple[Truth, Weights]]:
    """Heads of two patterns, the weaker at least 0.15 behind."""
    for _ in range(8 if len(possible) > 1 else 0):
        (one, first), (two, second) = (possible[place] for place in rng.choice(len(possible), 2, replace=False))
        strong, weak = float(rng.choice([0.45, 0.55, 0.65])), float(rng.choice([0.25, 0.3]))
        part = strong * _shares(rng, cells(one, text, first), "even")
        part = part + weak * _shares(rng, cells(two, text, second), "even")
        rest = noise.drawn(rng, mild=True)
        yield Truth(one, strong, second=two, rest=rest), _filled(part, noise.rows(rng, text, rest))


def _follower(rng: np.random.Generator, text: Layout, chosen: Cells, truth: Truth) -> tuple[Truth, Weights]:
    part = truth.strength * _shares(rng, chosen, truth.spread)
    return truth, _filled(part, noise.rows(rng, text, truth.rest))


def _shares(rng: np.random.Generator, chosen: Cells, spread: str) -> Weights:
    """Each row's parts on its selected cells, together 1; rows without any stay empty."""
    draws = np.ones(chosen.shape) if spread == "even" else rng.gamma(1.0, size=chosen.shape) + 0.02
    draws = draws * chosen
    if spread == "one":
        draws = chosen * (draws == draws.max(axis=1, keepdims=True)).astype(float)
    return draws / np.maximum(draws.sum(axis=1, keepdims=True), 1e-12)


def _filled(part: Weights, rest: Weights) -> Weights:
    """Rows that sum to one: the given part, and the rest in what it leaves."""
    return part + np.maximum(1.0 - part.sum(axis=1, keepdims=True), 0.0) * rest


def _offset(rng: np.random.Generator, text: Layout) -> int:
    """An offset that the text can show; 0 where there is none."""
    possible = [offset for offset in OFFSETS if applicable("offset", text, offset)]
    return int(rng.choice(possible)) if possible else 0
