import re

import pytest

from attention.views import arcs
from attention.views.palette import LIGHT, css_variables
from attention.views.static_files import FINDING_CARDS, HEAD_FIGURE, HEAD_GRID, STATIC, Picture, script

PICTURES = [HEAD_FIGURE, HEAD_GRID, FINDING_CARDS]


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.mount)
def test_every_picture_defines_its_mount_once(picture: Picture) -> None:
    names = re.findall(r"^function (\w+)", picture.script(), re.MULTILINE)
    assert names.count(picture.mount) == 1
    assert len(names) == len(set(names))
    # what gradio's js_on_load is given by these names
    assert not {"element", "trigger", "props", "server", "upload", "watch", "view"} & set(names)
    assert picture.style()


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.mount)
def test_scripts_put_text_on_the_page_as_text_only(picture: Picture) -> None:
    text = picture.script()
    for dangerous in ("innerHTML", "insertAdjacentHTML", "document.write", "eval(", "</script"):
        assert dangerous not in text
    outside = set(re.findall(r"https?://[^\s\"']+", text + picture.style()))
    assert outside <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.mount)
def test_style_uses_only_colors_of_the_palette(picture: Picture) -> None:
    assert re.findall(r"#[0-9A-Fa-f]{3,6}\b", picture.style()) == []
    own = set(re.findall(r"(--hl-\w+):", picture.style())) | {"--font"}
    used = set(re.findall(r"var\((--[a-z-]+)", picture.style()))
    assert used <= own | set(re.findall(r"(--[a-z-]+):", css_variables()))


def test_compact_drops_comments_and_keeps_code() -> None:
    full, short = script("draw.js"), script("draw.js", compact=True)
    assert len(short) < 0.9 * len(full)
    assert not any(line.startswith(("//", " ")) for line in short.splitlines())
    assert short.count("function ") >= full.count("\nfunction ")


def test_the_limit_of_arcs_is_the_same_on_both_sides() -> None:
    assert f"const ARCS_TO = {arcs.LONGEST};" in (STATIC / "figure.js").read_text(encoding="utf-8")


def test_the_figure_is_small_enough_for_a_page_of_60_kilobytes() -> None:
    assert len(HEAD_FIGURE.script(compact=True).encode()) < 45_000
    assert LIGHT.paper in css_variables()
