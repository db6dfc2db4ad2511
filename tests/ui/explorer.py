"""The explorer as a person uses it: what can be done on the page, and what can be read off it."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from torch import Tensor

from attention.core.capture import Capture
from attention.core.patterns.ranking import Finding
from attention.core.tokens import right_to_left
from attention.share import overview, pictures
from attention.share.selection import Selection
from attention.tabs._examples import EXAMPLES
from attention.views.labels import labels_of
from attention.views.static_files import HEAD_FIGURE

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Page, Position

CLOSE = 6e-4  # three decimals, rounded
ENGLISH = "The nurse who treated the doctor said that she was tired."
E5, MINILM = "intfloat/multilingual-e5-small", "sentence-transformers/all-MiniLM-L6-v2"
JAPANESE = "猫は疲れすぎていたので道を渡らず、朝まで待ちました。"
GRID_LEFT = 28

_LAYOUT = """([source, value, selector]) => {
  const root = document.querySelector(selector);
  const ours = new Function(`${source}\nreturn { heatmapLayout, parseHead, makePen, readTheme };`)();
  const width = root.querySelector(".hl-stage").clientWidth;
  const at = ours.heatmapLayout(ours.parseHead(value), ours.makePen(), ours.readTheme(root), width, 1);
  return [at.x, at.y, at.cell];
}"""


class Readout(NamedTuple):
    """What stands under the figure for a cell."""

    looking: str
    looked_at: str
    weight: float
    chance: float


class Explorer:
    """One page. Every method waits for what it asked for; none of them sleeps."""

    def __init__(self, page: "Page") -> None:
        page.set_default_timeout(30_000)
        self.page = page
        self.figure = page.locator("#hl-figure .hl-picture")
        self.status = page.locator("#hl-status .hl-picture")
        self.counter = page.locator("#hl-counter .hl-picture")
        self.grid = page.locator("#hl-grid .hl-picture")
        self.cards = page.locator("#hl-cards .hl-card")

    # asking

    def type(self, text: str, pair: str | None = None) -> None:
        self.page.locator("#hl-text textarea").fill(text)
        if pair is not None:
            self.page.locator("#hl-pair textarea").fill(pair)

    def read(self, text: str | None = None, pair: str | None = None) -> None:
        """Presses Read, after typing what is given; returns when the status line is no longer busy."""
        if text is not None:
            self.type(text, pair)
        self.doing(self.page.get_by_role("button", name="Read", exact=True).click)

    def doing(self, act: Callable[[], None]) -> None:
        """Acts, and waits until the status line has said two things: that it is busy, and that it is not."""
        before = int(self.status.get_attribute("data-stamp") or 0)
        act()
        self.page.wait_for_function(
            "(before) => { const { stamp, kind } = document.querySelector('#hl-status .hl-picture').dataset;"
            " return Number(stamp) >= before + 2 && kind !== 'busy'; }",
            arg=before,
        )

    def choose(self, where: str, name: str) -> None:
        """Opens a selector and picks an option by its whole name."""
        self.page.locator(f"#{where} input").click()
        option = self.page.get_by_role("option", name=name, exact=True)
        option.click()
        option.wait_for(state="detached")  # the list fades out, and the next one may have an option of that name

    def choose_model(self, title: str) -> None:
        self.page.locator("#hl-model input").click()
        self.page.get_by_role("option", name=title).click()

    def name_model(self, name: str) -> None:
        """Types a model's name into the picker."""
        self.page.locator("#hl-model input").fill(name)
        self.page.keyboard.press("Enter")

    def choose_example(self, label: str) -> None:
        """Picks an example; returns when the page says what to look for in it."""
        from playwright.sync_api import expect

        self.choose("hl-example", label)
        expect(self.status).to_have_text(next(example.look for example in EXAMPLES if example.label == label))

    def press(self, where: str, name: str) -> None:
        """Presses one of a row of words: #hl-level, #hl-measure, #hl-mode."""
        self.page.locator(f"#{where}").get_by_text(name, exact=True).click()

    def pick(self, layer: int, head: int, n_heads: int = 12) -> None:
        """Clicks a head in the grid."""
        self.grid.locator("canvas").click(position=self.head_at(layer, head, n_heads))

    def head_at(self, layer: int, head: int, n_heads: int = 12) -> "Position":
        cell = (self.box("#hl-grid canvas")["width"] - GRID_LEFT) / n_heads
        return {"x": GRID_LEFT + (head + 0.5) * cell, "y": (layer + 0.5) * cell}

    # looking

    def shows(self, capture: Capture, selection: Selection) -> None:
        """Waits until the figure shows this view, and is drawn."""
        from playwright.sync_api import expect

        caption = pictures.caption(capture, selection)
        expect(self.figure.locator(".hl-caption")).to_have_text(caption, timeout=30_000)
        expect(self.figure).to_have_attribute("data-title", pictures.title(selection))
        self.settle()

    def shows_example(self) -> None:
        """Waits for the live first picture."""
        capture = captured(E5, EXAMPLES[0].text)
        self.shows(capture, Selection(*best_head(capture)))

    @property
    def caption(self) -> str:
        return self.figure.locator(".hl-caption").inner_text()

    def cell(self, capture: Capture, selection: Selection, q: int, k: int) -> "Position":
        """The middle of a cell on the figure's canvas, by the page's own layout."""
        value = pictures.head_picture(capture, selection)
        x, y, side = self.page.evaluate(_LAYOUT, [HEAD_FIGURE.script(), value, "#hl-figure .hl-picture"])
        column = len(value["queries"]["texts"]) - 1 - k if right_to_left(capture.text.text) else k
        return {"x": x + (column + 0.5) * side, "y": y + (q + 0.5) * side}

    def point(self, capture: Capture, selection: Selection, q: int, k: int) -> None:
        self.figure.locator("canvas").hover(position=self.cell(capture, selection, q, k))

    def readout(self) -> Readout:
        """The numbers of the cell under the pointer or the cursor."""
        self.settle()
        words = self.figure.locator(".hl-fields .hl-text").all_text_contents()
        assert len(words) == 4, words
        return Readout(words[0], words[1], float(words[2].removeprefix("≈")), float(words[3]))

    def most_looked_at(self) -> list[tuple[str, float]]:
        """What a kept row lists."""
        self.settle()
        items = self.figure.locator(".hl-item")
        texts, numbers = items.locator(".hl-text").all_text_contents(), items.locator(".hl-number").all_text_contents()
        return [(text, float(number.removeprefix("≈"))) for text, number in zip(texts, numbers, strict=True)]

    def settle(self) -> None:
        """Waits until what was asked for is drawn."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def box(self, selector: str) -> "FloatRect":
        box = self.page.locator(selector).first.bounding_box()
        assert box is not None, selector
        return box

    def overflow(self) -> int:
        """By how many pixels the page scrolls sideways."""
        self.settle()
        return self.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")


def captured(model: str, text: str, pair: str | None = None) -> Capture:
    """What the page should be showing."""
    from attention import capture

    return capture(model, text, pair)


@cache
def findings(capture: Capture) -> tuple[Finding, ...]:
    """The findings of a text, as the cards show them."""
    return overview.overview(capture).findings


def best_head(capture: Capture) -> tuple[int, int]:
    """The head that is opened first."""
    return overview.first_head(findings(capture))


def label(capture: Capture, position: int) -> str:
    """What stands beside a row."""
    return labels_of(capture.tokens)[position].text


def check_cells(explorer: Explorer, capture: Capture, selection: Selection, numbers: Tensor) -> None:
    """Hovers the strongest cell of three rows and one weak cell: words and numbers are those of `numbers`."""
    n = len(numbers)
    cells = [(q, int(numbers[q].argmax())) for q in (0, n // 2, n - 1)] + [(1, int(numbers[1].argmin()))]
    for q, k in cells:
        explorer.point(capture, selection, q, k)
        seen = explorer.readout()
        assert abs(seen.weight - numbers[q, k].item()) <= CLOSE, (selection, q, k, seen)
        if selection.level == "token":
            assert (seen.looking, seen.looked_at) == (label(capture, q), label(capture, k))
