"""A page on another server that frames five views of a running app and one page that was saved from it."""

import functools
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

from attention.models import reader
from attention.models.catalog import MINILM
from attention.share.embed import iframe
from attention.share.exports import export
from attention.share.links import to_query
from attention.share.settings.explorer import Explorer
from attention.share.settings.languages import Languages
from attention.share.settings.masks import Masks
from attention.share.settings.patterns import Patterns
from attention.share.view_page import picture_of
from tests.browser import until
from tests.models.bundled_models import needs_e5

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame, Page

pytestmark = [pytest.mark.ui, needs_e5]

TEXT = "The cat sat on the mat."
ARABIC = "كانت القطة متعبة ولم تعبر الشارع."
SAVED = "attention.html"
VIEWS: tuple[tuple[str, Any, Any], ...] = (
    ("explore", Explorer(model=MINILM, text=TEXT, layer=3, head=5), "light"),
    ("masks", Masks(n=6), "light"),
    ("languages", Languages(layer=0, head=2), "light"),
    ("patterns", Patterns(length=8, check=True), "light"),
    ("explore", Explorer(text=ARABIC, layer=8, head=1), "dark"),
)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *given: object) -> None:  # noqa: A002 - the library's own name
        """Nothing: a test's output is for its failures."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Where a plain server of files shows this folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def blog(warm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page: five embeds as they are copied, and a saved page, linked and framed."""
    folder = tmp_path_factory.mktemp("blog")
    query = to_query("explore", Explorer(model=MINILM, text=TEXT, layer=2, head=3))
    (folder / SAVED).write_bytes(export("page.html", parse_qs(query), warm).data)
    frames = "\n".join(f"<p>A view.</p>{iframe(to_query(*view), warm)}" for view in VIEWS)
    (folder / "index.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>A blog</title><link rel="icon" href="data:,"><h1>On heads</h1>'
        f'{frames}<p><a href="{SAVED}">The page</a></p><iframe src="{SAVED}" title="saved" width="720" height="900"></iframe>',
        encoding="utf-8",
    )
    with served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def page(blog: str, warm: str, browser: "Browser") -> "Iterator[Page]":
    """The blog as a visitor sees it, every frame drawn; an error in a console or a request elsewhere fails the module."""
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 1000, "height": 900}, reduced_motion="reduce")
    context.add_init_script(
        "addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective));"
    )
    page = context.new_page()
    page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    ours = (blog, f"{warm}embed?", "data:", "blob:")
    context.on("request", lambda sent: None if sent.url.startswith(ours) else wrong.append(sent.url))
    page.goto(blog)
    for at in range(len(VIEWS) + 1):  # frames below the fold are loaded when they are near
        page.locator("iframe").nth(at).scroll_into_view_if_needed()
        frame(page, at).locator("[data-stamp]").first.wait_for(timeout=60_000)
    yield page
    assert context.cookies() == []
    context.close()
    assert wrong == []


def frame(page: "Page", at: int) -> "Frame":
    """What is inside the nth frame, in view."""
    element = page.locator("iframe").nth(at)
    element.scroll_into_view_if_needed()
    handle = element.element_handle()
    assert handle is not None
    inside = handle.content_frame()
    assert inside is not None
    inside.wait_for_load_state()
    return inside


def weight(inside: "Frame") -> float:
    """The weight in the readout of a head."""
    return float(inside.locator(".hl-figures .hl-text").first.inner_text().lstrip("≈"))


def test_every_frame_shows_its_picture_and_the_way_back(page: "Page", warm: str) -> None:
    for at, (tab, settings, theme) in enumerate(VIEWS):
        inside = frame(page, at)
        if isinstance(settings, Explorer):
            expect(inside.locator(".hl-caption")).to_contain_text(f"L{settings.layer}H{settings.head}")
            expect(inside.locator(".hl-caption")).to_contain_text(settings.text)
        else:
            expect(inside.locator(".hl-caption")).to_have_text(picture_of(tab, settings)["caption"])
        back = inside.get_by_role("link", name="Open in Headlight")
        expect(back).to_have_attribute("href", f"{warm}?{to_query(tab, settings, theme)}")
        until(
            inside,
            "[...document.querySelectorAll('canvas')].filter((one) => one.offsetParent).every((one) => one.width > 100 &&"
            " one.getContext('2d').getImageData(0, 0, one.width, one.height).data.some((part) => part))",
        )
        assert inside.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        dark = inside.evaluate("document.documentElement.classList.contains('dark')")
        assert dark == (theme == "dark")


def test_no_frame_can_reach_the_page_around_it(page: "Page") -> None:
    for at in range(len(VIEWS)):
        said = frame(page, at).evaluate(
            "() => { try { return String(parent.document.title); } catch (error) { return error.name; } }"
        )
        assert said == "SecurityError"


def test_a_head_is_used_by_keyboard_inside_its_frame(page: "Page") -> None:
    inside, weights = frame(page, 0), reader.capture(MINILM, TEXT).weights(3, 5)
    inside.locator(".hl-stage").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    inside.locator(".hl-query .hl-text").wait_for()
    assert weight(inside) == pytest.approx(weights[1].max().item(), abs=6e-4)
    page.keyboard.press("Tab")
    assert inside.evaluate("document.activeElement.textContent") == "Open in Headlight"
    inside.locator(".hl-stage").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")


def test_a_pointer_reads_numbers_in_every_frame(page: "Page") -> None:
    weights = reader.capture(MINILM, TEXT).weights(3, 5)
    for at in (0, 4, 5):  # heads: of the last row the corner
        inside = frame(page, at)
        canvas = inside.locator(".hl-stage canvas")
        box = canvas.bounding_box()
        assert box is not None
        left = 12 if at == 4 else box["width"] - 12  # Arabic is drawn from the right
        canvas.hover(position={"x": left, "y": box["height"] - 12})
        inside.locator(".hl-query .hl-text").wait_for()
        seen = weight(inside)
        assert 0 <= seen <= 1
        if at == 0:
            assert seen == pytest.approx(weights[-1, -1].item(), abs=6e-4)
    for at in (1, 3):  # a lab's panels
        inside = frame(page, at)
        panel = inside.locator(".hl-panel:has(.hl-panel-readout)").first
        drawn = panel.locator("canvas, svg").first
        box = drawn.bounding_box()
        assert box is not None
        before = panel.locator(".hl-panel-readout").inner_text()
        drawn.hover(position={"x": box["width"] * 0.6, "y": box["height"] * 0.6})
        expect(panel.locator(".hl-panel-readout")).not_to_have_text(before)
        expect(panel.locator(".hl-panel-readout")).to_contain_text(re.compile(r"\d"))
    inside = frame(page, 2)
    canvas = inside.locator(".hl-side-column canvas").first
    box = canvas.bounding_box()
    assert box is not None
    canvas.hover(position={"x": box["width"] - 12, "y": box["height"] - 12})
    expect(inside.locator(".hl-side-readout").first).to_contain_text(re.compile(r"\d\.\d"))


def test_the_saved_page_opens_from_its_link(page: "Page", blog: str) -> None:
    address = page.get_by_role("link", name="The page", exact=True).evaluate("(link) => link.href")
    assert address == f"{blog}{SAVED}"
    page.goto(address)
    expect(page.locator(".hl-caption")).to_contain_text("L2H3")
    page.locator(".hl-stage").focus()
    page.keyboard.press("ArrowDown")
    page.locator(".hl-query .hl-text").wait_for()
    assert page.get_by_role("link", name="Open in Headlight").count() == 0  # nobody else could follow it
