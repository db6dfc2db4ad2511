"""All heads of a capture in one short text: 8-bit codes, between tokens and between words, deflated."""

import base64
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from torch import Tensor

from attention.core.capture import Capture
from attention.core.words import Word, to_words, words_of
from attention.errors import SelectionError
from attention.share.overview import overview
from attention.share.pictures import head_picture, measured, title
from attention.share.selection import LEVELS, Selection
from attention.views.coding import checked

MOST_CELLS = 2**22
"""Weights between tokens in one page: 144 heads of 170 tokens, which is about 5 MB."""


def packed_heads(capture: Capture, selection: Selection, levels: dict[str, dict]) -> dict[str, Any]:
    """What page.js needs to draw any head: `packed` with the codes, `chooser` with the grid.

    levels: the picture of the selection at each level, whose labels all heads share.
    Raises: SelectionError: too many weights for a page, or a measure that has no heads.
    """
    n = len(capture.tokens)
    cells = capture.n_layers * capture.n_heads * n * n
    if selection.measure == "rollout":
        raise SelectionError("no_heads_of_rollout")
    if cells > MOST_CELLS:
        raise SelectionError("too_many_heads_cells", got=cells, limit=MOST_CELLS)
    words = words_of(capture.tokens, capture.text.text, capture.text.pair)
    tokens, corrections = [], []
    for layer in range(capture.n_layers):
        for head in range(capture.n_heads):
            weights = measured(capture, replace(selection, layer=layer, head=head))
            codes = coded(weights)
            tokens.append(codes.tobytes())
            corrections.append((coded(to_words(weights, words)) - between_words(codes, words)).tobytes())
    grid = overview(capture, selection).grid | {"data": "", "tables": {}, "title": "All heads"}
    before, _, after = levels["token"]["caption"].partition(f" · {title(selection)} · ")
    after_words = levels["word"]["caption"].partition(f" · {title(selection)} · ")[2]
    return {
        "chooser": grid,
        "packed": {
            "data": base64.b64encode(zlib.compress(b"".join(tokens + corrections), 9)).decode("ascii"),
            "heads": capture.n_heads,
            "count": capture.n_layers * capture.n_heads,
            "words": [[word.first, word.last] for word in words],
            "caption": {"before": f"{before} · ", "token": f" · {after}", "word": f" · {after_words}"},
            "layers": {level: _by_layer(capture, selection, level) for level in LEVELS},
        },
    }


def coded(weights: Float[Tensor, "query_pos key_pos"]) -> UInt8[np.ndarray, "query_pos key_pos"]:
    """round(255 sqrt(weight)): a weight is off by at most 0.004."""
    return np.rint(255 * np.sqrt(checked(weights).numpy())).astype(np.uint8)


def between_words(
    codes: UInt8[np.ndarray, "query_pos key_pos"], words: tuple[Word, ...]
) -> UInt8[np.ndarray, "query_word key_word"]:
    """Codes between words worked out from those between tokens, in whole numbers so that a browser gets the same.

    Off by a step or two where a word has several tokens; the packed text holds what is missing.
    """
    member = np.zeros((len(words), codes.shape[0]), dtype=np.int64)
    for row, word in enumerate(words):
        member[row, word.first : word.last + 1] = 1
    sums = member @ (codes.astype(np.int64) ** 2) @ member.T
    return np.floor(np.sqrt(sums / member.sum(axis=1, keepdims=True)) + 0.5).clip(0, 255).astype(np.uint8)


def _by_layer(capture: Capture, selection: Selection, level: str) -> list[dict]:
    """Which pairs are allowed and outlined, of each layer, or once where all layers agree."""
    # the only pattern that differs from head to head is left out
    pattern = None if selection.pattern == "offset" else selection.pattern
    found = []
    for layer in range(capture.n_layers):
        value = head_picture(capture, replace(selection, layer=layer, head=0, level=level, query=None, pattern=pattern))
        found.append({"allowed": value["allowed"], "outline": value["outline"]})
    return found[:1] if all(one == found[0] for one in found) else found
