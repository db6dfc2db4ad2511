"""The parallel set: the same meanings in the project's languages, written for it. Importing this costs nothing (no torch)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

DATA = Path(__file__).parent.parent / "data"


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


def meaning(name: str) -> Meaning:
    """The meaning of this name. Raises: KeyError."""
    return {one.name: one for one in meanings()}[name]
