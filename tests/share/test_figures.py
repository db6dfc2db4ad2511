"""Figures as files: the picture of a capture, names that say what is in them, many visitors at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attention.errors import SelectionError
from attention.share import figures
from attention.share.pictures import head_picture
from attention.share.selection import Selection
from attention.views import head_grid, lab
from attention.views.panels import table
from tests.share.made import made, weights_of
from tests.views.figure_files import dots_of, root_of, texts_of

SELECTION = Selection(layer=1, head=2)


def plain(lines: list[str]) -> str:
    """Lines as one text, without the marks that hold their direction."""
    return re.sub(r"[\u200e\u200f\u2068\u2069]", "", " ".join(lines))


def test_a_head_is_saved_as_both_kinds_with_its_words_and_caption() -> None:
    capture = made()
    texts = [text for text, _ in texts_of(figures.save(capture, SELECTION, "svg"))]
    assert {"L1H2", "The", "cats", "believ", "[CLS]"} <= {*texts}
    said = plain(texts)
    for part in ("someone/made", "revision main", "L1H2", "weights between tokens", capture.text.text):
        assert part in said
    height, width, _ = dots_of(figures.save(capture, SELECTION, "png")).shape
    assert min(height, width) > 1000  # 300 dots per inch


def test_an_svg_says_what_it_is_to_those_who_do_not_see() -> None:
    capture = made()
    root = root_of(figures.save(capture, SELECTION, "svg"))
    said = " ".join(
        filter(None, (node.text for node in root.iter() if str(node.tag).endswith(("title", "description"))))
    )
    for part in ("L1H2", "someone/made", "revision main", "weights between tokens", capture.text.text):
        assert part in said


def test_the_word_level_and_the_dark_theme_reach_the_file() -> None:
    capture = made()
    texts = [text for text, _ in texts_of(figures.save(capture, Selection(level="word"), "svg"))]
    assert "unbelievably" in texts
    assert tuple(dots_of(figures.save(capture, SELECTION, theme="dark"))[0, 0]) == (0x12, 0x12, 0x14)
    assert tuple(dots_of(figures.save(capture, SELECTION, theme="auto"))[0, 0]) == (0xFB, 0xFA, 0xF7)


def test_the_same_figure_is_the_same_file() -> None:
    values = [head_picture(made(causal=True), SELECTION), head_picture(made(words=("a",) * 60), SELECTION)]
    for kind in figures.FORMATS:
        assert figures.drawn(values, kind) == figures.drawn(values, kind)


def test_what_it_is_about_stands_below_the_caption_also_of_several() -> None:
    values = [head_picture(made(), Selection(head=head)) for head in range(3)]
    lines = [text for text, _ in texts_of(figures.drawn(values, "svg", about="revision main"))]
    assert plain(lines).endswith("revision main")
    assert plain(lines).count("revision main") == 1


@pytest.mark.parametrize("query", [-1, 10, 10**6])
def test_a_row_that_is_not_there_is_refused(query: int) -> None:
    with pytest.raises(SelectionError, match="this text has rows 0 to 9"):
        figures.save(made(), Selection(query=query))


def test_labs_and_grids_are_saved_too() -> None:
    value = lab.render([table.render("t", ["a"], [["b"]])], caption="made")
    assert figures.drawn(value, "png").startswith(b"\x89PNG")
    thumbs = torch.stack([head_grid.thumbnails(weights_of(2, 6, seed)) for seed in range(2)])
    assert figures.drawn(head_grid.render(thumbs, n_tokens=6), "svg").startswith(b"<?xml")


@pytest.mark.parametrize(
    "given",
    [{"kind": "gif"}, {"mode": "bars"}, {"theme": "blue"}, {"theme": ""}],
)
def test_what_cannot_be_drawn_is_said(given: dict[str, str]) -> None:
    with pytest.raises(SelectionError, match="must be one of"):
        figures.drawn(head_picture(made(), SELECTION), **given)


@pytest.mark.parametrize("count", [0, 21])
def test_too_few_or_many_pictures_are_refused(count: int) -> None:
    with pytest.raises(SelectionError, match="1 to 20 pictures"):
        figures.drawn([head_picture(made(), SELECTION)] * count)


def test_threads_get_the_files_that_one_alone_gets() -> None:
    values = [
        head_picture(made(words=words), SELECTION) for words in (("a", "القط"), ("東京", "b"), ("हिन्दी", "c", "d"))
    ]
    alone = [figures.drawn(value) for value in values]
    with ThreadPoolExecutor(6) as pool:
        together = [*pool.map(figures.drawn, values * 3)]
    assert together == alone * 3


def test_matplotlib_is_not_there_before_the_first_figure() -> None:
    import subprocess
    import sys

    program = (
        "import sys, attention.share.figures as f; f.file_name('x', extension='png');"
        "assert not {'matplotlib', 'torch'} & {*sys.modules}"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False).returncode == 0


def test_names_say_model_head_measure_and_text() -> None:
    capture = made()
    name = figures.head_file_name(capture, Selection(layer=1, head=2, level="word", measure="content"), "svg")
    assert name == "headlight_made_L1H2_no-specials_words_the-cats-sat-unbelievably-still.svg"


def test_texts_in_other_scripts_get_names_that_only_they_have() -> None:
    names = {figures.file_name("made", text=text, extension="png") for text in ("猫は疲れた", "猫は走った", "قطة")}
    assert len(names) == 3


@given(
    st.lists(st.text(max_size=40), max_size=5), st.text(max_size=200), st.sampled_from(["png", "svg", "csv", "../x"])
)
def test_names_are_safe_and_short_whatever_is_in_them(parts: list[str], text: str, extension: str) -> None:
    name = figures.file_name(*parts, text=text, extension=extension)
    assert re.fullmatch(r"headlight[A-Za-z0-9._-]*\.[a-z0-9]+", name)
    assert len(name) <= 80
    assert ".." not in name
