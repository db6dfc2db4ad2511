"""Build the agreement of languages that ships: attention/data/agreement, one file, for the bundled multilingual model.

    python benchmarks/build_agreement.py

Reads the 285 sentences of attention/data/parallel.json, those of equally many tokens together: under half a minute on two cores.
What that costs beside the forward passes alone is measured by benchmarks/agreement.py.
"""

import os
import tempfile
import time

from attention.core.patterns.agreement import differs_most, same_everywhere
from attention.models import bundled, languages, loader


def main() -> None:
    loader.load(bundled.E5)
    for old in languages.SHIPPED.glob("*.json.gz"):
        old.unlink()
    with tempfile.TemporaryDirectory() as elsewhere:
        os.environ["ATTENTION_CACHE_DIR"] = elsewhere
        began = time.perf_counter()
        found = languages.agreement(bundled.E5)
        took = time.perf_counter() - began
    path = languages.write(found, languages.SHIPPED)
    assert path is not None
    print(f"{found.meanings} meanings in {len(found.languages)} languages, {path.stat().st_size:,} bytes, {took:.1f} s")
    for title, listed in (("same everywhere", same_everywhere), ("differs most", differs_most)):
        print(title)
        for one in listed(found):
            print(f"  L{one.layer}H{one.head} {one.reason} Interval {one.low:.2f} to {one.high:.2f}")


if __name__ == "__main__":
    main()
