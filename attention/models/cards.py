"""Model cards: shipped for the bundled models, otherwise computed when asked for and kept on disk."""

import json
import os
import threading
from functools import cache
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.patterns import NAMES, CaptureScores, Card, pool, score_capture
from attention.errors import ModelError
from attention.models import kept, loader
from attention.models.hub import silent
from attention.models.loader import Progress
from attention.models.reader import capture_all, fitting

DATA = Path(__file__).parent.parent / "data"
SHIPPED = DATA / "cards"
FORMAT = 1
"""Raised whenever a change of the scores makes older cards wrong."""

MIN_TEXTS = 30

_TABLES = ("kappa", "low", "high", "spread")


@cache
def texts() -> tuple[tuple[str, str | None], ...]:
    """The fixed texts, each with its second text or None: 12 in each of 15 languages."""
    rows = json.loads((DATA / "card_texts.json").read_text(encoding="utf-8"))
    return tuple((row["text"], row["pair"]) for row in rows)


def find_card(model: str | os.PathLike[str]) -> Card | None:
    """The card of a loaded model if there is one, shipped or computed before; nothing is computed."""
    loaded = loader.MODELS.peek(loader.resolve(model, folders=True))
    if loaded is None:
        return None
    name = _file_name(loaded.id, loaded.revision)
    for folder in (SHIPPED, kept.folder("cards")):
        card = kept.read(folder / name, _card)
        if card is not None:
            return card
    return None


def build_card(
    model: str | os.PathLike[str], *, progress: Progress | None = None, cancel: threading.Event | None = None
) -> Card:
    """The card of a model, computed in batches of texts (some seconds for a small model) and kept on disk.

    Texts longer than the model reads are left out; `texts` on the card says how many were read.
    Raises: ModelError when the model cannot be loaded, was cancelled, or reads fewer than 30 of the texts.
    """
    progress, stop = progress or silent, cancel or threading.Event()
    loaded = loader.load(model, progress=progress, cancel=stop, folders=True)
    with kept.ONE_AT_A_TIME:
        found = find_card(model)
        if found is not None:
            return found
        given = [one for text, pair in texts() if (one := fitting(loaded, text, pair)) is not None]
        if len(given) < MIN_TEXTS:
            raise ModelError("card_too_few_texts", got=loaded.id, read=len(given), texts=len(texts()))
        scores: dict[int, CaptureScores] = {}
        progress("reading the card's texts", 0.0)
        for at, capture in capture_all(loaded, given, stop):
            scores[at] = score_capture(capture)
            progress("reading the card's texts", len(scores) / len(given))
        progress("drawing the texts again for the intervals", 1.0)
        card = pool(loaded.id, loaded.revision, [scores[at] for at in range(len(given))])
        if stop.is_set():
            raise ModelError("load_cancelled", got=loaded.id)
        write(card, kept.folder("cards"))
        return card


def write(card: Card, folder: Path) -> Path | None:
    """Keep a card in a folder, whole or not at all; None where the folder cannot be written to."""
    return kept.write(_plain(card), folder / _file_name(card.model, card.revision))


def _file_name(model: str, revision: str) -> str:
    return kept.file_name(FORMAT, model, revision, (DATA / "card_texts.json").read_bytes())


def _plain(card: Card) -> dict[str, Any]:
    """The card as plain JSON, three digits each."""
    tables = {table: {name: kept.digits(values) for name, values in getattr(card, table).items()} for table in _TABLES}
    return {
        "model": card.model, "revision": card.revision, "texts": card.texts, **tables, "rows": card.rows,
        "labels": card.labels, "working_labels": card.working_labels,
    }  # fmt: skip


def _card(plain: dict[str, Any]) -> Card:
    """What `_plain` wrote."""

    def table(name: str) -> dict[str, Float[Tensor, "layer head"]]:
        return {pattern: torch.tensor(kept.numbers(plain[name][pattern])) for pattern in NAMES}

    def labels(name: str) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(row) for row in plain[name])

    return Card(
        plain["model"], plain["revision"], plain["texts"], table("kappa"), table("low"), table("high"), table("spread"),
        plain["rows"], labels("labels"), labels("working_labels"),
    )  # fmt: skip
