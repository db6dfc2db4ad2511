"""Stand-alone pages: their numbers are the capture's, their policy names all that runs, and they stay small."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import torch

from attention.core.words import to_words, words_of
from attention.errors import SelectionError
from attention.models import loader, reader
from attention.models.catalog import E5, MINILM
from attention.models.tokens import count_tokens
from attention.share import standalone
from attention.share.labs import masks
from attention.share.pictures import head_picture, measured
from attention.share.selection import LEVELS, MEASURES, Selection
from attention.share.settings.masks import Masks
from attention.share.standalone import Frame, head_page, page, sentence_page
from attention.views.coding import decode
from attention.views.static_files import LAB
from tests.models.bundled_models import needs_e5
from tests.share.made import made, weights_of
from tests.share.page_reader import data_of, hash_of, heads_of, policy_of

HOSTILE = (
    "</script>",
    "<script>alert(1)</script>",
    '"><img',
    "onerror=alert(1)>",
    "'`${alert(1)}`",
    "<!--",
    "]]>",
    "\u2028",
)
HALF_A_PERCENT = 0.005
WORD = "The animal didn't cross the street because it was too tired, so the driver waited patiently and then drove on through town. "


def between(capture: Any, weights: torch.Tensor) -> torch.Tensor:
    return to_words(weights, words_of(capture.tokens, capture.text.text, capture.text.pair))


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("head", [2, None])
def test_the_numbers_of_a_page_are_the_capture_s(measure: str, head: int | None) -> None:
    capture = made()
    selection = Selection(1, head, measure=measure)
    levels = data_of(head_page(capture, selection))["levels"]
    weights = measured(capture, selection)
    assert (decode(levels["token"]["weights"]) - weights).abs().max() <= HALF_A_PERCENT
    assert (decode(levels["word"]["weights"]) - between(capture, weights)).abs().max() <= HALF_A_PERCENT


def test_a_page_shows_what_the_explorer_shows() -> None:
    capture = made()
    selection = Selection(1, 2, query=3, level="word", pattern="previous")
    data = data_of(head_page(capture, selection, mode="arcs"))
    assert (data["level"], data["mode"], data["query"], data["theme"]) == ("word", "arcs", 3, "auto")
    expected = {level: head_picture(capture, replace(selection, level=level, query=None)) for level in LEVELS}
    assert data["levels"] == expected


def test_no_switch_between_words_where_every_token_is_one() -> None:
    capture = made(words=("One", "two", "three"))
    whole = head_page(capture, Selection(0, 1))
    assert list(data_of(whole)["levels"]) == ["token"]
    assert 'value="word"' not in whole
    assert 'value="word"' in head_page(made(), Selection(0, 1))
    assert list(data_of(head_page(capture, Selection(0, 1, level="word"), all_heads=True))["levels"]) == [
        "token",
        "word",
    ]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("measure", ["raw", "content", "value"])
def test_all_heads_are_within_half_a_percent(measure: str, causal: bool) -> None:
    capture = made(causal=causal)
    whole = head_page(capture, Selection(1, 2, measure=measure), all_heads=True)
    words = words_of(capture.tokens, capture.text.text)
    found, found_words = heads_of(whole, len(capture.tokens), words)
    expected = torch.stack([measured(capture, Selection(at // 3, at % 3, measure=measure)) for at in range(6)])
    assert (found - expected).abs().max() <= HALF_A_PERCENT
    assert (found_words - between(capture, expected)).abs().max() <= HALF_A_PERCENT
    allowed = {str(layer["allowed"]) for layer in data_of(whole)["packed"]["layers"]["token"]}
    assert allowed == {str({"causal": True} if causal else None)}


def test_all_heads_of_what_has_no_heads_or_too_many_cells_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SelectionError, match="measure"):
        head_page(made(), Selection(measure="rollout"), all_heads=True)
    monkeypatch.setattr("attention.share.packed_heads.MOST_CELLS", 599)
    with pytest.raises(SelectionError, match="600 weights"):
        head_page(made(), Selection(), all_heads=True)


def test_the_caption_and_the_last_line_name_everything() -> None:
    capture = made(note="4-bit")
    whole = head_page(capture, Selection(1, 2, measure="content"), made_on=date(2026, 11, 22))
    caption = data_of(whole)["levels"]["token"]["caption"]
    for said in ("someone/made", "4-bit", "L1H2", "no specials", "between tokens", capture.text.text):
        assert said in caption
    footer = re.search(r"<footer>(.*?)</footer>", whole)
    assert footer is not None
    assert "revision main" in footer[1]
    assert "2026-11-22" in footer[1]
    assert "<title>L1H2 of someone/made</title>" in whole
    assert f'<p class="hl-read" dir="auto">{capture.text.text}</p>' in whole
    assert "The interactive picture needs JavaScript." in whole
    rows = re.search(r"Where each row looks most: (.*?)\.<?", whole)
    assert rows is not None
    best = int(capture.weights(1, 2)[1].argmax())
    assert capture.tokens[best].text in standalone.strongest(head_picture(capture, Selection(1, 2)))


@pytest.mark.parametrize("all_heads", [False, True])
def test_the_policy_allows_this_script_and_this_style_and_nothing_else(all_heads: bool) -> None:
    whole = head_page(made(), Selection(1, 2), all_heads=all_heads)
    policy = policy_of(whole)
    scripts = re.findall(r"<script>(.*?)</script>", whole, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", whole, re.DOTALL)
    assert len(scripts) == len(styles) == 1
    assert policy == {
        "default-src": "'none'",
        "script-src": hash_of(scripts[0]),
        "style-src": hash_of(styles[0]),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert not re.search(r"\sstyle=|\son\w+=", re.sub(r"<script.*?</script>", "", whole, flags=re.DOTALL))


def test_it_refers_to_nothing_outside() -> None:
    whole = head_page(made(), Selection(1, 2), all_heads=True)
    assert re.findall(r"https?:[^\"'\s]*", whole) == ["http://www.w3.org/2000/svg"]  # a namespace, never fetched
    assert not re.search(r"@import|url\(|\bsrc=|\bhref=|fetch\(|XMLHttpRequest|import\(|WebSocket|sendBeacon", whole)


def test_nothing_of_a_text_becomes_markup() -> None:
    whole = head_page(made(words=HOSTILE), Selection(1, 2), all_heads=True)
    assert whole.count("<script") == whole.count("</script>") == 2
    assert "<img" not in whole
    assert "<!--" not in whole
    assert data_of(whole)["levels"]["token"]["queries"]["texts"][1] == HOSTILE[0]
    framed = page(LAB, masks.picture(Masks()), Frame("<b>", '"<i>', about=["<u>"], language='"><s>', plain="<em>"))
    assert not re.search(r"<(b|i|u|s|em)>", framed)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "/\\evil.example",
        "ftp://a",
        "http://[",
        "http:",
        "x",
    ],
)
def test_a_link_back_is_an_address_or_none(address: str) -> None:
    assert "<a " not in sentence_page("No.", Frame("x", link_back=address))
    good = sentence_page("No.", Frame("x", link_back="https://a.example/?v=1&tab=explore"))
    assert '<a href="https://a.example/?v=1&amp;tab=explore" target="_blank" rel="noopener">' in good


def test_a_lab_s_page_has_its_value_and_only_the_panels_it_needs() -> None:
    value = masks.picture(Masks())
    whole = page(LAB, value, Frame("Masks lab", theme="dark", plain=value["caption"]))
    assert data_of(whole)["levels"] == {"": value}
    assert '<html lang="en" dir="ltr" class="dark">' in whole
    kinds = {panel["kind"] for panel in value["panels"]}
    assert "matrix" in kinds
    assert "LAB_KINDS.matrix" in whole
    assert ("LAB_KINDS.graph" in whole) == ("graph" in kinds)


def test_what_a_reader_would_obey_is_written_out() -> None:
    read_as = {"text": "abc \u202edef \x1b[31m x\x00 \u2066y".ljust(60), "pair": "two\n\nlines\u202e"}
    capture = replace(made(), text=replace(made().text, **read_as))
    whole = head_page(capture, Selection(1, 2), all_heads=True)
    read = re.search(r'<p class="hl-read"[^>]*>(.*?)</p>', whole, re.DOTALL)
    assert read is not None
    assert read[1].startswith("abc ⟨U+202E⟩def ␛[31m x␀ ⟨U+2066⟩y")
    assert read[1].endswith("\ntwo\n\nlines⟨U+202E⟩")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", whole)
    assert "\u202e" not in page(LAB, masks.picture(Masks()), Frame("a\u202eb", "\u202e", about=["x"]))


@pytest.mark.parametrize("query", [10, -1])
def test_a_row_that_is_not_there_is_refused(query: int) -> None:
    with pytest.raises(SelectionError, match="this text has rows 0 to 9"):
        head_page(made(), Selection(1, 2, query=query))
    with pytest.raises(SelectionError, match="this text has rows 0 to 7"):
        head_page(made(), Selection(1, 2, query=8, level="word"))


def test_an_unknown_half_character_does_not_break_the_page() -> None:
    whole = sentence_page("half \ud800", Frame("\udfff", "\ud800"))
    assert whole.encode("utf-8")


def test_made_heads_of_other_sizes_fit() -> None:
    capture = made(weights_of(5, 10, 3), weights_of(5, 10, 4), weights_of(5, 10, 5))
    found, _ = heads_of(
        head_page(capture, Selection(2, 4), all_heads=True), 10, words_of(capture.tokens, capture.text.text)
    )
    assert torch.allclose(
        found.reshape(3, 5, 10, 10).float(), torch.stack([capture.weights(at) for at in range(3)]), atol=4e-3
    )


@needs_e5
def test_sizes_stay_within_their_budgets() -> None:
    def text(tokens: int) -> str:
        words = WORD * 8
        while count_tokens(loader.load(E5).tokenizer, words) > tokens:
            words = words[: words.rstrip().rindex(" ")]
        return words

    short, long = reader.capture(E5, text(32)), reader.capture(E5, text(128))
    assert (len(short.tokens), len(long.tokens)) == (32, 128)
    assert len(head_page(short, Selection(2, 6)).encode()) <= 60_000
    assert len(head_page(short, Selection(2, 6), all_heads=True).encode()) <= 250_000
    assert len(head_page(long, Selection(2, 6)).encode()) <= 120_000


def test_all_heads_of_a_real_model_are_within_half_a_percent() -> None:
    capture = reader.capture(MINILM, "Unbelievably, the cats didn't sit still.")
    words = words_of(capture.tokens, capture.text.text)
    assert len(words) < len(capture.tokens)
    found, found_words = heads_of(head_page(capture, Selection(3, 5), all_heads=True), len(capture.tokens), words)
    expected = torch.cat([capture.weights(layer) for layer in range(capture.n_layers)])
    assert (found - expected).abs().max() <= HALF_A_PERCENT
    assert (found_words - to_words(expected, words)).abs().max() <= HALF_A_PERCENT
