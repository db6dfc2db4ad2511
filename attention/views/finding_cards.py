"""The heads worth a look, as cards: a thumbnail, what the head does, how strongly and compared with chance."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from jaxtyping import UInt8
from torch import Tensor

from attention.views.coding import text_of_bytes
from attention.views.head_grid import gamma


@dataclass(frozen=True, slots=True)
class FindingCard:
    """One card.

    pattern: its title; name: what its cells are outlined by. score and chance run from 0 to 1 on one scale; rows: how many rows the score is the mean of.
    thumb: codes of `head_grid.thumbnails` for this head.
    """

    pattern: str
    name: str
    layer: int
    head: int
    score: float
    chance: float
    rows: int
    reason: str
    thumb: UInt8[Tensor, "thumb_rows thumb_cols"]


@dataclass(frozen=True, slots=True)
class Row:
    """One head in a section below the cards. name: the pattern whose cells it is opened with, or empty."""

    layer: int
    head: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """Heads worth a look for another reason, without pictures."""

    title: str
    aside: str
    rows: Sequence[Row]


def render(
    findings: Sequence[FindingCard],
    *,
    n_tokens: int,
    selected: tuple[int, int] | None = None,
    footnote: str = "",
    more: Sequence[Section] = (),
) -> dict:
    """What `mountFindingCards` draws; plain JSON. Without findings the footnote alone says why."""
    return {
        "cards": [_card(finding) for finding in findings],
        "gamma": round(gamma(n_tokens), 5),
        "selected": None if selected is None else list(selected),
        "footnote": footnote,
        "more": [asdict(section) for section in more],
    }


def _card(finding: FindingCard) -> dict:
    rows, cols = finding.thumb.shape
    return {
        "pattern": finding.pattern,
        "name": finding.name,
        "layer": finding.layer,
        "head": finding.head,
        "score": round(float(finding.score), 4),
        "chance": round(float(finding.chance), 4),
        "measured_rows": finding.rows,
        "reason": finding.reason,
        "rows": rows,
        "cols": cols,
        "data": text_of_bytes(finding.thumb),
    }
