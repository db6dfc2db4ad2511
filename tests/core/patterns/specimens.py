"""Texts on which patterns can occur, and heads that follow them, at any length and under any mask."""

import numpy as np
import torch
from torch import Tensor

from attention.core import masks
from attention.core.capture import Capture, WeightsLayer
from attention.core.patterns import PATTERNS, PatternScores, score_heads
from attention.core.patterns.layout import Layout, layout_of
from attention.core.patterns.plan import bands, cells
from attention.core.patterns.table import OFFSETS
from attention.core.tokens import Text, Token
from benchmarks.patterns import texts

MASKS = ("bidirectional", "causal", "padded", "causal padded", "padded in front", "causal window")
NAMED = tuple(pattern.name for pattern in PATTERNS)
ROWS = {pattern.name: pattern for pattern in (*PATTERNS, *OFFSETS)}


def tokens_of(
    ids: list[int], *, special: set[int] = frozenset(), stops: set[int] = frozenset(), second: int | None = None
) -> tuple[Token, ...]:
    """One word per two tokens; `special` and `stops` (punctuation) are ids; `second` is where the second text begins."""
    tokens = []
    for place, id_ in enumerate(ids):
        word = -1 if id_ in special else place // 2
        segment = int(second is not None and place >= second and id_ not in special)
        tokens.append(
            Token(f"t{id_}", id_, 0, 1, word, special=id_ in special, punctuation=id_ in stops, segment=segment)
        )
    return tuple(tokens)


def text_tokens(n: int, seed: int = 0, *, pair: bool = False) -> tuple[Token, ...]:
    """Content with repeats, a full stop in every sixth place, and specials first, in the middle and last."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, 4 + n // 6, (n,), generator=generator).tolist()
    ids[5::6] = [2] * len(ids[5::6])
    ids[0], ids[n // 3], ids[-1] = 0, 1, 1
    return tokens_of(ids, special={0, 1}, stops={2}, second=n // 3 if pair else None)


def mask_of(kind: str, n: int) -> Tensor:
    """The mask; padding takes an eighth of the text."""
    padding, position = max(n // 8, 1), torch.arange(n)
    if kind == "causal window":
        return masks.causal(n) & masks.sliding_window(n, max(n // 2, 3))
    mask = masks.causal(n) if "causal" in kind else torch.ones(n, n, dtype=torch.bool)
    if kind == "padded in front":
        return mask & (position >= padding)
    return mask & (position < n - padding) if "padded" in kind else mask


def layout(n: int, kind: str = "bidirectional", seed: int = 0, *, pair: bool = False) -> Layout:
    return layout_of(text_tokens(n, seed, pair=pair), mask_of(kind, n), "causal" in kind)


def distances(text: Layout) -> Tensor:
    position = torch.arange(len(text.ids))
    return position[None, :] - position[:, None]


def uniform(text: Layout) -> Tensor:
    """Each row's allowed keys in equal parts, in float64."""
    return text.allowed.double() / text.n_allowed.double().clamp_min(1.0)[:, None]


def cells_of(text: Layout, name: str) -> Tensor:
    """Cells of a pattern, or of one single distance ("offset +3"), in eligible rows; none where it does not apply."""
    if not ROWS[name].applies(text):
        return torch.zeros_like(text.allowed)
    return torch.cat([cells((ROWS[name],), part)[0] for part in bands(text)])


def follower(text: Layout, name: str, seed: int = 0) -> Tensor:
    """A head that gives all attention to the pattern's cells, in random parts, and is uniform in rows that have none.

    A wide pattern's parts are even, as a head that rests on a few of its places is not wide.
    """
    chosen = cells_of(text, name)
    shares = torch.rand(chosen.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 0.05
    shares = torch.ones_like(shares) * chosen if ROWS[name].wide else shares * chosen
    total = shares.sum(dim=-1, keepdim=True)
    return torch.where(total > 0, shares / total.where(total > 0, 1.0), uniform(text))


def to_offset(text: Layout, offset: int) -> Tensor:
    """A head that gives all attention to the key at one distance, and is uniform in rows that have none."""
    chosen = (distances(text) == offset) & text.allowed
    return torch.where(chosen.any(dim=-1, keepdim=True), chosen.double(), uniform(text))


def noise(text: Layout, heads: int, seed: int = 0, sharpness: float = 1.0) -> Tensor:
    """Heads of random weights, in float64."""
    generator = torch.Generator().manual_seed(seed)
    scores = sharpness * torch.randn(heads, *text.allowed.shape, generator=generator, dtype=torch.float64)
    return scores.masked_fill(~text.allowed, -torch.inf).softmax(dim=-1).nan_to_num(0.0)


def score(text: Layout, *heads: Tensor) -> PatternScores:
    """By the public door, from the layout's own arrays."""
    return score_heads(
        torch.stack(heads), token_ids=text.ids, special=text.special, punctuation=text.punctuation,
        word_ids=text.word, segment_ids=text.segment, causal=text.causal, allowed=text.allowed,
    )  # fmt: skip


def capture_of(*layers: list[Tensor], tokens: tuple[Token, ...] = text_tokens(30), causal: bool = False) -> Capture:
    """A model whose layers have these heads."""
    mask = mask_of("causal" if causal else "bidirectional", len(tokens))
    kept = tuple(WeightsLayer(torch.stack(heads).float(), mask) for heads in layers)
    text = Text("", None, tokens, {"input_ids": tuple(token.id for token in tokens)})
    return Capture("tiny", "main", "", text, kept, torch.ones(len(kept), len(layers[0]), len(tokens)), causal)


def applicable(text: Layout) -> set[str]:
    """Patterns this text can show: those that have a number for a head of noise."""
    scores = score(text, noise(text, 1)[0]).scores
    return {name for name in (*NAMED, "offset") if not bool(scores[name].isnan())}


def oracle_text(text: Layout) -> texts.Layout:
    """The same text for benchmarks.patterns.reference."""
    arrays = (part.numpy() for part in (text.ids, text.special, text.punctuation, text.word, text.segment))
    return texts.Layout(*arrays, text.causal, np.asarray(text.allowed))
