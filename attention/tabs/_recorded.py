"""The picture that is there before any model is: the first example as the default model saw it, recorded and said so.

Made by `python benchmarks/record_first_picture.py`; replaced on the page as soon as the model answers.
"""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

_FILE = Path(__file__).parent.parent / "data" / "first_picture.json.gz"


@cache
def recorded() -> dict[str, Any]:
    """Values of the pictures by component, with `layer` and `head`."""
    return json.loads(gzip.decompress(_FILE.read_bytes()))


def answer(make: Any, status: dict) -> Any:
    """The recorded values as an Answer (`make`), under a status line that says what is being waited for."""
    values = recorded()
    shown = [values["layer"], values["head"]]
    pictures = {name: gr.HTML(values[name], selected=shown) for name in ("cards", "grid", "bars")}
    return make(status=status, figure=gr.HTML(values["figure"], query=None), **pictures)
