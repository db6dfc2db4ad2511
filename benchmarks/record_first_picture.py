"""Record attention/data/first_picture.json.gz: what the page shows until its model answers.

    python benchmarks/record_first_picture.py

Reads the first example with multilingual-e5-small and writes the very values that the live page would send.
"""

import datetime
import gzip
import json
from pathlib import Path

from attention import capture
from attention.models.cards import find_card
from attention.models.catalog import E5
from attention.share.overview import first_head, overview, usual
from attention.share.pictures import head_picture
from attention.share.selection import Selection

DATA = Path(__file__).parent.parent / "attention" / "data"


def main() -> None:
    example = json.loads((DATA / "examples.json").read_text(encoding="utf-8"))[0]
    read = capture(E5, example["text"])
    card = find_card(E5)
    assert card is not None, "build the cards first: python benchmarks/build_cards.py"
    seen = overview(read, card=card)
    layer, head = first_head(seen.findings)
    figure = head_picture(read, Selection(layer, head))
    figure["caption"] = f"Recorded {datetime.date.today().isoformat()}, not live yet: {figure['caption']}"
    seen.cards["footnote"] = (
        "Recorded from the first example; the live answer replaces it as soon as the model is loaded."
    )
    values = {"cards": seen.cards, "grid": seen.grid, "bars": seen.bars, "figure": figure}
    values |= {"usual": usual(card), "layer": layer, "head": head}
    packed = gzip.compress(json.dumps(values, separators=(",", ":")).encode(), mtime=0)
    (DATA / "first_picture.json.gz").write_bytes(packed)
    print(f"L{layer}H{head}, {len(packed):,} bytes")


if __name__ == "__main__":
    main()
