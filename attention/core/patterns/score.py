"""Scores and labels of heads: every pattern at once, as the head is and over content alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention.core.patterns.labels import certain, label_heads
from attention.core.patterns.layout import Layout, layout
from attention.core.patterns.plan import bands, cells
from attention.core.patterns.side import Side
from attention.core.patterns.table import OFFSETS, PATTERNS
from attention.core.patterns.tally import Tally
from attention.errors import ShapeError

NAMES = (*(pattern.name for pattern in PATTERNS), "offset", "broad", "unstructured")
_STEPS = tuple(pattern.name for pattern in OFFSETS)


@dataclass(frozen=True, eq=False, slots=True)
class PatternScores:
    """What the heads of one text do.

    scores, share, chance: by name of NAMES, one number from 0 to 1 per head, NaN where the pattern is not applicable.
    rows: eligible rows by name, 0 where not applicable. offset: best distance of the pattern "offset", 0 for none.
    labels: one of NAMES or "none" per head. working, working_labels: the same over content keys alone.
    resting: share of attention on the first token and on special tokens.
    """

    scores: dict[str, Float[Tensor, " head"]]
    share: dict[str, Float[Tensor, " head"]]
    chance: dict[str, Float[Tensor, " head"]]
    rows: dict[str, int]
    offset: Int[Tensor, " head"]
    labels: list[str]
    working: dict[str, Float[Tensor, " head"]]
    working_labels: list[str]
    resting: Float[Tensor, " head"]
    layout: Layout

    def cells(self, name: str, head: int = 0) -> Bool[Tensor, "query_pos key_pos"]:
        """The cells a pattern selects on this text; `head` tells the distance of "offset". All False where it has none."""
        wanted = offset_name(int(self.offset[head])) if name == "offset" else name
        pattern = next((row for row in (*PATTERNS, *OFFSETS) if row.name == wanted), None)
        if pattern is None or not pattern.applies(self.layout):
            return torch.zeros_like(self.layout.allowed)
        return torch.cat([cells((pattern,), part)[0] for part in bands(self.layout)])


def score_heads(
    weights: Float[Tensor, "head query_pos key_pos"],
    *,
    token_ids: Int[Tensor, " position"] | Sequence[int],
    special: Bool[Tensor, " position"] | Sequence[bool],
    punctuation: Bool[Tensor, " position"] | Sequence[bool],
    word_ids: Int[Tensor, " position"] | Sequence[int],
    segment_ids: Int[Tensor, " position"] | Sequence[int],
    causal: bool,
    allowed: Bool[Tensor, "query_pos key_pos"] | None = None,
) -> PatternScores:
    """Every pattern for every head of one text.

    allowed: True where a row may attend; all cells, or the lower triangle when `causal`, unless given.
    Raises: ShapeError for arrays that do not fit, and for a row that does not sum to 1 over its allowed keys
    (1e-3 in float32, 1e-2 in half precision).
    """
    if weights.ndim != 3 or weights.shape[1] != weights.shape[2]:
        raise ShapeError("shape", name="weights", got=tuple(weights.shape), expected="(head, n, n)")
    n = weights.shape[-1]
    if allowed is None:
        allowed = torch.ones(n, n, dtype=torch.bool)
        allowed = allowed.tril() if causal else allowed
    if tuple(allowed.shape) != (n, n):
        raise ShapeError("shape", name="allowed", got=tuple(allowed.shape), expected=(n, n))
    given = {"token_ids": token_ids, "special": special, "punctuation": punctuation, "word_ids": word_ids}
    for name, array in {**given, "segment_ids": segment_ids}.items():
        if len(array) != n:
            raise ShapeError("shape", name=name, got=(len(array),), expected=(n,))
    text = layout(
        ids=torch.as_tensor(token_ids).cpu().long(),
        special=torch.as_tensor(special).cpu().bool(),
        punctuation=torch.as_tensor(punctuation).cpu().bool(),
        word=torch.as_tensor(word_ids).cpu().long(),
        segment=torch.as_tensor(segment_ids).cpu().long(),
        allowed=allowed.cpu().bool(),
        causal=causal,
    )
    tally = Tally(text, weights.shape[0])
    for part in tally.bands:
        tally.add(part, weights[:, int(part.query_pos[0]) : int(part.query_pos[-1]) + 1].cpu())
    return scores_of(tally)


def scores_of(tally: Tally) -> PatternScores:
    """The scores of a tally to which every band has been added."""
    raw, working = _read(tally.raw), _read(tally.working)
    plans = (tally.raw.cell, tally.raw.step)
    rows = {p.name: int(n) for plan in plans for p, n in zip(plan.patterns, plan.rows.tolist(), strict=True)}
    counted = int(tally.text.rows.sum())
    rows["offset"] = max((rows.get(pattern.name, 0) for pattern in OFFSETS), default=0)
    rows["broad"] = rows["unstructured"] = counted
    return PatternScores(
        scores=raw.kappa,
        share=raw.share,
        chance=raw.chance,
        rows={name: rows.get(name, 0) for name in NAMES},
        offset=raw.offset,
        labels=raw.labels,
        working=working.kappa,
        working_labels=working.labels,
        resting=(tally.resting / counted).float() if counted else torch.full_like(tally.resting, torch.nan).float(),
        layout=tally.text,
    )


def offset_name(step: int) -> str:
    """The name of one single distance in OFFSETS."""
    return f"offset {step:+d}"


@dataclass(frozen=True, eq=False, slots=True)
class _Reading:
    kappa: dict[str, Tensor]
    share: dict[str, Tensor]
    chance: dict[str, Tensor]
    offset: Tensor
    labels: list[str]


def _read(side: Side) -> _Reading:
    """One side by name; a pattern without a plan is NaN."""
    heads = side.kept.shape[0]
    missing = torch.full((heads,), torch.nan, dtype=torch.float64)
    columns = {pattern.name: at for at, pattern in enumerate(side.patterns)}
    kappa, share, chance, z = (
        {name: part[:, columns[name]] if name in columns else missing for name in (*NAMES, *_STEPS)}
        for part in side.numbers()
    )
    every = torch.stack([kappa[name] for name in _STEPS])
    best, head = every.nan_to_num(nan=-1.0).argmax(dim=0), torch.arange(heads)
    for table in (kappa, share, chance, z):
        table["offset"] = torch.stack([table[name] for name in _STEPS])[best, head]
    steps = torch.tensor([pattern.offset for pattern in OFFSETS])
    named = certain(kappa, {name: part.nan_to_num(nan=0.0) for name, part in z.items()})
    strongest = named.max(dim=0).values
    evenness, focus = side.shapes()
    kappa["broad"] = torch.minimum(evenness, 1.0 - strongest).clamp(0.0, 1.0)
    kappa["unstructured"] = (focus - strongest).clamp(0.0, 1.0)
    return _Reading(
        _named(kappa),
        _named(share),
        _named(chance),
        torch.where(kappa["offset"].isnan(), 0, steps[best]),
        label_heads(named, kappa["broad"], kappa["unstructured"]),
    )


def _named(table: dict[str, Tensor]) -> dict[str, Tensor]:
    """Without the single distances behind "offset"."""
    return {name: table[name] for name in NAMES}
