"""Does this head do the same in these languages? The answer in a sentence, and what it rests on."""

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor

from attention.core.patterns.agreement import MIN_GAP, NAMES, Agreement
from attention.core.patterns.ranking import MIN_KAPPA, SINKS

Scores = Float[Tensor, "column slot"]
COUNTED = {1: "this language", 2: "both", 3: "all three", 4: "all four"}


def answer(
    names: Sequence[str], here: Scores, usual: Scores, titles: Sequence[str], listed: Sequence[int], asked: str = ""
) -> str:  # fmt: skip
    """The sentence. Judged is the pattern asked for, else the one that the head follows most; over the whole set where that is
    known, else here.

    names: of the columns. titles: of all patterns and distances. listed: those that may be said of a head.
    "The same": at least MIN_KAPPA in every column, and less than MIN_GAP between them.
    """
    known = not bool(usual.isnan().all(dim=1).any())
    judged = usual if known else here
    at = in_question(judged, listed, asked)
    where = "over the whole set" if known else "on these sentences"
    if at is None:
        return "These sentences are too short to score a pattern."
    scores = judged[:, at]
    there = [place for place in range(len(names)) if not bool(scores[place].isnan())]
    most, least = (max(there, key=lambda place: sign * float(scores[place])) for sign in (1, -1))
    title, gap = titles[at], float(scores[most] - scores[least])
    if float(scores[most]) < MIN_KAPPA:
        return (
            f"No named pattern reaches {MIN_KAPPA} {where}; closest is “{title.lower()}”, {_said(scores, most, names)}."
        )
    if len(names) == 1:
        return f"“{title}”: {_said(scores, most, names)} {where}."
    absent = "" if len(there) == len(names) else f" {len(names) - len(there)} of the languages cannot show it."
    both = f"{_said(scores, least, names)}, {_said(scores, most, names)} {where}"
    numbers = f"{both}{_here(here[:, at]) if known else ''}.{absent}"
    if gap < MIN_GAP and float(scores[least]) >= MIN_KAPPA:
        return f"The same in {COUNTED[len(there)]}: “{title.lower()}”, {numbers}"
    kind = "Not in all of them" if float(scores[least]) < MIN_KAPPA else "The same, not equally strong"
    return f"{kind}: “{title.lower()}”, {numbers}"


def basis(
    agreement: Agreement | None, layer: int, head: int, usual: Scores, listed: Sequence[int], asked: str = ""
) -> str:  # fmt: skip
    """What is known of this head and pattern over all languages of the set, with intervals."""
    at = in_question(usual, listed, asked)
    if agreement is None or at is None:
        rows = "Scores of one sentence each, so no interval; 0 is chance, 1 is everything."
        return rows if agreement else f"{rows} The whole set has not been read with this model yet: see below."
    name = NAMES[at]
    weakest, gap = (float(table[layer, head]) for table in (agreement.weakest(name), agreement.gap(name)))
    ends = [
        float(table[name][layer, head])
        for table in (agreement.weakest_low, agreement.weakest_high, agreement.gap_low, agreement.gap_high)
    ]
    return (
        f"Whole set: {agreement.meanings} meanings a language, read as one. Of all {agreement.scored(name, layer, head)} languages "
        f"the smallest is {weakest:.2f} (95% interval {ends[0]:.2f} to {ends[1]:.2f}), the largest less the smallest {gap:.2f} "
        f"({ends[2]:.2f} to {ends[3]:.2f}). 0 is chance, 1 is everything."
    )


def in_question(scores: Scores, listed: Sequence[int], asked: str = "") -> int | None:
    """The pattern asked for where some column can show it, else the one with the largest score in any column.

    Places where heads merely rest are named only where nothing else can be.
    """
    top = scores.nan_to_num(nan=-1.0).amax(dim=0)
    known = [at for at in listed if float(top[at]) >= 0]
    if asked in NAMES and NAMES.index(asked) in known:
        return NAMES.index(asked)
    named = [at for at in known if float(top[at]) >= MIN_KAPPA]
    busy = [at for at in named if NAMES[at] not in SINKS]
    return max(busy or named or known, key=lambda at: float(top[at]), default=None)


def _said(scores: Float[Tensor, " column"], at: int, names: Sequence[str]) -> str:
    return f"{float(scores[at]):.2f} in {names[at]}"


def _here(scores: Float[Tensor, " column"]) -> str:
    found = [f"{score:.2f}" for score in scores[~scores.isnan()].sort().values.tolist()]
    if not found:
        return ""
    return f"; here {found[0]} to {found[-1]}" if found[0] != found[-1] else f"; here {found[0]}"
