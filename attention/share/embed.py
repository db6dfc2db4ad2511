"""One view for another site's page: the picture with its caption and a link back, and the frame that shows it."""

import html
import logging
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from attention.errors import MESSAGES, AttentionError, ModelError
from attention.models import catalog
from attention.share.links import Query, from_query
from attention.share.places import public_url
from attention.share.standalone import Frame, sentence_page
from attention.share.view_page import title_of, view_page

_log = logging.getLogger(__name__)

HEIGHTS = {
    "explore": 900,
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
"""CSS pixels that a view takes where it is about 720 wide; a taller one scrolls inside its frame."""


def embed_page(query: Query | str, link_back: str) -> str:
    """The whole document of one view, whatever the query holds; what goes wrong is one sentence. Never raises.

    Only models that come with the app are read, on the CPU: nothing is downloaded and no GPU is asked for.
    link_back: the address of the full view.
    """
    link = from_query(_parsed(query) if isinstance(query, str) else query)
    frame = Frame(title_of(link.tab), theme=link.theme, link_back=link_back, furniture=False)
    try:
        return view_page(link.tab, _offline(link.settings), frame)
    except AttentionError as error:
        return sentence_page(str(error), frame)
    except Exception:  # noqa: BLE001 - an embed answers every error with a sentence
        _log.exception("unexpected error in an embed")
        return sentence_page(MESSAGES["unexpected"], frame)


def iframe(query: str, base_url: str, title: str = "", height: int = 0) -> str:
    """The HTML that shows this view on another page.

    base_url: the request's own, see places.public_url. title: what the view is called to people who hear the page.
    height: in CSS pixels, 80 to 4000; otherwise by the kind of view.
    Raises: SelectionError for a query that servers would refuse.
    """
    tab = from_query(_parsed(query)).tab
    source = html.escape(public_url(query, base_url, "embed"))
    tall = height if 80 <= height <= 4000 else HEIGHTS[tab]
    return (
        f'<iframe src="{source}" title="{html.escape(title or f"Headlight: {title_of(tab)}")}" width="100%" height="{tall}" '
        'loading="lazy" style="border:0;max-width:1200px" '
        'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"></iframe>'
    )


def _parsed(query: str) -> Query:
    """What a query says; nothing for one with more parts than any link has."""
    try:
        return parse_qs(query.removeprefix("?"), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return {}


def _offline(settings: Any) -> Any:
    """The same settings, reading only what comes with the app. Raises: ModelError where they ask for more.

    Among made-up numbers no model is read, and which one was chosen does not matter.
    """
    if not getattr(settings, "real", True):
        settings = replace(settings, model=catalog.INDUCTION)
    if getattr(settings, "translator", "").strip():
        raise ModelError("embed_model", got=settings.translator[:60], choices="the speller")
    rows = [row for row in catalog.rows() if row.source in ("bundled", "ours")]
    found = next((row.id for row in rows if settings.model.strip() in (row.id, row.title)), None)
    if found is None:
        shown = "".join(character if character.isprintable() else "·" for character in settings.model[:60])
        raise ModelError("embed_model", got=shown, choices=", ".join(row.title for row in rows))
    return replace(settings, model=found)
