"""A walk through the explorer, every number on the way checked against the mathematics."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from attention.core import measures
from attention.core.words import to_words, words_of
from attention.share.selection import Selection
from attention.tabs._examples import EXAMPLES
from tests.ui.explorer import (
    CLOSE,
    E5,
    ENGLISH,
    JAPANESE,
    MINILM,
    Explorer,
    best_head,
    captured,
    check_cells,
    findings,
    label,
)

pytestmark = pytest.mark.ui
Explore = Callable[..., Explorer]


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
    explorer.point(capture, selection, row, row)
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


def test_leaving_the_list_of_examples_keeps_one_s_own_text(explore: Explore) -> None:
    explorer = explore()
    page = explorer.page
    explorer.choose_example("Turkish")
    explorer.read(ENGLISH)
    page.locator("#hl-example input").click()
    page.keyboard.press("Escape")
    page.locator("#hl-findings h2").click()
    selection = Selection(*best_head(captured(E5, EXAMPLES[0].text)))
    explorer.pick(selection.layer, 0)  # a round trip later
    explorer.shows(captured(E5, ENGLISH), Selection(selection.layer, 0))
    assert page.locator("#hl-text textarea").input_value() == ENGLISH
    explorer.choose_example("Turkish")  # again: it is a list of texts, not a setting
    turkish = next(example for example in EXAMPLES if example.language == "Turkish")
    explorer.shows(captured(E5, turkish.text), Selection(selection.layer, 0))


def test_an_example_is_chosen_with_keys(explore: Explore) -> None:
    explorer = explore()
    explorer.page.locator("#hl-example input").focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        explorer.page.keyboard.press(key)
    capture = captured(E5, EXAMPLES[1].text, EXAMPLES[1].pair)
    explorer.shows(capture, Selection(*best_head(captured(E5, EXAMPLES[0].text))))
