"""What leaves the page: the address follows, a copied link opens to the same picture elsewhere."""

import time
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from attention.share.links import from_query, to_query
from attention.share.selection import Selection
from attention.share.settings.kinds import Number, kinds
from attention.share.settings.real_head import NAMES
from tests.browser import PATIENCE
from tests.models.bundled_models import needs_e5
from tests.tabs.test_labs import FOUND
from tests.ui.conftest import listen
from tests.ui.explorer import E5, ENGLISH, Explorer, captured
from tests.ui.labs import Opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.ui, needs_e5]
Pages = Callable[..., "Page"]

_DRAWN = """(selector) => {
  // what a reader of the page was last told is no part of the picture
  const texts = (part) => [...part.childNodes].flatMap((node) =>
    node.nodeType === 3 ? [node.data] : node.ariaLive === "polite" || !node.childNodes ? [] : texts(node));
  const root = document.querySelector(selector);
  return [
    ...[...root.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL()),
    ...[...root.querySelectorAll("svg")].map((svg) => svg.outerHTML),
    ...texts(root),
  ];
}"""
_CONTROLS = """(selector) => [...document.querySelectorAll(selector)].flatMap((part) => [...part.querySelectorAll("input, textarea")])
  .filter((one) => one.offsetParent && !one.matches(".hl-share-box")).map((one) => (/radio|checkbox/.test(one.type) ? one.checked : one.value))"""


@pytest.fixture
def contexts(browser: "Browser") -> "Iterator[Callable[..., BrowserContext]]":
    """`contexts(**of browser.new_context)`: a visitor who was never here before, and may use the clipboard."""
    known = []

    def context(**how: Any) -> "BrowserContext":
        known.append(browser.new_context(reduced_motion="reduce", accept_downloads=True, **how))
        known[-1].grant_permissions(["clipboard-read", "clipboard-write"])
        return known[-1]

    yield context
    for one in known:
        one.close()


@pytest.fixture
def arrive(contexts: "Callable[..., BrowserContext]", warm: str) -> "Iterator[Callable[..., Page]]":
    """`arrive(link, within=None)`: a page opened by this link, its picture perhaps still to come; the console stays clean."""
    wrong: list[str] = []

    def arrived(link: str, within: "BrowserContext | None" = None) -> "Page":
        page = (within or contexts()).new_page()
        page.set_default_timeout(30_000)
        page.set_viewport_size({"width": 1440, "height": 1000})
        listen(page, warm, wrong)
        page.goto(link)
        return page

    yield arrived
    assert wrong == []


def follows(page: "Page", tab: str, theme: str = "auto", **wanted: object) -> None:
    """Waits until the address says so; what it says is a link without a notice."""
    names = {"show" if name == "view" else name: one for name, one in wanted.items()}
    page.wait_for_function(
        "([tab, wanted]) => { const said = new URLSearchParams(location.search);"
        " return (said.get('tab') === tab) && Object.entries(wanted).every(([name, one]) => said.get(name) === one); }",
        arg=[tab, {name: None if one is None else str(one) for name, one in names.items()}],
        timeout=PATIENCE,
    )
    link = from_query(parse_qs(urlsplit(page.url).query, keep_blank_values=True))
    assert (link.tab, link.theme, link.notices) == (tab, theme, ())


def press(page: "Page", tab: str, name: str, within: str = "") -> None:
    """Presses a button of the line under a figure."""
    group = page.locator(f"#hl-share-{tab} .hl-share-group", has_text=within)
    group.get_by_role("button", name=name, exact=True).first.click()


def copied(page: "Page", tab: str, name: str = "Copy link") -> str:
    """What the clipboard holds after a press, which is what the line shows."""
    press(page, tab, name)
    line = page.locator(f"#hl-share-{tab}")
    expect(line.locator(".hl-share-said")).to_have_text("Copied.")
    text = page.evaluate("navigator.clipboard.readText()")
    assert text == line.locator("textarea").input_value()
    return text


def same(one: "Page", other: "Page", figure: str, controls: str) -> None:
    """The same picture, pixel by pixel, and the same controls, once both pages are done drawing."""
    for page in (one, other):
        page.mouse.move(2, 2)
    for what, where in ((_CONTROLS, controls), (_DRAWN, figure)):
        end = time.monotonic() + 10
        while (there := other.evaluate(what, where)) != (here := one.evaluate(what, where)):
            assert time.monotonic() < end, [pair for pair in zip_longest(here, there) if pair[0] != pair[1]]
            other.wait_for_timeout(100)


def dark(page: "Page") -> bool:
    return page.evaluate("document.body.classList.contains('dark')")


def test_every_look_at_a_head_is_in_the_address_and_opens_elsewhere(
    explore: Callable[..., Explorer], arrive: Pages, contexts: "Callable[..., BrowserContext]"
) -> None:
    explorer = explore(within=contexts())
    page = explorer.page
    assert urlsplit(page.url).query == ""  # as it was typed
    explorer.read(ENGLISH)
    capture = captured(E5, ENGLISH)
    explorer.pick(8, 1)
    explorer.shows(capture, Selection(8, 1))
    follows(page, "explore", text=ENGLISH, layer=8, head=1, query=None)
    explorer.figure.locator("canvas").click(position=explorer.cell(capture, Selection(8, 1), 3, 1))
    follows(page, "explore", query=3)
    page.locator(".hl-theme").click()
    follows(page, "explore", theme="dark", query=3)
    matrix = copied(page, "explore")
    assert f"?{urlsplit(page.url).query}" == f"?{urlsplit(matrix).query}"
    fresh = contexts()
    other = Explorer(arrive(matrix, fresh))
    other.shows(capture, Selection(8, 1))
    expect(other.status).to_have_text("")
    assert dark(other.page)
    same(page, other.page, "#hl-figure", "#hl-ask, #hl-which")
    same(page, other.page, "#hl-grid", "#hl-color")

    explorer.press("hl-level", "Words")
    follows(page, "explore", theme="dark", level="word", query=None)
    explorer.press("hl-measure", "× value")
    follows(page, "explore", theme="dark", measure="value")
    explorer.press("hl-mode", "Arcs")
    follows(page, "explore", theme="dark", mode="arcs")
    page.locator("#hl-color input").click()
    page.locator("li[role=option]").nth(2).click()
    page.wait_for_function("new URLSearchParams(location.search).get('color')")
    page.locator(".hl-theme").click()
    follows(page, "explore", theme="light", mode="arcs", level="word")
    arcs = copied(page, "explore")
    other = Explorer(arrive(arcs, fresh))
    other.shows(capture, Selection(8, 1, level="word", measure="value"))
    other.figure.locator("svg").first.wait_for()
    assert not dark(other.page)
    same(page, other.page, "#hl-figure", "#hl-ask, #hl-which")
    same(page, other.page, "#hl-grid", "#hl-color")


def test_every_lab_s_slider_is_in_the_address_and_opens_elsewhere(
    open_page: Pages, arrive: Pages, contexts: "Callable[..., BrowserContext]"
) -> None:
    page, fresh = open_page(within=contexts()), contexts()
    for lab in FOUND:
        one = Opened(page, lab)
        follows(page, lab.tab)
        name, kind = next(
            (name, kind)
            for name, kind in kinds(lab.settings).items()
            if isinstance(kind, Number) and name not in NAMES and one.part(name).is_visible()
        )
        one.slide(name, "End", kind)
        follows(page, lab.tab, **{name: kind.high})
        link = copied(page, lab.tab)
        assert urlsplit(link).query == to_query(lab.tab, one.settings)
        other = arrive(link, fresh)
        figure = f"#hl-lab-{lab.stem}"
        expect(other.locator(f"{figure} .hl-caption")).to_have_text(one.figure.locator(".hl-caption").inner_text())
        part = other.locator(f"{figure}-{name} input[type=range]")
        expect(part).to_have_value(page.locator(f"{figure}-{name} input[type=range]").input_value())
        same(page, other, figure, f"[id^=hl-lab-{lab.stem}]")
        other.close()


def test_a_head_in_several_languages_is_in_the_address_and_opens_elsewhere(
    open_page: Pages, arrive: Pages, contexts: "Callable[..., BrowserContext]"
) -> None:
    ready = "#hl-side .hl-side:not(.hl-waiting):not(.hl-empty)"
    page = open_page(within=contexts())
    page.get_by_role("tab", name="Languages").click()
    page.locator(ready).wait_for()
    page.locator("#hl-tongues button", has_text="L0H2").click()
    follows(page, "languages", layer=0, head=2)
    page.locator("#hl-languages-level").get_by_text("Words", exact=True).click()
    follows(page, "languages", layer=0, head=2, level="word")
    page.locator("#hl-languages-listed").get_by_text("Differs most", exact=True).click()
    follows(page, "languages", listed="differs")
    page.locator("#hl-languages-price").get_by_text("Per word", exact=True).click()
    follows(page, "languages", price="per_word")
    link = copied(page, "languages")
    other = arrive(link)
    other.locator(ready).wait_for()
    other.locator("#hl-side .hl-side-title").get_by_text("L0H2", exact=True).wait_for()
    other.locator("#hl-prices tbody tr").first.wait_for()
    other.locator("#hl-pieces .hl-piece-line").first.wait_for()
    same(page, other, "#hl-side", "#hl-languages-ask, #hl-languages-columns, #hl-languages-view")
    same(page, other, "#hl-prices", "#hl-languages-price-row")


def test_a_check_is_in_the_address_and_opens_elsewhere(
    open_page: Pages, arrive: Pages, contexts: "Callable[..., BrowserContext]"
) -> None:
    page = open_page(within=contexts())
    page.get_by_role("tab", name="Patterns").click()
    press(page, "patterns", "Copy link")
    expect(page.locator("#hl-share-patterns .hl-share-said")).to_have_text("There is no picture yet.")
    page.locator("#hl-behavior-length input").fill("8")
    page.locator("#hl-behavior-seed input").fill("3")
    page.locator("#hl-behavior-check").click()
    caption = page.locator("#hl-behavior .hl-caption")
    expect(caption).not_to_be_empty(timeout=60_000)
    follows(page, "patterns", length=8, seed=3, check="on")
    link = copied(page, "patterns")
    other = arrive(link)
    expect(other.locator("#hl-behavior .hl-caption")).to_have_text(caption.inner_text(), timeout=60_000)
    same(page, other, "#hl-behavior", "#hl-behavior-ask")
