"""The pictures that browser tests look at."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from attention.views import finding_cards, head_grid, heatmap
from attention.views.labels import Label
from attention.views.static_files import FINDING_CARDS, HEAD_FIGURE, HEAD_GRID
from tests.views.pages import Mounted

if TYPE_CHECKING:
    from playwright.sync_api import Page

WORDS = [
    "[CLS]",
    "The",
    "القط",
    "東京",
    "👩‍👩‍👧",
    "שלום",
    "</script><b>x</b>",
    "Donaudampfschifffahrtsgesellschaft",
    "[SEP]",
]


def weights_of(tokens: int, causal: bool = False) -> Tensor:
    scores = 2 * torch.randn(tokens, tokens, generator=torch.Generator().manual_seed(tokens))
    return (scores.masked_fill(~torch.ones_like(scores).bool().tril(), -torch.inf) if causal else scores).softmax(-1)


def head(
    tokens: int = 0, *, mode: str = "matrix", causal: bool = False, query: int | None = None, **more: object
) -> Mounted:
    words = [WORDS[i % len(WORDS)] for i in range(tokens)] if tokens else WORDS
    weights = weights_of(len(words), causal)
    allowed = torch.ones_like(weights).bool().tril() if causal else None
    labels = [Label(word, special=word.startswith("[")) for word in words]
    value = heatmap.render(weights, labels=labels, allowed=allowed, title="L2H6", caption="L2H6", query=query, **more)
    return Mounted("head", HEAD_FIGURE, {"value": value, "mode": mode})


def grid(layers: int = 3, heads: int = 4) -> Mounted:
    thumbs = torch.stack([head_grid.thumbnails(torch.stack([weights_of(9)] * heads)) for _ in range(layers)])
    notes = [f"next 0.{i:02d}" for i in range(layers * heads)]
    return Mounted("grid", HEAD_GRID, {"value": head_grid.render(thumbs, n_tokens=9, selected=(1, 2), notes=notes)})


def cards() -> Mounted:
    thumb = head_grid.thumbnails(weights_of(9)[None])[0]
    found = [
        finding_cards.FindingCard(f"Pattern {i}", f"name_{i}", i, i + 1, 0.9 - 0.2 * i, 0.1, 9, "A reason.", thumb)
        for i in range(3)
    ]
    return Mounted(
        "cards", FINDING_CARDS, {"value": finding_cards.render(found, n_tokens=9, selected=(0, 1), footnote="Why.")}
    )


def settle(page: "Page") -> None:
    """Waits until what was asked for is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def overflow(page: "Page") -> int:
    """By how many pixels the page scrolls sideways."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
