"""Does this head do the same in these languages? The answer in a sentence, and what it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from attention.core.patterns.agreement import MIN_GAP, NAMES, Agreement
from attention.core.patterns.ranking import MIN_KAPPA, SINKS, title_of
from attention.core.patterns.sums import SLOTS

Scores = Float[Tensor, "column slot"]
COUNTED = {2: "both", 3: "all three", 4: "all four"}


@dataclass(frozen=True, eq=False, slots=True)
class Question:
    """What is judged: the pattern at `at` of NAMES (None where no column can show any), by its scores in the columns.

    known: whether they are of the whole set; else of these sentences.
    """

    at: int | None
    judged: Float[Tensor, " column"]
    known: bool

    @property
    def where(self) -> str:
        """What the scores are of, in words."""
        return "over the whole set" if self.known else "on these sentences"


def question(here: Scores, usual: Scores, listed: Sequence[int], asked: str = "") -> Question:
    """The pattern asked for, else the one that the head follows most; over the whole set where that is known for every column.

    here, usual: scores on these sentences and over the whole set. listed: the patterns that may be said of a head.
    """
    known = not bool(usual.isnan().all(dim=1).any())
    judged = usual if known else here
    at = in_question(judged, listed, asked)
    return Question(at, judged[:, 0 if at is None else at], known)


def answer(names: Sequence[str], here: Scores, asked: Question) -> str:
    """The sentence. "The same": at least MIN_KAPPA in every column that can show the pattern, and less than MIN_GAP between them.

    names: of the columns. One column alone is never called the same.
    """
    scores, where = asked.judged, asked.where
    if asked.at is None:
        return "These sentences are too short to score a pattern."
    there = [place for place in range(len(names)) if not bool(scores[place].isnan())]
    least = min(there, key=lambda place: float(scores[place]))
    most = max(reversed(there), key=lambda place: float(scores[place]))  # of equal ones the last, so that two are named
    title, gap = title_of(SLOTS[asked.at]), float(scores[most] - scores[least])
    quoted = f"“{title.lower()}”"
    if float(scores[most]) < MIN_KAPPA:
        return f"No named pattern reaches {MIN_KAPPA} {where}; closest is {quoted}, {_said(scores, most, names)}."
    if len(names) == 1:
        return f"“{title}”: {_said(scores, most, names)} {where}."
    usually = _here(here[:, asked.at]) if asked.known else ""
    if len(there) == 1:
        return f"Only {names[most]} can show {quoted}: {float(scores[most]):.2f} {where}{usually}."
    absent = ", ".join(name for place, name in enumerate(names) if place not in there)
    numbers = f"{quoted}, {_said(scores, least, names)}, {_said(scores, most, names)} {where}{usually}."
    if absent:
        numbers += f" Cannot be shown in: {absent}."
    if gap < MIN_GAP and float(scores[least]) >= MIN_KAPPA:
        counted = f"the {len(there)} languages that can show it" if absent else COUNTED[len(there)]
        return f"The same in {counted}: {numbers}"
    kind = "Not in all of them" if float(scores[least]) < MIN_KAPPA else "The same, not equally strong"
    return f"{kind}: {numbers}"


def basis(agreement: Agreement | None, layer: int, head: int, asked: Question) -> str:
    """What is known of this head and the pattern in question over all languages of the set, with intervals."""
    rows = "Scores of one sentence each, so no interval; 0 is chance, 1 is everything."
    if agreement is None:
        return f"{rows} The whole set has not been read with this model yet: see below."
    name = "" if asked.at is None else NAMES[asked.at]
    languages = agreement.scored(name, layer, head) if name else 0
    if asked.at is None or not languages:
        return rows
    weakest, gap = (float(table[layer, head]) for table in (agreement.weakest(name), agreement.gap(name)))
    ends = [
        float(table[name][layer, head])
        for table in (agreement.weakest_low, agreement.weakest_high, agreement.gap_low, agreement.gap_high)
    ]
    return (
        f"“{title_of(SLOTS[asked.at])}”, whole set: {agreement.meanings} meanings a language, read as one. "
        f"Of all {languages} languages the smallest is {weakest:.2f} (95% interval {ends[0]:.2f} to {ends[1]:.2f}), "
        f"the largest less the smallest {gap:.2f} ({ends[2]:.2f} to {ends[3]:.2f}). 0 is chance, 1 is everything."
    )


def in_question(scores: Scores, listed: Sequence[int], asked: str = "") -> int | None:
    """The pattern asked for where some column can show it, else the one with the largest score in any column.

    First those that every column can show, then those that two can. Places where heads merely rest are named only where
    nothing else can be compared; what one column alone can show, only where nothing is left.
    """
    top, there = scores.nan_to_num(nan=-1.0).amax(dim=0), (~scores.isnan()).sum(dim=0)
    if asked in NAMES and NAMES.index(asked) in listed and int(there[NAMES.index(asked)]):
        return NAMES.index(asked)
    named = [at for at in listed if float(top[at]) >= MIN_KAPPA]
    busy = [at for at in named if NAMES[at] not in SINKS]
    columns = len(scores)
    for some, least in [
        (busy, columns),
        (busy, 2),
        (named, 2),
        (named, 1),
        (listed, columns),
        (listed, 2),
        (listed, 1),
    ]:
        found = [at for at in some if int(there[at]) >= min(least, columns)]
        if found:
            return max(found, key=lambda at: float(top[at]))
    return None


def _said(scores: Float[Tensor, " column"], at: int, names: Sequence[str]) -> str:
    return f"{float(scores[at]):.2f} in {names[at]}"


def _here(scores: Float[Tensor, " column"]) -> str:
    found = [f"{score:.2f}" for score in scores[~scores.isnan()].sort().values.tolist()]
    if not found:
        return ""
    return f"; here {found[0]} to {found[-1]}" if found[0] != found[-1] else f"; here {found[0]}"
