"""One head as a picture: its matrix, and the same numbers as arcs between two columns of tokens."""

from collections.abc import Sequence

from jaxtyping import Bool, Float
from torch import Tensor

from attention.errors import SelectionError, ShapeError
from attention.views.coding import encode, encode_mask
from attention.views.labels import Label, coded_labels


def render(
    weights: Float[Tensor, "query_pos key_pos"],
    *,
    labels: Sequence[Label],
    key_labels: Sequence[Label] | None = None,
    allowed: Bool[Tensor, "query_pos key_pos"] | None = None,
    title: str = "",
    caption: str = "",
    query: int | None = None,
    empty_rows: Sequence[int] = (),
    empty_note: str = "no key allowed",
    outline: Bool[Tensor, "query_pos key_pos"] | None = None,
    mirrored: bool = False,
) -> dict:
    """What `mountHeadFigure` (also `mountHeatmap`, `mountArcs`) draws; plain JSON.

    labels: one per query, and per key unless `key_labels` differ (cross-attention).
    allowed: True where a query may look; blocked pairs are hatched, never colored.
    query: the pinned row. empty_rows: rows in which the measure has nothing to show, hatched and described by
    `empty_note`; rows without any allowed key are found in `allowed`. outline: pairs to draw a line around.
    mirrored: for text read from right to left, columns run that way, and what looks stands on the right.
    Raises: ShapeError, SelectionError; ValueError for weights outside [0, 1] or NaN.
    """
    rows, cols = weights.shape
    keys = labels if key_labels is None else key_labels
    for name, given, size in (("labels", labels, rows), ("key_labels", keys, cols)):
        if len(given) != size:
            raise ShapeError("shape", name=name, got=(len(given),), expected=(size,))
    for row in (*empty_rows, *(() if query is None else (query,))):
        if not 0 <= row < rows:
            raise SelectionError("bad_query", got=row, last=rows - 1)
    for name, mask in (("allowed", allowed), ("outline", outline)):
        if mask is not None and mask.shape != weights.shape:
            raise ShapeError("shape", name=name, got=tuple(mask.shape), expected=(rows, cols))
    return {
        "title": title,
        "caption": caption,
        "weights": encode(weights),
        "allowed": None if allowed is None else encode_mask(allowed),
        "queries": coded_labels(labels),
        "keys": None if key_labels is None else coded_labels(key_labels),
        "query": query,
        "empty_rows": sorted(set(empty_rows)),
        "empty_note": empty_note,
        "outline": None if outline is None or not bool(outline.any()) else encode_mask(outline) or {"all": True},
        "mirrored": mirrored,
    }
