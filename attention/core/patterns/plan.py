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
    """Some patterns on one text, or on several; a pattern that can be scored on none is left out, elsewhere it has no rows.

    eligible: rows that count. rows: how many. uniform: c_u. deal: for each row, |S| (n - |S|) / (n (n - 1)): how much a share
    varies when the row's weights are dealt to its keys at random (see side.Side).
    """

    patterns: tuple[Pattern, ...]
    eligible: Bool[Tensor, "*text pattern query_pos"]
    rows: Float[Tensor, "*text pattern"]
    uniform: Float[Tensor, "*text pattern"]
    deal: Float[Tensor, "*text pattern query_pos"]


@dataclass(frozen=True, eq=False, slots=True)
class Marks:
    """Which cells of a band some patterns select, in rows that count.

    chosen: allowed, selected, and not the whole row. outside: allowed and not selected.
    """

    chosen: Bool[Tensor, "*text pattern row key_pos"]
    outside: Bool[Tensor, "*text pattern row key_pos"]


@dataclass(frozen=True, eq=False, slots=True)
class CellPlan(Plan):
    """A plan of sets of cells.

    A profile is per key or per distance; a pattern may have both. of: the pattern each profile belongs to. by_key: which kind.
    per_place: for each distance (from -(n - 1) up) or, in its first n entries, each key: how much of c_s one unit of profile
    there makes. constant: the part of c_s that no weight changes.
    whole: the marks of a text that is one band, so that they are made once.
    """

    of: Int[Tensor, " profile"]
    by_key: Bool[Tensor, " profile"]
    per_place: Float[Tensor, "*text profile place"]
    constant: Float[Tensor, "*text profile"]
    whole: Marks | None

    def marks(self, band: Band) -> Marks:
        """What its patterns mark in a band."""
        return marks_of(self.patterns, band) if self.whole is None else self.whole


def bands(text: Layout) -> list[Band]:
    """The text's rows in runs of about BAND_CELLS cells: one for a short text."""
    n = text.n
    step = n if 2 * n * n <= 3 * BAND_CELLS else max(1, BAND_CELLS // n)
    return [band(text, begin, begin + step) for begin in range(0, n, step)]


def cells(patterns: tuple[Pattern, ...], band: Band) -> Bool[Tensor, "*text pattern row key_pos"]:
    """Each pattern's cells in rows that count: allowed, selected, and not the whole row."""
    return marks_of(patterns, band).chosen


def marks_of(patterns: tuple[Pattern, ...], band: Band) -> Marks:
    """What patterns mark in a band."""
    allowed = (band.allowed & band.counted[..., None])[..., None, :, :]
    if not patterns:
        return Marks(allowed[..., :0, :, :], allowed[..., :0, :, :])
    selected = torch.stack([pattern.select(band) for pattern in patterns], dim=-3) & allowed
    count = selected.sum(dim=-1)
    part_of_row = (count > 0) & (count < band.n_allowed[..., None, :])
    return Marks(selected & part_of_row[..., None], allowed & ~selected)


def scorable(
    rows: Float[Tensor, "*text pattern"], uniform: Float[Tensor, "*text pattern"]
) -> Bool[Tensor, "*text pattern"]:
    """Which patterns have at least 3 eligible rows and leave uniform attention at most 0.65."""
    return (rows >= MIN_ROWS) & (uniform <= MAX_UNIFORM)


def anywhere(found: Bool[Tensor, "*text pattern"]) -> list[int]:
    """Which patterns are found on some text."""
    return found[None].flatten(0, -2).any(dim=0).nonzero().flatten().tolist()


def occurring(patterns: tuple[Pattern, ...], text: Layout) -> tuple[tuple[Pattern, ...], Bool[Tensor, "*text pattern"]]:
    """The patterns that can occur on some text, and on which."""
    found = torch.stack([pattern.applies(text) for pattern in patterns], dim=-1)
    some = anywhere(found)
    return tuple(patterns[at] for at in some), found[..., some]


def dealt(size: Tensor, n: Tensor) -> Tensor:
    """|S| (n - |S|) / (n (n - 1)), 0 for rows without cells."""
    return size * (n - size).clamp_min(0.0) / (n * (n - 1)).clamp_min(1.0)


def plan_cells(patterns: tuple[Pattern, ...], text: Layout) -> CellPlan:
    """The patterns that can be scored on this text."""
    patterns, occurs = occurring(patterns, text)
    n = text.n
    profiles = [(at, by_key) for at, pattern in enumerate(patterns) for by_key in _kinds(pattern)]
    amounts = torch.zeros(*text.texts, len(profiles), 3, 2 * n - 1, dtype=torch.float64)
    parts, sizes = bands(text), []
    for part in parts:
        marks = marks_of(patterns, part)
        sizes.append(marks.chosen.sum(dim=-1))
        _add_profiles(profiles, marks, part, amounts)
    size = torch.cat(sizes, dim=-1).double()
    keys = text.n_allowed.clamp_min(1.0).double()[..., None, :]
    rows = (size > 0).sum(dim=-1).double()
    uniform = (size / keys).sum(dim=-1) / rows.clamp_min(1.0)
    scored = occurs & scorable(rows, uniform)
    keep = anywhere(scored)
    kept = [number for number, (at, _) in enumerate(profiles) if at in keep]
    owners = [profiles[number][0] for number in kept]
    wanted, seen, even_outside = amounts[..., kept, :, :].unbind(dim=-2)
    per_place = wanted / seen.clamp_min(1) / rows[..., owners, None].clamp_min(1.0)
    return CellPlan(
        tuple(patterns[at] for at in keep),
        ((size > 0) & scored[..., None])[..., keep, :],
        (rows * scored)[..., keep].float(),
        uniform[..., keep],
        dealt(size, keys)[..., keep, :].float(),
        of=torch.tensor([keep.index(owner) for owner in owners], dtype=torch.long),
        by_key=torch.tensor([profiles[number][1] for number in kept], dtype=torch.bool),
        per_place=per_place.float(),
        constant=uniform[..., owners] - (per_place * even_outside).sum(dim=-1),
        whole=Marks(marks.chosen[..., keep, :, :], marks.outside[..., keep, :, :]) if len(parts) == 1 else None,
    )


def _add_profiles(
    profiles: list[tuple[int, bool]], marks: Marks, band: Band, into: Float[Tensor, "*text profile 3 place"]
) -> None:
    """Add a band to what profiles select, see outside and would see there of uniform attention, by place."""
    dtype = torch.float64 if band.text.n <= EXACT_TOKENS else torch.float32  # bands are added up in float64
    both, even = torch.stack([marks.chosen, marks.outside]).to(dtype), _even(band)
    for by_key, unit, lay in ((True, even, _as_keys), (False, (1.0 - even).clamp_min(1e-6), _as_distances)):
        mine = [number for number, (_, kind) in enumerate(profiles) if kind is by_key]
        amount, first = lay(both[..., [profiles[number][0] for number in mine], :, :], band)
        units = torch.cat([unit, torch.ones_like(unit), even / unit], dim=-1).mT.to(dtype)
        places = slice(first, first + amount.shape[-1])
        into[..., mine, :1, places] += units[..., :1, :] @ amount[0]
        into[..., mine, 1:, places] += units[..., 1:, :] @ amount[1]


def coefficients(plan: CellPlan, band: Band) -> Float[Tensor, "*text column row key_pos"]:
    """Of each weight of this band: in r for every pattern, then in c_s for every profile."""
    n, rows = band.text.n, len(band.query_pos)
    if not plan.patterns:
        return torch.zeros(*band.text.texts, 0, rows, n)
    marks = plan.marks(band)
    inside = marks.chosen / plan.rows.clamp_min(1.0)[..., None, None]
    last = (
        n - 1 - int(band.query_pos[0])
    )  # the band's first row reads distances from here on, the next one from one before
    by_distance = plan.per_place.unfold(-1, n, 1)[..., last - rows + 1 : last + 1, :].flip(-2)
    even = _even(band)
    per_cell = torch.where(
        plan.by_key[:, None, None], plan.per_place[..., None, :n] / even, by_distance / (1.0 - even).clamp_min(1e-6)
    )
    return torch.cat([inside, per_cell * marks.outside[..., plan.of, :, :]], dim=-3)


def _kinds(pattern: Pattern) -> tuple[bool, ...]:
    """Its profiles: True for one per key, False for one per distance."""
    return {"column": (True,), "distance": (False,), "both": (True, False)}[pattern.null]


def _even(band: Band) -> Float[Tensor, "*text 1 row 1"]:
    """Uniform attention in each row; a profile is measured in multiples of it for keys and of the rest for distances.

    So rows with few keys and rows with many compare: a head that gives everything to the token before it does so in both.
    """
    return 1.0 / band.n_allowed.clamp_min(1.0)[..., None, :, None]


def _as_keys(amount: Float[Tensor, "*of row key_pos"], band: Band) -> tuple[Tensor, int]:
    """The amounts by row and key, and the first key."""
    return amount, 0


def _as_distances(amount: Float[Tensor, "*of row key_pos"], band: Band) -> tuple[Tensor, int]:
    """The amounts by row and distance, shifted so that equal distances stand above each other; where the first one goes."""
    rows, n = amount.shape[-2:]
    skewed = torch.nn.functional.pad(amount.flip(-2), (0, rows)).flatten(-2)[..., : rows * (n + rows - 1)]
    return skewed.unflatten(-1, (rows, n + rows - 1)).flip(-2), n - 1 - int(band.query_pos[-1])
