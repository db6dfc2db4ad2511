"""Addresses outside gradio: one view to embed, and the files of a view. Plain GET requests whose query is a link."""

import logging

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from attention.errors import MESSAGES, AttentionError
from attention.share.places import HOST, LONGEST, on_space

_log = logging.getLogger(__name__)
_FEW = CapacityLimiter(2)
"""Files and embeds made at one time: they may run a model. The others wait without a thread, as gradio's events need those."""

MOST_WAITING = 20
"""Who wait for one of those two places; more are sent away at once."""

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
        Route("/gradio_api/upload", on_upload, methods=["POST"]),
    ]


async def on_embed(request: Request) -> Response:
    """One view as a page of its own, for a frame on another site. What goes wrong is one sentence on it.

    Kept for five minutes, by everyone only where its way back does not come from the request; a sentence is not kept.
    """
    from attention.share import embed

    query = request.url.query
    if len(query) > LONGEST:
        return _refused(MESSAGES["link_too_long"].format(got=len(query), limit=LONGEST), 414)
    if _crowded():
        return _refused(MESSAGES["too_busy"], 503)
    made = await run_sync(embed.embed_page, query, _base_url(request), limiter=_FEW)
    kept = f"{'public' if on_space() else 'private'}, max-age=300" if made.shown else "no-store"
    return HTMLResponse(made.page, headers={**_HEADERS, "Cache-Control": kept})


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
    if _crowded():
        return _refused(MESSAGES["too_busy"], 503)
    return await run_sync(_take, request.path_params["what"], query, _base_url(request), limiter=_FEW)


def on_upload(_: Request) -> Response:
    """Nothing here takes a file, and gradio would keep what anyone sends."""
    return _refused(MESSAGES["no_uploads"], 403)


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
        made = exports.export(what, query, base_url)
    except AttentionError as error:
        return _refused(str(error), 400)
    except Exception:  # noqa: BLE001 - the page answers every error with a sentence
        _log.exception("unexpected error in a file")
        return _refused(MESSAGES["unexpected"], 500)
    headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-store"}
    return Response(made.data, media_type=made.media_type, headers=headers)


def _crowded() -> bool:
    """Whether one more would wait too long."""
    return _FEW.statistics().tasks_waiting >= MOST_WAITING


def _base_url(request: Request) -> str:
    """Where this server is for whoever asks. A proxy may say so, as gradio also lets it; what it says is in no page that others get."""
    host = request.headers.get("x-forwarded-host", "").partition(",")[0].strip()
    return str(request.base_url.replace(netloc=host) if HOST.fullmatch(host) else request.base_url)


def _refused(sentence: str, status: int) -> Response:
    headers = {**_HEADERS, "Cache-Control": "no-store", **({"Retry-After": "5"} if status == 503 else {})}
    return PlainTextResponse(sentence, status_code=status, headers=headers)
