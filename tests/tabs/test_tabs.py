"""What holds for every tab, found as the page finds them, and for the page that carries them."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from attention import tabs
from attention.share.endpoints import ENDPOINTS
from attention.tabs import Tab, _frame

NAMES = [info.name for info in pkgutil.iter_modules(tabs.__path__) if not info.name.startswith("_")]
SPEAKS_FOR_ITSELF = {"html", "markdown", "state", "timer", "row", "column", "form", "tabs", "group"}


@pytest.fixture(scope="module")
def built() -> gr.Blocks:
    return tabs.page()


@pytest.fixture(scope="module")
def config(built: gr.Blocks) -> dict[str, Any]:
    return built.get_config_file()


@pytest.mark.parametrize("name", NAMES)
def test_a_module_of_the_folder_is_a_tab(name: str) -> None:
    tab = importlib.import_module(f"attention.tabs.{name}").TAB
    assert isinstance(tab, Tab)
    assert tab.title.strip() == tab.title != ""
    assert tab in tabs.tabs()


@pytest.mark.parametrize("name", NAMES)
def test_a_tab_has_its_prose_in_a_file(name: str) -> None:
    prose = Path(tabs.__path__[0], f"{name}.md").read_text(encoding="utf-8")
    assert len(prose.split()) > 40


@pytest.mark.parametrize("name", NAMES)
def test_a_tab_builds_on_a_page_of_its_own(name: str) -> None:
    with gr.Blocks(analytics_enabled=False) as demo:
        importlib.import_module(f"attention.tabs.{name}").TAB.build(demo)
    assert demo.fns


def test_titles_and_orders_are_unique() -> None:
    found = tabs.tabs()
    assert len({tab.title for tab in found}) == len({tab.order for tab in found}) == len(found) == len(NAMES)
    assert [tab.order for tab in found] == sorted(tab.order for tab in found)


def test_only_our_endpoints_are_for_programs(built: gr.Blocks) -> None:
    named = {f"/{endpoint.__name__}" for endpoint in ENDPOINTS}
    open_to_all = {f"/{fn.api_name}" for fn in built.fns.values() if fn.api_visibility != "private"}
    assert open_to_all == set(built.get_api_info()["named_endpoints"]) == named
    assert built.get_api_info()["unnamed_endpoints"] == {}


def _listeners(built: gr.Blocks) -> list[Any]:
    """What answers the page itself, in Python."""
    return [fn for fn in built.fns.values() if fn.fn is not None and fn.api_visibility == "private"]


def test_what_a_browser_sends_is_checked_by_the_answers_alone(built: gr.Blocks) -> None:
    assert not [fn.name for fn in _listeners(built) if fn.preprocess]


def test_no_listener_shows_gradio_s_own_progress(built: gr.Blocks) -> None:
    assert {fn.show_progress for fn in _listeners(built)} == {"hidden"}


def test_every_control_has_a_label(config: dict[str, Any]) -> None:
    controls = [part for part in config["components"] if part["type"] not in SPEAKS_FOR_ITSELF]
    nameless = [p["type"] for p in controls if not (p["props"].get("label") or p["props"].get("value"))]
    assert len(controls) >= 10
    assert nameless == []


def test_no_markup_carries_a_place_for_data(built: gr.Blocks) -> None:
    templates = [block.html_template for block in built.blocks.values() if isinstance(block, gr.HTML)]
    assert templates
    assert not [one for one in templates if "{{" in one or "${" in one]


def test_ids_are_unique(config: dict[str, Any]) -> None:
    ids = [part["props"]["elem_id"] for part in config["components"] if part["props"].get("elem_id")]
    assert len(ids) == len(set(ids))


def test_the_queue_is_bounded_and_passes_share_a_lane(built: gr.Blocks) -> None:
    assert built._queue.max_size == 128
    lanes = {fn.name: (fn.concurrency_id, fn.concurrency_limit) for fn in built.fns.values() if fn.fn is not None}
    assert lanes["on_read"] == lanes["on_example"] == lanes["on_wanted"] == ("forward", 2)
    assert all(isinstance(limit, int) for _, limit in lanes.values())


def test_nothing_is_recorded_or_reported(built: gr.Blocks) -> None:
    settings = _frame.launch_settings()
    assert settings["run_history"] is False
    assert settings["ssr_mode"] is False
    assert settings["show_error"] is False
    assert built.analytics_enabled is False
    assert built._queue.ANAYLTICS_CACHE_FREQUENCY > 10**6
    assert "share" not in settings


def test_styles_fetch_nothing() -> None:
    settings = _frame.launch_settings()
    assert "http" not in settings["css"]
    assert "@import" not in settings["css"]
    assert settings["theme"]._stylesheets == []


def test_the_app_file_builds_the_page_and_launches_nothing() -> None:
    app = importlib.import_module("app")
    assert isinstance(app.demo, gr.Blocks)
    assert not app.demo.is_running
