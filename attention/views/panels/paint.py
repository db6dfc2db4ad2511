"""Each token's own color, the same in light and dark: a point in OKLab, where mixing is a weighted sum."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from attention.views.palette import hex_of

GOLDEN_ANGLE = 2.399963229728653  # radians: neighbors differ, and a longer sentence leaves earlier colors as they are


def paints(count: int) -> Float[Tensor, "token channel"]:
    """Lightness, a and b of the first `count` paints."""
    at = torch.arange(count, dtype=torch.float64)
    hue = 0.7 + at * GOLDEN_ANGLE
    lightness = 0.64 + 0.07 * (at % 3 - 1)
    return torch.stack([lightness, 0.125 * hue.cos(), 0.125 * hue.sin()], dim=-1).float()


def paints_of(words: Sequence[str]) -> Float[Tensor, "token channel"]:
    """One paint per word, the same wherever the word stands again, with a capital or without."""
    first = {word: at for at, word in enumerate(dict.fromkeys(word.casefold() for word in words))}
    return paints(len(first))[[first[word.casefold()] for word in words]]


def hexes(points: Float[Tensor, "token channel"]) -> list[str]:
    """The colors as "#RRGGBB"."""
    return [hex_of(*point) for point in points.tolist()]
