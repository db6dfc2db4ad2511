"""Scripts in the real app: each text from its own side, every label what the token is, nothing acting on its neighbors."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from attention.core.words import words_of
from attention.share import pictures
from attention.share.selection import Selection
from attention.tabs._examples import EXAMPLES
from attention.tabs.weighted_sum import LAB
from attention.views.static_files import HEAD_FIGURE
from tests.ui.explorer import E5, Explorer, best_head, captured, label
from tests.ui.hostile import sentence
from tests.ui.labs import Opened

pytestmark = pytest.mark.ui
Explore = Callable[..., Explorer]

TEXTS = {
    "الممرضة التي عالجت الطبيب قالت إنها متعبة.": True,
    "הילדה אכלה את התפוח כי הוא היה אדום.": True,
    "लड़की ने सेब खाया क्योंकि वह लाल था।": False,
    "เด็กผู้หญิงกินแอปเปิลเพราะมันเป็นสีแดง": False,
    "猫は疲れすぎていたので、道を渡らずに朝まで待ちました。": False,
    "استخدم Python 3.12 لكتابة الكود مع GPT-4 اليوم.": True,
    "The Arabic word قطة means cat.": False,
}
"""Texts, and whether they are read from right to left."""

COLUMN = """([source, value, k]) => {
  const root = document.querySelector("#hl-figure .hl-picture");
  const ours = new Function(`${source}\nreturn { heatmapLayout, parseHead, makePen, readTheme };`)();
  const at = ours.heatmapLayout(ours.parseHead(value), ours.makePen(), ours.readTheme(root), root.querySelector(".hl-stage").clientWidth, 1);
  return [at.x + at.column(k) + at.cell / 2, at.y + at.cell / 2, at.cell, at.viewWidth, at.x, at.contentWidth];
}"""


def first_column(explorer: Explorer, value: dict) -> tuple[float, float]:
    """Where the first token's column is in the matrix, 0 to 1 from left to right; its first cell is pointed at."""
    x, y, _, shown, left, whole = explorer.page.evaluate(COLUMN, [HEAD_FIGURE.script(), value, 0])
    assert whole <= shown + 1, "all of it is in view"
    explorer.figure.locator("canvas").hover(position={"x": x, "y": y})
    return (x - left) / shown, y


@pytest.mark.parametrize("width", [1440, 390])
def test_a_text_is_read_from_its_own_side(explore: Explore, width: int) -> None:
    explorer = explore(width=width)
    selection = Selection(*best_head(captured(E5, EXAMPLES[0].text)))
    for text, mirrored in TEXTS.items():
        explorer.read(text)
        capture = captured(E5, text)
        explorer.shows(capture, selection)
        value = pictures.head_picture(capture, selection)
        assert value["mirrored"] is mirrored
        place, _ = first_column(explorer, value)
        assert (place > 0.5) is mirrored, text
        seen = explorer.readout()
        assert (seen.looking, seen.looked_at) == (label(capture, 0), label(capture, 0))
        assert abs(seen.weight - capture.weights(*best_of(selection))[0, 0].item()) <= 6e-4
        assert explorer.overflow() <= 0
    explorer.press("hl-mode", "Arcs")
    explorer.read(next(iter(TEXTS)))
    query, key = (explorer.box(f'#hl-figure [data-side="{side}"][data-index="1"]') for side in ("query", "key"))
    assert query["x"] > key["x"] + key["width"]
    assert explorer.overflow() <= 0


def best_of(selection: Selection) -> tuple[int, int]:
    """The selection's layer and head."""
    assert selection.head is not None
    return selection.layer, selection.head


def test_words_are_those_of_the_language(explore: Explore) -> None:
    explorer = explore()
    selection = Selection(*best_head(captured(E5, EXAMPLES[0].text)))
    explorer.press("hl-level", "Words")
    selection = replace(selection, level="word")
    for text in ("เด็กผู้หญิงกินแอปเปิลเพราะมันเป็นสีแดง", "図書館で本を読む。"):
        explorer.read(text)
        capture = captured(E5, text)
        explorer.shows(capture, selection)
        words = [word.text for word in words_of(capture.tokens, text)]
        explorer.figure.locator("tr").nth(len(words) - 1).wait_for(state="attached")
        assert explorer.figure.locator("th").all_text_contents() == words
        assert explorer.page.get_by_text("piece by piece").count() == 0


TURNING = "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))


def test_nothing_in_a_text_turns_what_stands_around_it(explore: Explore) -> None:
    explorer = explore()
    selection = Selection(*best_head(captured(E5, EXAMPLES[0].text)))
    for text in (
        f"abc {TURNING} def",
        "a\u2069\u202eb c",
        "\u0378 x \ue000",
        "x \u200d y",
        "é e\u0301",
        "k\u0301\u0301" * 9,
    ):
        explorer.read(text)
        explorer.shows(captured(E5, text), selection)
        ours = explorer.figure.inner_text().replace("\u2068", "").replace("\u2069", "")
        assert not set(ours) & set(TURNING)
        assert explorer.caption.count("\u2068") == explorer.caption.count("\u2069") == 1
        assert explorer.overflow() <= 0
    explorer.read("e" + "\u0301" * 10_000)
    assert sentence(explorer) == "too_many_tokens"
    assert "10,003 tokens" in explorer.status.inner_text()


def test_a_lab_is_read_from_the_right_with_an_arabic_sentence(opened: Callable[..., Opened]) -> None:
    page = opened(LAB)
    text = "القطة نامت 3.5 \u202eساعات\u202c"
    page.moved("sentence", text, lambda: page.part("sentence").locator("textarea").fill(text))
    words = page.panel("weights").locator(".hl-word")
    assert words.all_text_contents()[:3] == ["القطة", "نامت", "3.5"]
    assert not set("".join(words.all_text_contents())) & set(TURNING)
    word, track = (page.panel("weights").locator(part).first.bounding_box() for part in (".hl-word", ".hl-track"))
    assert word is not None
    assert track is not None
    assert word["x"] >= track["x"] + track["width"]
    assert page.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth") <= 0
