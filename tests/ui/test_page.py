"""The page around the pictures: long texts, themes, widths, a finger, keys, names."""

from collections.abc import Callable

import pytest

from attention.share.selection import Selection
from attention.tabs._examples import EXAMPLES
from tests.ui.explorer import CLOSE, E5, ENGLISH, Explorer, best_head, captured, check_cells, findings

pytestmark = pytest.mark.ui
Explore = Callable[..., Explorer]


def test_long_texts_zoom_and_come_back(explore: Explore) -> None:
    explorer = explore()
    text = "The old bridge near the red house was sold again last week. " * 6
    explorer.read(text)
    capture = captured(E5, text)
    assert 64 < len(capture.tokens) <= 96
    selection = Selection(*best_head(captured(E5, EXAMPLES[0].text)))
    explorer.shows(capture, selection)
    inside = "() => { const box = document.querySelector('#hl-figure .hl-scroll'); return [box.scrollWidth, box.clientWidth]; }"
    whole = explorer.page.evaluate(inside)
    assert whole[0] == whole[1]
    check_cells(explorer, capture, selection, capture.weights(selection.layer, selection.head))
    explorer.page.get_by_role("button", name="zoom in").click()
    explorer.page.get_by_role("button", name="zoom in").click()
    explorer.settle()
    zoomed = explorer.page.evaluate(inside)
    assert zoomed[0] > 1.5 * zoomed[1]
    assert zoomed[1] == whole[1]
    assert explorer.overflow() <= 0
    explorer.page.get_by_role("button", name="reset zoom").click()
    explorer.settle()
    assert explorer.page.evaluate(inside) == whole


def test_three_hundred_tokens_are_read_and_said_to_be_rounded(explore: Explore) -> None:
    explorer = explore()
    text = "The small red house near the old bridge was sold last week, and nobody knew why. " * 16
    explorer.read(text)
    capture = captured(E5, text)
    assert 280 < len(capture.tokens) <= 512
    selection = Selection(*best_head(captured(E5, EXAMPLES[0].text)))
    explorer.shows(capture, selection)
    weights = capture.weights(selection.layer, selection.head)
    explorer.figure.locator(".hl-stage").focus()
    explorer.page.keyboard.press("ArrowDown")
    explorer.page.keyboard.press("ArrowRight")
    assert explorer.readout().weight == pytest.approx(weights[0].max().item(), abs=0.004 + 0.005)
    assert explorer.figure.locator(".hl-figures .hl-text").first.inner_text().startswith("≈")
    explorer.press("hl-mode", "Arcs")
    refusal = explorer.figure.locator(".hl-refusal")
    refusal.wait_for()
    assert f"this text has {len(capture.tokens)}" in refusal.inner_text()


def test_light_and_dark(explore: Explore) -> None:
    explorer = explore()
    page = explorer.page
    picture = "() => document.querySelector('#hl-grid canvas').toDataURL()"
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(picture), page.evaluate(ground)
    switch = page.get_by_role("button", name="switch between light and dark")
    assert switch.inner_text() == "Dark"
    switch.click()
    explorer.settle()
    dark = page.evaluate(picture), page.evaluate(ground)
    assert all(one != other for one, other in zip(light, dark, strict=True))
    assert switch.inner_text() == "Light"
    switch.click()
    explorer.settle()
    assert (page.evaluate(picture), page.evaluate(ground)) == light


def test_how_to_read_this_opens(explore: Explore) -> None:
    explorer = explore()
    prose = explorer.page.get_by_text("Rows look, columns are looked at.")
    assert not prose.is_visible()
    explorer.page.get_by_role("button", name="How to read this").click()
    prose.wait_for()
    assert explorer.overflow() <= 0


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_nothing_is_wider_than_the_page(explore: Explore, width: int) -> None:
    explorer = explore(width=width)
    assert explorer.overflow() <= 0
    explorer.press("hl-level", "Words")
    explorer.press("hl-measure", "Rollout")
    explorer.settle()
    assert explorer.overflow() <= 0
    explorer.read("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 9)
    assert explorer.overflow() <= 0
    explorer.name_model("an-organization-with-quite-a-long-name/" + "and-a-model-with-a-name-longer-than-that")
    assert explorer.overflow() <= 0


def test_on_a_phone_a_picked_card_brings_its_head_into_view(explore: Explore) -> None:
    explorer = explore(width=390, touch=True)
    capture = captured(E5, EXAMPLES[0].text)
    found = findings(capture)[2]
    explorer.cards.nth(2).tap()
    explorer.shows(capture, Selection(found.layer, found.head))
    explorer.page.wait_for_function(
        "() => { const box = document.querySelector('#hl-figure canvas').getBoundingClientRect();"
        " return box.top >= 0 && box.top + 200 < innerHeight; }"
    )
    explorer.figure.locator("canvas").tap(position=explorer.cell(capture, Selection(found.layer, found.head), 2, 3))
    weights = capture.weights(found.layer, found.head)
    assert explorer.readout().weight == pytest.approx(weights[2, 3].item(), abs=CLOSE)


def test_the_page_works_with_keys_alone(explore: Explore) -> None:
    explorer = explore()
    page = explorer.page
    explorer.type(ENGLISH)
    explorer.doing(lambda: page.keyboard.press("Enter"))
    capture = captured(E5, ENGLISH)
    layer, head = best_head(captured(E5, EXAMPLES[0].text))
    explorer.shows(capture, Selection(layer, head))
    explorer.grid.locator(".hl-stage").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    explorer.shows(capture, Selection(layer + 1, head - 1))


def test_every_control_has_a_name(explore: Explore) -> None:
    page = explore().page
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, input, textarea, select, [tabindex='0'], [role=application]")]
        .filter((node) => node.offsetParent && !node.closest("[aria-hidden=true]"))
        .filter((node) => !(node.getAttribute("aria-label") || node.getAttribute("aria-labelledby") || node.title
            || node.textContent.trim() || node.closest("label")?.textContent.trim()))
        .map((node) => node.outerHTML.slice(0, 200))"""
    )
    assert nameless == []
