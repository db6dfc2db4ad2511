"""A walk through the explorer, every number on the way checked against the mathematics."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor

from attention.core import measures
from attention.core.capture import Capture
from attention.core.words import to_words, words_of
from attention.share.selection import Selection
from attention.tabs._examples import EXAMPLES
from tests.ui.explorer import E5, JAPANESE, MINILM, Explorer, best_head, captured, findings

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.ui
Explore = Callable[..., Explorer]

ENGLISH = "The nurse who treated the doctor said that she was tired."
CLOSE = 6e-4  # three decimals, rounded


def label(capture: Capture, position: int) -> str:
    return capture.tokens[position].text or "▁"


def point(explorer: Explorer, capture: Capture, selection: Selection, q: int, k: int) -> None:
    explorer.figure.locator("canvas").hover(position=explorer.cell(capture, selection, q, k))


def check_cells(explorer: Explorer, capture: Capture, selection: Selection, numbers: Tensor) -> None:
    """Hovers the strongest cell of three rows and one weak cell: words and numbers are those of `numbers`."""
    n = len(numbers)
    cells = [(q, int(numbers[q].argmax())) for q in (0, n // 2, n - 1)] + [(1, int(numbers[1].argmin()))]
    for q, k in cells:
        point(explorer, capture, selection, q, k)
        seen = explorer.readout()
        assert seen.weight == pytest.approx(numbers[q, k].item(), abs=CLOSE), (selection, q, k)
        if selection.level == "token":
            assert (seen.looking, seen.looked_at) == (label(capture, q), label(capture, k))


def test_the_first_picture_is_there_without_a_click(explore: Explore) -> None:
    explorer = explore()
    capture = captured(E5, EXAMPLES[0].text)
    assert explorer.page.locator("#hl-text textarea").input_value() == EXAMPLES[0].text
    assert explorer.cards.count() == len(findings(capture)) > 0
    assert explorer.status.inner_text() == ""
    assert f"{len(capture.tokens)} of 512 tokens" in explorer.counter.inner_text()
    assert "Recorded" not in explorer.caption
    check_cells(explorer, capture, Selection(*best_head(capture)), capture.weights(*best_head(capture)))


def test_reading_japanese_and_any_head_of_it(explore: Explore) -> None:
    explorer = explore()
    explorer.choose_model("multilingual-e5-small")
    explorer.read(JAPANESE)
    capture = captured(E5, JAPANESE)
    first = Selection(*best_head(captured(E5, EXAMPLES[0].text)))
    explorer.shows(capture, first)
    for layer, head in ((0, 0), (5, 7), (11, 11)):
        selection = Selection(layer, head)
        explorer.pick(layer, head)
        explorer.shows(capture, selection)
        check_cells(explorer, capture, selection, capture.weights(layer, head))
    assert explorer.page.locator("#hl-bars strong").inner_text() == "L11H11"
    assert explorer.page.locator("#hl-layer input").input_value() == "11"
    assert explorer.page.locator("#hl-head-number input").input_value() == "11"


def test_click_keeps_a_row_escape_releases_it_arrows_move(explore: Explore) -> None:
    explorer = explore()
    capture = captured(E5, EXAMPLES[0].text)
    selection = Selection(*best_head(capture))
    weights = capture.weights(*best_head(capture))
    page = explorer.page
    explorer.figure.locator("canvas").click(position=explorer.cell(capture, selection, 3, 1))
    page.mouse.move(5, 5)
    expected = [(label(capture, int(k)), w.item()) for w, k in zip(*weights[3].topk(3), strict=True)]
    kept = explorer.most_looked_at()
    assert [text for text, _ in kept] == [text for text, w in expected[: len(kept)]]
    assert [w for _, w in kept] == pytest.approx([w for _, w in expected[: len(kept)]], abs=CLOSE)
    assert explorer.figure.locator(".hl-query .hl-text").inner_text() == label(capture, 3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    moved = explorer.readout()
    best = int(weights[4].argmax())
    assert (moved.looking, moved.looked_at) == (label(capture, 4), label(capture, best))
    assert moved.weight == pytest.approx(weights[4, best].item(), abs=CLOSE)
    page.keyboard.press("ArrowLeft")
    assert explorer.readout().looked_at == label(capture, best - 1)
    page.keyboard.press("Escape")
    explorer.settle()
    assert "click to keep it" in explorer.figure.locator(".hl-fields").inner_text()


def test_another_head_keeps_the_row(explore: Explore) -> None:
    explorer = explore()
    capture = captured(E5, EXAMPLES[0].text)
    selection = Selection(*best_head(capture))
    explorer.figure.locator("canvas").click(position=explorer.cell(capture, selection, 5, 5))
    explorer.settle()
    explorer.pick(7, 3)
    explorer.shows(capture, Selection(7, 3))
    explorer.page.mouse.move(5, 5)
    explorer.settle()
    assert explorer.figure.locator(".hl-query .hl-text").inner_text() == label(capture, 5)


def test_between_words_and_averaged_over_heads(explore: Explore) -> None:
    explorer = explore()
    text = "Donaudampfschifffahrt isn't unbelievably complicated, Katherine."
    explorer.read(text)
    capture = captured(E5, text)
    layer, head = best_head(captured(E5, EXAMPLES[0].text))
    words = words_of(capture.tokens, text)
    assert len(words) < len(capture.tokens)
    explorer.press("hl-level", "Words")
    selection = Selection(layer, head, level="word")
    explorer.shows(capture, selection)
    between = to_words(capture.weights(layer, head), words)
    check_cells(explorer, capture, selection, between)
    row = next(i for i, word in enumerate(words) if word.last > word.first)
    point(explorer, capture, selection, row, row)
    assert explorer.readout().looking == words[row].text
    explorer.choose("hl-head-number", "mean")
    averaged = replace(selection, head=None)
    explorer.shows(capture, averaged)
    check_cells(explorer, capture, averaged, to_words(capture.weights(layer).mean(0), words))
    explorer.press("hl-level", "Tokens")
    explorer.shows(capture, replace(averaged, level="token"))
    check_cells(explorer, capture, replace(averaged, level="token"), capture.weights(layer).mean(0))


def test_every_measure_is_the_one_it_says(explore: Explore) -> None:
    explorer = explore()
    capture = captured(E5, EXAMPLES[0].text)
    explorer.choose("hl-layer", "4")
    explorer.choose("hl-head-number", "5")
    layer, head = 4, 5
    weights = capture.weights(layer, head)
    special = torch.tensor([token.special for token in capture.tokens])
    expected = {
        "No specials": ("content", measures.without_specials(weights, special)),
        "× value": ("value", measures.value_weighted(weights, capture.value_norms[layer, head])),
        "Rollout": ("rollout", measures.rollout([capture.weights(below).mean(0) for below in range(layer + 1)])),
        "Weights": ("raw", weights),
    }
    for name, (measure, numbers) in expected.items():
        explorer.press("hl-measure", name)
        selection = Selection(layer, head, measure=measure)
        explorer.shows(capture, selection)
        check_cells(explorer, capture, selection, numbers)


def test_arcs_list_the_same_numbers(explore: Explore) -> None:
    explorer = explore()
    capture = captured(E5, EXAMPLES[0].text)
    weights = capture.weights(*best_head(capture))
    explorer.press("hl-mode", "Arcs")
    explorer.figure.locator("path").first.wait_for(state="attached")
    assert explorer.figure.locator("path").count() == int((weights >= 0.01).sum())
    explorer.figure.locator("[data-side=query][data-index='4']").hover()
    explorer.settle()
    beside = explorer.figure.locator("[data-side=key] .hl-arc-number").all_text_contents()
    shown = [float(number) if number else 0.0 for number in beside]
    assert shown == pytest.approx([w if w >= 0.005 else 0.0 for w in weights[4].tolist()], abs=CLOSE)
    explorer.press("hl-mode", "Matrix")
    explorer.figure.locator("canvas").first.wait_for()


def test_another_model_opens_its_own_best_head_and_keeps_how_one_looks(explore: Explore) -> None:
    explorer = explore()
    explorer.press("hl-level", "Words")
    explorer.shows(captured(E5, EXAMPLES[0].text), Selection(*best_head(captured(E5, EXAMPLES[0].text)), level="word"))
    explorer.choose_model("all-MiniLM-L6-v2")
    explorer.read(ENGLISH)
    capture = captured(MINILM, ENGLISH)
    explorer.shows(capture, Selection(*best_head(capture), level="word"))
    explorer.press("hl-level", "Tokens")
    selection = Selection(*best_head(capture))
    explorer.shows(capture, selection)
    check_cells(explorer, capture, selection, capture.weights(*best_head(capture)))
    explorer.pick(5, 11)
    explorer.shows(capture, Selection(5, 11))
    assert "4-bit" not in explorer.caption


def test_an_example_is_read_and_says_what_to_look_for(explore: Explore) -> None:
    explorer = explore()
    arabic = next(example for example in EXAMPLES if example.language == "Arabic")
    explorer.choose_example("Arabic")
    capture = captured(E5, arabic.text)
    selection = Selection(*best_head(captured(E5, EXAMPLES[0].text)))
    explorer.shows(capture, selection)
    assert explorer.page.locator("#hl-text textarea").input_value() == arabic.text
    assert explorer.status.inner_text() == arabic.look
    check_cells(explorer, capture, selection, capture.weights(selection.layer, selection.head))
    pair = next(example for example in EXAMPLES if example.pair)
    explorer.choose_example(pair.label)
    both = captured(E5, pair.text, pair.pair)
    explorer.shows(both, selection)
    assert explorer.page.locator("#hl-pair textarea").input_value() == pair.pair
    explorer.choose_example("Arabic")
    explorer.shows(capture, selection)
    assert explorer.page.locator("#hl-pair textarea").input_value() == ""


def test_two_texts_are_one_picture(explore: Explore) -> None:
    explorer = explore()
    first, second = "Who wrote it?", "Maria did."
    explorer.read(first, second)
    capture = captured(E5, first, second)
    selection = Selection(*best_head(captured(E5, EXAMPLES[0].text)))
    explorer.shows(capture, selection)
    assert {token.segment for token in capture.tokens} == {0, 1}
    check_cells(explorer, capture, selection, capture.weights(selection.layer, selection.head))


def test_a_head_is_found_by_its_numbers(explore: Explore) -> None:
    explorer = explore()
    capture = captured(E5, EXAMPLES[0].text)
    _, head = best_head(capture)
    explorer.choose("hl-layer", "9")
    explorer.shows(capture, Selection(9, head))
    explorer.choose("hl-head-number", "10")
    explorer.shows(capture, Selection(9, 10))
    found = findings(capture)[1]
    explorer.cards.nth(1).click()
    explorer.shows(capture, Selection(found.layer, found.head))
    assert explorer.cards.nth(1).get_attribute("aria-pressed") == "true"
    assert explorer.page.locator("#hl-layer input").input_value() == str(found.layer)


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
    page: Page = explore().page
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, input, textarea, select, [tabindex='0'], [role=application]")]
        .filter((node) => node.offsetParent && !node.closest("[aria-hidden=true]"))
        .filter((node) => !(node.getAttribute("aria-label") || node.getAttribute("aria-labelledby") || node.title
            || node.textContent.trim() || node.closest("label")?.textContent.trim()))
        .map((node) => node.outerHTML.slice(0, 200))"""
    )
    assert nameless == []
