"""A page with our endpoints and one listener of its own, served as the app is: without the tabs it is there at once."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr

from attention.models.catalog import MINILM
from attention.share import endpoints
from attention.tabs import _api
from attention.tabs._routes import routes

TEXT = "The cat that the dog chased sat on the mat."
NAMES = [one.__name__ for one in endpoints.ENDPOINTS]
CALLS: dict[str, dict[str, Any]] = {
    "models": {},
    "tokenize": {"model": MINILM, "text": TEXT},
    "top_patterns": {"model": MINILM, "text": TEXT, "limit": 3},
    "head_weights": {"model": MINILM, "text": TEXT, "layer": 3, "head": 5},
    "top_attended": {"model": MINILM, "text": TEXT, "layer": 3, "head": 5, "query": 2},
    "compare_languages": {"model": MINILM, "layer": 3, "head": 5, "languages": ["English", "German"]},
}
"""A call of each endpoint."""


@contextmanager
def served() -> Iterator[str]:
    """Its address, without a slash at the end."""
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))  # as the page does
    with gr.Blocks(title="Headlight", analytics_enabled=False) as demo:
        box = gr.Textbox()
        box.change(lambda text: text, box, box, api_visibility="private")
        _api.register()
    demo.queue(max_size=128)
    demo.launch(
        prevent_thread_lock=True, quiet=True, show_error=False, ssr_mode=False, run_history=False, **_api.mcp_settings(),
        app_kwargs={"routes": routes(), "middleware": _api.middleware()},
    )  # fmt: skip
    try:
        _api.answer_in_json(demo)
        yield demo.local_url.rstrip("/")
    finally:
        demo.close()
