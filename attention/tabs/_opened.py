"""What the Explore tab answers to a link: exactly the view it describes, or as much of it as there is."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from attention.errors import SelectionError, printable
from attention.share.links import Link, from_query
from attention.share.selection import Selection
from attention.tabs import _lines
from attention.tabs._progress import loading
from attention.tabs._updates import Answer, Asked, Reading, skip, view
from attention.views import line

if TYPE_CHECKING:  # a page is served before torch is there
    import attention.core.capture


def linked(request: gr.Request) -> Link | None:
    """What the page's address asks of this tab, if anything: a view, or what it says of another one that does not exist."""
    link = from_query(str(request.query_params))
    return link if link.tab == "explore" and (link.given or link.notices) else None


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
        with closing(loading(settings.model)) as steps:
            for status in steps:
                yield (*Answer(status=status), *typed)
        yield (*_shown(link), *typed)
    except GeneratorExit:
        asked.failed += 1
        raise
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        asked.failed += 1
        yield (*Answer(status=_lines.said(error)), *typed)


def _shown(link: Link) -> Answer:
    """The view of a link. A pattern or row that is not there is left out, a head gives way to the first, and that is said.

    A link that names neither model nor head was typed by a person, as a text is: it opens at the best finding. The page writes
    the model into all of its own.
    """
    from attention.models import reader
    from attention.share.pictures import TITLES

    settings, notices = link.settings, link.notices
    if settings.color and settings.color not in TITLES:
        got, choices = printable(settings.color, 40), ", ".join(TITLES)
        error = SelectionError("bad_choice", name="The score to color by", choices=choices, got=got)
        notices = (*notices, str(error))
    wanted = Reading(settings.model, settings.text, settings.pair or None)
    capture = reader.capture(wanted.model, wanted.text, wanted.pair, folders=False)
    selection, said = _there(settings.selection, capture)
    notices = (*notices, *said)
    typed = not link.given & {"model", "layer", "head"}
    answer = view(wanted, selection, not typed, same_text=True, mode=settings.mode, color=settings.color)
    return answer._replace(status=line.render(" ".join(notices), kind="note")) if notices else answer


def _there(wanted: Selection, capture: "attention.core.capture.Capture") -> tuple[Selection, tuple[str, ...]]:
    """As much of a selection as this text has, and a sentence for each part it has not."""
    from attention.share.pictures import checked

    said = []
    try:
        wanted.outlining(wanted.pattern)
    except SelectionError as error:
        wanted, said = replace(wanted, pattern=None), [str(error)]
    try:
        capture.check(wanted.layer, wanted.head)
    except SelectionError as error:
        wanted, said = replace(wanted, layer=0, head=0, query=None), [*said, str(error)]
    try:
        return checked(capture, wanted), tuple(said)
    except SelectionError as error:
        return replace(wanted, query=None), (*said, str(error))
