"""Model cards: shipped for the bundled models, otherwise computed when asked for and kept on disk."""

import gzip
import hashlib
import json
import logging
import math
import os
import re
import tempfile
import threading
import zlib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.capture import Capture
from attention.core.patterns import NAMES, Card, pool, score_capture
from attention.errors import ModelError, TextError
from attention.models import loader
from attention.models.forward import run
from attention.models.hub import silent
from attention.models.loader import Progress
from attention.models.tokens import read_text

DATA = Path(__file__).parent.parent / "data"
SHIPPED = DATA / "cards"
FORMAT = 1
"""Raised whenever a change of the scores makes older cards wrong."""

MIN_TEXTS = 30
DIGITS = 3

_TABLES = ("kappa", "low", "high", "spread")
_log = logging.getLogger(__name__)
_BUILDING = threading.Lock()


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
    for folder in (SHIPPED, _kept_in()):
        card = _read(folder / name, _changed(folder / name))
        if card is not None:
            return card
    return None


def build_card(
    model: str | os.PathLike[str], *, progress: Progress | None = None, cancel: threading.Event | None = None
) -> Card:
    """The card of a model, computed text by text (some seconds for a small model) and kept on disk.

    Texts longer than the model reads are left out; `texts` on the card says how many were read.
    Raises: ModelError when the model cannot be loaded, was cancelled, or reads fewer than 30 of the texts.
    """
    progress, stop = progress or silent, cancel or threading.Event()
    loaded = loader.load(model, progress=progress, cancel=stop, folders=True)
    with _BUILDING:  # one at a time: each takes every core
        kept = find_card(model)
        if kept is not None:
            return kept
        readings = []
        for done, (text, pair) in enumerate(texts()):
            if stop.is_set():
                raise ModelError("load_cancelled", got=loaded.id)
            progress("reading the card's texts", done / len(texts()))
            try:
                words = read_text(loaded.tokenizer, text, pair, name=loaded.id)
            except TextError:
                continue
            if len(words.tokens) > loaded.limit:
                continue
            raw = run(loaded, words.inputs)
            capture = Capture(
                loaded.id, loaded.revision, loaded.note, words, raw.layers, raw.value_norms, loaded.causal
            )
            readings.append(score_capture(capture))
        if len(readings) < MIN_TEXTS:
            raise ModelError("card_too_few_texts", got=loaded.id, read=len(readings), texts=len(texts()))
        progress("drawing the texts again for the intervals", 1.0)
        card = pool(loaded.id, loaded.revision, readings)
        if stop.is_set():
            raise ModelError("load_cancelled", got=loaded.id)
        write(card, _kept_in())
        return card


def write(card: Card, folder: Path) -> Path | None:
    """Keep a card in a folder, whole or not at all; None where the folder cannot be written to."""
    target = folder / _file_name(card.model, card.revision)
    packed = gzip.compress(json.dumps(_plain(card), separators=(",", ":")).encode(), mtime=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(packed)
        Path(file.name).replace(target)
        target.chmod(0o644)
    except OSError:
        _log.warning("a model card could not be kept", exc_info=True)
        return None
    return target


def _kept_in() -> Path:
    """Where computed cards are kept on this machine: for good where that can be, else until the machine restarts."""
    wanted = Path(os.environ.get("ATTENTION_CACHE_DIR") or Path.home() / ".cache" / "headlight") / "cards"
    there = next(folder for folder in (wanted, *wanted.parents) if folder.exists())
    if there.is_dir() and os.access(there, os.W_OK):
        return wanted
    return Path(tempfile.gettempdir()) / "headlight" / "cards"


def _file_name(model: str, revision: str) -> str:
    """One name per model, revision, set of texts and way of scoring: a card of anything else is not found."""
    texts_hash = hashlib.sha256((DATA / "card_texts.json").read_bytes()).hexdigest()
    key = hashlib.sha256(f"{FORMAT} {model} {revision} {texts_hash}".encode()).hexdigest()[:10]
    return f"{re.sub(r'[^A-Za-z0-9._-]', '-', model.rsplit('/', 1)[-1])[:60]}-{key}.json.gz"


@lru_cache(maxsize=32)
def _read(path: Path, changed: float) -> Card | None:
    """The card in a file, None if there is none or it is damaged; `changed` is when the file last did."""
    if not changed:
        return None
    try:
        return _card(json.loads(gzip.decompress(path.read_bytes())))
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error):
        _log.warning("a damaged model card is ignored: %s", path.name)
        return None


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _plain(card: Card) -> dict[str, Any]:
    """The card as plain JSON, three digits each."""
    tables = {
        table: {name: _digits(values.tolist()) for name, values in getattr(card, table).items()} for table in _TABLES
    }
    return {
        "model": card.model, "revision": card.revision, "texts": card.texts, **tables, "rows": card.rows,
        "labels": card.labels, "working_labels": card.working_labels,
    }  # fmt: skip


def _card(plain: dict[str, Any]) -> Card:
    """What `_plain` wrote."""

    def table(name: str) -> dict[str, Float[Tensor, "layer head"]]:
        return {pattern: torch.tensor(_numbers(plain[name][pattern])) for pattern in NAMES}

    def labels(name: str) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(row) for row in plain[name])

    return Card(
        plain["model"], plain["revision"], plain["texts"], table("kappa"), table("low"), table("high"), table("spread"),
        plain["rows"], labels("labels"), labels("working_labels"),
    )  # fmt: skip


def _numbers(values: list[list[float | None]]) -> list[list[float]]:
    return [[math.nan if one is None else one for one in row] for row in values]


def _digits(values: list[list[float]]) -> list[list[float | None]]:
    return [[None if math.isnan(one) else round(one, DIGITS) for one in row] for row in values]
