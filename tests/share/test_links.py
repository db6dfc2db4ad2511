"""Links: what is written is read again exactly, and whatever else arrives is left out with a sentence."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attention.share import links
from attention.share.links import TABS, THEMES, from_query, to_query
from attention.share.selection import Selection
from attention.share.settings import explorer
from attention.share.settings.explorer import Explorer
from attention.share.settings.kinds import Choice, Kind, Number, Switch, kinds
from attention.share.settings.softmax import Softmax

STORED = json.loads((Path(__file__).parent / "links_v1.json").read_text(encoding="utf-8"))
HOSTILE = [
    "", " ", "0x5", "1e400", "-1e400", "nan", "inf", "٣", "１２", "1_0", " 3", "3 ", "+3", "3.0.0", "1e5e5", "true", "None",
    "javascript:alert(1)", "<script>alert(1)</script>", "../../etc/passwd", "%00", "\x00", "\u202e", "\ud800", "a" * 1_000_000,
    "9" * 5_000,
]  # fmt: skip


def values_of(kind: Kind) -> st.SearchStrategy[Any]:
    if isinstance(kind, Switch):
        return st.booleans()
    if isinstance(kind, Choice):
        return st.sampled_from(list(kind.options))
    if isinstance(kind, Number):
        whole = all(isinstance(part, int) for part in (kind.low, kind.high, kind.step))
        return st.integers(int(kind.low), int(kind.high)) if whole else st.floats(kind.low, kind.high)
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=min(kind.limit, 80))


def settings_of(tab: str) -> st.SearchStrategy[Any]:
    return st.builds(TABS[tab], **{name: values_of(kind) for name, kind in kinds(TABS[tab]).items()})


def parsed(query: str) -> dict[str, list[str]]:
    return parse_qs(query, keep_blank_values=True, strict_parsing=True)


def test_every_tab_of_the_page_has_its_settings() -> None:
    from attention.tabs import tabs

    assert {tab.title.lower().replace(" ", "-") for tab in tabs()} == set(TABS)


@pytest.mark.parametrize("tab", TABS)
def test_no_setting_is_called_as_the_link_s_own_parts_are(tab: str) -> None:
    names = [links._RENAMED.get(field.name, field.name) for field in fields(TABS[tab])]
    assert len(set(names)) == len(names)
    assert not {"v", "tab", "theme", "view", "deep_link"} & set(names)  # the last two are gradio's


@pytest.mark.parametrize("tab", TABS)
@settings(deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_again(tab: str, data: st.DataObject) -> None:
    chosen, theme = data.draw(settings_of(tab)), data.draw(st.sampled_from(THEMES))
    query = to_query(tab, chosen, theme)
    assert query.isascii()
    assert from_query(parsed(query)) == links.Link(tab, chosen, theme)


@pytest.mark.parametrize("tab", TABS)
def test_defaults_are_left_out(tab: str) -> None:
    query = parsed(to_query(tab, TABS[tab]()))
    assert set(query) - {"model"} == {"v", "tab"}
    assert ("model" in query) == getattr(TABS[tab](), "real", True)  # it differs from machine to machine


def test_a_query_reads_as_what_it_shows() -> None:
    settings = Explorer(model="a/b", text="One, two: 猫 & more", layer=3, head=-1)
    query = "v=1&tab=explore&model=a/b&text=One,%20two:%20%E7%8C%AB%20%26%20more&layer=3&head=-1&theme=dark"
    assert to_query("explore", settings, "dark") == query
    assert to_query("softmax", Softmax(tau=-0.5, kind="entmax")) == "v=1&tab=softmax&tau=-0.5&kind=entmax"


@pytest.mark.parametrize("row", STORED, ids=[row["query"][:60] for row in STORED])
def test_links_of_version_1_open_as_they_did(row: dict[str, Any]) -> None:
    link = from_query(parsed(row["query"]))
    assert (link.tab, link.theme, link.notices) == (row["tab"], row["theme"], ())
    found = {name: getattr(link.settings, name) for name in row["settings"]}
    assert found == row["settings"]


def test_every_tab_is_among_the_stored_links_with_and_without_settings() -> None:
    for tab in TABS:
        rows = [parsed(row["query"]) for row in STORED if row["tab"] == tab]
        assert {"v", "tab"} in [set(row) - {"model"} for row in rows], tab
        assert any(len(row) > 3 for row in rows), tab


def test_an_older_version_is_read_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def second(tab: str, given: dict[str, str]) -> tuple[str, dict[str, str]]:
        return tab, {"tau" if name == "heat" else name: value for name, value in given.items()}

    monkeypatch.setattr(links, "VERSION", 2)
    monkeypatch.setattr(links, "UPGRADES", {1: second})
    assert from_query({"v": "1", "tab": "softmax", "heat": "-1.0"}).settings.tau == -1.0
    assert from_query({"v": "2", "tab": "softmax", "heat": "-1.0"}).settings.tau == 0.0


def test_there_is_an_upgrade_for_every_version_before_this_one() -> None:
    assert set(links.UPGRADES) == set(range(1, links.VERSION))


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("value", HOSTILE, ids=[repr(value[:12]) for value in HOSTILE])
def test_a_hostile_value_is_the_default_and_a_sentence_or_is_harmless_text(tab: str, value: str) -> None:
    for name, kind in kinds(TABS[tab]).items():
        link = from_query({"v": "1", "tab": tab, links._RENAMED.get(name, name): value})
        got, default = getattr(link.settings, name), getattr(TABS[tab](), name)
        if link.notices:
            assert got == default
            assert said(link.notices)
        else:
            assert got == kind.check(got)
            assert got == value or (isinstance(kind, Number) and str(got) == value)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.one_of(st.sampled_from(["v", "tab", "theme", "text", "layer", "head", "query", "level", "show"]), st.text(max_size=9)),
        st.one_of(
            st.text(max_size=30), st.sampled_from([*TABS, *HOSTILE[:-2]]), st.lists(st.text(max_size=5), max_size=3),
            st.none(), st.integers(), st.binary(max_size=5), st.dictionaries(st.text(max_size=2), st.none(), max_size=1),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_nothing_raises(query: Any) -> None:
    link = from_query(query)
    assert type(link.settings) is TABS[link.tab]
    assert link.theme in THEMES
    assert said(link.notices)
    known = kinds(TABS[link.tab])
    assert all(kind.check(getattr(link.settings, name)) == getattr(link.settings, name) for name, kind in known.items())


@pytest.mark.parametrize("query", [None, [], "", "?", 3, {1: "a"}, {"text": []}])
def test_what_is_no_query_opens_the_first_tab(query: Any) -> None:
    assert from_query(query).settings == Explorer()


def test_notices_are_few_and_say_what_was_ignored() -> None:
    link = from_query(
        {"tab": "softmax", "tau": ["-1", "0.5"], "colour": "red", "kind": "hard", "theme": "pink", "v": "7"}
    )
    assert link.settings == Softmax(tau=-1.0)
    assert "“tau” is in this link 2 times; the first counts." in link.notices
    assert "“colour” is no setting of Softmax and was ignored." in link.notices
    assert any("“kind” was ignored" in notice and "entmax" in notice for notice in link.notices)
    assert any("pink" in notice for notice in link.notices)
    assert any("version “7”" in notice for notice in link.notices)
    many = from_query({f"name{n}": "x" for n in range(1_000)}).notices
    assert len(many) == links.MOST_NOTICES + 1
    assert from_query({"__theme": "dark", "__sign": "x"}).notices == ()  # the platform's own


def test_a_query_is_read_as_it_stands_in_an_address() -> None:
    for start in ("", "?"):
        assert from_query(f"{start}tab=softmax&tau=-1&tau=0.5&typed=1,%202") == from_query(
            {"tab": "softmax", "tau": ["-1", "0.5"], "typed": "1, 2"}
        )
    link = from_query("a=1&" * (links.MOST_FIELDS + 1))
    assert (link.settings, len(link.notices)) == (Explorer(), 1)
    assert from_query("v=1&tab=explore&theme=dark&__sign=x").given == set()
    assert from_query("v=1&layer=2&nonsense=1").given == {"layer", "nonsense"}


@pytest.mark.parametrize(
    "name", ["utm_source", "utm_campaign", "fbclid", "gclid", "msclkid", "igshid", "mc_cid", "_ga", "_gl", "gad_source"]
)
def test_what_trackers_add_is_no_part_of_a_link(name: str) -> None:
    link = from_query(f"{name}=x")
    assert (link.settings, link.notices, link.given) == (Explorer(), (), set())


def said(notices: tuple[str, ...]) -> bool:
    """Each is one line, ends as a sentence does, and is short."""
    return all(len(notice) < 400 and notice.endswith(".") and notice.isprintable() for notice in notices)


@pytest.mark.parametrize(
    "selection",
    [Selection(), Selection(3, None, 4, "word", "content", "previous"), Selection(11, 2, 0, measure="rollout")],
)
def test_the_explorer_s_settings_are_a_selection_and_back(selection: Selection) -> None:
    settings = explorer.of("a/b", "text", None, selection, "arcs", "next")
    assert settings.selection == selection
    assert (settings.model, settings.text, settings.pair, settings.mode, settings.color) == (
        "a/b",
        "text",
        "",
        "arcs",
        "next",
    )
    assert from_query(parsed(to_query("explore", settings))).settings == settings
