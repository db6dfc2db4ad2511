"""How this page's listeners are set up: silent, private, checked by the answers and not by gradio."""

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import Context

_UNSEEN = "hl-unseen"

# Not preprocessed: what a browser sends is checked by the answers, whose sentences are better than gradio's.
_QUIET: dict[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "concurrency_limit": 8,
    "preprocess": False,
}
QUICK: dict[str, Any] = {"trigger_mode": "always_last"}
"""For what a hand does faster than a server answers: only the last of what waits is asked."""

FORWARD: dict[str, Any] = {"concurrency_id": "forward", "concurrency_limit": 2}
"""For what may run a model."""

CARD: dict[str, Any] = {"concurrency_id": "card", "concurrency_limit": 1}
"""For what reads many texts."""

SHOW_HEAD, SAY_READING, SAY_WAITING, ONCE = (
    script.strip().removesuffix(";")
    for script in Path(__file__).with_name("listeners.js").read_text(encoding="utf-8").split("// ---\n")[1:]
)


def unseen() -> gr.HTML:
    """A component nobody sees, for `quietly`: one for the whole page, made by whoever asks first.

    At every step of an event gradio looks for every component that ever showed progress, through the whole page from its start;
    one that stands at the start costs nothing, nine in nine tabs cost 100 ms.
    """
    page = Context.root_block
    made = (
        one for one in (page.blocks.values() if page else ()) if isinstance(one, gr.HTML) and one.elem_id == _UNSEEN
    )
    return next(made, None) or gr.HTML(html_template="<i></i>", js_on_load=None, visible=False, elem_id=_UNSEEN)


def quietly(nowhere: gr.HTML, settings: dict[str, Any] | None = None) -> dict[str, Any]:
    """Settings of a listener. Gradio hands its own progress to every output, a copy of each at every step: here to `nowhere`."""
    return {**_QUIET, "show_progress_on": nowhere, **(settings or {})}
