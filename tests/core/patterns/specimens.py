"""Texts on which patterns can occur, and heads that follow them, at any length and under any mask."""

import torch
from torch import Tensor

from attention.core import masks
from attention.core.patterns.layout import Layout, layout_of
from attention.core.patterns.score import HeadScores, Plan, plans, score_layer
from attention.core.tokens import Token

MASKS = ("bidirectional", "causal", "padded", "causal padded", "padded in front", "causal window")


def tokens_of(ids: list[int], *, special: set[int] = frozenset(), stops: set[int] = frozenset()) -> tuple[Token, ...]:
    """One word per two tokens; `special` and `stops` (punctuation) are ids."""
    tokens = []
    for place, id_ in enumerate(ids):
        word = -1 if id_ in special else place // 2
        tokens.append(Token(f"t{id_}", id_, 0, 1, word, special=id_ in special, punctuation=id_ in stops))
    return tuple(tokens)


def text_tokens(n: int, seed: int = 0) -> tuple[Token, ...]:
    """Content with repeats, a full stop in every sixth place, and specials first, in the middle and last."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, 4 + n // 6, (n,), generator=generator).tolist()
    ids[5::6] = [2] * len(ids[5::6])
    ids[0], ids[n // 3], ids[-1] = 0, 1, 1
    return tokens_of(ids, special={0, 1}, stops={2})


def mask_of(kind: str, n: int) -> Tensor:
    """The mask; padding takes an eighth of the text."""
    padding, position = max(n // 8, 1), torch.arange(n)
    if kind == "causal window":
        return masks.causal(n) & masks.sliding_window(n, max(n // 2, 3))
    mask = masks.causal(n) if "causal" in kind else torch.ones(n, n, dtype=torch.bool)
    if kind == "padded in front":
        return mask & (position >= padding)
    return mask & (position < n - padding) if "padded" in kind else mask


def layout(n: int, kind: str = "bidirectional", seed: int = 0) -> Layout:
    return layout_of(text_tokens(n, seed), mask_of(kind, n), "causal" in kind)


def uniform(text: Layout) -> Tensor:
    """Each row's allowed keys in equal parts, in float64."""
    return text.allowed.double() / text.n_allowed.double().clamp_min(1.0)[:, None]


def follower(plan: Plan, text: Layout, seed: int = 0) -> Tensor:
    """A head that gives all attention to the pattern's cells, in random parts, and is uniform in rows that have none."""
    shares = torch.rand(plan.cells.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 0.05
    shares = shares * plan.cells
    total = shares.sum(dim=-1, keepdim=True)
    return torch.where(total > 0, shares / total.where(total > 0, 1.0), uniform(text))


def to_offset(text: Layout, offset: int) -> Tensor:
    """A head that gives all attention to the key at one distance, and is uniform in rows that have none."""
    cells = (text.distance == offset) & text.allowed
    return torch.where(cells.any(dim=-1, keepdim=True), cells.double(), uniform(text))


def noise(text: Layout, heads: int, seed: int = 0, sharpness: float = 1.0) -> Tensor:
    """Heads of random weights, in float64."""
    generator = torch.Generator().manual_seed(seed)
    scores = sharpness * torch.randn(heads, *text.allowed.shape, generator=generator, dtype=torch.float64)
    return scores.masked_fill(~text.allowed, -torch.inf).softmax(dim=-1).nan_to_num(0.0)


def plan_of(text: Layout, name: str) -> Plan:
    return next(plan for plan in plans(text).each if plan.pattern.name == name)


def score(text: Layout, *heads: Tensor) -> dict[str, HeadScores]:
    return score_layer(torch.stack(heads), plans(text))
