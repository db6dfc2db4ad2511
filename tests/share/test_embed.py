"""Embeds: one view, computed from models that come with the app, and one sentence for everything else."""

import html
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attention.errors import MESSAGES, ModelError, SelectionError
from attention.models import hub, reader
from attention.models.catalog import INDUCTION, MINILM
from attention.models.spans import quoted
from attention.share.embed import HEIGHTS, embed_page, iframe
from attention.share.links import TABS, to_query
from attention.share.pictures import head_picture
from attention.share.selection import Selection
from attention.share.settings.explorer import Explorer
from attention.share.settings.languages import Languages
from attention.share.settings.masks import Masks
from attention.share.settings.patterns import Patterns
from attention.share.settings.scoring import Scoring
from attention.share.settings.transformer import Transformer
from attention.share.standalone import Frame
from attention.share.view_page import view_page
from attention.views.coding import decode
from tests.share.page_reader import data_of, policy_of

BACK = "https://example.org/"
TEXT = "The cat sat on the mat."
MARKUP = '"><script>alert(1)</script>'


@pytest.fixture(autouse=True)
def no_download(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking the Hub for anything fails the test."""

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("an embed asked the Hub")

    monkeypatch.setattr(hub, "download", refused)


def sentence(page: str) -> str:
    """What a page without a picture says; empty for one with a picture."""
    found = re.search(r'<p class="hl-said">(.*?)</p>', page)
    return html.unescape(found[1]) if found else ""


def test_it_shows_what_the_link_says() -> None:
    chosen = Explorer(model=MINILM, text=TEXT, layer=3, head=5, query=2, level="word", measure="content", mode="arcs")
    data = data_of(embed_page(to_query("explore", chosen, "dark"), BACK).page)
    capture = reader.capture(MINILM, TEXT)
    expected = head_picture(capture, Selection(3, 5, None, "word", "content"))
    assert data["levels"]["word"] == expected if "word" in data["levels"] else data["levels"]["token"] == expected
    assert (data["query"], data["mode"], data["theme"]) == (2, "arcs", "dark")
    drawn = decode(next(iter(data["levels"].values()))["weights"])
    assert drawn.shape[0] == len(expected["queries"]["texts"])


def test_it_has_no_furniture_but_caption_and_link_back() -> None:
    page, shown = embed_page({"v": "1", "tab": "explore", "model": MINILM, "text": [TEXT]}, BACK)
    assert shown
    assert "<h1>" not in page
    assert "<header>" not in page
    back = html.escape(f"{BACK}?{to_query('explore', Explorer(model=MINILM, text=TEXT))}")
    assert f'<a href="{back}" target="_blank" rel="noopener">Open in Headlight</a>' in page
    assert "hl-notice" not in page.split("</style>")[1]
    assert "L0H0" in data_of(page)["levels"]["token"]["caption"]
    assert policy_of(page)["default-src"] == "'none'"
    framed = view_page("explore", Explorer(model=MINILM, text=TEXT), Frame("", link_back=BACK))
    assert "<h1>L0H0 of" in framed


@pytest.mark.parametrize("tab", sorted(set(TABS) - {"explore", "languages"}))
def test_every_lab_has_an_embed(tab: str) -> None:
    page, shown = embed_page(to_query(tab, TABS[tab]()), BACK)
    assert shown
    assert sentence(page) == ""
    value = data_of(page)["levels"][""]
    assert value["panels"]
    assert html.escape(value["caption"]) in page  # also for readers without scripts


@pytest.mark.parametrize(
    ("tab", "chosen"),
    [
        ("explore", Explorer(model="openai-community/gpt2", text=TEXT)),
        ("explore", Explorer(model="../../etc/passwd", text=TEXT)),
        ("explore", Explorer(model="<script>alert(1)</script>", text=TEXT)),
        ("patterns", Patterns(model="openai-community/gpt2")),
        ("scoring", Scoring(source="real", model="openai-community/gpt2")),
        ("transformer", Transformer(view="cross", translator="../secret")),
    ],
)
def test_other_models_are_one_sentence_and_no_download(tab: str, chosen: Any) -> None:
    page, shown = embed_page(to_query(tab, chosen), BACK)
    assert not shown
    assert "come with the app" in sentence(page)
    with pytest.raises(ModelError, match="come with the app"):
        iframe(to_query(tab, chosen), BACK)  # no frame is handed out that could show nothing else
    assert "<script" not in page
    assert "Open in Headlight" in page


def test_a_model_that_made_up_numbers_never_use_does_not_matter() -> None:
    page = embed_page(to_query("masks", Masks(model="openai-community/gpt2")), BACK).page
    assert data_of(page) == data_of(embed_page(to_query("masks", Masks()), BACK).page)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (f"tab=explore&model={MINILM}&text=", "nothing to read"),
        (f"tab=explore&model={MINILM}&text=a&layer=99", "Layer 99 does not exist"),
        (f"tab=explore&model={MINILM}&text=a&head=50", "Head 50 does not exist"),
        (f"tab=explore&model={MINILM}&text={'cat%20' * 700}", "shorten it"),
        (f"tab=masks&source=real&model={MINILM}&text={'cat%20' * 70}", "shorten it"),
    ],
)
def test_what_cannot_be_shown_is_one_sentence(query: str, said: str) -> None:
    page, shown = embed_page(query, BACK)
    assert said in sentence(page)
    assert not shown


def test_what_a_link_says_wrongly_is_said_below_the_picture() -> None:
    query = f"v=9&tab=explore&model={MINILM}&text=a%20b&pattern=bogus&nonsense=<b>&layer=1&layer=2"
    page, shown = embed_page(query, BACK)
    assert shown
    assert data_of(page)["levels"]["token"]["title"] == "L1H0"
    (said,) = re.findall(r'<p class="hl-notice">(.*?)</p>', page)
    for part in ("version “9”", "“nonsense” is no setting", "pattern must be one of", "in this link 2 times"):
        assert part in html.unescape(said)
    assert "<b>" not in said
    assert "nonsense" not in page.rpartition("<footer>")[2]  # and the way back leads to what is shown


def test_what_nobody_planned_is_the_last_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("attention.share.embed.view_page", broken)
    page, shown = embed_page(f"tab=explore&model={MINILM}&text=a", BACK)
    assert (shown, sentence(page)) == (False, MESSAGES["unexpected"])
    assert "secret" not in page


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=200),
        st.dictionaries(
            st.sampled_from(["v", "tab", "theme", "text", "layer", "head", "pattern", "level", "model"]),
            st.one_of(
                st.text(max_size=20),
                st.sampled_from([*TABS, MINILM, INDUCTION, "dark"]),
                st.lists(st.text(), max_size=2),
            ),
        ),
    ),
    st.text(max_size=30),
)
def test_nothing_raises_and_nothing_of_it_is_markup(query: Any, link_back: str) -> None:
    if isinstance(query, dict) and query.get("model") not in (MINILM, INDUCTION):
        query = {**query, "model": INDUCTION}  # the smallest: this is about the words around it
    page = embed_page(query if isinstance(query, dict) else f"model={INDUCTION}&text=a&{query}", link_back).page
    assert page.startswith("<!doctype html>")
    assert page.count("<script") in (0, 2)
    page.encode("utf-8")


def test_a_megabyte_is_a_default() -> None:
    query = dict.fromkeys(("text", "layer", "model", "theme", "tab", "nothing"), "a" * 1000000)
    assert len(embed_page({**query, "tab": "softmax"}, BACK).page) < 200_000
    assert "more parts than any view has" in embed_page("a=b&" * 500, BACK).page


def test_the_frame_is_escaped_and_named_after_what_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_HOST", raising=False)
    query = to_query("explore", Explorer(model=MINILM, text=MARKUP, layer=3, head=5), "light")
    frame = iframe(query, "http://127.0.0.1:7860/")
    assert frame.count("<") == 2
    named = re.search(r'title="([^"]*)"', frame)
    assert named is not None
    assert html.unescape(named[1]) == f"L3H5 of {MINILM}: {quoted(MARKUP)}"
    source = re.search(r'src="([^"]*)"', frame)
    assert source is not None
    assert html.unescape(source[1]) == f"http://127.0.0.1:7860/embed?{query}"
    assert 'title="Headlight: Softmax lab"' in iframe("v=1&tab=softmax", "http://127.0.0.1:7860")
    several = iframe(to_query("languages", Languages(model=MINILM, layer=1, head=2)), "")
    assert f'title="L1H2 of {MINILM} in several languages"' in several
    with pytest.raises(SelectionError, match="servers"):
        iframe("v=1&text=" + "a" * 9_000, "")


def test_the_frame_is_as_tall_as_its_view() -> None:
    heights = []
    for text in ("A cat.", TEXT, " ".join([TEXT] * 8)):
        frame = iframe(to_query("explore", Explorer(model=MINILM, text=text)), "")
        heights += [int(tall) for tall in re.findall(r'height="([0-9]+)"', frame)]
    assert heights == sorted(set(heights))
    assert heights[0] < 500 < 800 < heights[-1] < 1100
    assert set(HEIGHTS) == set(TABS) - {"explore"}
    assert f'height="{HEIGHTS["softmax"]}"' in iframe("v=1&tab=softmax", "")
