"""Stand-alone pages in a real browser, opened from disk with the network blocked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from attention.core.capture import Capture
from attention.core.tokens import right_to_left
from attention.core.words import to_words, words_of
from attention.models import reader
from attention.models.catalog import MINILM
from attention.share import links, standalone
from attention.share.embed import embed_page
from attention.share.links import to_query
from attention.share.notebook import rank
from attention.share.selection import Selection
from attention.share.settings.kinds import kinds
from attention.share.standalone import head_page
from attention.views.coding import text_of_bytes
from attention.views.head_grid import thumbnails
from attention.views.static_files import Picture
from tests.browser import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.ui

TEXT = "Unbelievably, the cats didn't sit still."
SAID = (
    """addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective}`));"""
)
Opener = Callable[..., "Page"]


@pytest.fixture(scope="module")
def read() -> Capture:
    return reader.capture(MINILM, TEXT)


@contextmanager
def opening(browser: "Browser", folder: Path) -> Iterator[Opener]:
    """`opened(document, width=720, scheme="light")`: the page from disk; anything it should not do fails the test."""
    wrong: list[str] = []
    contexts = []

    def opened(document: str, *, width: int = 720, scheme: str = "light", name: str = "figure.html") -> "Page":
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce", offline=True
        )
        contexts.append(context)
        context.add_init_script(SAID)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda sent: None if sent.url.startswith(("file:", "blob:")) else wrong.append(sent.url))
        (folder / name).write_text(document, encoding="utf-8")
        page.goto((folder / name).as_uri())
        page.locator("[data-stamp]").first.wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def opened(browser: "Browser", tmp_path: Path) -> Iterator[Opener]:
    with opening(browser, tmp_path) as opener:
        yield opener


def weight(page: "Page") -> float:
    """The weight in the readout."""
    return float(page.locator(".hl-figures .hl-text").first.inner_text().lstrip("≈"))


def down(page: "Page", *keys: str) -> None:
    page.locator(".hl-head .hl-stage").focus()
    for key in keys:
        page.keyboard.press(key)


def test_it_is_hovered_kept_and_switched_with_no_network(opened: Opener, read: Capture) -> None:
    page = opened(head_page(read, Selection(3, 5)))
    canvas = page.locator(".hl-head canvas").bounding_box()
    assert canvas is not None
    page.mouse.move(canvas["x"] + canvas["width"] - 12, canvas["y"] + canvas["height"] - 12)
    page.locator(".hl-query .hl-text", has_text=read.tokens[-1].text).wait_for()
    assert weight(page) == pytest.approx(read.weights(3, 5)[-1, -1].item(), abs=6e-4)
    page.mouse.down()
    page.mouse.up()
    page.mouse.move(2, 2)
    page.locator(".hl-query .hl-text", has_text=read.tokens[-1].text).wait_for()  # kept
    page.get_by_text("Words", exact=True).click()
    page.locator(".hl-head[data-stamp]").wait_for()
    words = words_of(read.tokens, read.text.text)
    between = to_words(read.weights(3, 5), words)
    down(page, "ArrowDown", "ArrowDown", "ArrowRight")
    page.locator(".hl-query .hl-text", has_text=words[1].text).wait_for()
    assert weight(page) == pytest.approx(between[1].max().item(), abs=6e-4)
    page.get_by_text("Arcs", exact=True).click()
    page.locator("svg.hl-arcs").wait_for()
    assert "between words" in page.locator(".hl-caption").inner_text()


def test_every_head_is_behind_the_grid(opened: Opener, read: Capture) -> None:
    page = opened(head_page(read, Selection(3, 5), all_heads=True), width=1200)
    page.locator(".hl-grid[data-stamp]").wait_for()
    canvas = page.locator(".hl-grid canvas").bounding_box()
    assert canvas is not None
    cell = (canvas["width"] - 28) / read.n_heads
    words = words_of(read.tokens, read.text.text)
    for layer, head in ((0, 0), (5, 11), (2, 7)):
        page.mouse.click(canvas["x"] + 28 + (head + 0.5) * cell, canvas["y"] + (layer + 0.5) * cell)
        page.locator(f".hl-head[data-title=L{layer}H{head}]").wait_for()
        down(page, "Escape", "Escape", "ArrowDown", "ArrowDown", "ArrowRight")
        expected = read.weights(layer, head)[1].max().item()
        page.locator(".hl-query .hl-text", has_text=read.tokens[1].text).wait_for()
        assert weight(page) == pytest.approx(expected, abs=0.009)  # 8 bits, two decimals
        assert f"L{layer}H{head}" in page.locator(".hl-head .hl-caption").inner_text()
    page.get_by_text("Words", exact=True).click()
    down(page, "Escape", "ArrowDown", "ArrowDown", "ArrowRight")
    page.locator(".hl-query .hl-text", has_text=words[1].text).wait_for()
    assert weight(page) == pytest.approx(to_words(read.weights(2, 7), words)[1].max().item(), abs=0.009)


@pytest.mark.parametrize("text", [TEXT, " ".join([TEXT] * 4), "كانت القطة متعبة"], ids=["whole", "pooled", "mirrored"])
def test_thumbnails_are_those_of_the_app(opened: Opener, text: str) -> None:
    capture = reader.capture(MINILM, text)
    page = opened(head_page(capture, Selection(1, 1), all_heads=True), width=1200)
    script = Picture("", ("draw.js",), ()).script() + standalone._page_file("page_heads.js")
    found = page.evaluate(
        f"""async () => {{
          {script}
          const {{ chooser, levels, packed }} = JSON.parse(document.getElementById("hl-data").textContent);
          return thumbsOf(chooser, await inflated(packed.data), levels.token).data;
        }}"""
    )
    mirrored = right_to_left(text)
    assert found == text_of_bytes(torch.stack([thumbnails(capture.weights(at), mirrored=mirrored) for at in range(6)]))


def test_cards_open_their_heads(opened: Opener, read: Capture) -> None:
    from html import unescape
    from re import search

    found = rank(read)
    frame = search(r'srcdoc="([^"]*)"', found._repr_html_())
    assert frame is not None
    page = opened(unescape(frame[1]), width=1000)
    for at, one in enumerate(found):
        page.locator(".hl-card").nth(at).click()
        page.locator(f".hl-head[data-title=L{one.layer}H{one.head}]").wait_for()


def test_the_theme_is_the_reader_s_or_the_link_s_and_paper_is_light(opened: Opener, read: Capture) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    dark, light = "rgb(18, 18, 20)", "rgb(251, 250, 247)"
    assert opened(head_page(read, Selection(3, 5)), scheme="dark").evaluate(ground) == dark
    assert opened(head_page(read, Selection(3, 5), theme="light"), scheme="dark").evaluate(ground) == light
    page = opened(head_page(read, Selection(3, 5), theme="dark"), scheme="light")
    assert page.evaluate(ground) == dark
    drawn = "document.querySelector('canvas').toDataURL()"
    before = page.evaluate(drawn)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert page.evaluate(drawn) != before  # drawn again at once: a printer waits for no frame
    assert page.locator("main").bounding_box()["width"] <= 640  # type: ignore[index]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(ground) == dark
    assert len(page.pdf(format="A4")) > 5_000


def test_without_scripts_there_are_words(browser: "Browser", tmp_path: Path, read: Capture) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        (tmp_path / "plain.html").write_text(head_page(read, Selection(3, 5)), encoding="utf-8")
        page.goto((tmp_path / "plain.html").as_uri())
        said = page.locator("noscript").inner_text()
        assert "Where each row looks most" in said
        assert "L3H5" in said
        assert not page.locator(".hl-switches").is_visible()
    finally:
        context.close()


@pytest.mark.parametrize("tab", links.TABS)
def test_every_tab_s_embed_fits_and_breaks_no_policy(opened: Opener, tab: str) -> None:
    settings = links.TABS[tab]()
    views = kinds(type(settings))["view"].options if "view" in kinds(type(settings)) else ("",)
    for view in views:
        chosen = type(settings)(view=view) if view else settings
        page = opened(embed_page(to_query(tab, chosen), "https://example.org/").page, name=f"{tab}-{view}.html")
        for width in (320, 720, 1200):
            page.set_viewport_size({"width": width, "height": 900})
            until(page, f"innerWidth === {width} && document.documentElement.scrollWidth <= {width}")
        assert page.get_by_role("link", name="Open in Headlight").get_attribute("rel") == "noopener"
        page.close()


def test_an_embed_is_used_by_keyboard(opened: Opener) -> None:
    page = opened(embed_page(f"v=1&tab=explore&model={MINILM}&text=The%20cat%20sat.&layer=2&head=3&theme=dark").page)
    page.keyboard.press("Tab")  # the matrix or arcs
    page.keyboard.press("ArrowRight")
    page.locator("svg.hl-arcs").wait_for()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".hl-query .hl-text").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Open in Headlight"
