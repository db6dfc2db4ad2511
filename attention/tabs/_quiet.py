"""How this page's listeners are set up: silent, private, checked by the answers and not by gradio."""

from typing import Any

import gradio as gr

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


def unseen() -> gr.HTML:
    """A component nobody sees, for `quietly`."""
    return gr.HTML(html_template="<i></i>", js_on_load=None, visible=False)


def quietly(nowhere: gr.HTML, settings: dict[str, Any] | None = None) -> dict[str, Any]:
    """Settings of a listener. Gradio hands its own progress to every output, a copy of each at every step: here to `nowhere`."""
    return {**_QUIET, "show_progress_on": nowhere, **(settings or {})}
