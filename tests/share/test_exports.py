"""Exports: every file of every tab reads back as what its link shows."""

import html
import io
import json
import math
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from attention.core.patterns import score_capture
from attention.core.words import words_of
from attention.errors import SelectionError
from attention.models import hub, loader, reader
from attention.models.catalog import INDUCTION, MINILM
from attention.share import exports
from attention.share.data_tables import Data, head_data, lab_data, side_by_side
from attention.share.exports import MEDIA, Made, export
from attention.share.links import TABS, from_query, to_query
from attention.share.pictures import head_picture
from attention.share.settings.explorer import Explorer
from attention.share.settings.languages import Languages
from attention.share.settings.patterns import Patterns
from attention.share.view_page import picture_of
from tests.share.page_reader import data_of, heads_of, policy_of
from tests.share.test_data_files import from_csv
from tests.share.test_figures import plain
from tests.views.figure_files import dots_of, root_of, texts_of

HOME = "https://example.org/headlight/"
TEXT = "The cat sat on the mat."
HEAD = Explorer(model=MINILM, text=TEXT, layer=3, head=5, query=2)
CHOSEN: dict[str, Any] = {
    "explore": HEAD,
    "languages": Languages(model=MINILM, language3="", language4="", layer=1, head=2),
    "patterns": Patterns(length=8, seed=3, check=True),
    "softmax": TABS["softmax"](tau=-0.5, kind="entmax"),
}
NUMBERS = ("csv", "json", "npz")
SAFE = re.compile(r"[A-Za-z0-9][\w.-]{0,79}", re.ASCII)


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking the Hub for anything fails the test; this is no Space."""

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("an export asked the Hub")

    monkeypatch.setattr(hub, "download", refused)
    for name in ("SPACE_ID", "SPACE_HOST"):
        monkeypatch.delenv(name, raising=False)


def chosen(tab: str) -> Any:
    return CHOSEN.get(tab) or TABS[tab]()


def parsed(query: str) -> dict[str, list[str]]:
    return parse_qs(query, keep_blank_values=True)


def made(what: str, tab: str, of: Any = None, theme: Any = "auto", home: str = HOME) -> Made:
    """The file of a tab's view; its name and kind are looked at each time."""
    found = export(what, parsed(to_query(tab, of or chosen(tab), theme)), home)
    assert SAFE.fullmatch(found.name), found.name
    assert ".." not in found.name
    assert found.name.endswith("." + what.partition(".")[2])
    assert found.media_type == MEDIA[what.partition(".")[2]]
    return found


def expected(tab: str) -> Data:
    """The numbers that a tab's view holds."""
    one = chosen(tab)
    if tab == "explore":
        return head_data(reader.capture(MINILM, TEXT), one.selection)
    if tab == "languages":
        read = {f"{at}_{name}": reader.capture(MINILM, text) for at, (name, text) in enumerate(one.sentences, 1)}
        selection = Explorer(layer=one.layer, head=one.head).selection
        return side_by_side({name: head_data(capture, selection) for name, capture in read.items()})
    return lab_data(picture_of(tab, one), exports.title_of(tab))


def numbers(file: bytes, kind: str, words: dict[str, int]) -> dict[str, np.ndarray]:
    """The tables of a file. words: for each, how many columns of words stand before its numbers."""
    if kind == "npz":
        arrays = np.load(io.BytesIO(file), allow_pickle=False)
        return {name: arrays[name] for name in words}
    if kind == "json":
        rows = {one["name"]: one["values"] for one in json.loads(file)["tables"]}
    else:
        tables = from_csv(file)[1]
        rows = {name: [row[2 + words[name] :] for row in one["rows"]] for name, one in tables.items()}
    empty = ("", None)
    return {
        name: np.array([[math.nan if one in empty else one for one in row] for row in values], np.float32).reshape(
            len(values), -1
        )
        for name, values in rows.items()
    }


@pytest.mark.parametrize("tab", TABS)
def test_numbers_of_every_tab_read_back_as_they_are(tab: str) -> None:
    tables = {table.name: table for table in expected(tab).tables}
    assert tables
    for kind in NUMBERS:
        found = numbers(made(f"numbers.{kind}", tab).data, kind, {name: len(one.words) for name, one in tables.items()})
        assert set(found) == set(tables)
        for name, one in tables.items():
            assert np.array_equal(found[name].reshape(one.values.shape), one.values, equal_nan=True), (kind, name)


@pytest.mark.parametrize("tab", TABS)
def test_figures_and_the_page_of_every_tab_show_its_picture(tab: str) -> None:
    explore = tab == "explore"
    value = head_picture(reader.capture(MINILM, TEXT), HEAD.selection) if explore else picture_of(tab, chosen(tab))
    figure = made("figure.svg", tab).data
    assert value["caption"] in " ".join(node.text or "" for node in root_of(figure).iter())
    assert figure == made("figure.svg", tab).data  # the same view, the same file
    dots = dots_of(made("figure.png", tab, theme="dark").data)
    assert min(dots.shape[:2]) > 600
    assert dots[0, 0].mean() < 60
    page = made("page.html", tab, theme="dark").data.decode()
    assert policy_of(page)["default-src"] == "'none'"
    data = data_of(page)
    shown = data["levels"]["token" if explore else ""]
    assert shown == (value | {"query": None} if explore else value)
    assert data["theme"] == "dark"


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_link_and_the_embed_open_to_the_same_view(tab: str, theme: str) -> None:
    link = urlsplit(made("link.txt", tab, theme=theme).data.decode())
    assert (link.scheme, link.netloc, link.path) == ("https", "example.org", "/headlight/")
    frame = made("embed.txt", tab, theme=theme).data.decode()
    source = urlsplit(html.unescape(re.search(r'src="([^"]*)"', frame)[1]))  # type: ignore[index]
    assert source.path == "/headlight/embed"
    for query in (link.query, source.query):
        opened = from_query(parsed(query))
        assert (opened.tab, opened.settings, opened.theme, opened.notices) == (tab, chosen(tab), theme, ())


def test_a_page_of_all_heads_holds_them() -> None:
    capture = reader.capture(MINILM, TEXT)
    file = made("heads.html", "explore")
    assert "all-heads" in file.name
    weights, _ = heads_of(file.data.decode(), len(capture.tokens), words_of(capture.tokens, TEXT))
    assert abs(weights[3 * capture.n_heads + 5] - capture.weights(3, 5)).max() <= 0.005


@pytest.mark.parametrize("kind", NUMBERS)
def test_scores_of_all_heads_are_those_of_the_text(kind: str) -> None:
    found = score_capture(reader.capture(MINILM, TEXT))
    words = {"scores": 3, "working_scores": 0, "chance": 0, "other": 0}
    read = numbers(made(f"scores.{kind}", "explore").data, kind, words)
    want = np.stack([one.flatten().float().numpy() for one in found.scores.values()], axis=-1)
    assert np.array_equal(read["scores"], want, equal_nan=True)


REAL = ("scoring", "softmax", "weighted-sum", "multi-head", "masks", "positions", "transformer")


@pytest.mark.parametrize("tab", TABS)
def test_pictures_say_which_model_at_which_revision_and_made_up_ones_none(tab: str) -> None:
    of = TABS[tab](source="real", model=MINILM, text=TEXT, layer=3, head=5) if tab in REAL else chosen(tab)
    model = INDUCTION if tab == "patterns" else MINILM
    revision = f"revision {loader.load(model).revision}"
    lines = plain([text for text, _ in texts_of(made("figure.svg", tab, of).data)])
    for part in (
        model.rsplit("/", 1)[-1],
        revision,
        *(("L3H5", "weights between tokens", TEXT) if tab == "explore" else ()),
    ):
        assert part in lines
    footer = re.search(r"<footer>(.*?)</footer>", made("page.html", tab, of).data.decode())
    assert footer is not None
    assert f"<span>{revision}</span>" in footer[1]
    if tab in REAL:
        assert "revision" not in plain([text for text, _ in texts_of(made("figure.svg", tab).data)])
        assert "<span>revision" not in made("page.html", tab).data.decode()


def test_cross_attention_is_the_speller_s_and_names_no_other_revision() -> None:
    of = TABS["transformer"](view="cross", source="real", model=MINILM)
    assert "<span>revision" not in made("page.html", "transformer", of).data.decode()


def test_arcs_are_saved_as_arcs_and_long_texts_as_a_matrix() -> None:
    def curves(text: str, mode: str, level: str = "token") -> int:
        of = Explorer(model=MINILM, text=text, layer=3, head=5, mode=mode, level=level)
        return sum(" C " in (one.get("d") or "") for one in root_of(made("figure.svg", "explore", of).data).iter())

    assert curves(TEXT, "arcs") > curves(TEXT, "matrix")
    assert curves("cat " * 50, "arcs") == curves("cat " * 50, "matrix")
    pieces = "antidisestablishmentarianism " * 10  # too many tokens for arcs, but few words
    assert curves(pieces, "arcs") == curves(pieces, "matrix")
    assert curves(pieces, "arcs", "word") > curves(pieces, "matrix", "word")


@pytest.mark.parametrize("tab", sorted(set(TABS) - {"explore"}))
def test_what_only_a_head_has_is_refused_elsewhere(tab: str) -> None:
    for what in ("heads.html", "weights.csv", "scores.npz"):
        with pytest.raises(SelectionError, match="which has no file"):
            export(what, parsed(to_query(tab, chosen(tab))), HOME)
