"""What several folders of tests share: one browser, and a machine that is offline."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import launched

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.hookimpl(tryfirst=True)  # before the workers look for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several workers share the tests (pytest -n 2 --dist loadgroup), one has the browser and begins with it; the others
    take a file at a time."""
    for item in items:
        in_browser = "browser" in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group("browser" if in_browser else item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """One for the whole run: a second driver cannot start while the first one's event loop runs."""
    with launched() as running:
        yield running


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No Hub can be asked, and nothing of it is on this machine; where its cache would be."""
    from huggingface_hub import constants

    cache = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    return cache
