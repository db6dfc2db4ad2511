"""What a text fixes for the patterns that select sets of cells, before any head is seen.

    r     mean over eligible rows of the attention on selected cells
    c_u   the same for uniform attention under the same mask
    c_s   the same for the head's own profile, estimated off the selected cells
    kappa = clip((r - c) / max(1 - c, 0.35), 0, 1)   with c = max(c_u, c_s)

A row is eligible when it has selected cells and others. The profile is what a head adds to uniform attention, on average, at
the same key or the same distance. Uniform attention scores 0; "x of the pattern and 1 - x uniform" scores x, under any mask.

r and c_s are linear in the weights, so a pattern is two coefficients per cell, made band by band for all heads at once.
Source: the chance correction of Cohen 1960, "A coefficient of agreement for nominal scales".
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention.core.patterns.layout import Band, Layout, band
from attention.core.patterns.table import Pattern

MIN_ROWS = 3
MAX_UNIFORM = 0.65
BAND_CELLS = 32768
"""Cells of one head in a band: 64 rows of 512 tokens; half as many again where that is the whole text."""


EXACT_TOKENS = 320
"""Up to this length everything is added up in float64, which costs little there."""


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """Some patterns on one text; a pattern that cannot be scored is left out.

    eligible: rows that count. rows: how many. uniform: c_u. deal: for each row, |S| (n - |S|) / (n (n - 1)): how much a share
    varies when the row's weights are dealt to its keys at random (see side.Side).
    """

    patterns: tuple[Pattern, ...]
    eligible: Bool[Tensor, "pattern query_pos"]
    rows: Float[Tensor, " pattern"]
    uniform: Float[Tensor, " pattern"]
    deal: Float[Tensor, "pattern query_pos"]


@dataclass(frozen=True, eq=False, slots=True)
class CellPlan(Plan):
    """A plan of sets of cells.

    A profile is per key or per distance; a pattern may have both. of: the pattern each profile belongs to. by_key: which kind.
    per_place: for each distance (from -(n - 1) up) or, in its first n entries, each key: how much of c_s one unit of profile
    there makes. constant: the part of c_s that no weight changes.
    """

    of: Int[Tensor, " profile"]
    by_key: Bool[Tensor, " profile"]
    per_place: Float[Tensor, "profile place"]
    constant: Float[Tensor, " profile"]


def bands(text: Layout) -> list[Band]:
    """The text's rows in runs of about BAND_CELLS cells: one for a short text."""
    n = len(text.ids)
    step = n if 2 * n * n <= 3 * BAND_CELLS else max(1, BAND_CELLS // n)
    return [band(text, begin, begin + step) for begin in range(0, n, step)]


def cells(patterns: tuple[Pattern, ...], band: Band) -> Bool[Tensor, "pattern row key_pos"]:
    """Each pattern's cells in rows that count: allowed, selected, and not the whole row."""
    return _eligible(_selected(patterns, band), band)


def _eligible(selected: Bool[Tensor, "pattern row key_pos"], band: Band) -> Bool[Tensor, "pattern row key_pos"]:
    chosen = selected & (band.allowed & band.counted[:, None])
    count = chosen.sum(dim=-1)
    return chosen & ((count > 0) & (count < band.n_allowed))[..., None]


def scorable(rows: Tensor, uniform: Tensor) -> list[int]:
    """Which patterns have at least 3 eligible rows and leave uniform attention at most 0.65."""
    return ((rows >= MIN_ROWS) & (uniform <= MAX_UNIFORM)).nonzero().flatten().tolist()


def dealt(size: Tensor, n: Tensor) -> Tensor:
    """|S| (n - |S|) / (n (n - 1)), 0 for rows without cells."""
    return size * (n - size).clamp_min(0.0) / (n * (n - 1)).clamp_min(1.0)


def plan_cells(patterns: tuple[Pattern, ...], text: Layout) -> CellPlan:
    """The patterns that can be scored on this text."""
    patterns = tuple(pattern for pattern in patterns if pattern.applies(text))
    n = len(text.ids)
    by_key, by_distance = torch.zeros(2, 3, len(patterns), 2 * n - 1, dtype=torch.float64)
    kind = torch.float64 if n <= EXACT_TOKENS else torch.float32  # within a band; bands are added up in float64
    sizes = []
    for part in bands(text):
        selected = _selected(patterns, part)
        chosen, outside = _eligible(selected, part), (part.allowed & part.counted[:, None]) & ~selected
        even = _even(part)
        sizes.append(chosen.sum(dim=-1))
        for sums, unit, lay in ((by_key, even, _as_keys), (by_distance, (1.0 - even).clamp_min(1e-6), _as_distances)):
            wants = [at for at, pattern in enumerate(patterns) if (sums is by_key) in _kinds(pattern)]
            (inside, first), (beyond, _) = (lay(mask[wants].to(kind), part) for mask in (chosen, outside))
            places = slice(first, first + inside.shape[-1])
            for which, cells_of, row in (
                (0, inside, unit),
                (1, beyond, torch.ones_like(unit)),
                (2, beyond, even / unit),
            ):
                sums[which, wants, places] += row[:, 0].to(kind) @ cells_of
    size = torch.cat(sizes, dim=-1).double()
    keys = text.n_allowed.clamp_min(1.0).double()
    rows = (size > 0).sum(dim=-1).double()
    uniform = (size / keys).sum(dim=-1) / rows.clamp_min(1.0)
    keep = scorable(rows, uniform)
    profiles = [(at, kind) for at in keep for kind in _kinds(patterns[at])]
    wanted, seen, even_outside = (
        torch.stack([(by_key if kind else by_distance)[which, at] for at, kind in profiles])
        if profiles
        else by_key[which, :0]
        for which in range(3)
    )
    owners = torch.tensor([at for at, _ in profiles], dtype=torch.long)
    per_place = wanted / seen.clamp_min(1) / rows[owners, None].clamp_min(1.0)
    return CellPlan(
        tuple(patterns[at] for at in keep),
        size[keep] > 0,
        rows[keep].float(),
        uniform[keep],
        dealt(size[keep], keys).float(),
        of=torch.tensor([keep.index(at) for at, _ in profiles], dtype=torch.long),
        by_key=torch.tensor([kind for _, kind in profiles], dtype=torch.bool),
        per_place=per_place.float(),
        constant=uniform[owners] - (per_place * even_outside).sum(dim=-1),
    )


def coefficients(plan: CellPlan, band: Band) -> Float[Tensor, "column row key_pos"]:
    """Of each weight of this band: in r for every pattern, then in c_s for every profile."""
    n, rows = len(band.text.ids), len(band.query_pos)
    if not plan.patterns:
        return torch.zeros(0, rows, n)
    selected = _selected(plan.patterns, band)
    inside = _eligible(selected, band) / plan.rows[:, None, None]
    outside = (band.allowed & band.counted[:, None]) & ~selected
    last = (
        n - 1 - int(band.query_pos[0])
    )  # the band's first row reads distances from here on, the next one from one before
    by_distance = plan.per_place.unfold(-1, n, 1)[:, last - rows + 1 : last + 1].flip(1)
    even = _even(band)
    per_cell = torch.where(
        plan.by_key[:, None, None], plan.per_place[:, None, :n] / even, by_distance / (1.0 - even).clamp_min(1e-6)
    )
    return torch.cat([inside, per_cell * outside[plan.of]])


def _kinds(pattern: Pattern) -> tuple[bool, ...]:
    """Its profiles: True for one per key, False for one per distance."""
    return {"column": (True,), "distance": (False,), "both": (True, False)}[pattern.null]


def _selected(patterns: tuple[Pattern, ...], band: Band) -> Bool[Tensor, "pattern row key_pos"]:
    return torch.stack([pattern.select(band) for pattern in patterns]) if patterns else band.allowed[None][:0]


def _even(band: Band) -> Float[Tensor, "row 1"]:
    """Uniform attention in each row; a profile is measured in multiples of it for keys and of the rest for distances.

    So rows with few keys and rows with many compare: a head that gives everything to the token before it does so in both.
    """
    return 1.0 / band.n_allowed.clamp_min(1.0)[:, None]


def _as_keys(amount: Float[Tensor, "pattern row key_pos"], band: Band) -> tuple[Tensor, int]:
    """The amounts by row and key, and the first key."""
    return amount, 0


def _as_distances(amount: Float[Tensor, "pattern row key_pos"], band: Band) -> tuple[Tensor, int]:
    """The amounts by row and distance, shifted so that equal distances stand above each other; where the first one goes."""
    rows, n = amount.shape[1:]
    skewed = torch.nn.functional.pad(amount.flip(1), (0, rows)).flatten(1)[:, : rows * (n + rows - 1)]
    return skewed.unflatten(1, (rows, n + rows - 1)).flip(1), n - 1 - int(band.query_pos[-1])
