"""The Transformer lab, and below it families, what the machine changed, how far to trust a weight, and the glossary."""

import re
from collections.abc import Mapping
from pathlib import Path

import gradio as gr

from attention.share.settings.transformer import HEADS_TO, LAYERS_TO, Transformer, heads
from attention.tabs._glossary import definitions
from attention.tabs._lab import Lab, Offer, lab_tab


def _background() -> None:
    """The prose below the lab, and the glossary."""
    text = Path(__file__).with_name("transformer_background.md").read_text(encoding="utf-8")
    with gr.Column(elem_classes="hl-background"):
        for part in re.split(r"^(?=### )", text, flags=re.MULTILINE)[1:]:
            gr.Markdown(part, elem_classes="hl-lab-prose")
    gr.HTML(html_template=definitions(), js_on_load=None, apply_default_css=False, elem_id="hl-glossary")


def _heads(settings: Transformer) -> Mapping[str, str]:
    """The heads of the model that reads and writes. Raises: AttentionError where it cannot."""
    from attention.share.labs import transformer_cross

    layers, each = transformer_cross.read(settings).cross.shape[:2]
    return heads(min(layers, LAYERS_TO), min(each, HEADS_TO))


LAB = Lab(
    "transformer",
    "Transformer",
    Transformer,
    (
        "attention.core.block:block",
        "attention.core.block:layer_norm",
        "attention.core.block:feed_forward",
        "attention.core.block:recurrent_chain",
        "attention.core.stack:stack",
    ),
    picks="row",
    extra=_background,
    offer=Offer("cross_head", "translator", _heads),
)
TAB = lab_tab(LAB)
