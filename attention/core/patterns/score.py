"""Scores and labels of heads: every pattern at once, as the head is and over content alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention.core.patterns.labels import certain, label_heads
from attention.core.patterns.layout import Layout, layout
from attention.core.patterns.plan import bands, cells
from attention.core.patterns.sums import PLACE, Sums
from attention.core.patterns.table import OFFSETS, PATTERNS
from attention.core.patterns.tally import Tally
from attention.errors import ShapeError

NAMES = (*(pattern.name for pattern in PATTERNS), "offset", "broad", "unstructured")
MIN_OFFSET = 1e-6
"""Below this no distance is the best one: what differs is rounding."""

_STEPS = tuple(pattern.name for pattern in OFFSETS)


@dataclass(frozen=True, eq=False, slots=True)
class PatternScores:
    """What the heads of one text do.

    scores, share, chance: by name of NAMES, one number from 0 to 1 per head, NaN where the pattern is not applicable.
    rows: eligible rows by name, 0 where not applicable. offset: best distance of the pattern "offset", 0 for none.
    labels: one of NAMES or "none" per head. working, working_labels: the same over content keys alone.
    resting: share of attention on the first token and on special tokens.
    sums, working_sums: what the scores were read off, to be added up over texts.
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
    sums: Sums
    working_sums: Sums

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
    raw_sums, working_sums = (side.sums() for side in tally.sides)
    raw, working = read(raw_sums), read(working_sums)
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
        labels=raw.labels(),
        working=working.kappa,
        working_labels=working.labels(),
        resting=(tally.resting / counted).float() if counted else torch.full_like(tally.resting, torch.nan).float(),
        layout=tally.text,
        sums=raw_sums,
        working_sums=working_sums,
    )


def offset_name(step: int) -> str:
    """The name of one single distance in OFFSETS."""
    return f"offset {step:+d}"


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """What one reading of all heads shows, by name of NAMES; see PatternScores. offset: best distance, 0 for none."""

    kappa: dict[str, Float[Tensor, "*sample head"]]
    share: dict[str, Float[Tensor, "*sample head"]]
    chance: dict[str, Float[Tensor, "*sample head"]]
    offset: Int[Tensor, "*sample head"]
    named: Float[Tensor, "name *sample head"]

    def labels(self) -> list[str]:
        """One name per head, of a reading without samples."""
        return label_heads(self.named, self.kappa["broad"], self.kappa["unstructured"])


def read(sums: Sums) -> Reading:
    """Scores from sums, of one text or of many."""
    kappa, share, chance, z = ({name: part[..., at] for name, at in PLACE.items()} for part in sums.numbers())
    every = torch.stack([kappa[name] for name in _STEPS])
    found, best = every.nan_to_num(nan=-1.0).max(dim=0)
    for table in (kappa, share, chance, z):
        table["offset"] = torch.stack([table[name] for name in _STEPS]).gather(0, best[None])[0]
    steps = torch.tensor([pattern.offset for pattern in OFFSETS])
    named = certain(kappa, z)
    strongest = named.max(dim=0).values
    evenness, focus = sums.evenness_and_focus()
    kappa["broad"] = torch.minimum(evenness, 1.0 - strongest).clamp(0.0, 1.0)
    kappa["unstructured"] = (focus - strongest).clamp(0.0, 1.0)
    for table in (share, chance):
        table["broad"] = table["unstructured"] = torch.full_like(strongest, torch.nan)
    by_name = [{name: table[name] for name in NAMES} for table in (kappa, share, chance)]
    return Reading(by_name[0], by_name[1], by_name[2], torch.where(found > MIN_OFFSET, steps[best], 0), named)
