"""What the agreement of all languages costs beside the forward passes it cannot do without.

    python benchmarks/agreement.py [rounds]

The floor: the bundled multilingual model's bare forward passes over the 285 sentences, in the very batches the agreement reads.
Measured: everything from sentences to intervals, files aside. Both in one process, in turns; medians of ratios of neighbors. All in
seconds of processor time, as what else a machine does is no part of it: best with OMP_NUM_THREADS=1.
"""

import sys
import threading
import time
from statistics import median

import torch
from timing import Row

from attention.core.patterns.agreement import agree
from attention.core.patterns.capture_scores import sum_captures
from attention.models import bundled, loader, parallel
from attention.models.forward import arguments, batches
from attention.models.loaded import LoadedModel
from attention.models.reader import capture_together, fitting

LIMIT = 1.6


def sentences() -> list[str]:
    """All of the parallel set, meaning by meaning."""
    return [meaning.sentences[name] for meaning in parallel.meanings() for name in parallel.languages()]


def forwards(model: LoadedModel) -> float:
    """Processor seconds of the forward passes alone."""
    texts = [one.inputs for text in sentences() if (one := fitting(model, text)) is not None]
    given = [arguments(model, *(texts[at] for at in batch)) for batch in batches(texts)]
    began = time.process_time()
    with torch.inference_mode():
        for batch in given:
            model.module(**batch)
    return time.process_time() - began


def whole(model: LoadedModel) -> tuple[float, float]:
    """Processor seconds of the agreement, and of its intervals alone."""
    names = tuple(parallel.languages())
    began = time.process_time()
    texts = [one for text in sentences() if (one := fitting(model, text)) is not None]
    sums = {}
    for places, captures in capture_together(model, texts, threading.Event(), with_norms=False):
        sums.update(zip(places, sum_captures(captures), strict=True))
    rows = [[sums[row + at] for at in range(len(names))] for row in range(0, len(sums), len(names))]
    middle = time.process_time()
    agree(model.id, model.revision, names, rows, model.n_heads, causal=model.causal)
    return time.process_time() - began, time.process_time() - middle


def main() -> None:
    model = loader.load(bundled.E5)
    forwards(model)
    found = []
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 5):
        bare = forwards(model)
        found.append((bare, *whole(model)))
    floor, took, drawing = (median(column) for column in zip(*found, strict=True))
    ratios = sorted(took / bare for bare, took, _ in found)
    print(Row("agreement of 15 languages", f"{took:.2f} s", f"{floor:.2f} s", median(ratios), LIMIT))
    print(f"ratios {ratios[0]:.2f} to {ratios[-1]:.2f}; {drawing:.2f} s of it for the intervals")


if __name__ == "__main__":
    main()
