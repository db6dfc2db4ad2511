"""Build the model cards that ship: attention/data/cards, one file per bundled model.

    python benchmarks/build_cards.py

Reads the 180 texts of attention/data/card_texts.json with each bundled model: about half a minute on two cores.
"""

import os
import tempfile
import time

from attention.models import bundled, cards


def main() -> None:
    for old in cards.SHIPPED.glob("*.json.gz"):
        old.unlink()
    with tempfile.TemporaryDirectory() as elsewhere:
        os.environ["ATTENTION_CACHE_DIR"] = elsewhere
        for model in bundled.available():
            began = time.perf_counter()
            card = cards.build_card(model)
            path = cards.write(card, cards.SHIPPED)
            assert path is not None
            size = path.stat().st_size
            print(f"{model}: {card.texts} texts, {size:,} bytes, {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
