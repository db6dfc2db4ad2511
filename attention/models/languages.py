"""The same meanings in several languages, and what every head of a model does in each of them."""

import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import torch
from torch import Tensor

from attention.core.capture import Capture
from attention.core.patterns.agreement import NAMES, Agreement, agree
from attention.core.patterns.card import MIN_TEXTS
from attention.core.patterns.ranking import score_capture
from attention.core.patterns.sums import Sums
from attention.errors import ModelError, SelectionError, TextError
from attention.models import kept, loader
from attention.models.forward import run
from attention.models.hub import silent
from attention.models.loaded import LoadedModel
from attention.models.loader import Progress
from attention.models.tokens import read_text

DATA = Path(__file__).parent.parent / "data"
SHIPPED = DATA / "agreement"
FORMAT = 1
"""Raised whenever a change of the scores makes older files wrong."""

_TABLES = ("kappa", "weakest_low", "weakest_high", "gap_low", "gap_high")


@dataclass(frozen=True, slots=True)
class Language:
    """A language. code: ISO 639-1. own: its name in itself."""

    name: str
    code: str
    direction: Literal["ltr", "rtl"]
    script: str
    own: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """One meaning in every language. about: what to look at. notes: by language, where it says it otherwise."""

    name: str
    about: str
    sentences: Mapping[str, str]
    notes: Mapping[str, str]


@cache
def languages() -> Mapping[str, Language]:
    """The languages of the parallel set, by English name, in its order."""
    rows = json.loads((DATA / "languages.json").read_text(encoding="utf-8"))
    return MappingProxyType({name: Language(name, **row) for name, row in rows.items()})


@cache
def meanings() -> tuple[Meaning, ...]:
    """The parallel set."""
    rows = json.loads((DATA / "parallel.json").read_text(encoding="utf-8"))
    return tuple(
        Meaning(row["meaning"], row["about"], MappingProxyType(row["sentences"]), MappingProxyType(row["notes"]))
        for row in rows
    )


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
    left out of all. Sentences are read one by one, as recordings are.
    Raises: SelectionError for other languages; ModelError when the model cannot be loaded, was cancelled, or reads fewer
    than 5 meanings.
    """
    chosen, progress, stop = _checked(among), progress or silent, cancel or threading.Event()
    loaded = loader.load(model, progress=progress, cancel=stop, folders=True)
    with kept.ONE_AT_A_TIME:
        found = find_agreement(model, chosen)
        if found is not None:
            return found
        readings = []
        for done, meaning in enumerate(meanings()):
            progress("reading the same meanings", done / len(meanings()))
            readings.append(_read(loaded, [meaning.sentences[name] for name in chosen], stop))
        whole = [one for one in readings if one is not None]
        if len(whole) < MIN_TEXTS:
            raise ModelError("too_few_meanings", got=loaded.id, read=len(whole), meanings=len(readings))
        progress("drawing the meanings again for the intervals", 1.0)
        if stop.is_set():
            raise ModelError("load_cancelled", got=loaded.id)
        result = agree(loaded.id, loaded.revision, chosen, whole, loaded.n_heads, causal=loaded.causal)
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


def _read(model: LoadedModel, sentences: Sequence[str], stop: threading.Event) -> list[Sums] | None:
    """The sums of sentences that mean the same; None when the model has no room for one of them."""
    found = []
    for text in sentences:
        if stop.is_set():
            raise ModelError("load_cancelled", got=model.id)
        try:
            words = read_text(model.tokenizer, text, name=model.id)
        except TextError:
            return None
        if len(words.tokens) > model.limit:
            return None
        raw = run(model, words.inputs)
        capture = Capture(model.id, model.revision, model.note, words, raw.layers, raw.value_norms, model.causal)
        found.append(score_capture(capture).sums()[0])
    return found


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
