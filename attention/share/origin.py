"""What every export says of where its numbers come from, besides its caption: revision, date, version."""

from datetime import UTC, date, datetime
from typing import Any

from attention import __version__
from attention.share.settings.transformer import Transformer


def today() -> str:
    """The date in UTC, as 2026-11-22."""
    return datetime.now(UTC).date().isoformat()


def made(on: date | None = None) -> list[str]:
    """The day and the version that made a file. on: today unless given."""
    return [on.isoformat() if on else today(), f"Headlight {__version__}"]


def revised(revision: str) -> str:
    """How a model's revision is said; nothing where there is none."""
    return f"revision {revision}" if revision else ""


def revision_of(settings: Any) -> str:
    """The revision of the model whose numbers a tab's view shows; empty for made-up numbers and for the speller.

    Raises: ModelError for a model that cannot be read.
    """
    from attention.models import loader

    if (isinstance(settings, Transformer) and settings.translates) or not getattr(settings, "real", True):
        return ""
    return loader.load(settings.model).revision
