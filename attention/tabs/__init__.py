"""The page: one tab per file of this folder, found by discovery. The only floor that imports gradio."""

import importlib
import os
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr

from attention import __version__


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab. A module of this folder that defines TAB is on the page; names starting with _ are never tabs.

    order: from left to right. build: called inside the tab's context; gets the page's Blocks for its load event.
    """

    title: str
    order: int
    build: Callable[[gr.Blocks], None]


def tabs() -> tuple[Tab, ...]:
    """Every tab of this folder, in order."""
    names = [info.name for info in pkgutil.iter_modules(__path__) if not info.name.startswith("_")]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return tuple(sorted((module.TAB for module in modules), key=lambda tab: tab.order))


def page() -> gr.Blocks:
    """The whole page, not yet launched."""
    from attention.tabs import _api, _frame

    # Otherwise gradio makes a pandas table of its last 10,000 events after each one, for statistics nobody asks for here.
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
    with gr.Blocks(title="Headlight", analytics_enabled=False, fill_width=True) as demo:
        _frame.header()
        with gr.Tabs(elem_id="hl-tabs"):
            for tab in tabs():
                with gr.Tab(tab.title, id=tab.title.lower().replace(" ", "-")):
                    tab.build(demo)
        _frame.footer(__version__)
        _api.register()
    demo.queue(max_size=128, default_concurrency_limit=8)
    return demo


def launch(demo: gr.Blocks, **options: object) -> None:
    """Serve the page, then load the default model in the background; returns when the server stops.

    options: passed on to gradio, over the settings a public Space needs. `prevent_thread_lock=True` returns at once.
    """
    from attention.models import gpu
    from attention.tabs import _api, _background, _frame

    if gpu.ZERO_GPU:  # the Space looks for its GPU function before the page is served
        importlib.import_module("attention.models.reader")
    blocking = not options.pop("prevent_thread_lock", False)
    demo.launch(prevent_thread_lock=True, **{**_frame.launch_settings(), **_api.mcp_settings(), **options})
    _api.answer_in_json(demo)
    _background.start()
    if blocking:
        demo.block_thread()
