"""One line of text that the page keeps up to date: a status, a counter, a heading."""

from collections.abc import Sequence
from typing import Literal

Kind = Literal["", "busy", "error", "note"]


def render(*parts: str | tuple[str, str], kind: Kind = "", share: float | None = None) -> dict:
    """What `mountLine` draws.

    parts: plain texts, or (text, "strong" | "accent" | "muted"). kind: "busy" shimmers or, with `share` (0 to 1), fills a bar;
    "error" is announced at once.
    """
    coded: Sequence[tuple[str, str]] = [(part, "") if isinstance(part, str) else part for part in parts]
    return {"parts": [list(part) for part in coded if part[0]], "kind": kind, "share": share}
