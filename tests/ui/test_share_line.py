"""The line under a figure: files and embeds are what they say, what fails is said, and a phone has room for it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

import attention.tabs
from attention.share.places import LONGEST
from attention.share.settings.kinds import kinds
from attention.share.settings.softmax import Softmax
from attention.tabs.softmax import LAB as SOFTMAX
from tests.models.bundled_models import needs_e5
from tests.ui import test_share
from tests.ui.conftest import listen
from tests.ui.explorer import Explorer
from tests.ui.labs import Opened
from tests.ui.test_share import copied, follows, press

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Route

pytestmark = [pytest.mark.ui, needs_e5]
contexts = test_share.contexts
SCRIPT = Path(attention.tabs.__file__).with_name("share.js")


def test_files_are_saved_under_names_that_say_what_they_are(
    explore: Callable[..., Explorer], contexts: "Callable[..., BrowserContext]"
) -> None:
    page = explore(within=contexts()).page
    names = {}
    for group, titles in (
        ("Save", ["PNG", "SVG", "Page", "Page of all heads"]),
        ("Weights", ["CSV", "JSON", "NPZ"]),
        ("Scores", ["CSV", "JSON", "NPZ"]),
    ):
        for title in titles:
            with page.expect_download() as found:
                press(page, "explore", title, group)
            names[group, title] = found.value.suggested_filename
            expect(page.locator("#hl-share-explore .hl-share-said")).to_have_text(
                f"Saved {found.value.suggested_filename}."
            )
            assert found.value.path().stat().st_size > 500
            assert found.value.suggested_filename.startswith("headlight_")
    assert len(set(names.values())) == len(names)
    assert re.fullmatch(
        r"headlight_multilingual-e5-small_L\d+H\d+_weights_the-animal-[a-z-]+\.png", names["Save", "PNG"]
    )
    assert "all-heads" in names["Save", "Page of all heads"]
    assert names["Scores", "NPZ"].startswith("headlight_multilingual-e5-small_scores_")
    Opened(page, SOFTMAX)
    with page.expect_download() as found:
        press(page, "softmax", "CSV", "Numbers")
    assert re.fullmatch(r"headlight_softmax_[0-9a-f]{8}\.csv", found.value.suggested_filename)


def test_what_cannot_be_made_is_said_in_the_line(warm: str, contexts: "Callable[..., BrowserContext]") -> None:
    wrong: list[str] = []
    page = contexts().new_page()
    listen(page, warm, wrong)
    page.goto(warm)
    explorer = Explorer(page)
    explorer.shows_example()
    explorer.press("hl-measure", "Rollout")
    follows(page, "explore", measure="rollout")
    said = page.locator("#hl-share-explore .hl-share-said")
    press(page, "explore", "Page of all heads")
    expect(said).to_have_text(
        "Rollout is one picture per layer, not per head; choose another measure for a page of all heads."
    )
    page.route("**/take/*", lambda route: route.abort())
    press(page, "explore", "PNG")
    expect(said).to_have_text("The server does not answer; try again.")
    page.unroute("**/take/*")
    page.route("**/take/*", lambda route: route.fulfill(status=502, body="<html>a proxy</html>"))
    press(page, "explore", "PNG")
    expect(said).to_have_text("The server could not make this; nothing was lost.")
    page.unroute("**/take/*")
    with page.expect_download() as found:
        press(page, "explore", "SVG")
    assert found.value.suggested_filename.endswith(".svg")
    failed = "Failed to load resource"  # the browser's own note of the three answers above
    assert [one[: len(failed)] for one in wrong] == [failed] * 3, wrong


def test_a_copied_embed_is_a_frame_whose_page_shows_the_same(
    opened: Callable[..., Opened], warm: str, contexts: "Callable[..., BrowserContext]"
) -> None:
    lab = opened(SOFTMAX, within=contexts())
    lab.slide("tau", "End", kinds(Softmax)["tau"])  # type: ignore[arg-type]
    follows(lab.page, "softmax", tau="1.0")
    frame = copied(lab.page, "softmax", "Copy embed")
    page, wrong = contexts().new_page(), []
    listen(page, warm, wrong)
    page.set_content(frame)
    element = page.locator("iframe")
    assert element.get_attribute("title") == "Headlight: Softmax lab"
    inside = page.frame_locator("iframe")
    expect(inside.locator(".hl-caption")).to_have_text(lab.figure.locator(".hl-caption").inner_text())
    box = element.bounding_box()
    assert box is not None
    tall = inside.locator("body").evaluate("() => document.documentElement.scrollHeight")
    assert 0.5 * box["height"] <= tall <= 1.1 * box["height"]
    assert wrong == []


@pytest.mark.parametrize("clipboard", ["refused", "missing"])
def test_without_a_clipboard_the_text_is_marked(
    opened: Callable[..., Opened], contexts: "Callable[..., BrowserContext]", clipboard: str
) -> None:
    context = contexts()
    if clipboard == "refused":
        context.clear_permissions()
        context.add_init_script(
            "navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'));"
        )
    else:  # plain http from another machine
        context.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined });")
    page = opened(SOFTMAX, within=context).page
    press(page, "softmax", "Copy link")
    expect(page.locator("#hl-share-softmax .hl-share-said")).to_have_text("Copy the marked text.")
    box = page.locator("#hl-share-softmax textarea")
    expect(box).to_be_visible()
    expect(box).to_be_focused()
    marked = box.evaluate("(box) => box.value.slice(box.selectionStart, box.selectionEnd)")
    assert marked == box.input_value() == f"{page.url.partition('?')[0]}?v=1&tab=softmax"


def test_on_a_phone_the_line_fits(explore: Callable[..., Explorer]) -> None:
    explorer = explore(width=390, touch=True)
    page = explorer.page
    press(page, "explore", "Copy embed")
    page.locator("#hl-share-explore textarea").wait_for()
    for tab in ("explore", "softmax"):
        if tab == "softmax":
            Opened(page, SOFTMAX)
        assert explorer.overflow() <= 0
        line = page.locator(f"#hl-share-{tab}")
        edges = line.locator("button:visible, textarea:visible").evaluate_all(
            "(all) => all.map((one) => { const box = one.getBoundingClientRect(); return [box.left, box.right, box.height]; })"
        )
        assert len(edges) >= 8
        assert all(left >= 0 and right <= 390 and high >= 24 for left, right, high in edges), edges


def test_on_a_space_the_bar_around_the_frame_follows_and_says_what_no_address_holds(
    contexts: "Callable[..., BrowserContext]",
) -> None:
    """The Space's page and the app in its frame are stood in for: what is between them is the browser's own."""
    app = f'<div id="hl-share-explore"><p class="hl-share-said"></p></div><script>{SCRIPT.read_text(encoding="utf-8")}</script>'
    around = (
        "<script>var heard = []; addEventListener('message', (told) => heard.push([told.origin, told.data]));</script>"
    )
    page = contexts().new_page()
    pages = {
        "https://huggingface.co": f'{around}<iframe src="https://a-b.hf.space/"></iframe>',
        "https://a-b.hf.space": app,
    }

    def answer(route: "Route") -> None:
        route.fulfill(body=pages[f"https://{urlsplit(route.request.url).hostname}"], content_type="text/html")

    page.route(lambda _: True, answer)
    page.goto("https://huggingface.co/spaces/a/b")
    inside = page.frame_locator("iframe")
    frame = page.frames[1]
    for link in ("v=1&tab=explore", "v=1&tab=explore&layer=1", f"v=1&tab=explore&text={'a' * LONGEST}"):
        frame.evaluate("(link) => headlight.shows('explore', link)", link)
    page.wait_for_function("heard.length === 2")
    asked = [told for _, told in page.evaluate("heard")]
    assert asked == [{"queryString": "v=1&tab=explore&layer=1"}, {"queryString": "v=1&tab=explore"}]
    assert {origin for origin, _ in page.evaluate("heard")} == {"https://a-b.hf.space"}
    assert frame.evaluate("location.search") == "?v=1&tab=explore"  # not the text before
    expect(inside.locator(".hl-share-said")).to_contain_text("This view is too long for a link")
    frame.evaluate("headlight.shows('explore', 'v=1&tab=explore&layer=2')")
    assert frame.evaluate("location.search") == "?v=1&tab=explore&layer=2"
    expect(inside.locator(".hl-share-said")).to_have_text("")
    assert f"const LONGEST = {LONGEST};" in SCRIPT.read_text(encoding="utf-8")
