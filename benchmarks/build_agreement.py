"""Build the agreement of languages that ships: attention/data/agreement, one file, for the bundled multilingual model.

    python benchmarks/build_agreement.py

Reads the 285 sentences of attention/data/parallel.json one by one: under half a minute on two cores. Prints how long that takes
beside the forward passes alone, one by one and in batches of sentences of equal length.
"""

import os
import tempfile
import time
from itertools import groupby

import torch

from attention.core.patterns.agreement import differs_most, same_everywhere
from attention.models import bundled, languages, loader
from attention.models.forward import arguments
from attention.models.loaded import LoadedModel
from attention.models.tokens import read_text


def forwards(model: LoadedModel, *, batched: bool) -> float:
    """Seconds of the forward passes alone."""
    texts = [text for meaning in languages.meanings() for text in meaning.sentences.values()]
    inputs = sorted((read_text(model.tokenizer, text).inputs for text in texts), key=lambda one: len(one["input_ids"]))
    given = [arguments(model, one) for one in inputs]
    groups = [list(part) for _, part in groupby(given, lambda one: one["input_ids"].shape[1])]
    if not batched:
        groups = [[one] for one in given]
    batches = [{name: torch.cat([one[name] for one in group]) for name in group[0]} for group in groups]
    began = time.perf_counter()
    with torch.inference_mode():
        for batch in batches:
            model.module(**batch)
    return time.perf_counter() - began


def main() -> None:
    model = loader.load(bundled.E5)
    forwards(model, batched=True)
    one_by_one, batched = (forwards(model, batched=how) for how in (False, True))
    for old in languages.SHIPPED.glob("*.json.gz"):
        old.unlink()
    with tempfile.TemporaryDirectory() as elsewhere:
        os.environ["ATTENTION_CACHE_DIR"] = elsewhere
        began = time.perf_counter()
        found = languages.agreement(bundled.E5)
        took = time.perf_counter() - began
    path = languages.write(found, languages.SHIPPED)
    assert path is not None
    print(f"{found.meanings} meanings in {len(found.languages)} languages, {path.stat().st_size:,} bytes")
    print(f"{took:.1f} s; forward passes alone {one_by_one:.1f} s one by one, {batched:.1f} s in batches")
    for title, listed in (("same everywhere", same_everywhere), ("differs most", differs_most)):
        print(title)
        for one in listed(found):
            print(f"  L{one.layer}H{one.head} {one.reason} Interval {one.low:.2f} to {one.high:.2f}")


if __name__ == "__main__":
    main()
