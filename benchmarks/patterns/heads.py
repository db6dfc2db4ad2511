"""Labelled heads: a pattern of known strength, the rest one of several kinds of noise, and heads that follow nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.patterns import noise
from benchmarks.patterns.selectors import NAMED, OFFSETS, applicable, cells
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
    weights: NDArray[np.float64]


def samples(seed: int = 0, lengths: tuple[int, ...] = LENGTHS) -> Iterator[Sample]:
    """The whole benchmark, text by text: every length, both masks, every style of text, and pairs."""
    for n, causal in product(lengths, (False, True)):
        for number, style in enumerate((*STYLES, "words")):
            rng = np.random.default_rng([seed, n, causal, number])
            text = text_of(rng, n, causal, style, pair=not causal and number == len(STYLES))
            made = list(_heads(rng, text))
            yield Sample(text, tuple(truth for truth, _ in made), np.stack([weights for _, weights in made]))


def _heads(rng: np.random.Generator, text: Layout) -> Iterator[tuple[Truth, NDArray[np.float64]]]:
    places = [(name, _offset(rng, text) if name == "offset" else 0) for name in NAMED]
    possible = [(name, offset) for name, offset in places if (name != "offset" or offset) and applicable(name, text, offset)]
    for name, offset in possible:
        chosen = cells(name, text, offset)
        for strength in rng.choice(STRENGTHS, 2, replace=False):
            yield _follower(rng, text, chosen, Truth(name, float(strength)))
        for strength in STRENGTHS:
            rest = noise.drawn(rng, weak=strength < 0.5)
            spread = str(rng.choice(SPREADS[:2] if name in ("local", "long_range", "same_segment") else SPREADS))
            yield _follower(rng, text, chosen, Truth(name, strength, rest=rest, spread=spread))
    yield from _pairs(rng, text, possible)
    for _ in range(6):
        strength = float(rng.choice([0.5, 0.6, 0.8, 1.0]))
        rest = noise.drawn(rng, weak=True)
        yield Truth("unstructured", strength, rest=rest), _mixed(
            strength * noise.targets(rng, text), noise.row(rng, text, rest)
        )
    for kind in noise.SHAPELESS:
        yield Truth("noise", 0.0, rest=kind), noise.row(rng, text, kind)
    for sharpness in (0.0, 0.15, 0.3, 0.45):
        yield Truth("broad", 1.0 - sharpness, rest="logits"), noise.logits(rng, text, sharpness)


def _pairs(rng, text, possible):
    """Heads of two patterns, the weaker at least 0.15 behind."""
    for _ in range(8):
        if len(possible) < 2:
            return
        (one, first), (two, second) = (possible[place] for place in rng.choice(len(possible), 2, replace=False))
        if {one, two} & {"local", "long_range", "same_segment"}:
            continue  # these hold the cells of others: which of the two is stronger would be a matter of words
        strong = float(rng.choice([0.45, 0.55, 0.65]))
        weak = float(rng.choice([0.25, 0.3]))
        part = strong * _share(rng, cells(one, text, first), "even")
        part = part + weak * _share(rng, cells(two, text, second), "even")
        rest = noise.drawn(rng, weak=True)
        yield Truth(one, strong, second=two, rest=rest), _mixed(part, noise.row(rng, text, rest))


def _follower(rng, text, chosen, truth):
    part = truth.strength * _share(rng, chosen, truth.spread)
    return truth, _mixed(part, noise.row(rng, text, truth.rest))


def _share(rng: np.random.Generator, chosen, spread: str):
    """Each row's part on its selected cells; rows without any stay empty."""
    draws = {
        "even": lambda: np.ones(chosen.shape),
        "random": lambda: rng.gamma(1.0, size=chosen.shape) + 0.02,
        "one": lambda: rng.random(chosen.shape),
    }[spread]()
    draws = draws * chosen
    if spread == "one":
        draws = (draws == draws.max(axis=1, keepdims=True)) & chosen
    return draws / np.maximum(draws.sum(axis=1, keepdims=True), 1e-12)


def _mixed(part, rest):
    """Rows summing to one: the given part, and the rest in what it leaves."""
    return part + (1.0 - part.sum(axis=1, keepdims=True)) * rest


def _offset(rng: np.random.Generator, text: Layout) -> int:
    """An offset the text can show; 0 where there is none."""
    possible = [offset for offset in OFFSETS if applicable("offset", text, offset)]
    return int(rng.choice(possible)) if possible else 0
