"""Rows of attention that follow no named pattern, in several families, as arrays of [query, key]."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.patterns.cell_sets import content, distances, first_key
from benchmarks.patterns.texts import Layout

Weights = NDArray[np.float64]

SHAPELESS = (
    "dirichlet 0.3", "dirichlet 1", "dirichlet 3", "logits 1", "logits 2", "logits 3", "popular keys", "low rank",
    "sink on a word", "sharp",
)  # fmt: skip
MILD = ("even", "dirichlet 1", "dirichlet 3", "logits 0.5", "logits 1", "popular keys mild", "low rank mild")
DISTRACTORS = ("sink on a word", "sink on a mark", "nearby", "dirichlet 0.3", "logits 2", "popular keys", "low rank")


def drawn(rng: np.random.Generator, *, mild: bool) -> str:
    """A family for what a pattern leaves: mild ones only where a stronger one could outdo the pattern."""
    return str(rng.choice(MILD if mild else MILD + DISTRACTORS))


def rows(rng: np.random.Generator, text: Layout, kind: str) -> Weights:
    """One head's rows of the family `kind`."""
    name, _, number = kind.rpartition(" ")
    if name == "dirichlet":
        return _normed(rng.gamma(float(number), size=text.allowed.shape) + 1e-12, text)
    if name == "logits":
        return logits(rng, text, float(number))
    n = len(text)
    if kind == "even":
        return _normed(np.ones((n, n)), text)
    if kind in ("popular keys", "popular keys mild"):  # words only: a popular mark would be a pattern
        size = 0.7 if kind.endswith("mild") else 1.5
        return _softmax(size * rng.normal(size=n) * _words(text) + 0.3 * rng.normal(size=(n, n)), text)
    if kind in ("low rank", "low rank mild"):
        size = 0.8 if kind.endswith("mild") else 2.0
        return _softmax(size * rng.normal(size=(n, 8)) @ rng.normal(size=(8, n)) / np.sqrt(8), text)
    if kind == "nearby":
        reach = rng.uniform(3, max(4, n / 8))
        return _softmax(-np.abs(distances(text)) / reach + 0.3 * rng.normal(size=(n, n)), text)
    if kind == "sharp":
        return targets(rng, text)
    return _sink(rng, text, kind)


def logits(rng: np.random.Generator, text: Layout, size: float) -> Weights:
    """Softmax of independent normal logits."""
    return _softmax(size * rng.normal(size=text.allowed.shape), text)


def targets(rng: np.random.Generator, text: Layout) -> Weights:
    """Each row on one key drawn by chance: sharp, and explained by nothing."""
    draws = rng.random(text.allowed.shape) * text.allowed
    return (draws == draws.max(axis=1, keepdims=True)).astype(float)


def _sink(rng: np.random.Generator, text: Layout, kind: str) -> Weights:
    """Half of every row on one key, a word or (for "mark") one of the tokenizer's marks or the first token."""
    n = len(text)
    rest = logits(rng, text, 1.0)
    first = np.arange(n) == first_key(text)
    keys = _words(text) if kind == "sink on a word" else text.special | first
    key = int(rng.choice(np.flatnonzero(keys))) if keys.any() else 0
    part = 0.5 * (text.allowed & (np.arange(n) == key))
    return part + (1 - part.sum(axis=1, keepdims=True)) * rest


def _words(text: Layout) -> NDArray[np.bool_]:
    """Keys that no pattern is about as such: neither marks nor the first."""
    return content(text) & ~text.punctuation & (np.arange(len(text)) != first_key(text))


def _softmax(scores: Weights, text: Layout) -> Weights:
    return _normed(np.exp(scores - scores.max(axis=1, keepdims=True)), text)


def _normed(parts: Weights, text: Layout) -> Weights:
    parts = parts * text.allowed
    return parts / np.maximum(parts.sum(axis=1, keepdims=True), 1e-300)
