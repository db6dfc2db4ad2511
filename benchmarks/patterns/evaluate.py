"""How well heads with known patterns are named: the app, a slow second implementation of the same definition, fixed cuts.

    python benchmarks/patterns/evaluate.py [--per-pattern] [--per-length] [--seed 0] [--scorer ours reference thresholds]

About ten thousand made-up heads of 8 to 256 tokens, bidirectional and causal. Prints Markdown tables.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from benchmarks.patterns import reference, thresholds
from benchmarks.patterns.cell_sets import NAMED
from benchmarks.patterns.heads import LENGTHS, samples
from benchmarks.patterns.judge import (
    PATTERNS,
    Answer,
    answers,
    auroc,
    calibration,
    false_positives,
    movement,
    top1,
)
from benchmarks.patterns.texts import Layout

Scores = tuple[dict[str, NDArray[np.float64]], list[str]]
ASKED = "| asked | ≥ 0.93 | ≥ 0.95 | ≤ 0.05 | ≤ 0.03 | ≤ 0.05 |"


def ours(weights: NDArray[np.float64], text: Layout) -> Scores:
    """The app's scores and labels."""
    import torch

    from attention.core.patterns import score_heads

    found = score_heads(
        torch.from_numpy(weights).float(),
        token_ids=torch.from_numpy(text.token_ids),
        special=torch.from_numpy(text.special),
        punctuation=torch.from_numpy(text.punctuation),
        word_ids=torch.from_numpy(text.word_ids),
        segment_ids=torch.from_numpy(text.segment_ids),
        causal=text.causal,
        allowed=torch.from_numpy(text.allowed),
    )
    blank = np.full(len(weights), np.nan)
    return {name: found.scores[name].numpy() if name in found.scores else blank for name in PATTERNS}, found.labels


def _of(scorer: Any) -> Any:
    def scored(weights: NDArray[np.float64], text: Layout) -> Scores:
        found = scorer(weights, text)
        return found.scores, found.labels

    return scored


SCORERS = {"ours": ours, "reference": _of(reference.score_heads), "thresholds": _of(thresholds.score_heads)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--per-pattern", action="store_true")
    parser.add_argument("--per-length", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scorer", nargs="+", choices=SCORERS, default=list(SCORERS))
    chosen = parser.parse_args()
    given: dict[str, list[Answer]] = {name: [] for name in chosen.scorer}
    for sample in samples(chosen.seed):
        for name in chosen.scorer:
            given[name] += answers(SCORERS[name], sample)
    print(f"{len(next(iter(given.values()))):,} heads, seed {chosen.seed}\n")
    print(overview(given))
    if chosen.per_pattern:
        print("\n" + by_pattern(given))
    if chosen.per_length:
        print("\n" + by_length(given))


def overview(given: dict[str, list[Answer]]) -> str:
    """One row per scorer, under what is asked of it."""
    rows = [
        "| scorer | top-1 | worst AUROC | movement | calibration | false positives |",
        "|---|---|---|---|---|---|",
        ASKED,
    ]
    for scorer, all_answers in given.items():
        worst, name = min((auroc(name, all_answers), name) for name in PATTERNS if _has(name, all_answers))
        moved = float(np.nanmedian([movement(name, all_answers) for name in NAMED]))
        rows.append(
            f"| {scorer} | {top1(all_answers):.3f} | {worst:.3f} ({name}) | {moved:.3f} | {calibration(all_answers):.3f} "
            f"| {false_positives(all_answers):.3f} |"
        )
    return "\n".join(rows)


def by_pattern(given: dict[str, list[Answer]]) -> str:
    """Top-1, AUROC and movement of every pattern."""
    header = " | ".join(f"{scorer}: top-1 | AUROC | movement" for scorer in given)
    rows = [f"| pattern | heads | {header} |", "|---" * (2 + 3 * len(given)) + "|"]
    for name in PATTERNS:
        numbers = []
        for all_answers in given.values():
            own = [answer for answer in all_answers if answer.truth.label == name]
            numbers += [top1(own), auroc(name, all_answers), movement(name, own)]
        shown = " | ".join("–" if np.isnan(number) else f"{number:.3f}" for number in numbers)
        rows.append(f"| {name} | {len(own)} | {shown} |")
    return "\n".join(rows)


def by_length(given: dict[str, list[Answer]]) -> str:
    """Top-1 and false positives of every length."""
    header = " | ".join(f"{scorer}: top-1 | false positives" for scorer in given)
    rows = [f"| tokens | {header} |", "|---" * (1 + 2 * len(given)) + "|"]
    for length in LENGTHS:
        here = [[answer for answer in all_answers if answer.length == length] for all_answers in given.values()]
        numbers = [number for one in here for number in (top1(one), false_positives(one))]
        rows.append(f"| {length} | " + " | ".join(f"{number:.3f}" for number in numbers) + " |")
    return "\n".join(rows)


def _has(name: str, all_answers: list[Answer]) -> bool:
    """Whether the scorer knows the pattern at all."""
    return any(not np.isnan(answer.scores[name]) for answer in all_answers)


if __name__ == "__main__":
    main()
