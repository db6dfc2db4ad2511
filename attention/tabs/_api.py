"""The endpoints for programs and agents: checked, queued in a lane of their own, every error one sentence."""

import html
import json
import logging
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.util import find_spec
from typing import Any

import gradio as gr
from gradio.events import api
from pydantic import ConfigDict, ValidationError, validate_call

from attention.errors import MESSAGES, AttentionError, SelectionError
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


def register() -> None:
    """Adds every endpoint to the Blocks it is called in. Everything else on the page stays private."""
    for answer in ENDPOINTS:
        lane = _QUICK if answer is models else _LANE
        api(_answering(answer), api_name=answer.__name__, **lane)


def mcp_settings() -> dict[str, Any]:
    """Settings of gradio's launch: endpoints become tools of agents where the package `mcp` is installed."""
    return {"mcp_server": find_spec("mcp") is not None}


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
        # Escaped, as gradio's own pages show it as HTML. Not chained, not printed: it is an answer.
        raise gr.Error(html.escape(said, quote=False), print_exception=False) from None

    return answered


def _refused(answer: Callable[..., Any], error: ValidationError) -> SelectionError:
    """The first argument that is not what its type says, as one sentence."""
    first = error.errors(include_url=False, include_context=True)[0]
    place = first["loc"][0] if first["loc"] else ""
    names = list(answer.__annotations__)
    name = names[place] if isinstance(place, int) and place < len(names) else str(place)
    expected = _EXPECTED.get(first["type"]) or first.get("ctx", {}).get("expected") or "something else"
    got = "left out" if "missing" in first["type"] else _kind(first["input"])
    return SelectionError("bad_argument", name=name[:40], expected=str(expected), got=got)


def _kind(given: Any) -> str:
    """What a value is, in a few words; a short one as it is."""
    if given is None:
        return "nothing"
    if isinstance(given, str):
        return f"“{given[:40]}”" if given.isprintable() else "a text"
    if isinstance(given, bool):
        return "true" if given else "false"
    names = {int: "a whole number", float: "a number", list: "a list", tuple: "a list", dict: "an object"}
    return names.get(type(given), "something else")
