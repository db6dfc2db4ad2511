"""What one head does in several languages, as numbers: on these texts, and over the whole parallel set where that is known."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from attention.core.capture import Capture
from attention.core.names import head_name
from attention.core.patterns import NAMES, score_capture
from attention.core.patterns.agreement import Agreement
from attention.core.patterns.ranking import MIN_KAPPA, title_of
from attention.core.patterns.table import OFFSETS
from attention.errors import SelectionError
from attention.models.languages import find_agreement
from attention.models.parallel import meanings
from attention.share.endpoint_results import LanguageRow, Spread, five
from attention.share.pictures import TITLES

_TITLES = TITLES | {row.name: title_of(row) for row in OFFSETS}

Scores = Mapping[str, Mapping[str, float | None]]
"""By pattern, then by language; None where the pattern does not apply."""


class Compared(TypedDict):
    """The fields of `Languages` that tell of a head."""

    name: str
    languages: list[LanguageRow]
    patterns: list[Spread]
    usual: list[Spread]


def parallel(meaning: str, among: Sequence[str] | None) -> dict[str, str]:
    """Sentences of one meaning, by language. Raises: SelectionError for a meaning or a language that is not there."""
    found = {one.name: one.sentences for one in meanings()}
    if meaning not in found:
        raise SelectionError("bad_choice", name="meaning", choices=", ".join(found), got=meaning[:40] or "nothing")
    sentences = found[meaning]
    unknown = next((name for name in among or () if name not in sentences), None)
    if unknown is not None:
        got = unknown[:40] or "nothing"
        raise SelectionError("bad_choice", name="languages", choices=", ".join(sentences), got=got)
    return {name: sentences[name] for name in (sentences if among is None else among)}


def compared(captures: Mapping[str, Capture], layer: int, head: int) -> Compared:
    """One head on one text per language. Raises: SelectionError for a head the model does not have."""
    rows = []
    for language, capture in captures.items():
        capture.check(layer, head)
        found = score_capture(capture)
        scores = {name: _number(float(found.scores[name][layer, head])) for name in NAMES}
        rows.append(
            LanguageRow(
                language=language, text=capture.text.text, tokens=len(capture.tokens), called=found.labels[layer][head],
                scores=scores,
            )
        )  # fmt: skip
    here = {name: {row["language"]: row["scores"][name] for row in rows} for name in NAMES}
    known = find_agreement(next(iter(captures.values())).model)
    usual = [] if known is None else _spreads(_of_agreement(known, layer, head))
    return Compared(name=head_name(layer, head), languages=rows, patterns=_spreads(here), usual=usual)


def _of_agreement(known: Agreement, layer: int, head: int) -> Scores:
    return {
        name: dict(zip(known.languages, map(_number, kappa[:, layer, head].tolist()), strict=True))
        for name, kappa in known.kappa.items()
    }


def _spreads(scores: Scores) -> list[Spread]:
    """The patterns that the head follows in some language, strongest first; each must have a score in two."""
    found = []
    for name, by_language in scores.items():
        there = {language: score for language, score in by_language.items() if score is not None}
        if len(there) < 2 or max(there.values()) < MIN_KAPPA:
            continue
        least, most = min(there, key=there.__getitem__), max(there, key=there.__getitem__)
        gap = five(there[most] - there[least])
        found.append(
            Spread(
                pattern=name, title=_TITLES[name], weakest=there[least], gap=gap, least_in=least, most_in=most,
                languages=len(there),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: -(one["weakest"] + one["gap"]))


def _number(score: float) -> float | None:
    return None if score != score else five(score)
