"""What the Explore tab answers to a link: exactly the view it describes, or as much of it as there is."""

from collections.abc import Generator, Iterator
from typing import Any

import gradio as gr

from attention.errors import SelectionError
from attention.share.links import Link, from_query
from attention.share.selection import Selection
from attention.share.settings.explorer import Explorer
from attention.tabs import _lines
from attention.tabs._progress import told
from attention.tabs._updates import Answer, Asked, Reading, skip, view
from attention.views import line


def until_loaded(model: str) -> Iterator[Answer]:
    """Progress lines until the model is in memory. Raises what loading raised."""
    from attention.models import loader

    if loader.MODELS.peek(loader.resolve(model)) is not None:
        return
    for doing, share in told(lambda tell, stop: loader.load(model, progress=tell, cancel=stop)):
        yield Answer(status=line.render((model, "strong"), doing, kind="busy", share=share))


def linked(request: gr.Request) -> Link | None:
    """The view of this tab that the page's address asks for, if any."""
    given = dict(request.query_params)
    names = {name for name in given if not name.startswith("__")} - {"v", "tab", "theme"}
    link = from_query(given)
    return link if names and link.tab == "explore" else None


def on_link(asked: Asked, request: gr.Request) -> Generator[tuple[Any, ...], None, None]:
    """Opens exactly what a link says: model, texts, picture, then the complete view. What it cannot be is said."""
    link = linked(request)
    if link is None:
        yield (*Answer(), *(skip(),) * 4)
        return
    asked.times += 1
    settings = link.settings
    typed = (settings.model, settings.text, settings.pair, settings.mode)
    try:
        for answer in until_loaded(settings.model):
            yield (*answer, *typed)
        yield (*_shown(settings, link.notices), *typed)
    except GeneratorExit:
        asked.failed += 1
        raise
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        asked.failed += 1
        yield (*Answer(status=_lines.said(error)), *typed)


def _shown(settings: Explorer, notices: tuple[str, ...]) -> Answer:
    """The view of a link. A head, row or pattern that is not there gives way to the first head, and that is said."""
    from attention.models import reader

    wanted = Reading(settings.model, settings.text, settings.pair or None)
    selection = settings.selection
    try:
        selection.checked(reader.capture(wanted.model, wanted.text, wanted.pair, folders=False))
    except SelectionError as error:
        notices, selection = (*notices, str(error)), Selection()
    answer = view(wanted, selection, same_text=True, mode=settings.mode, color=settings.color)
    return answer._replace(status=line.render(" ".join(notices), kind="note")) if notices else answer
