"""All heads of a model as thumbnails on one canvas."""

import math
from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn.functional import adaptive_max_pool2d

from attention.errors import SelectionError, ShapeError
from attention.views.coding import check_range, checked, percents, text_of_bytes

UNIFORM_TONE = 0.14  # how dark a head that looks everywhere alike is drawn, at every length


def thumbnails(
    weights: Float[Tensor, "head query_pos key_pos"], side: int = 24, *, mirrored: bool = False
) -> UInt8[Tensor, "head thumb_rows thumb_cols"]:
    """Codes round(255 sqrt(weight)), as they are up to `side` tokens, above max-pooled to `side` (a line stays a line).

    mirrored: columns from right to left, as the large picture of such a text has them.
    Raises: ShapeError: side below 1. ValueError: NaN or values outside [0, 1].
    """
    if side < 1:
        raise ShapeError("shape", name="side", got=side, expected="1 or more")
    check_range(weights)
    pooled = adaptive_max_pool2d(weights, tuple(min(side, size) for size in weights.shape[1:]))
    codes = torch.round(255 * torch.sqrt(checked(pooled))).to(torch.uint8)
    return codes.flip(-1) if mirrored else codes


def gamma(n_tokens: int) -> float:
    """The exponent of tone = weight^gamma at which the uniform weight 1/n_tokens has UNIFORM_TONE, and 1 stays 1."""
    return math.log(UNIFORM_TONE) / -math.log(max(n_tokens, 2))


def render(
    thumbs: UInt8[Tensor, "layer head thumb_rows thumb_cols"],
    *,
    n_tokens: int,
    selected: tuple[int, int] = (0, 0),
    title: str = "All heads",
    caption: str = "",
    notes: Sequence[str] = (),
    tables: Mapping[str, Float[Tensor, "layer head"]] | None = None,
) -> dict:
    """What `mountHeadGrid` draws; plain JSON. Layers run down, heads across.

    thumbs: `thumbnails` of every layer. n_tokens: keys of the text, for the common scale.
    selected: (layer, head), used until the component's own `selected` property says otherwise.
    notes: one short text per head, layer after layer ("next 0.99"), said on hover.
    tables: numbers from 0 to 1 (NaN: not applicable) that heads can be colored by, by name.
    Raises: ShapeError, SelectionError.
    """
    n_layers, n_heads, rows, cols = thumbs.shape
    if notes and len(notes) != n_layers * n_heads:
        raise ShapeError("shape", name="notes", got=(len(notes),), expected=(n_layers * n_heads,))
    check_selected(selected, n_layers, n_heads)
    return {
        "title": title,
        "caption": caption,
        "n_layers": n_layers,
        "n_heads": n_heads,
        "rows": rows,
        "cols": cols,
        "data": text_of_bytes(thumbs),
        "gamma": round(gamma(n_tokens), 5),
        "selected": list(selected),
        "notes": list(notes),
        "tables": {name: text_of_bytes(percents(table)) for name, table in (tables or {}).items()},
    }


def check_selected(selected: tuple[int, int], n_layers: int, n_heads: int) -> None:
    """Raises SelectionError unless (layer, head) exists."""
    layer, head = selected
    if not 0 <= layer < n_layers:
        raise SelectionError("bad_layer", got=layer, model="this model", last=n_layers - 1)
    if not 0 <= head < n_heads:
        raise SelectionError("bad_head", got=head, model="this model", last=n_heads - 1)
