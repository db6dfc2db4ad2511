"""One view for another site's page: the picture with its caption and a link back, and the frame that shows it."""

import html
import logging
from dataclasses import replace
from typing import Any, NamedTuple

from attention.core.names import head_name
from attention.errors import MESSAGES, AttentionError, ModelError, SelectionError, printable
from attention.models import catalog
from attention.share.links import Link, Query, from_query, to_query
from attention.share.places import LONGEST, public_url
from attention.share.selection import Selection
from attention.share.settings.explorer import Explorer
from attention.share.settings.languages import Languages
from attention.share.standalone import Frame, sentence_page
from attention.share.view_page import title_of, view_page

_log = logging.getLogger(__name__)

HEIGHTS = {
    "patterns": 1180,
    "languages": 1000,
    "scoring": 1500,
    "softmax": 1450,
    "weighted-sum": 1060,
    "multi-head": 820,
    "masks": 1620,
    "positions": 1360,
    "transformer": 1420,
}
"""CSS pixels that a tab's view takes where it is about 720 wide; a taller one scrolls inside its frame."""


class Embedded(NamedTuple):
    """page: the whole document. shown: False where it says a sentence instead of showing a view."""

    page: str
    shown: bool


def embed_page(query: Query, base_url: str = "") -> Embedded:
    """The page of one view, whatever the query holds; what is ignored of it is said below. Never raises.

    Only models that come with the app are read, on the CPU: nothing is downloaded and no GPU is asked for.
    base_url: the request's own, for the way back to the full view.
    """
    link = from_query(query)
    frame = Frame(title_of(link.tab), theme=link.theme, link_back=_way_back(link, base_url), furniture=False)
    try:
        settings, notices = _outlined(offline(link.settings))
        frame = replace(frame, notices=(*link.notices, *notices))
        return Embedded(view_page(link.tab, settings, frame), shown=True)
    except AttentionError as error:
        return Embedded(sentence_page(str(error), frame), shown=False)
    except Exception:  # noqa: BLE001 - an embed answers every error with a sentence
        _log.exception("unexpected error in an embed")
        return Embedded(sentence_page(MESSAGES["unexpected"], frame), shown=False)


def iframe(query: Query, base_url: str) -> str:
    """The HTML that shows this view on another page, named after it and about as tall as it is.

    base_url: the request's own, see places.public_url.
    Raises: ModelError for a model that embeds do not show; AttentionError for a text that it does not read; SelectionError for a
    query that servers would refuse.
    """
    link = from_query(query)
    source = public_url(to_query(link.tab, link.settings, link.theme), base_url, "embed")
    name, height = _named(link.tab, offline(link.settings))
    return (
        f'<iframe src="{html.escape(source)}" title="{html.escape(name)}" width="100%" height="{height}" '
        'loading="lazy" style="border:0;max-width:1200px" '
        'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"></iframe>'
    )


def _named(tab: str, settings: Any) -> tuple[str, int]:
    """What a view is called to people who hear the page, and its height in CSS pixels."""
    if isinstance(settings, Languages):
        return f"{head_name(settings.layer, settings.head)} of {settings.model} in several languages", HEIGHTS[tab]
    if not isinstance(settings, Explorer):
        return f"Headlight: {title_of(tab)}", HEIGHTS[tab]
    from attention.models import reader
    from attention.models.spans import quoted
    from attention.share.notebook import page_height
    from attention.share.pictures import head_picture

    capture = reader.capture(settings.model, settings.text, settings.pair or None, folders=False)
    picture = head_picture(capture, _outlined(settings)[0].selection)
    return f"{picture['title']} of {capture.model}: {quoted(capture.text.text)}", page_height(picture)


def _way_back(link: Link, base_url: str) -> str:
    """The address of the full view; none for one that no address holds."""
    query = to_query(link.tab, link.settings, link.theme)
    return public_url(query, base_url) if len(query) <= LONGEST else ""


def _outlined(settings: Any) -> tuple[Any, tuple[str, ...]]:
    """The settings without a pattern that there is none of, and a sentence that says so."""
    if isinstance(settings, Explorer):
        try:
            Selection().outlining(settings.pattern or None)
        except SelectionError as error:
            return replace(settings, pattern=""), (str(error),)
    return settings, ()


def offline(settings: Any) -> Any:
    """The same settings, reading only what comes with the app. Raises: ModelError where they ask for more.

    Among made-up numbers no model is read, and which one was chosen does not matter.
    """
    if not getattr(settings, "real", True):
        settings = replace(settings, model=catalog.INDUCTION)
    if getattr(settings, "translator", "").strip():
        raise ModelError("embed_model", got=printable(settings.translator, 60), choices="the speller")
    rows = [row for row in catalog.rows() if row.source in ("bundled", "ours")]
    found = next((row.id for row in rows if settings.model.strip() in (row.id, row.title)), None)
    if found is None:
        raise ModelError("embed_model", got=printable(settings.model, 60), choices=", ".join(row.title for row in rows))
    return replace(settings, model=found)
