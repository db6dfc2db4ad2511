"""Texts read from right to left, in a real browser: the first token is on the right, and what is read is what is there."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from attention.views import lab
from attention.views.labels import Label
from attention.views.panels import graph, matrix, stack, swatches, token_bars
from attention.views.panels.frame import directed
from attention.views.panels.graph import Edge, Node
from attention.views.static_files import script
from tests.views.lab_page import open_lab, panel, readout
from tests.views.pictures import WORDS, head, overflow, settle, weights_of

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Locator, Page

pytestmark = pytest.mark.ui
Show = Callable[..., "Page"]

SENTENCE = ["استخدم", "Python", "3.12", "اليوم", "."]
LABELS = [Label(word) for word in SENTENCE]
WEIGHTS = weights_of(len(SENTENCE))


def box(part: "Locator") -> "FloatRect":
    found = part.bounding_box()
    assert found is not None
    return found


def figure(text: str = " ".join(SENTENCE)) -> dict:
    panels = [
        matrix.render("weights", WEIGHTS, rows=LABELS, columns=LABELS),
        matrix.render("values", WEIGHTS[:, :3], rows=LABELS, linked=("key", ""), axes=("key", "dimension")),
        matrix.render("heads", WEIGHTS, linked=("", ""), axes=("head", "head")),
        matrix.render("small", WEIGHTS, small=True),
        token_bars.render("bars", WEIGHTS[0] - 0.2, labels=LABELS, lines=[("even", 0.1)], unit="nats"),
        swatches.render("paint", WEIGHTS[0], labels=LABELS),
        stack.render("sum", WEIGHTS, labels=LABELS),
        graph.render("ring", [Node("أ", 0.1, 0.5), Node("ب", 0.9, 0.4)], [Edge(0, 1, 0.5)]),
    ]
    return lab.render(directed(panels, text), caption="Arabic")


@pytest.mark.parametrize("mode", ["matrix", "arcs"])
def test_the_heads_rows_stand_on_the_right(show: Show, mode: str) -> None:
    page = show(head(mode=mode, mirrored=True))
    if mode == "arcs":
        query, key = (
            box(page.locator(f'#head [data-side="{side}"][data-index="0"] .hl-target')) for side in ("query", "key")
        )
        assert query["x"] > key["x"] + key["width"]
        page.locator('#head [data-side="query"][data-index="2"] .hl-target').hover()
    else:
        x, cell = page.evaluate("() => { const at = window.views.head.layout(); return [at.x, at.cell]; }")
        assert x < 10
        y = page.evaluate("() => window.views.head.layout().y")
        last = x + (len(WORDS) - 0.5) * cell  # the rightmost column is the first token's
        page.locator("#head canvas").hover(position={"x": last, "y": y + 2.5 * cell})
    settle(page)
    words = page.locator("#head .hl-fields .hl-text").all_text_contents()
    assert words[0] == WORDS[2]
    if mode == "matrix":
        assert words[1:3] == [WORDS[0], f"{weights_of(len(WORDS))[2, 0]:.3f}"]
    assert overflow(page) <= 0


def test_an_arrow_key_moves_the_way_it_points(show: Show) -> None:
    page = show(head(mirrored=True))
    page.locator("#head .hl-stage").focus()
    for key in ("ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    settle(page)
    at = WORDS.index(page.locator("#head .hl-key .hl-text").inner_text())
    page.keyboard.press("ArrowRight" if at else "ArrowLeft")
    settle(page)
    assert page.locator("#head .hl-key .hl-text").inner_text() == WORDS[at - 1 if at else 1]


@pytest.mark.parametrize(
    ("name", "turned", "sided"),
    [("weights", True, True), ("values", False, True), ("heads", False, False), ("small", True, True)],
)
def test_columns_run_to_the_left_where_they_are_tokens(show: Show, name: str, turned: bool, sided: bool) -> None:
    page = open_lab(show, figure())
    x, across, left = page.evaluate(
        "(name) => { const at = window.views.lab.frame(name).view.layout(); return [at.x, at.across, at.left(0)]; }",
        name,
    )
    assert (x < 10) is sided
    assert (left > across / 2) is turned


def test_a_matrix_reads_the_cell_that_is_under_the_pointer(show: Show) -> None:
    page = open_lab(show, figure())
    at = page.evaluate(
        "() => { const at = window.views.lab.frame('weights').view.layout(); return [at.x, at.y, at.cellWidth]; }"
    )
    for row, column in ((0, 0), (1, 4), (3, 2)):
        there = {"x": at[0] + (len(SENTENCE) - 1 - column + 0.5) * at[2], "y": at[1] + (row + 0.5) * at[2]}
        panel(page, "weights").locator("canvas").hover(position=there)
        settle(page)
        assert readout(page, "weights") == f"{SENTENCE[row]} → {SENTENCE[column]} weight {WEIGHTS[row, column]:.3f}"


def test_bars_grow_to_the_left_from_words_on_their_right(show: Show) -> None:
    page = open_lab(show, figure())
    for name in ("bars", "paint"):
        row = panel(page, name).locator(".hl-row").nth(int(WEIGHTS[0].argmax()))
        word, track, number = (box(row.locator(part)) for part in (".hl-word", ".hl-track", ".hl-number"))
        assert word["x"] >= track["x"] + track["width"] > track["x"] >= number["x"] + number["width"]
    row = panel(page, "bars").locator(".hl-row").nth(int(WEIGHTS[0].argmax()))
    zero, fill = box(row.locator(".hl-zero")), box(row.locator(".hl-fill"))
    assert fill["x"] < zero["x"] - 2
    assert abs(fill["x"] + fill["width"] - zero["x"] - zero["width"]) < 2
    chips = [box(panel(page, "sum").locator(".hl-chip").nth(at))["x"] for at in (0, 1)]
    assert chips[0] > chips[1]
    nodes = [box(panel(page, "ring").locator(".hl-node").nth(at))["x"] for at in (0, 1)]
    assert nodes[0] > nodes[1]
    assert overflow(page) <= 0


def test_left_to_right_figures_are_as_ever(show: Show) -> None:
    page = open_lab(show, figure("abc"))
    row = panel(page, "bars").locator(".hl-row").first
    assert box(row.locator(".hl-word"))["x"] < box(row.locator(".hl-track"))["x"]
    assert page.evaluate("() => window.views.lab.frame('weights').view.layout().left(0)") == 0


def test_whole_characters_are_measured_and_cut(show: Show) -> None:
    """A label is never cut inside an emoji family or between a letter and its marks."""
    words = ["👩‍👩‍👧" * 12, "e\u0301" * 60, "字" * 40, "कि" * 40]
    page = show(head())
    cut = page.evaluate(
        """([source, words]) => {
          const { makePen, charactersOf } = new Function(`${source}\nreturn { makePen, charactersOf };`)();
          const pen = makePen();
          return words.map((word) => [pen.fit(word, "12px monospace", 90), charactersOf(word)[0], pen.width(pen.fit(word, "12px monospace", 90), "12px monospace")]);
        }""",
        [script("text.js"), words],
    )
    for (label, first, width), word in zip(cut, words, strict=True):
        kept = label.removesuffix("…")
        assert label.endswith("…")
        assert kept
        assert word.startswith(kept)
        assert kept == first * (len(kept) // len(first))
        assert width <= 90


@pytest.mark.parametrize(
    ("text", "upright"),
    [
        ("東京", True),
        ("カタカナー", True),
        ("「猫」", True),
        ("👩‍👩‍👧", True),
        ("🇫🇷", True),
        ("한국", True),
        ("ไป", False),
        ("abc", False),
        ("東a", False),
        ("1", False),
    ],
)
def test_what_stands_upright_above_a_column(show: Show, text: str, upright: bool) -> None:
    page = show(head())
    assert (
        page.evaluate(
            "([source, text]) => new Function(`${source}\nreturn standsUpright;`)()(text)", [script("text.js"), text]
        )
        is upright
    )
