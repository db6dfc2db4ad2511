"""The endpoints as programs meet them: gradio_client and plain HTTP; whatever they send, one sentence comes back."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from attention.errors import MESSAGES
from attention.models.catalog import MINILM
from attention.share import endpoints
from attention.tabs import _api
from tests.tabs.api_page import CALLS, NAMES, TEXT, served

JSON = {"content-type": "application/json"}
LONG = "x" * 1_000_000
FILE = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
HOSTILE = [
    None, True, -1, 10**30, 1.5, "", " ", "0", "javascript:alert(1)", "<script>alert(1)</script>", "../../etc/passwd",
    "file:///etc/passwd", "/etc", "\x00", "\ud800", "{{7*7}}", "%2e%2e%2f", LONG, [], [[]], {}, {"path": "/etc/passwd"},
    FILE, [0] * 10_000,
]  # fmt: skip


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def client(url: str) -> Client:
    return Client(url, verbose=False)


def asked(url: str, name: str, body: Any, version: str = "v2/") -> tuple[str, Any]:
    """Both steps of gradio's HTTP protocol: the event's name and its data."""
    raw = json.dumps(body)
    begun = httpx.post(f"{url}/gradio_api/call/{version}{name}", content=raw, headers=JSON, timeout=60)
    if begun.status_code != 200:
        return f"status {begun.status_code}", begun.text
    answer = httpx.get(f"{url}/gradio_api/call/{name}/{begun.json()['event_id']}", timeout=60).text
    lines = [line.split(": ", 1) for line in answer.strip().splitlines() if ": " in line]
    event, data = [value for key, value in lines if key == "event"][-1], [v for k, v in lines if k == "data"][-1]
    return event, json.loads(data)


def one_sentence(said: str) -> bool:
    return 10 < len(said) < 500 and "Traceback" not in said and "\n" not in said and said.endswith((".", "”"))


def outcome(call: Callable[[], Any]) -> tuple[str | None, dict[str, Any]]:
    """The sentence of an error, or None; and the answer."""
    try:
        return None, call()
    except gr.Error as error:
        return error.message, {"version": 0}


def test_only_our_endpoints_are_public(client: Client) -> None:
    listed = client.view_api(return_format="dict", print_info=False)
    assert [name.lstrip("/") for name in listed["named_endpoints"]] == NAMES
    assert listed["unnamed_endpoints"] == {}


def test_every_parameter_has_its_type_and_every_endpoint_its_words(client: Client) -> None:
    for name, told in client.view_api(return_format="dict", print_info=False)["named_endpoints"].items():
        assert told["description"], name
        assert all(row["type"] for row in [*told["parameters"], *told["returns"]]), name


@pytest.mark.parametrize("name", NAMES)
def test_gradio_client_gets_what_the_function_gives(client: Client, name: str) -> None:
    expected = getattr(endpoints, name)(**CALLS[name])
    assert client.predict(**CALLS[name], api_name=f"/{name}") == json.loads(json.dumps(expected))
    assert expected["version"] == 1


@pytest.mark.parametrize("name", NAMES)
def test_plain_http_gets_the_same(url: str, name: str) -> None:
    event, data = asked(url, name, CALLS[name])
    assert event == "complete"
    assert data == [json.loads(json.dumps(getattr(endpoints, name)(**CALLS[name])))]


def test_the_sentence_of_an_error_reaches_the_client(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AppError, match=r"Layer 99 does not exist: .* has layers 0 to 5\."):
        client.predict(MINILM, TEXT, 99, 0, api_name="/head_weights")
    with pytest.raises(AppError, match="“‹b›x” is not a model id"):
        client.predict("<b>x", TEXT, api_name="/tokenize")
    assert "Traceback" not in capfd.readouterr().err


def test_a_wrong_type_is_told_by_name(url: str) -> None:
    event, data = asked(url, "head_weights", {**CALLS["head_weights"], "layer": "3"})
    assert (event, data["error"]) == ("error", "layer must be a whole number, not “3”.")
    event, data = asked(url, "head_weights", {**CALLS["head_weights"], "measure": None})
    assert data["error"] == "measure must be 'raw', 'content', 'value' or 'rollout', not nothing."
    for name, sent, said in (
        ("head_weights", {"layer": 0.5}, "layer must be a whole number, not 0.5."),
        ("head_weights", {"layer": 1e300}, "layer must be a whole number, not 1e+300."),
        ("head_weights", {"head": True}, "head must be a whole number, not true."),
        ("compare_languages", {"texts": {"a": "x", "b": None}}, "texts[“b”] must be a text, not nothing."),
        ("compare_languages", {"languages": ["Thai", 5]}, "languages[1] must be a text, not 5."),
    ):
        event, data = asked(url, name, {**CALLS[name], **sent})
        assert (event, data["error"]) == ("error", said)


def test_an_unplanned_error_stays_private(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(model: str) -> int:
        raise RuntimeError("the secret place is /srv/x")

    with pytest.raises(gr.Error) as caught:
        _api._answering(broken)("m")
    assert caught.value.message == MESSAGES["unexpected"]
    assert "secret" in caplog.text


@pytest.mark.parametrize("name", NAMES[1:])
@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:24])
@pytest.mark.usefixtures("offline")
def test_any_value_of_any_parameter_gets_a_sentence_or_an_answer(name: str, value: Any) -> None:
    answered = _api._answering(getattr(endpoints, name))
    for parameter in endpoints.__dict__[name].__annotations__:
        if parameter == "return":
            continue
        said, result = outcome(lambda sent=parameter: answered(**{**CALLS[name], sent: value}))
        assert (said is None) == (result["version"] == 1), parameter
        assert "root:" not in json.dumps(result), parameter
        assert said is None or one_sentence(said), (parameter, said)
        assert said != MESSAGES["unexpected"], parameter


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:24])
@pytest.mark.usefixtures("offline")
def test_hostile_values_over_http_get_a_sentence(url: str, value: Any) -> None:
    for name, parameter in (("tokenize", "model"), ("head_weights", "layer"), ("compare_languages", "texts")):
        event, data = asked(url, name, {**CALLS[name], parameter: value})
        said = json.dumps(data)
        assert "Traceback" not in said
        assert "root:" not in said
        if event != "complete":
            assert event == "error", (event, said[:200])
            assert value == FILE or one_sentence(data["error"]), data  # gradio itself refuses files, without a word


@pytest.mark.parametrize(
    ("body", "said"),
    [
        *((body, "an object with model, text, pair") for body in ([], "x", 7, None)),
        ({"data": 3}, "tokenize has no argument “data”; it takes model, text, pair."),
        ({}, "model must be given, not left out."),
        ({"model": MINILM}, "text must be given, not left out."),
        ({"model": MINILM, "text": "a", "<b>": 1}, "tokenize has no argument “<b>”; it takes model, text, pair."),
    ],
    ids=repr,
)
def test_a_misshapen_request_is_one_sentence(
    url: str, body: Any, said: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for version, expected in (("v2/", said), ("", '{"data": [model, text, pair]}')):
        event, data = asked(url, "tokenize", body, version)
        assert event == "status 400"
        assert expected in json.loads(data)["error"]
        assert one_sentence(json.loads(data)["error"])
    assert "Traceback" not in capfd.readouterr().err + caplog.text


def test_what_is_no_json_no_endpoint_or_endless_is_one_sentence(url: str) -> None:
    for body in (b"", b"{", b"\xff\xfe", b"[" * 100_000):
        answer = httpx.post(f"{url}/gradio_api/call/v2/tokenize", content=body, headers=JSON)
        assert (answer.status_code, answer.json()["error"][:4]) == (400, "The ")
    for version in ("v2/", ""):
        for name in ("nothing", "lambda", "%3Cb%3E"):
            event, data = asked(url, name, {"data": []}, version)
            assert event == "status 404"
            assert json.loads(data)["error"].endswith(f"ask one of {', '.join(NAMES)}.")
    event, data = asked(url, "tokenize", {"model": MINILM, "text": "a" * (_api.MOST_BODY + 1)})
    assert (event, f"{_api.MOST_BODY:,} bytes" in data) == ("status 413", True)


def test_arguments_in_order_and_left_out_defaults_are_as_ever(url: str) -> None:
    event, named = asked(url, "tokenize", {"model": MINILM, "text": TEXT})
    assert event == "complete"
    assert asked(url, "tokenize", {"data": [MINILM, TEXT, None]}, "") == ("complete", named)
    assert asked(url, "models", {"data": []}, "")[0] == "complete"


def test_files_that_nobody_asked_for_are_not_taken(url: str) -> None:
    for path in ("upload", "upload?upload_id=1"):
        answer = httpx.post(f"{url}/gradio_api/{path}", files={"files": ("a.txt", b"a" * 1000)}, follow_redirects=True)
        assert (answer.status_code, answer.text) == (403, MESSAGES["no_uploads"])


def test_a_private_listener_is_not_there_for_clients(client: Client) -> None:
    with pytest.raises(ValueError, match="Cannot find"):
        client.predict("x", api_name="/lambda")
