"""The endpoints for programs and agents: checked, queued in a lane of their own, every error one sentence."""

import inspect
import json
import logging
import re
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.util import find_spec
from typing import Any

import gradio as gr
from gradio.events import api
from pydantic import ConfigDict, ValidationError, validate_call
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from attention.errors import MESSAGES, AttentionError, SelectionError, printable
from attention.share.endpoints import ENDPOINTS, models

_log = logging.getLogger(__name__)

# Not the lane of the page's own reading: a program that asks a hundred times keeps no visitor waiting.
_LANE: dict[str, Any] = {"concurrency_id": "api", "concurrency_limit": 2}
_QUICK: dict[str, Any] = {"concurrency_id": "api-quick", "concurrency_limit": 4}

_EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "list_type": "a list",
    "dict_type": "texts by name",
    "missing": "given",
    "missing_argument": "given",
}


_NO_MARKUP = str.maketrans("<>", "‹›")

_CALL = re.compile(r"/gradio_api/call/(v2/)?([^/]+)/?")

MOST_BODY = 4_000_000
"""Bytes of one call; the texts in it are refused long before that, with a sentence of their own."""


def register() -> None:
    """Adds every endpoint to the Blocks it is called in. Everything else on the page stays private."""
    for answer in ENDPOINTS:
        lane = _QUICK if answer is models else _LANE
        api(_answering(answer), api_name=answer.__name__, **lane)


def mcp_settings() -> dict[str, Any]:
    """Settings of gradio's launch: endpoints become tools of agents where the package `mcp` is installed."""
    return {"mcp_server": find_spec("mcp") is not None}


def middleware() -> list[Middleware]:
    """For gradio's server, in front of its routes."""
    return [Middleware(WellFormed)]


class WellFormed:
    """Calls over plain HTTP that name an endpoint and give its arguments go on; the others get one sentence."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        called = _CALL.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if called is None:
            return await self.app(scope, receive, send)
        body = b""
        async for part in Request(scope, receive).stream():
            body += part
            if len(body) > MOST_BODY:
                error = SelectionError("call_too_long", limit=MOST_BODY)
                return await JSONResponse({"error": str(error)}, 413)(scope, receive, send)
        try:
            _check_call(called[2], body, by_name=called[1] is not None)
        except SelectionError as error:
            status = 404 if error.key == "no_endpoint" else 400
            return await JSONResponse({"error": str(error)}, status)(scope, receive, send)

        read = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def again() -> Message:
            return next(read, None) or await receive()

        return await self.app(scope, again, send)


def _check_call(name: str, body: bytes, *, by_name: bool) -> None:
    """Raises: SelectionError for no such endpoint, and for a body that does not give its arguments."""
    found = next((answer for answer in ENDPOINTS if answer.__name__ == name), None)
    if found is None:
        choices = ", ".join(answer.__name__ for answer in ENDPOINTS)
        raise SelectionError("no_endpoint", got=printable(name, 40), choices=choices)
    parameters = inspect.signature(found).parameters
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        sent = None
    if not by_name:
        given = sent.get("data") if isinstance(sent, dict) else None
        if not isinstance(given, list) or len(given) != len(parameters):
            raise SelectionError("bad_call", expected=f'{{"data": [{", ".join(parameters)}]}}')
        return
    if not isinstance(sent, dict):
        raise SelectionError("bad_call", expected=f"an object with {', '.join(parameters) or 'nothing in it'}")
    extra = next((one for one in sent if one not in parameters), None)
    if extra is not None:
        choices = ", ".join(parameters) or "none"
        raise SelectionError("unknown_argument", name=printable(extra, 40), endpoint=name, choices=choices)
    for one, parameter in parameters.items():
        if parameter.default is inspect.Parameter.empty and one not in sent:
            raise SelectionError("bad_argument", name=one, expected="given", got="left out")


def answer_in_json(demo: gr.Blocks) -> None:
    """Lets the tools of a launched page answer in JSON; gradio would write each result as Python does.

    None of ours is a file, so nothing in an answer may be taken for one either.
    """
    server: Any = demo.mcp_server_obj
    if server is None:
        return

    def written(data: Sequence[Any], root_url: str) -> list[Any]:
        return [server.types.TextContent(type="text", text=json.dumps(one, ensure_ascii=False)) for one in data]

    server.postprocess_output_data = written


def _answering(answer: Callable[..., Any]) -> Callable[..., Any]:
    """The same function for the world outside: whatever is sent, the answer is a result or a sentence."""
    checked = validate_call(config=ConfigDict(strict=True))(answer)

    @wraps(answer)
    def answered(*given: Any, **named: Any) -> Any:
        try:
            return checked(*given, **named)
        except ValidationError as error:
            said = str(_refused(answer, error))
        except AttentionError as error:
            said = str(error)
        except Exception as error:  # noqa: BLE001 - nobody outside sees a traceback
            _log.error("unexpected error", exc_info=error)
            said = MESSAGES["unexpected"]
        # Programs and agents read it as text, pages made with gradio show it as HTML. Not chained, not printed: it is an answer.
        raise gr.Error(said.translate(_NO_MARKUP), print_exception=False) from None

    return answered


def _refused(answer: Callable[..., Any], error: ValidationError) -> SelectionError:
    """The first argument that is not what its type says, as one sentence."""
    first = error.errors(include_url=False, include_context=True)[0]
    place, *within = first["loc"] or ("",)
    names = list(answer.__annotations__)
    name = names[place] if isinstance(place, int) and place < len(names) else str(place)
    inside = "".join(f"[{part}]" if isinstance(part, int) else f"[“{printable(part, 40)}”]" for part in within)
    expected = _EXPECTED.get(first["type"]) or first.get("ctx", {}).get("expected") or "something else"
    got = "left out" if "missing" in first["type"] else _kind(first["input"])
    return SelectionError("bad_argument", name=name[:40] + inside, expected=str(expected), got=got)


def _kind(given: Any) -> str:
    """What a value is, in a few words; a short one as it is."""
    if given is None:
        return "nothing"
    if isinstance(given, str):
        return f"“{given[:40]}”" if given.isprintable() else "a text"
    if isinstance(given, bool | int | float) and len(json.dumps(given)) <= 20:
        return json.dumps(given)
    names = {int: "a whole number", float: "a number", list: "a list", tuple: "a list", dict: "an object"}
    return names.get(type(given), "something else")
