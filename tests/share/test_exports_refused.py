"""Exports: whatever else is asked for is one sentence, nothing is fetched, and a file names nothing private."""

import html
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attention.errors import AttentionError, SelectionError
from attention.models import loader
from attention.models.catalog import INDUCTION, MINILM
from attention.share.exports import SUBJECTS, export
from attention.share.links import TABS, to_query
from attention.share.settings.explorer import Explorer
from attention.share.settings.languages import Languages
from attention.share.settings.masks import Masks
from attention.share.settings.patterns import Patterns
from attention.share.settings.scoring import Scoring
from attention.share.settings.transformer import Transformer
from tests.share import test_exports
from tests.share.test_exports import HEAD, HOME, SAFE, TEXT, chosen, made, parsed
from tests.views.figure_files import dots_of

elsewhere = test_exports.elsewhere


@pytest.mark.parametrize(
    "what",
    ["", ".", "figure", "figure.", ".png", "figure.gif", "figure.png.exe", "FIGURE.PNG", "figure.png\x00", "../figure.png",
     "link.txt/../../etc/passwd", "<script>alert(1)</script>", "_capture.png", "__class__.txt", "\u202egnp.erugif", "a" * 10**6],
)  # fmt: skip
def test_what_is_no_file_is_one_short_sentence(what: str) -> None:
    with pytest.raises(SelectionError, match=r"^The file must be one of link\.txt") as refused:
        export(what, parsed(to_query("softmax", chosen("softmax"))), HOME)
    assert len(str(refused.value)) < 400
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("tab", "of"),
    [
        ("explore", Explorer(model="openai-community/gpt2", text=TEXT)),
        ("explore", Explorer(model="someone/never-heard-of", text=TEXT)),
        ("explore", Explorer(model="../../etc/passwd", text=TEXT)),
        ("patterns", Patterns(model="openai-community/gpt2", check=True)),
        ("languages", Languages(model="openai-community/gpt2")),
        ("scoring", Scoring(source="real", model="openai-community/gpt2")),
        ("transformer", Transformer(view="cross", translator="../secret")),
    ],
)
def test_a_model_that_is_not_here_is_one_sentence_and_no_download(tab: str, of: Any) -> None:
    loaded = len(loader.MODELS)
    for what in ("figure.svg", "page.html", "numbers.json"):
        with pytest.raises(AttentionError):
            made(what, tab, of)
    assert len(loader.MODELS) == loaded


def test_a_model_that_made_up_numbers_never_use_does_not_matter() -> None:
    file = made("numbers.csv", "masks", Masks(model="openai-community/gpt2"))
    assert file.data == made("numbers.csv", "masks").data


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"text": " "}, "nothing to read"),
        ({"layer": "99"}, "Layer 99 does not exist"),
        ({"text": "cat " * 700}, "shorten it"),
        ({"measure": "rollout"}, "Rollout is one picture"),
    ],
)
def test_a_view_that_is_not_there_is_one_sentence(more: dict[str, str], said: str) -> None:
    query = {**parsed(to_query("explore", HEAD)), **more}
    with pytest.raises(AttentionError, match=said):
        export("heads.html", query, HOME)


@pytest.mark.parametrize(
    ("more", "said"),
    [({"query": "900"}, "Row 900 does not exist"), ({"query": "9", "level": "word"}, "Row 9"), ({"pattern": "none"}, "pattern must be")],
)  # fmt: skip
def test_what_a_view_does_not_have_is_refused_in_every_file_of_it_before_it_is_made(
    more: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("exports.view_page", "figures.drawn", "data_files.written"):
        monkeypatch.setattr(f"attention.share.{name}", lambda *_, **__: pytest.fail("it was made first"))
    for what in ("figure.svg", "page.html", "heads.html", "weights.csv", "numbers.npz"):
        with pytest.raises(SelectionError, match=said):
            export(what, {**parsed(to_query("explore", HEAD)), **more}, HOME)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.text(max_size=30), st.sampled_from([f"{name}.{ends[0]}" for name, (ends, _) in SUBJECTS.items()])),
    st.dictionaries(
        st.sampled_from(["v", "tab", "theme", "text", "pair", "layer", "head", "query", "pattern", "level", "mode", "n"]),
        st.one_of(st.text(max_size=20), st.sampled_from([*TABS, "dark", "3"]), st.lists(st.text(), max_size=2)),
    ),
    st.text(max_size=30),
)  # fmt: skip
def test_whatever_is_asked_for_is_a_file_or_a_sentence(what: str, query: Any, home: str) -> None:
    try:
        file = export(what, query | {"model": INDUCTION}, home)
    except AttentionError as error:
        said = str(error)
    else:
        said = ""
        assert SAFE.fullmatch(file.name)
        assert file.data
    assert len(said) < 500


@pytest.mark.parametrize(
    "home",
    ["http://127.0.0.1:7860/", "http://localhost:7860/", "http://0.0.0.0/", "http://[::1]:7860/", "http://192.168.1.20:7860/",
     "http://10.0.0.5/", "http://laptop:7860/", "http://laptop.local/", "http://[fe80::1]/", "", "javascript:alert(1)", "file:///etc/"],
)  # fmt: skip
def test_a_page_that_travels_names_no_private_address(home: str) -> None:
    for what, tab in (("page.html", "softmax"), ("page.html", "explore"), ("heads.html", "explore")):
        page = made(what, tab, home=home).data.decode()
        assert "Open in Headlight" not in page
        assert not home or home not in page


@pytest.mark.parametrize("home", [HOME, "http://203.0.114.9:7860/", "https://someone-headlight.hf.space/"])
def test_a_page_that_travels_names_a_public_way_back(home: str) -> None:
    page = made("page.html", "softmax", home=home).data.decode()
    back = re.search(r'<a href="([^"]*)"[^>]*>Open in Headlight', page)
    assert back is not None
    assert html.unescape(back[1]) == f"{home.rstrip('/')}/?{to_query('softmax', chosen('softmax'))}"


def test_a_text_too_long_for_a_link_can_still_be_saved() -> None:
    long = Explorer(model=MINILM, text="cat", pair="\u3000" * 1_000 + "dog")
    with pytest.raises(SelectionError, match="save the page"):
        made("link.txt", "explore", long)
    assert "Open in Headlight" not in made("page.html", "explore", long).data.decode()
    assert made("numbers.npz", "explore", long).data
    assert made("figure.png", "explore", long).data


def test_texts_from_people_never_reach_the_markup_or_a_name() -> None:
    of = Explorer(
        model=MINILM, text='</script><img src=x onerror="alert(1)">../../\r\nSet-Cookie: a=b', layer=1, head=1
    )
    for what in ("page.html", "heads.html"):
        page = made(what, "explore", of).data.decode()
        assert page.count("<script") == 2
        assert "<img" not in page
    frame = made("embed.txt", "explore", of).data.decode()
    assert frame.count("<") == 2


def test_a_file_in_the_light_theme_has_a_light_ground() -> None:
    for theme in ("light", "auto"):  # paper is light
        assert dots_of(made("figure.png", "weighted-sum", theme=theme).data)[0, 0].mean() > 200


def test_different_settings_get_different_names() -> None:
    names = {made("numbers.csv", "softmax", TABS["softmax"](seed=seed)).name for seed in range(5)}
    assert len(names) == 5
