"""Text in figures: the glyphs are those of a shaping library, in every script, and there is never an empty box."""

import json
from functools import cache
from pathlib import Path

import pytest
import regex
import torch
import uharfbuzz as hb
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.ft2font import LoadFlags

import attention
from attention.views import lab
from attention.views.figure import drawing
from attention.views.figure.fonts import Fonts, fonts_for
from attention.views.labels import Label
from attention.views.panels import token_bars
from tests.views.figure_files import texts_of

DATA = Path(attention.__file__).parent / "data"
PARALLEL = json.loads((DATA / "parallel.json").read_text(encoding="utf-8"))
LANGUAGES = tuple(PARALLEL[0]["sentences"])
SIZE = 1000  # one pixel is one unit of most fonts


def laid_out(text: str, families: tuple[str, ...]) -> list[tuple[str, int, float]]:
    """What matplotlib draws: (file and face, glyph, x), from left to right."""
    font = get_font(fontManager._find_fonts_by_props(FontProperties(family=list(families))))
    font.set_size(SIZE, 72)
    items = font._layout(text, LoadFlags.NO_HINTING)
    return [(f"{item.ft_object.fname}#{item.ft_object.face_index}", item.glyph_index, item.x) for item in items]


@cache
def face_of(place: str) -> tuple[hb.Face, float]:
    file, index = place.rsplit("#", 1)
    face = hb.Face(hb.Blob.from_file_path(file), int(index))
    return face, SIZE / face.upem


def shaped(text: str, place: str) -> list[tuple[int, float]]:
    """HarfBuzz's glyphs from left to right, and where each is drawn."""
    face, scale = face_of(place)
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(hb.Font(face), buffer)
    found, at = [], 0
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        found.append((info.codepoint, scale * (at + position.x_offset)))
        at += position.x_advance
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_have_the_glyphs_and_places_of_a_shaping_library(language: str) -> None:
    sentences = [meaning["sentences"][language] for meaning in PARALLEL]
    words = sorted({word for one in sentences for word in regex.findall(r"[\p{L}\p{M}]+", one)})
    fonts = fonts_for(sentences)
    assert not fonts.missing
    checked = 0
    for word in words:
        found = laid_out(word, fonts.mono)
        places = {place for place, _, _ in found}
        if len(places) == 1:  # not: Latin letters in a Japanese word, where each part is another font's
            expected = shaped(word, places.pop())
            assert [glyph for _, glyph, _ in found] == [glyph for glyph, _ in expected], word
            assert [x for _, _, x in found] == pytest.approx([x for _, x in expected], abs=len(word)), word
            checked += 1
    assert checked > 0.95 * len(words)


@pytest.mark.parametrize(
    ("text", "count"),
    [("سلام", 4), ("क्षत्रिय", 4), ("हि", 2), ("ที่นี่", 6), ("👩‍👩‍👧", 1), ("🇫🇮", 1), ("👍🏽", 1), ("한국", 2)],
)
def test_clusters_become_the_glyphs_of_a_shaping_library(text: str, count: int) -> None:
    found = laid_out(text, fonts_for([text]).mono)
    expected = shaped(text, found[0][0])
    assert [glyph for _, glyph, _ in found] == [glyph for glyph, _ in expected]
    assert len(found) == count


def test_arabic_letters_join_and_hindi_vowels_change_places() -> None:
    fonts = fonts_for(["سلام हि"])
    joined = {glyph for _, glyph, _ in laid_out("سلم", fonts.mono)}
    alone = {glyph for letter in "سلم" for _, glyph, _ in laid_out(letter, fonts.mono)}
    assert len(joined & alone) <= 1  # the last letter of a word may look as it does alone
    consonant = laid_out("ह", fonts.mono)[0][1]
    assert [glyph for _, glyph, _ in laid_out("हि", fonts.mono)][1] == consonant


def test_a_figure_is_drawn_with_these_glyphs() -> None:
    words = ["القط", "שלום", "क्षत्रिय", "ที่นี่", "東京", "한국어", "тётя"]
    panel = token_bars.render("row", torch.ones(len(words)), labels=[Label(word) for word in words])
    value = lab.render([panel], caption=" ".join(words))
    drawn = dict(texts_of(drawing.svg(drawing.draw(value))))
    fonts = fonts_for(drawing.texts_of([value]))
    for word in words:
        place = laid_out(word, fonts.mono)[0][0]
        assert [glyph for _, glyph in drawn[word]] == [glyph for glyph, _ in shaped(word, place)]


def test_each_east_asian_language_has_its_own_forms() -> None:
    faces = {text: fonts_for([text]).mono[-1] for text in ("直す", "직 直", "直接")}
    assert len({*faces.values()}) == 3


def test_the_common_signs_have_glyphs() -> None:
    assert not fonts_for(["▁␣↵⇥…·×−∞⁻⁷“”→ΑλЯž€"]).missing


def test_what_no_font_has_is_spelled_out() -> None:
    fonts = fonts_for(["a\U00010330\ud800\x07"])
    assert fonts.shown("a\U00010330\ud800\x07") == "aU+10330U+D800U+0007"


def test_direction_overrides_are_left_out_and_towers_of_marks_cut() -> None:
    fonts = fonts_for(["\u202eabc", "a" + 10_000 * "\u0301"])
    assert fonts.shown("\u202eabc\u202c") == "abc"
    assert len(fonts.shown("a" + 10_000 * "\u0301")) == 16


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec=None), min_size=1, max_size=12))
def test_nothing_is_ever_drawn_as_an_empty_box(text: str) -> None:
    fonts: Fonts = fonts_for([text, "U+0123456789ABCDEF"])
    for families in (fonts.sans, fonts.mono, fonts.bold):
        for place, glyph, _ in laid_out(fonts.shown(text), families):
            assert glyph != 0
            assert "LastResort" not in place
