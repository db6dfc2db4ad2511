"""The endpoints as tools of an agent, by its own client."""

import json
from collections.abc import Iterator

import gradio as gr
import httpx
import pytest

from attention.share import endpoints
from attention.tabs import _api
from tests.tabs.agent import as_an_agent
from tests.tabs.api_page import CALLS, NAMES, served


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def tools(url: str) -> str:
    """Where agents find them."""
    return f"{url}/gradio_api/mcp/"


def test_an_agent_finds_our_tools_and_calls_each(tools: str) -> None:
    found, results = as_an_agent(tools, CALLS)
    assert [tool.name for tool in found] == NAMES
    for name, result in results.items():
        assert not result.isError, result
        (content,) = result.content
        assert json.loads(content.text) == json.loads(json.dumps(getattr(endpoints, name)(**CALLS[name])))


def test_an_agent_reads_what_every_parameter_is(tools: str) -> None:
    found, _ = as_an_agent(tools, {})
    for tool in found:
        assert tool.description
        assert all(row["description"] for row in tool.inputSchema["properties"].values()), tool.name
    weights = next(tool for tool in found if tool.name == "head_weights").inputSchema
    assert weights["required"] == ["model", "text", "layer", "head"]
    assert weights["properties"]["measure"]["enum"] == ["raw", "content", "value", "rollout"]


def test_an_agent_gets_a_sentence_for_an_error(tools: str) -> None:
    _, results = as_an_agent(tools, {"top_attended": {**CALLS["top_attended"], "query": 99}})
    (content,) = results["top_attended"].content
    assert results["top_attended"].isError
    assert content.text == "Row 99 does not exist: this text has rows 0 to 12."


def test_without_the_package_the_page_is_served_without_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_api, "find_spec", lambda name: None)
    assert _api.mcp_settings() == {"mcp_server": False}
    with gr.Blocks(analytics_enabled=False) as demo:
        _api.register()
    demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, **_api.mcp_settings())
    try:
        _api.answer_in_json(demo)
        assert httpx.get(f"{demo.local_url}gradio_api/info").json()["named_endpoints"].keys() == {
            f"/{n}" for n in NAMES
        }
    finally:
        demo.close()
