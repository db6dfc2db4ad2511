"""Addresses outside gradio: one view to embed, and the files of a view. Plain GET requests whose query is a link."""

import logging
from urllib.parse import parse_qs

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from attention.errors import MESSAGES, AttentionError
from attention.share.places import LONGEST

_log = logging.getLogger(__name__)
_FEW = CapacityLimiter(2)
"""Files and embeds made at one time: they may run a model. The others wait without a thread, as gradio's events need those."""

MOST_BODY = 500_000
"""Bytes of a query: two texts of 20,000 characters, twelve bytes each at most, and the rest."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def routes() -> list[Route]:
    """For gradio's server; they come before its own."""
    return [
        Route("/embed", on_embed, methods=["GET"]),
        Route("/take/{what}", on_take, methods=["GET", "POST"]),
        Route("/words/{language}.json", on_words, methods=["GET"]),
    ]


async def on_embed(request: Request) -> Response:
    """One view as a page of its own, for a frame on another site. What goes wrong is one sentence on it."""
    from attention.share import embed, places

    query = request.url.query
    if len(query) > LONGEST:
        return _refused(MESSAGES["link_too_long"].format(got=len(query), limit=LONGEST), 414)
    back = places.public_url(query, str(request.base_url))
    page = await run_sync(embed.embed_page, query, back, limiter=_FEW)
    return HTMLResponse(page, headers={**_HEADERS, "Cache-Control": "public, max-age=300"})


async def on_take(request: Request) -> Response:
    """A file of what a link shows, or its link or embed as text; otherwise one sentence, as text.

    The query of a long text is longer than an address may be, so it may also come as the body of a POST.
    """
    query = request.url.query
    if request.method == "POST":
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MOST_BODY:
                return _refused(MESSAGES["link_too_long"].format(got=len(body), limit=MOST_BODY), 413)
        query = body.decode("ascii", "replace")
    elif len(query) > LONGEST:
        return _refused(MESSAGES["link_too_long"].format(got=len(query), limit=LONGEST), 414)
    return await run_sync(_take, request.path_params["what"], query, str(request.base_url), limiter=_FEW)


def on_words(request: Request) -> Response:
    """The page's words in another language."""
    from attention.tabs._words import languages

    code = request.path_params["language"]
    if code not in languages():
        return _refused(MESSAGES["no_language"].format(got=code[:40], choices=", ".join(languages())), 404)
    headers = {**_HEADERS, "Cache-Control": "no-cache"}
    return Response(languages()[code].file(), media_type="application/json", headers=headers)


def _take(what: str, query: str, base_url: str) -> Response:
    from attention.share import exports

    try:
        parsed = parse_qs(query, keep_blank_values=True, max_num_fields=200)
    except ValueError:  # more parts than any link has
        return _refused(MESSAGES["bad_link"], 400)
    try:
        made = exports.export(what, parsed, base_url)
    except AttentionError as error:
        return _refused(str(error), 400)
    except Exception:  # noqa: BLE001 - the page answers every error with a sentence
        _log.exception("unexpected error in a file")
        return _refused(MESSAGES["unexpected"], 500)
    headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-store"}
    return Response(made.data, media_type=made.media_type, headers=headers)


def _refused(sentence: str, status: int) -> Response:
    return PlainTextResponse(sentence, status_code=status, headers=_HEADERS)
