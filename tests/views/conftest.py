"""A page that reports its own errors."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.views.pages import Mounted, page_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def show(browser: "Browser", tmp_path: Path) -> "Iterator[Callable[..., Page]]":
    """`show(*mounted, width=1440, touch=False, theme="")`: the page, drawn. Any console error fails the test."""
    contexts, errors = [], []

    def open_page(*mounted: Mounted, width: int = 1440, touch: bool = False, theme: str = "") -> "Page":
        file = tmp_path / "pictures.html"
        file.write_text(page_of(*mounted, theme=theme), encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 1000}, has_touch=touch, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: errors.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda asked: errors.append(asked.url) if asked.url.startswith("http") else None)
        page.goto(file.as_uri())
        for one in mounted:
            page.locator(f"#{one.name}[data-stamp]").wait_for(state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
