"""The page in other languages, in a real browser: nothing is left in English, nothing is lost, and English comes back as it was."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from attention.errors import MESSAGES
from attention.models import catalog, parallel
from attention.tabs._words import Language, languages
from tests.models.bundled_models import needs_e5
from tests.ui.explorer import Explorer
from tests.ui.said import said_by_languages

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

Open = Callable[..., "Page"]
pytestmark = pytest.mark.ui
EVERY = pytest.mark.parametrize("language", languages().values(), ids=list(languages()))

# Not what is only heard: its sentences quote tokens without a mark.
VISIBLE = """() => {
  const unspoken = '[translate="no"], script, style, code, pre, .md, .hl-lab-guess label, .hl-glossary, .katex';
  const said = [];
  const seen = (node) => node && node.checkVisibility({ visibilityProperty: true }) && !node.closest(unspoken);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (seen(walker.currentNode.parentElement) && !walker.currentNode.parentElement.closest(".hl-hidden")) said.push(walker.currentNode.data);
  for (const node of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
    if (seen(node) && !node.closest(".hl-hidden, .hl-panel-body")) for (const name of ["aria-label", "title", "placeholder"]) said.push(node.getAttribute(name) ?? "");
  }
  for (const node of document.querySelectorAll('input[role="combobox"]')) if (seen(node)) said.push(node.value);
  return said.map((text) => text.trim()).filter(Boolean);
}"""

EVERYTHING = """() => {
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = document.body; node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) said.push(node.data);
    else for (const name of ["aria-label", "title", "placeholder"]) said.push(node.getAttribute(name) ?? "");
    if (node.matches?.('input[role="combobox"]')) said.push(node.value);
  }
  return said;
}"""


def settled(page: "Page") -> list[str]:
    """Everything that is said, once it has stayed the same for a second: gradio mounts what is not in view bit by bit."""
    said, alike = page.evaluate(EVERYTHING), 0
    for _ in range(80):
        page.wait_for_timeout(250)
        before, said = said, page.evaluate(EVERYTHING)
        alike = alike + 1 if said == before else 0
        if alike == 4:
            return said
    raise AssertionError("the page never came to rest")


NAMES = re.compile(
    r"“[^”]*”|«[^»]*»|\u2068[^\u2069]*\u2069|[\w.-]+/[\w.-]+|"  # what somebody wrote; ids of models
    r"\bL\d+(H\d+)?\b|\bH\d+\b|#[0-9A-F]{6}|\b[A-Z][a-z]+ (and [A-Z][a-z]+ |et al\. )?\d{4}|"  # heads, colors, papers
    r"(?<![A-Za-z])(Headlight|Apache|MIT|BERT|GPT|LayerNorm|Hub|API|MCP|PNG|SVG|CSV|JSON|NPZ|MB|Enter|Escape|softmax|Softmax|Sparsemax|"
    r"sparsemax|Entmax|entmax|top|Transformer|PyTorch|torch|Torch|scaled_dot_product_attention|sdpa|nn|MultiheadAttention|ALiBi|WordPiece|"
    r"Unigram|BPE|Llama|d_k|d_model|ln|exp|cos|tanh|nats?|float16|bfloat16|float32|NaN|induction|embeddings?|tokens?|Top|k)(?![A-Za-z])"
)


@pytest.fixture
def fresh(browser: "Browser") -> "Iterator[Callable[..., BrowserContext]]":
    """`fresh(**settings)`: a browser of somebody who was never here."""
    made = []

    def context(**settings: object) -> "BrowserContext":
        made.append(browser.new_context(reduced_motion="reduce", **settings))
        return made[-1]

    yield context
    for one in made:
        one.close()


@pytest.fixture
def spoken(open_page: Open, warm: str, fresh: "Callable[..., BrowserContext]") -> Callable[..., "Page"]:
    """`spoken(language, tab="explore", width=1440)`: a tab in a language, its picture drawn."""

    def opened(language: Language, tab: str = "explore", width: int = 1440) -> "Page":
        page = open_page(query=f"?__lang={language.code}", width=width, within=fresh())
        page.set_default_timeout(40_000)
        expect(page.locator("html")).to_have_attribute("lang", language.code)
        expect(page.locator("#hl-read")).to_have_text(language.words["Read"])
        expect(page.locator("#hl-cards .hl-card").first).to_be_visible()
        if tab != "explore":
            assert page.evaluate("(name) => window.headlight.openTab(name)", tab)
            expect(page.locator(f"{_figure(tab)} .hl-caption").first).not_to_be_empty(timeout=60_000)
        return page

    return opened


def _figure(tab: str) -> str:
    return {"patterns": "#hl-patterns", "languages": "#hl-side"}.get(tab, f"#hl-lab-{tab}")


def _english(language: Language) -> set[str]:
    """Words that stand in English sentences and in no translation of this language."""
    words = re.compile(r"[a-z]{3,}")
    english = {word for key in language.words for word in words.findall(re.sub(r"\{[^}]*\}", "", key).lower())}
    return english - {word for text in language.words.values() for word in words.findall(text.lower())}


def _left(said: list[str], language: Language) -> list[str]:
    """What is still in English, names left out. In another script, any word of three Latin letters is."""
    models = [part for row in catalog.rows() for part in (row.id, row.title) if part]
    models += [meaning.sentences["English"] for meaning in parallel.meanings()]
    english, left = _english(language), []
    for text in said:
        bare = re.sub("(^\u200f|(?<= · ))\u2068|\u2069(?= · |$)", "", text)  # parts of a line, not what somebody wrote
        for name in sorted(models, key=len, reverse=True):
            bare = bare.replace(name, "")
        found = re.findall(r"[A-Za-z]{3,}", NAMES.sub("", bare))
        if any(word.lower() in english or language.direction == "rtl" for word in found):
            left.append(text)
    return left


@EVERY
@pytest.mark.parametrize("tab", ["explore", "patterns", "languages", "softmax"])
def test_nothing_is_left_in_english(spoken: Callable[..., "Page"], language: Language, tab: str) -> None:
    page = spoken(language, tab)
    expect(page.locator("html")).to_have_attribute("dir", language.direction)
    if tab == "languages":
        expect(page.locator("#hl-prices table")).to_be_visible()
    said = page.evaluate(VISIBLE)
    assert len(said) > 40
    assert _left(said, language) == []


@needs_e5
@EVERY
def test_nothing_that_languages_says_is_left_in_english(spoken: Callable[..., "Page"], language: Language) -> None:
    said = spoken(language).evaluate("(all) => all.map((one) => headlight.translate(one))", sorted(said_by_languages()))
    assert len(said) > 250
    assert _left(said, language) == []


def test_words_left_in_english_are_found() -> None:
    spanish = languages()["es"]
    assert _left(["Each token looks at the one before it"], spanish) != []
    assert _left(["Cada token mira al anterior: 99% de su atención"], spanish) == []


@EVERY
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_page(spoken: Callable[..., "Page"], language: Language, width: int) -> None:
    page = spoken(language, width=width)
    for tab in ("explore", "languages", "masks"):
        assert page.evaluate("(name) => window.headlight.openTab(name)", tab)
        expect(
            page.locator(f"{'#hl-figure' if tab == 'explore' else _figure(tab)} .hl-caption").first
        ).not_to_be_empty()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, tab


@EVERY
def test_pictures_keep_their_direction_and_follow_the_language(
    spoken: Callable[..., "Page"], language: Language
) -> None:
    page = spoken(language)
    stage = page.locator("#hl-figure .hl-stage")
    assert stage.evaluate("(node) => getComputedStyle(node).direction") == "ltr"
    box = stage.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 250, box["y"] + 250)
    names = page.locator("#hl-figure .hl-readout .hl-name")
    expect(names).to_have_text([language.words[name] for name in ("looking", "looked at", "weight", "chance")])
    tokens = page.locator("#hl-figure .hl-readout :is(.hl-query, .hl-key) .hl-text")
    assert tokens.evaluate_all("(all) => all.every((node) => node.translate === false)")


@EVERY
def test_an_error_is_said_in_the_language(spoken: Callable[..., "Page"], language: Language) -> None:
    page = spoken(language)
    page.locator("#hl-text textarea").fill("")
    page.locator("#hl-read").click()
    expect(page.locator("#hl-status .hl-picture")).to_have_text(language.words[MESSAGES["empty_text"]])
    page.locator("#hl-text textarea").fill("word " * 600)
    page.locator("#hl-read").click()
    said = language.words[MESSAGES["too_many_tokens"]]
    shape = re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(said)))
    expect(page.locator("#hl-status .hl-picture")).to_have_text(shape)


def test_english_comes_back_exactly_as_it_was(
    open_page: Open, warm: str, fresh: "Callable[..., BrowserContext]"
) -> None:
    page = open_page(within=fresh())
    Explorer(page).shows_example()
    before = settled(page)
    for code, language in languages().items():
        page.locator(".hl-language").select_option(code)
        expect(page.locator("#hl-read")).to_have_text(language.words["Read"])
    assert page.evaluate(EVERYTHING) != before
    page.locator(".hl-language").select_option("en")
    expect(page.locator("#hl-read")).to_have_text("Read")
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    assert settled(page) == before


def test_a_choice_is_kept_in_this_browser(open_page: Open, warm: str, fresh: "Callable[..., BrowserContext]") -> None:
    spanish, somebody = languages()["es"], fresh()
    page = open_page(within=somebody)
    page.locator("#hl-text textarea").fill("Mine")
    page.locator(".hl-language").select_option("es")
    expect(page.locator("#hl-read")).to_have_text(spanish.words["Read"])
    expect(page.locator("#hl-text textarea")).to_have_value("Mine")
    again = open_page(within=somebody)
    expect(again.locator("#hl-read")).to_have_text(spanish.words["Read"])
    assert again.locator(".hl-language").input_value() == "es"


def test_a_browser_gets_its_own_language(open_page: Open, warm: str, fresh: "Callable[..., BrowserContext]") -> None:
    page = open_page(within=fresh(locale="ar-EG"))
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    expect(page.locator("#hl-read")).to_have_text(languages()["ar"].words["Read"])


def test_english_asks_for_nothing(open_page: Open, warm: str, fresh: "Callable[..., BrowserContext]") -> None:
    somebody, asked = fresh(), []
    somebody.on("request", lambda request: asked.append(request.url))
    page = open_page(within=somebody)
    expect(page.locator("#hl-cards .hl-card").first).to_be_visible()
    assert any("hl" in url or "gradio" in url for url in asked)
    assert [url for url in asked if "/words/" in url] == []


@EVERY
def test_tabs_in_the_menu_are_found_in_every_language(spoken: Callable[..., "Page"], language: Language) -> None:
    page = spoken(language, width=390)
    assert page.evaluate("() => window.headlight.openTab('masks')")
    expect(page.locator("#hl-lab-masks .hl-caption")).not_to_be_empty(timeout=30_000)
    page.locator('.tabitem:visible a[href^="#tab-"]').last.click()
    expect(page.locator("#hl-lab-positions .hl-caption")).not_to_be_empty(timeout=30_000)


@EVERY
def test_what_a_visitor_wrote_is_never_translated(spoken: Callable[..., "Page"], language: Language) -> None:
    page = spoken(language)
    page.locator("#hl-text textarea").fill("Head value query Row weights nothing")
    page.locator("#hl-read").click()
    caption = page.locator("#hl-figure .hl-caption")
    expect(caption).to_contain_text("Head value query Row weights nothing")
    box = page.locator("#hl-figure .hl-stage canvas").bounding_box()
    assert box
    words = page.locator("#hl-figure .hl-readout .hl-query .hl-text")
    seen = set()
    for step in range(12):
        page.mouse.move(box["x"] + 200, box["y"] + box["height"] * (0.25 + step / 16))
        seen.add(words.first.text_content() if words.count() else "")
    assert seen & {"Head", "value", "query", "Row", "weights", "nothing"}
    assert not seen & {language.words[name] for name in ("Head", "value", "query", "Row", "Weights", "nothing")}
