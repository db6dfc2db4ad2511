"""The figure of a notebook: one frame, nothing fetched, nothing of the text ever run."""

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from attention import head_grid, rank, show
from attention.core import patterns
from attention.core.capture import Capture
from attention.errors import SelectionError
from attention.share.notebook import Figure, Ranking
from attention.share.overview import overview
from attention.share.pictures import head_picture, measured
from attention.share.selection import Selection
from attention.views import head_grid as head_grids
from attention.views.palette import LIGHT
from tests.share.made import WORDS, made
from tests.share.page_reader import data_of
from tests.share.test_figures import plain
from tests.views.figure_files import images_of, share_of, texts_of

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


def previous() -> Capture:
    """Its second head looks at the token before each."""
    return made(torch.stack([torch.full((10, 10), 0.1), torch.eye(10).roll(1, dims=0)]))


def document_of(frame: str) -> str:
    """The document inside a notebook's frame."""
    source = re.search(r'srcdoc="([^"]*)"', frame)
    assert source is not None
    return html.unescape(source[1])


def value_in(figure: Figure, level: str = "token") -> dict:
    """The picture's value, as the page reads it, with the row it opens with."""
    data = data_of(figure.page)
    assert data["level"] == level
    return data["levels"][level] | {"query": data["query"]}


def test_it_shows_what_the_explorer_shows() -> None:
    capture = made()
    assert value_in(show(capture, 1, 2)) == head_picture(capture, Selection(1, 2))
    assert value_in(show(capture)) == head_picture(capture, Selection(0, 0))
    view = {"level": "word", "measure": "content", "query": 2, "pattern": "next"}
    assert value_in(show(capture, 1, None, **view), "word") == head_picture(capture, Selection(1, None, **view))
    assert data_of(show(capture, mode="arcs", theme="dark").page)["mode"] == "arcs"


def test_it_is_small() -> None:
    assert len(show(made()).page.encode()) < 60_000


def test_all_heads_open_at_the_best_one() -> None:
    capture = previous()
    figure = head_grid(capture)
    best = rank(capture)
    data = data_of(figure.page)
    assert data["chooser"]["selected"] == ([best[0].layer, best[0].head] if best else [0, 0])
    assert data["packed"]["count"] == 2
    with pytest.raises(SelectionError, match="measure"):
        head_grid(capture, measure="rollout")


def test_a_ranking_is_a_list_that_shows_itself() -> None:
    capture = previous()
    found = rank(capture)
    assert isinstance(found, list)
    assert list(found) == patterns.rank(capture)
    assert found[0].pattern == "previous"
    assert rank(capture, 1) == found[:1]
    with pytest.raises(SelectionError):
        rank(capture, 0)
    data = data_of(document_of(found._repr_html_()))
    shown = [(card["layer"], card["head"], card["pattern"]) for card in data["chooser"]["cards"]]
    assert shown == [(one.layer, one.head, one.title) for one in found]
    first = head_picture(capture, Selection(found[0].layer, found[0].head, pattern=found[0].pattern))
    assert data["heads"][first["title"]] == data["levels"]["token"] == first


def test_a_part_of_a_ranking_is_a_ranking() -> None:
    found = rank(previous(), 5)
    part = found[:1]
    assert isinstance(part, Ranking)
    assert part == [found[0]]
    cards = data_of(document_of(part._repr_html_()))["chooser"]["cards"]
    assert [card["pattern"] for card in cards] == [found[0].title]


def test_a_longer_ranking_shows_as_many_cards() -> None:
    from attention import capture
    from attention.models.catalog import MINILM

    text = (
        "The cat that the dog chased sat on the mat, and the dog that the cat feared, unbelievably, sat on the mat too."
    )
    found = rank(capture(MINILM, text), 12)
    assert len(found) > 5
    cards = data_of(document_of(found._repr_html_()))["chooser"]["cards"]
    assert [(card["layer"], card["head"], card["pattern"]) for card in cards] == [
        (one.layer, one.head, one.title) for one in found
    ]


def test_a_ranking_is_saved_with_every_head_and_what_it_is_about(tmp_path: Path) -> None:
    found = rank(previous())
    page = found.save(tmp_path / "heads.html").read_text(encoding="utf-8")
    assert len(data_of(page)["chooser"]["cards"]) == len(found)
    assert found.save(tmp_path / "heads.png").read_bytes().startswith(b"\x89PNG")
    texts = [text for text, _ in texts_of(found.save(tmp_path / "heads.svg").read_bytes())]
    for one in found:
        assert f"L{one.layer}H{one.head} · {one.title} {one.score:.2f}" in texts
    about = plain(texts[-2:])
    for part in ("someone/made", "revision main", "heads worth a look", "The cats sat"):
        assert part in about


@pytest.mark.parametrize("measure", ["raw", "content"])
def test_the_picture_of_all_heads_is_captioned_and_shows_the_measure(tmp_path: Path, measure: str) -> None:
    capture = previous()
    file = head_grid(capture, measure=measure).save(tmp_path / "heads.svg").read_bytes()
    said = plain([text for text, _ in texts_of(file)])
    called = {"raw": "weights", "content": "no specials"}[measure]
    for part in ("someone/made", "all heads", f"{called} between tokens", capture.text.text, "revision main"):
        assert part in said
    weights = measured(capture, Selection(0, 0, measure=measure))
    drawn = next(one for one in images_of(file) if one.shape[:2] == (10, 10))[..., :3].astype(int)
    shares = share_of(drawn, LIGHT.ramp)
    assert abs(shares - weights.numpy() ** head_grids.gamma(10)).max() < 0.01


def test_a_ranking_of_nothing_says_so(tmp_path: Path) -> None:
    capture = made(torch.full((2, 10, 10), 0.1))
    found = rank(capture)
    with pytest.raises(SelectionError, match="No head follows"):
        found.save(tmp_path / "heads.png")
    assert found.save(tmp_path / "heads.html").exists()
    assert found == []
    assert overview(capture).cards["footnote"] in html.unescape(document_of(found._repr_html_()))


@pytest.mark.parametrize("name", ["head.html", "head.svg", "head.PNG"])
def test_it_is_saved_by_its_ending(tmp_path: Path, name: str) -> None:
    figure = show(made(), 1, 2)
    written = figure.save(tmp_path / name)
    begins = {"head.html": b"<!doctype html>", "head.svg": b"<?xml", "head.PNG": b"\x89PNG"}[name]
    assert written.read_bytes().startswith(begins)
    assert name != "head.html" or written.read_text(encoding="utf-8") == figure.page


@pytest.mark.parametrize("name", ["head", "head.gif", "head.html.exe", ".png "])
def test_another_ending_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(SelectionError, match=r"\.html, \.svg, \.png"):
        show(made()).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("query", [10**6, 10, -1, True])
def test_a_row_that_does_not_exist_is_refused(query: int) -> None:
    with pytest.raises(SelectionError, match="this text has rows 0 to 9"):
        show(made(), query=query)


def test_a_look_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SelectionError, match="mode must be one of matrix, arcs"):
        show(made(), mode="bogus")
    for refused in (
        lambda: show(made(), theme="pink"),
        lambda: head_grid(made(), theme="pink"),
        lambda: rank(previous()).save("never.html", theme="pink"),
    ):
        with pytest.raises(SelectionError, match="theme must be one of light, dark, auto"):
            refused()


@pytest.mark.parametrize("layer", [-1, 2, 99])
def test_a_head_that_does_not_exist_is_refused(layer: int) -> None:
    with pytest.raises(SelectionError, match="Layer"):
        show(made(), layer)


def test_a_measure_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SelectionError, match="measure"):
        show(made(), measure="gradient")


def test_nothing_in_a_text_ends_the_script_or_the_frame() -> None:
    figure = show(made(words=HOSTILE))
    assert figure.page.count("</script>") == 2  # the numbers and the one script
    assert "<img" not in figure.page
    frame = figure._repr_html_()
    assert frame.count("<") == 2  # the frame's own two
    assert document_of(frame) == figure.page
    assert 'sandbox="allow-scripts allow-popups"' in frame
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
