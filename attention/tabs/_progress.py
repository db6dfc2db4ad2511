"""Long work in a thread of its own, while the page hears how far it is."""

import threading
from collections.abc import Callable, Generator
from contextlib import closing
from typing import TypeVar

from attention.views import line

Result = TypeVar("Result")
Tell = Callable[[str, float], None]

SECONDS = 0.25
"""Between two lines."""


def told(work: Callable[[Tell, threading.Event], Result]) -> Generator[tuple[str, float], None, Result]:
    """What the work is doing and which part of it is done (0 to 1), until it is; then its result.

    work: gets a function to tell its progress with, and an event that is set when nobody listens any more.
    Raises: what the work raised.
    """
    latest: list[tuple[str, float]] = [("loading", 0.0)]
    results: list[Result] = []
    errors: list[BaseException] = []
    stop = threading.Event()

    def run() -> None:
        try:
            results.append(work(lambda doing, share: latest.append((doing, share)), stop))
        except BaseException as error:  # noqa: BLE001 - handed to the waiting thread
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            yield latest[-1]
            thread.join(timeout=SECONDS)
    finally:
        stop.set()
    if errors:
        raise errors[0]
    return results[0]


def in_memory(model: str) -> bool:
    """Whether a model need not be loaded. Raises: ModelError for what is no model's name."""
    from attention.models import loader

    return loader.MODELS.peek(loader.resolve(model)) is not None


def loading(model: str) -> Generator[dict, None, None]:
    """Status lines until the model is in memory; none where it is. Closed before that, it stops loading. Raises what loading raised."""
    from attention.models import loader

    if in_memory(model):
        return
    with closing(told(lambda tell, stop: loader.load(model, progress=tell, cancel=stop))) as steps:
        for doing, share in steps:
            yield progress(model, doing, share)


def progress(model: str, doing: str = "loading", share: float = 0.0) -> dict:
    """A model's status line. share: which part of it is done, 0 to 1."""
    return line.render((model, "strong"), doing, kind="busy", share=share)
