"""What every head of a model does in each language of the parallel set."""

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from attention.core.patterns.agreement import NAMES, Agreement, agree
from attention.core.patterns.capture_scores import sum_captures
from attention.core.patterns.card import MIN_TEXTS
from attention.core.patterns.sums import Sums
from attention.errors import ModelError, SelectionError
from attention.models import kept, loader
from attention.models.hub import silent
from attention.models.loader import Progress
from attention.models.parallel import DATA, languages, meanings
from attention.models.reader import capture_together, fitting

SHIPPED = DATA / "agreement"
FORMAT = 1
"""Raised whenever a change of the scores makes older files wrong."""

_TABLES = ("kappa", "weakest_low", "weakest_high", "gap_low", "gap_high")


def find_agreement(model: str | os.PathLike[str], among: Sequence[str] | None = None) -> Agreement | None:
    """The agreement of a loaded model if there is one, shipped or computed before; nothing is computed.

    Raises: SelectionError as agreement.
    """
    chosen = _checked(among)
    loaded = loader.MODELS.peek(loader.resolve(model, folders=True))
    if loaded is None:
        return None
    name = _file_name(loaded.id, loaded.revision, chosen)
    found = (kept.read(folder / name, _agreement) for folder in (SHIPPED, kept.folder("agreement")))
    return next((one for one in found if one is not None), None)


def agreement(
    model: str | os.PathLike[str], among: Sequence[str] | None = None, *, progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Agreement:  # fmt: skip
    """What every head of a model does in each language, over the whole parallel set; computed once and kept on disk.

    among: names of at least two languages; all when left out. A meaning that the model has no room for in one of them is
    left out of all.
    Raises: SelectionError for other languages; ModelError when the model cannot be loaded, was cancelled, or reads fewer
    than 5 meanings.
    """
    chosen, progress, stop = _checked(among), progress or silent, cancel or threading.Event()
    loaded = loader.load(model, progress=progress, cancel=stop, folders=True)
    with kept.ONE_AT_A_TIME:
        found = find_agreement(model, chosen)
        if found is not None:
            return found
        rows = [[fitting(loaded, meaning.sentences[name]) for name in chosen] for meaning in meanings()]
        whole = [text for row in rows if None not in row for text in row if text is not None]
        count = len(whole) // len(chosen)
        if count < MIN_TEXTS:
            raise ModelError("too_few_meanings", got=loaded.id, read=count, meanings=len(rows))
        sums: dict[int, Sums] = {}
        progress("reading the same meanings", 0.0)
        for places, captures in capture_together(loaded, whole, stop, with_norms=False):
            sums.update(zip(places, sum_captures(captures), strict=True))
            progress("reading the same meanings", len(sums) / len(whole))
        readings = [[sums[row * len(chosen) + at] for at in range(len(chosen))] for row in range(count)]
        progress("drawing the meanings again for the intervals", 1.0)
        if stop.is_set():
            raise ModelError("load_cancelled", got=loaded.id)
        result = agree(loaded.id, loaded.revision, chosen, readings, loaded.n_heads, causal=loaded.causal)
        write(result, kept.folder("agreement"))
        return result


def write(result: Agreement, folder: Path) -> Path | None:
    """Keep an agreement in a folder, whole or not at all; None where the folder cannot be written to."""
    tables = {
        table: {name: kept.digits(values) for name, values in getattr(result, table).items()} for table in _TABLES
    }
    plain = {
        "model": result.model, "revision": result.revision, "causal": result.causal, "languages": result.languages,
        "meanings": result.meanings, **tables, "rows": result.rows,
    }  # fmt: skip
    return kept.write(plain, folder / _file_name(result.model, result.revision, result.languages))


def _checked(among: Sequence[str] | None) -> tuple[str, ...]:
    """Raises: SelectionError for a language that is not there or is named twice, or fewer than two."""
    known = languages()
    chosen = tuple(known) if among is None else tuple(among)
    for name in chosen:
        if name not in known or chosen.count(name) > 1:
            raise SelectionError("bad_choice", name="languages", choices=f"{', '.join(known)}, each once", got=name)
    if len(chosen) < 2:
        raise SelectionError("bad_choice", name="languages", choices="at least two", got=", ".join(chosen) or "none")
    return chosen


def _file_name(model: str, revision: str, chosen: Sequence[str]) -> str:
    sentences = [[meaning.sentences[name] for name in chosen] for meaning in meanings()]
    return kept.file_name(FORMAT, model, revision, json.dumps([list(chosen), sentences]).encode())


def _agreement(plain: dict[str, Any]) -> Agreement:
    """What `write` wrote."""

    def table(key: str) -> dict[str, Tensor]:
        return {name: torch.tensor(kept.numbers(plain[key][name]), dtype=torch.float32) for name in NAMES}

    return Agreement(
        plain["model"], plain["revision"], plain["causal"], tuple(plain["languages"]), plain["meanings"],
        table("kappa"), table("weakest_low"), table("weakest_high"), table("gap_low"), table("gap_high"),
        {name: tuple(plain["rows"][name]) for name in NAMES},
    )  # fmt: skip
