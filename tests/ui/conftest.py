"""The real app, served once from this process, and pages that report what they should not do."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from attention.models import loader
from tests.ui.explorer import Explorer
from tests.ui.labs import Opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Dialog, Page


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where the app answers; its default model may still be loading."""
    from attention.tabs import launch, page

    demo = page()
    launch(demo, prevent_thread_lock=True, quiet=True)
    yield demo.local_url
    demo.close(verbose=False)


@pytest.fixture(scope="session")
def warm(address: str) -> str:
    """Where the app answers, with its default model loaded."""
    from attention.tabs import _background

    _background._started[0].join()
    assert _background.state() == "ready"
    return address


@pytest.fixture(scope="session")
def visitors(browser: "Browser") -> "Iterator[Callable[[bool], BrowserContext]]":
    """`visitors(touch)`: a desktop or a phone, each with one warm cache for all pages; sessions belong to pages."""
    known: dict[bool, BrowserContext] = {}

    def visitor(touch: bool) -> "BrowserContext":
        if touch not in known:
            known[touch] = browser.new_context(has_touch=touch, is_mobile=touch, reduced_motion="reduce")
        return known[touch]

    yield visitor
    for context in known.values():
        context.close()


@pytest.fixture
def open_page(visitors: "Callable[[bool], BrowserContext]", address: str) -> "Iterator[Callable[..., Page]]":
    """`open_page(width=1440, touch=False, query="", within=None)`: the page, in a session of its own.

    within: another browser context. Any console error or warning, exception, dialog or request to another host fails
    the test.
    """
    pages, wrong = [], []

    def opened(
        *, width: int = 1440, touch: bool = False, query: str = "", within: "BrowserContext | None" = None
    ) -> "Page":
        page = (within or visitors(touch)).new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": 844 if width < 500 else 1000})
        listen(page, address, wrong)
        page.goto(f"{address}{query}")
        page.locator("#hl-figure [data-stamp]").wait_for()
        return page

    yield opened
    for page in pages:
        page.close()
    assert wrong == []


def listen(page: "Page", address: str, wrong: list[str]) -> None:
    """Writes down what a page should not do."""

    def asked(dialog: "Dialog") -> None:
        wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", asked)
    inside = (address, "data:", "blob:")
    page.on("request", lambda sent: None if sent.url.startswith(inside) else wrong.append(sent.url))


@pytest.fixture
def explore(open_page: "Callable[..., Page]", warm: str) -> Callable[..., Explorer]:
    """`explore(**of open_page)`: the explorer of a new session, showing its first live picture."""

    def explorer(**how: object) -> Explorer:
        opened = Explorer(open_page(**how))
        opened.shows_example()
        return opened

    return explorer


@pytest.fixture
def opened(open_page: "Callable[..., Page]", warm: str) -> Callable[..., Opened]:
    """`opened(lab, **of open_page)`: a lab of a new session, its figure drawn."""
    return lambda lab, **how: Opened(open_page(**how), lab)


@pytest.fixture
def kept() -> Iterator[None]:
    """No model more than before is in memory afterwards, and none is being loaded."""
    before = len(loader.MODELS)
    yield
    assert len(loader.MODELS) == before
    assert loader.MODELS._running == {}
