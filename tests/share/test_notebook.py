"""The figure of a notebook: one frame, nothing fetched, nothing of the text ever run."""

import html
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from attention import show
from attention.errors import SelectionError
from attention.share.notebook import Figure
from attention.share.pictures import head_picture
from attention.share.selection import Selection
from tests.share.made import WORDS, made

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = (
    "</script>",
    "<script>alert(1)</script>",
    '"><img',
    "src=x",
    "onerror=alert(1)>",
    "'`${alert(1)}`",
    "<!--",
    "{{x}}",
)


def value_in(figure: Figure) -> dict:
    """The picture's value, as the page reads it."""
    found = re.search(r"<script type=application/json id=value>(.*?)</script>", figure.page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_it_shows_what_the_explorer_shows() -> None:
    capture = made()
    assert value_in(show(capture, 1, 2)) == head_picture(capture, Selection(1, 2))
    assert value_in(show(capture)) == head_picture(capture, Selection(0, 0))
    view = {"level": "word", "measure": "content", "query": 2}
    assert value_in(show(capture, 1, None, **view)) == head_picture(capture, Selection(1, None, **view))


def test_it_refers_to_nothing_outside() -> None:
    page = show(made(), 1, 2).page
    assert re.findall(r"https?:[^\"'\s]*", page) in ([], ["http://www.w3.org/2000/svg"])  # a namespace, never fetched
    assert not re.search(r"@import|url\(|\bsrc=|\bhref=|fetch\(|XMLHttpRequest|import\(", page)


def test_it_is_small() -> None:
    assert len(show(made()).page) < 80_000


@pytest.mark.parametrize("layer", [-1, 2, 99])
def test_a_head_that_does_not_exist_is_refused(layer: int) -> None:
    with pytest.raises(SelectionError, match="Layer"):
        show(made(), layer)


def test_a_measure_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SelectionError, match="measure"):
        show(made(), measure="gradient")


def test_nothing_in_a_text_ends_the_script_or_the_frame() -> None:
    figure = show(made(words=HOSTILE))
    assert figure.page.count("</script>") == 2
    assert "<img" not in figure.page
    frame = figure._repr_html_()
    assert frame.count("<") == 2  # the frame's own two
    source = re.search(r'srcdoc="([^"]*)"', frame)
    assert source is not None
    assert html.unescape(source[1]) == figure.page
    assert 'sandbox="allow-scripts"' in frame
    assert "title=" in frame


@pytest.mark.ui
@pytest.mark.parametrize("words", [WORDS, HOSTILE])
def test_it_opens_from_disk_without_any_network(browser: "Browser", tmp_path: Path, words: tuple[str, ...]) -> None:
    capture = made(words=words)
    file = tmp_path / "notebook.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{show(capture, 1, 2)._repr_html_()}", encoding="utf-8")
    context = browser.new_context(viewport={"width": 900, "height": 900}, offline=True, reduced_motion="reduce")
    wrong: list[str] = []
    try:
        page = context.new_page()
        page.on("console", lambda said: wrong.append(said.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda asked: wrong.append(asked.url) if asked.url.startswith("http") else None)
        page.goto(file.as_uri())
        frame = page.frame_locator("iframe")
        figure = frame.locator(".hl-figure[data-title=L1H2]")
        figure.wait_for()
        figure.locator(".hl-stage").focus()
        for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
            page.keyboard.press(key)
        looked_at = frame.locator(".hl-fields .hl-key .hl-text")
        looked_at.wait_for()
        best = int(capture.weights(1, 2)[1].argmax())
        assert looked_at.text_content() == capture.tokens[best].text
        number = float(frame.locator(".hl-figures .hl-text").first.inner_text())
        assert number == pytest.approx(capture.weights(1, 2)[1, best].item(), abs=6e-4)
        canvas = figure.locator("canvas").bounding_box()
        assert canvas is not None
        page.mouse.move(canvas["x"] + canvas["width"] - 20, canvas["y"] + canvas["height"] - 20)
        frame.locator(f".hl-query .hl-text:text-is('{capture.tokens[-1].text}')").wait_for()
    finally:
        context.close()
    assert wrong == []
