"""The Languages tab in a browser: two clicks to an answer with numbers, words that answer each other, tables that sort."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from attention.models import compare_tokens, correspondence, languages, parallel, reader
from attention.models.catalog import E5, MINILM
from attention.share import languages_comparison
from attention.share.settings.languages import Languages
from tests.models.bundled_models import needs_e5
from tests.ui.explorer import Explorer

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.ui, needs_e5]
START = Languages()
SENTENCES = [text for _, text in START.sentences]
WIDE = Callable[..., "Page"]


@pytest.fixture
def opened(explore: Callable[..., Explorer]) -> WIDE:
    """`opened(**of open_page)`: the tab, with its figure, links, pieces and table drawn."""

    def tab(**how: object) -> "Page":
        page = explore(**how).page
        found, more = page.get_by_role("tab", name="Languages"), page.get_by_role("button", name="More tabs")
        found.or_(more).first.wait_for()
        if found.is_visible():
            found.click()
        else:  # a narrow page keeps it in a menu
            more.click()
            page.locator("#hl-tabs .overflow-dropdown").get_by_text("Languages", exact=True).click()
        linked(page)
        page.locator("#hl-pieces .hl-piece-line").first.wait_for()
        page.locator("#hl-prices tbody tr").first.wait_for()
        return page

    return tab


def linked(page: "Page") -> None:
    """Waits until the words of the sentences that are shown have their answers."""
    page.locator("#hl-side .hl-side-word").first.wait_for()
    page.locator("#hl-side .hl-side:not(.hl-waiting):not(.hl-empty)").wait_for()


def title(page: "Page", name: str) -> None:
    page.locator("#hl-side .hl-side-title").get_by_text(name, exact=True).wait_for()


def word(page: "Page", column: int, text: str) -> "Locator":
    return page.locator("#hl-side .hl-side-column").nth(column).locator(".hl-side-word", has_text=text).first


def test_the_question_is_answered_in_two_clicks_with_numbers(opened: WIDE) -> None:
    page = opened()  # the first click: the tab
    page.locator("#hl-tongues button", has_text="L0H2").click()  # the second: a head
    title(page, "L0H2")
    agreement = languages.find_agreement(E5)
    assert agreement is not None
    said = page.locator("#hl-side .hl-side-said").inner_text()
    kappa = {
        name: float(agreement.kappa["previous"][agreement.languages.index(name), 0, 2]) for name, _ in START.sentences
    }
    least, most = min(kappa, key=lambda name: kappa[name]), max(kappa, key=lambda name: kappa[name])
    assert f"{kappa[least]:.2f} in {least}, {kappa[most]:.2f} in {most}" in said
    bars = page.locator("#hl-side .hl-side-bar", has_text="Previous token")
    shown = [f"{kappa[name]:.2f}" for name, _ in START.sentences]
    assert [one.split("\n")[-1] for one in bars.all_inner_texts()] == shown


def test_another_head_redraws_all_four_and_runs_no_model(opened: WIDE, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened()
    monkeypatch.setattr(reader, "run", lambda *given, **named: pytest.fail("the model ran"))
    before = page.locator("#hl-side canvas").nth(2).evaluate("(canvas) => canvas.toDataURL()")
    page.locator("#hl-languages-head input").click()
    page.get_by_role("option", name="1", exact=True).click()
    title(page, "L2H1")
    assert page.locator("#hl-side canvas").nth(2).evaluate("(canvas) => canvas.toDataURL()") != before
    assert page.locator("#hl-languages-status").inner_text().strip() == ""


def test_a_word_marks_its_answers_in_all_languages(opened: WIDE) -> None:
    page = opened()
    links = correspondence.correspond_all(E5, SENTENCES)
    word(page, 0, "bicycle").hover()
    for column in range(1, 4):
        expected = [link.second.text for link in links[0, column] if link.first.text == "bicycle"]
        marked = page.locator("#hl-side .hl-side-column").nth(column).locator(".hl-looking")
        if expected:
            marked.first.wait_for()
        assert sorted(marked.all_inner_texts()) == sorted(expected)


def test_words_are_reached_by_keyboard_and_let_go(opened: WIDE) -> None:
    page = opened()
    word(page, 0, "My").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == "aunt"
    page.keyboard.press("Enter")
    page.locator("#hl-side [aria-pressed='true']", has_text="aunt").wait_for()
    page.keyboard.press("Escape")
    page.locator("#hl-side [aria-pressed='false']", has_text="aunt").wait_for()
    arabic = page.locator("#hl-side .hl-side-column").nth(2).locator(".hl-side-word")
    arabic.first.focus()
    page.keyboard.press("ArrowLeft")  # ahead, where one reads from right to left
    assert page.evaluate("document.activeElement.textContent") == arabic.nth(1).inner_text()


def test_a_row_kept_in_one_matrix_is_marked_in_the_others(opened: WIDE) -> None:
    page = opened()
    stage = page.locator("#hl-side .hl-stage").first
    stage.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.mouse.move(5, 5)
    looking = page.locator("#hl-side .hl-side-column").first.locator(".hl-looking")
    looking.wait_for()
    assert looking.all_inner_texts() == ["My"]
    assert page.locator("#hl-side .hl-side-readout").first.inner_text().startswith("looking")
    page.keyboard.press("Escape")


def test_own_sentences_are_read_and_errors_lose_nothing(opened: WIDE) -> None:
    page = opened()
    page.get_by_role("button", name="Type your own sentences").click()
    page.locator("#hl-sentence-1 textarea").fill("Rain falls on the old roof.")
    page.locator("#hl-languages-read").click()
    page.locator("#hl-side .hl-side-sentence", has_text="Rain falls").wait_for()
    linked(page)
    page.locator("#hl-sentence-2 textarea").fill("long " * 300)
    page.locator("#hl-languages-read").click()
    page.locator("#hl-languages-status [data-kind='error']").wait_for()
    assert "compared side by side" in page.locator("#hl-languages-status").inner_text()
    assert page.locator("#hl-side .hl-side-sentence", has_text="Rain falls").is_visible()
    assert page.locator("#hl-sentence-1 textarea").input_value() == "Rain falls on the old roof."


def test_another_language_and_meaning_fill_their_columns(opened: WIDE) -> None:
    page = opened()
    page.locator("#hl-language-4 input").click()
    page.get_by_role("option", name="Hebrew").click()
    hebrew = parallel.meanings()[0].sentences["Hebrew"]
    sentence = page.locator("#hl-side .hl-side-sentence").nth(3)
    sentence.get_by_text(hebrew.split()[0]).wait_for()
    assert sentence.inner_text() == hebrew
    assert sentence.get_attribute("dir") == "rtl"
    spoken = "(node) => node.closest('[lang]').lang"  # what is said about a sentence is said in the page's language
    for part, code in (
        (".hl-side-sentence", "he"),
        (".hl-side-head bdi", "he"),
        (".hl-side-note", "en"),
        (".hl-stage", "en"),
    ):
        assert page.locator("#hl-side .hl-side-column").nth(3).locator(part).evaluate(spoken) == code


def test_pieces_and_table_show_what_the_tokenizers_make(opened: WIDE) -> None:
    page = opened()
    cuts = compare_tokens.compare([E5, MINILM], SENTENCES[0])
    counts = page.locator("#hl-pieces tbody td:nth-child(4)").all_inner_texts()
    assert counts == [str(len(cut.pieces)) for cut in cuts]
    assert page.locator("#hl-pieces .hl-piece").count() == sum(len(cut.pieces) for cut in cuts)
    assert page.locator("#hl-pieces tbody td:last-child").all_inner_texts() == ["exactly", "exactly"]
    page.locator("#hl-pieces .hl-piece[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    at = page.locator("#hl-pieces .hl-piece[tabindex='0']")
    assert at.inner_text() == "aunt"
    assert page.locator("#hl-pieces .hl-piece-readout").inner_text().startswith("all-MiniLM-L6-v2: “aunt”, number ")
    names = page.locator("#hl-prices tbody th")
    assert names.count() == len(parallel.languages())
    page.locator("#hl-prices thead button").nth(1).click()  # largest first
    numbers = [float(one) for one in page.locator("#hl-prices tbody td:nth-child(2)").all_inner_texts()]
    assert numbers == sorted(numbers, reverse=True)
    page.locator("#hl-languages-price").get_by_text("Unknown pieces").click()
    page.locator("#hl-prices [data-title='Unknown pieces']").wait_for()
    prices = compare_tokens.over_set([MINILM])[MINILM]
    row = page.locator("#hl-prices tbody tr", has_text="Thai").locator("td").nth(1)
    assert row.inner_text() == str(prices["Thai"].unknown)


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_nothing_scrolls_sideways(opened: WIDE, width: int) -> None:
    page = opened(width=width, touch=width < 500)
    assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0


def test_a_tap_marks_the_answers_on_a_phone(opened: WIDE) -> None:
    page = opened(width=390, touch=True)
    word(page, 0, "bicycle").tap()
    page.locator("#hl-side [aria-pressed='true']", has_text="bicycle").wait_for()
    page.locator("#hl-side .hl-side-column").nth(1).locator(".hl-looking").first.wait_for()


def test_the_figure_is_the_value_that_python_makes(opened: WIDE) -> None:
    page = opened()
    value = json.loads(json.dumps(languages_comparison.comparison(START)))
    assert page.locator("#hl-side .hl-side-said").inner_text() == value["said"]
    assert page.locator("#hl-side .hl-caption").inner_text() == value["caption"]
