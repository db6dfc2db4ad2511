"""What the Languages tab says: sentences of many meanings, heads and columns, as the page gets them from the server."""

import math
from collections.abc import Iterator
from dataclasses import replace

import torch

from attention.core.patterns.agreement import NAMES
from attention.models import parallel
from attention.share import languages_answer, languages_comparison, languages_heads, languages_pieces
from attention.share.settings.languages import Languages

START = Languages()
COLUMNS = ["Arabic", "the typed sentence", "Thai (3)"]


def said_by_languages() -> set[str]:
    """All notes, and what is said of some heads, of typed sentences, and of a language in two columns."""
    said = {note for one in parallel.meanings() for note in (one.about, *one.notes.values())}
    return said | set(_compared()) | set(_answered()) | set(_listed())


def _compared() -> Iterator[str]:
    views = [replace(START, layer=layer, head=head) for layer, head in ((2, 6), (3, 8), (0, 7), (0, 2), (5, 5))]
    views += [replace(START, level="word", language4="Arabic", meaning=name) for name in ("date", "passive")]
    views += [replace(START, text1="El perro.", language2="", language3="", language4="")]
    views += [replace(START, pattern="same_token")]
    for view in views:
        value = languages_comparison.comparison(view)
        yield from (value[name] for name in ("said", "aside", "caption", "rest"))
        yield from (text for column in value["columns"] for text in (column["name"], column["note"]))
        yield from (*value["patterns"], *view.names, languages_pieces.cut(view)["caption"])


def _answered() -> Iterator[str]:
    for following in ([0.8, math.nan], [0.8, math.nan, 0.75], [0.3, math.nan, 0.75], [0.1, math.nan, 0.75]):
        here = torch.full((len(following), len(NAMES)), math.nan)
        here[:, NAMES.index("first")] = 0.9
        here[:, NAMES.index("next")] = torch.tensor(following)
        for usual in (here, torch.full_like(here, math.nan)):
            asked = languages_answer.question(here, usual, range(len(NAMES)), "next")
            yield languages_answer.answer(COLUMNS[: len(following)], here, asked)


def _listed() -> Iterator[str]:
    for listed in ("same", "differs"):
        value = languages_heads.heads(replace(START, listed=listed)) or {"rows": []}
        yield from (row["title"] for row in value["rows"])
        yield from (value[name] for name in ("note", "measure") if name in value)
