"""A model that takes long: its progress is seen, it can be cancelled, and who asks for something else does not wait for it."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from attention.errors import ModelError
from attention.models import loader
from attention.models.catalog import E5
from attention.share.selection import Selection
from attention.tabs._examples import EXAMPLES
from tests.models import tiny
from tests.ui.explorer import Explorer, best_head, captured
from tests.ui.hostile import CALM, works

pytestmark = [pytest.mark.ui, pytest.mark.usefixtures("offline")]
Explore = Callable[..., Explorer]


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[threading.Event]:
    """A model named "slow" that is read for ever: for each time, the event that ends it."""
    tiny.save("bert", tmp_path / "slow")
    monkeypatch.setenv("ATTENTION_MODEL_DIR", str(tmp_path))
    load, cancels = loader.load, []

    def forever(model: str, *, progress: Any = None, cancel: Any = None, **how: Any) -> Any:
        if model != "slow":
            return load(model, progress=progress, cancel=cancel, **how)
        cancels.append(cancel)
        progress("reading the weights", 0.4)
        cancel.wait(60)
        raise ModelError("load_cancelled", got=model)

    monkeypatch.setattr(loader, "load", forever)
    return cancels


def begin(explorer: Explorer) -> None:
    """Asks for the slow model, until the page tells how far it is."""
    explorer.name_model("slow")
    explorer.type("w1 w2 w3 w4")
    explorer.page.get_by_role("button", name="Read", exact=True).click()
    expect(explorer.status).to_contain_text("reading the weights")
    assert explorer.page.locator("#hl-status progress").evaluate("(bar) => bar.value") == pytest.approx(0.4)


def test_loading_is_cancelled(explore: Explore, slow: list[threading.Event]) -> None:
    explorer = explore()
    picture = explorer.caption
    for times in (1, 2):
        begin(explorer)
        explorer.page.locator("#hl-cancel").click()
        expect(explorer.status).to_have_text("Cancelled; the last picture stays.")
        assert len(slow) == times
        assert slow[-1].wait(20)
        assert explorer.caption == picture
    works(explorer)


def test_another_reading_does_not_wait_for_it(explore: Explore, slow: list[threading.Event]) -> None:
    explorer = explore()
    begin(explorer)
    explorer.choose_model("multilingual-e5-small")
    explorer.type(CALM, "")
    explorer.page.get_by_role("button", name="Read", exact=True).click()
    capture = captured(E5, CALM)
    explorer.shows(capture, Selection(*best_head(capture)))
    assert slow[0].wait(20)  # nobody waits for it any more
    expect(explorer.status).to_have_text("")
    begin(explorer)
    explorer.choose_model("multilingual-e5-small")
    explorer.choose_example(EXAMPLES[1].label)
    assert slow[1].wait(20)
