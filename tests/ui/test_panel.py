"""What a head is, beside the heads: outlined patterns, bars here and usually, colored heads, other sections."""

from collections.abc import Callable
from functools import cache

import pytest
import torch
from torch import Tensor

from attention.core.capture import Capture
from attention.core.patterns import Card, cells_of, score_capture
from attention.models import cards
from attention.share import overview, pictures
from attention.share.pictures import TITLES
from attention.share.selection import Selection
from attention.tabs._examples import EXAMPLES
from attention.tabs._updates import PICTURES
from attention.views.coding import NO_NUMBER, percents
from attention.views.static_files import HEAD_FIGURE, HEAD_GRID
from tests.ui.explorer import _LAYOUT, E5, Explorer, best_head, captured, findings

pytestmark = pytest.mark.ui
Explore = Callable[..., Explorer]

ODD = "cat dog " * 5

# Both read a copy of the canvas: a canvas that is read back often is kept by the browser in another, slower way.
_ACCENTED = """([x, y, side, n]) => {
  const canvas = document.querySelector("#hl-figure canvas");
  const scale = canvas.width / canvas.clientWidth;
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  copy.fillStyle = getComputedStyle(canvas).getPropertyValue("--accent");
  copy.fillRect(0, 0, 1, 1);
  const accent = [...copy.getImageData(0, 0, 1, 1).data];
  copy.clearRect(0, 0, 1, 1);
  copy.drawImage(canvas, 0, 0);
  const count = (q, k) => {
    const box = [x + k * side - 1, y + q * side - 1, side + 2, side + 2].map((at) => Math.round(at * scale));
    const { data } = copy.getImageData(...box);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) {
      found += [0, 1, 2].reduce((sum, c) => sum + Math.abs(data[i + c] - accent[c]), 0) < 150;
    }
    return found;
  };
  const places = [...Array(n).keys()];
  return places.map((q) => places.map((k) => count(q, k)));
}"""

_COLORS = """([source, at, score]) => {
  const root = document.querySelector("#hl-grid .hl-picture");
  const ours = new Function(`${source}\nreturn { readTheme };`)();
  const canvas = root.querySelector("canvas");
  const scale = canvas.width / canvas.clientWidth;
  const copy = new OffscreenCanvas(2, 1).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, -Math.round(at.x * scale), -Math.round(at.y * scale));
  copy.fillStyle = ours.readTheme(root).ramp.css[Math.round((255 * score) / 100)];
  copy.fillRect(1, 0, 1, 1);
  const { data } = copy.getImageData(0, 0, 2, 1);
  return [[...data.slice(0, 4)], [...data.slice(4)]];
}"""


def accented(explorer: Explorer, capture: Capture, selection: Selection) -> Tensor:
    """How many pixels of the accent each cell of the figure has, its border included."""
    explorer.settle()
    value = pictures.head_picture(capture, selection)
    x, y, side = explorer.page.evaluate(_LAYOUT, [HEAD_FIGURE.script(), value, "#hl-figure .hl-picture"])
    return torch.tensor(explorer.page.evaluate(_ACCENTED, [x, y, side, len(capture.tokens)]))


def check_outlined(explorer: Explorer, capture: Capture, selection: Selection) -> None:
    """Accent runs around every cell of the pattern and nowhere that touches none."""
    counts = accented(explorer, capture, selection)
    cells = cells_of(capture, selection.pattern, selection.layer, selection.head) if selection.pattern else counts > 1e9
    near = torch.nn.functional.max_pool2d(cells[None].float(), 3, stride=1, padding=1)[0] > 0
    edges = cells & ~(torch.nn.functional.avg_pool2d(cells[None].float(), 3, stride=1, padding=1)[0] == 1)
    assert bool((counts[edges] > 8).all()), counts
    assert int(counts[~near].sum()) == 0, counts


def outline(explorer: Explorer) -> str:
    return explorer.page.locator("#hl-outline input").input_value()


@cache
def card_of(model: str) -> Card:
    card = cards.find_card(model)
    assert card is not None
    return card


def bars(explorer: Explorer) -> list[tuple[str, str, str]]:
    """Title, here and usual of every bar, as they stand."""
    rows = explorer.page.locator("#hl-bars .hl-bar:not(.hl-bar-head)").all()
    return [
        (row.locator(".hl-name").inner_text(), *row.locator(".hl-number").all_inner_texts())  # type: ignore[misc]
        for row in rows
    ]


def check_bars(explorer: Explorer, capture: Capture, card: Card, layer: int, head: int) -> None:
    """Every number is Python's, the largest first."""
    explorer.page.wait_for_function(
        "(name) => document.querySelector('#hl-bars strong')?.textContent === name", arg=f"L{layer}H{head}"
    )
    scores = score_capture(capture).scores
    here = {name: int(percents(table[layer, head])) for name, table in scores.items()}
    known = sorted((name for name in here if here[name] != NO_NUMBER), key=lambda name: -here[name])
    found = bars(explorer)
    assert {title for title, _, _ in found} == {TITLES[name] for name in known}
    assert [text for _, text, _ in found] == [f"{here[name] / 100:.2f}" for name in known]
    usual = {TITLES[name]: int(percents(card.kappa[name][layer, head])) for name in known}
    by_title = {TITLES[name]: here[name] for name in known}
    for title, text, other in found:
        assert text == f"{by_title[title] / 100:.2f}"
        assert other == ("" if usual[title] == NO_NUMBER else f"{usual[title] / 100:.2f}"), title
    name = known[0]
    low, high = (int(percents(part[name][layer, head])) / 100 for part in (card.low, card.high))
    best = explorer.page.locator("#hl-bars .hl-bar:not(.hl-bar-head)").first
    assert f"({low:.2f} to {high:.2f})" in (best.get_attribute("title") or "")


def test_a_finding_opens_its_head_with_its_cells_outlined(explore: Explore) -> None:
    explorer = explore()
    capture = captured(E5, EXAMPLES[0].text)
    check_outlined(explorer, capture, Selection(*best_head(capture)))  # nothing yet
    for at in (1, 0):
        found = findings(capture)[at]
        selection = Selection(found.layer, found.head, pattern=found.pattern)
        explorer.cards.nth(at).click()
        explorer.shows(capture, selection)
        explorer.page.get_by_text(f"where “{found.title.lower()}” would look").wait_for()
        assert outline(explorer) == found.title
        check_outlined(explorer, capture, selection)
    explorer.press("hl-level", "Words")
    explorer.shows(capture, Selection(found.layer, found.head, level="word"))
    explorer.press("hl-level", "Tokens")
    explorer.shows(capture, selection)
    explorer.choose("hl-outline", "none")
    explorer.page.get_by_text("would look").wait_for(state="detached")
    check_outlined(explorer, capture, Selection(found.layer, found.head))


def test_a_score_clicked_outlines_its_pattern_and_clicked_again_no_longer(explore: Explore) -> None:
    explorer = explore()
    capture = captured(E5, EXAMPLES[0].text)
    head = best_head(capture)
    bar = explorer.page.locator("#hl-bars button.hl-bar").filter(has_text="Previous token")
    bar.click()
    explorer.page.get_by_text("where “previous token” would look").wait_for()
    assert outline(explorer) == "Previous token"
    check_outlined(explorer, capture, Selection(*head, pattern="previous"))
    bar.click()
    explorer.page.get_by_text("would look").wait_for(state="detached")
    assert outline(explorer) == "none"
    check_outlined(explorer, capture, Selection(*head))
    explorer.choose("hl-outline", "Itself")
    explorer.page.get_by_text("where “itself” would look").wait_for()
    explorer.pick(4, 4)
    explorer.shows(capture, Selection(4, 4, pattern="self"))
    check_outlined(explorer, capture, Selection(4, 4, pattern="self"))
    assert explorer.page.locator("#hl-bars span.hl-bar").filter(has_text="Broad").count() == 1  # no cells, no button


def test_bars_say_what_is_here_and_what_is_usual(explore: Explore) -> None:
    explorer = explore()
    capture, card = captured(E5, EXAMPLES[0].text), card_of(E5)
    check_bars(explorer, capture, card, *best_head(capture))
    for layer, head in ((0, 2), (11, 11), (6, 0)):
        explorer.pick(layer, head)
        explorer.shows(capture, Selection(layer, head))
        check_bars(explorer, capture, card, layer, head)
    assert "Usual: 180 texts in 15 languages" in explorer.page.locator("#hl-bars").inner_text()
    assert not explorer.page.get_by_role("button", name="Compare with 180 other texts").is_visible()
    explorer.read(ODD)  # the same model, another text: the card stays
    check_bars(explorer, captured(E5, ODD), card, 6, 0)


def test_heads_are_colored_by_a_score_and_back(explore: Explore) -> None:
    explorer = explore()
    capture = captured(E5, EXAMPLES[0].text)
    drawn = "() => document.querySelector('#hl-grid canvas').toDataURL()"
    explorer.page.mouse.move(5, 5)
    explorer.settle()
    before = explorer.page.evaluate(drawn)
    scores = score_capture(capture).scores
    for name in ("next", "broad"):
        explorer.choose("hl-color", TITLES[name])
        explorer.page.wait_for_function(f"(before) => ({drawn})() !== before", arg=before)
        explorer.settle()
        for layer, head in ((0, 0), (2, 6), (1, 7), (5, 5), (11, 11)):
            score = int(percents(scores[name][layer, head]))
            at = explorer.head_at(layer, head)
            seen, expected = explorer.page.evaluate(_COLORS, [HEAD_GRID.script(), at, score])
            assert seen == pytest.approx(expected, abs=1), (name, layer, head, score)
            explorer.grid.locator("canvas").hover(position=at)
            explorer.settle()
            assert explorer.grid.locator(".hl-head-note").inner_text() == f"{score / 100:.2f}"
            explorer.page.mouse.move(5, 5)
    explorer.choose("hl-color", PICTURES)
    explorer.page.mouse.move(5, 5)
    explorer.page.wait_for_function(f"(before) => ({drawn})() === before", arg=before)


def test_the_other_sections_list_what_python_lists(explore: Explore) -> None:
    explorer = explore()
    capture = captured(E5, ODD)
    explorer.read(ODD)
    explorer.shows(capture, Selection(*best_head(captured(E5, EXAMPLES[0].text))))
    expected = overview.overview(capture, None, card_of(E5)).cards["more"]
    assert [section["title"] for section in expected] == ["Unexplained", "Unlike itself"]
    sections = explorer.page.locator("#hl-cards .hl-card-section")
    assert sections.count() == len(expected)
    for at, section in enumerate(expected):
        shown = sections.nth(at)
        assert shown.locator("h3").evaluate("(node) => node.firstChild.textContent") == section["title"]
        heads, texts = (shown.locator(f".hl-card-row span:nth-child({n})").all_inner_texts() for n in (1, 2))
        assert heads == [f"L{row['layer']}H{row['head']}" for row in section["rows"]]
        assert texts == [row["text"] for row in section["rows"]]
    for at, section in enumerate(expected):
        row = section["rows"][-1]
        sections.nth(at).locator("button").last.click()
        explorer.shows(capture, Selection(row["layer"], row["head"], pattern=row["name"] or None))
        explorer.page.wait_for_function(
            "(title) => document.querySelector('#hl-outline input').value === title",
            arg=TITLES.get(row["name"], "none"),
        )
        assert sections.nth(at).locator("button").last.get_attribute("aria-pressed") == "true"
