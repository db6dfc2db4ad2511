"""The picture that is there before any model is: the first example as the default model saw it, recorded and said so.

Made by `python benchmarks/record_first_picture.py`; replaced on the page as soon as the model answers.
"""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from attention.tabs._picture import packed

_FILE = Path(__file__).parent.parent / "data" / "first_picture.json.gz"


@cache
def recorded() -> dict[str, Any]:
    """Values of the pictures by component, with `layer` and `head`."""
    return json.loads(gzip.decompress(_FILE.read_bytes()))


def pictures() -> dict[str, Any]:
    """The recorded values as updates of the components, by name."""
    values = recorded()
    pictures = {name: packed(values[name]) for name in ("cards", "grid", "figure")}
    return {**pictures, "bars": gr.HTML(packed(values["bars"]), card=packed(values["usual"]))}
