"""Addresses outside gradio, as a browser or a hostile program asks them: a file, a page, or one plain sentence."""

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

import pytest
from starlette.testclient import TestClient

from attention.errors import MESSAGES
from attention.models.catalog import INDUCTION, MINILM
from attention.share import embed, exports
from attention.share.links import TABS, to_query
from attention.share.places import LONGEST
from attention.share.settings.explorer import Explorer
from attention.share.settings.kinds import Words, kinds
from attention.tabs import _routes
from tests.tabs.routed import HEAD, SOFTMAX, safe, sentence

MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
NAME = re.compile(r'attachment; filename="[A-Za-z0-9][A-Za-z0-9._-]{0,79}"')


@pytest.mark.parametrize(("query", "tab"), [(SOFTMAX, "softmax"), (HEAD, "explore")])
def test_every_file_is_what_export_makes_by_get_and_by_post(routed: TestClient, query: str, tab: str) -> None:
    for subject, (endings, _) in exports.SUBJECTS.items():
        if tab != "explore" and subject in ("heads", "weights", "scores"):
            continue
        what = f"{subject}.{endings[-1]}"
        wanted = exports.export(what, parse_qs(query), "http://127.0.0.1:7860/")
        for answer in (routed.get(f"/take/{what}?{query}"), routed.post(f"/take/{what}", content=query)):
            assert safe(answer).headers["content-type"] == wanted.media_type
            assert NAME.fullmatch(answer.headers["content-disposition"])
            assert wanted.name in answer.headers["content-disposition"]
            assert answer.headers["cache-control"] == "no-store"
            assert answer.content == wanted.data


def test_an_embed_is_the_page_of_its_link_and_leads_back(routed: TestClient) -> None:
    answer = safe(routed.get(f"/embed?{SOFTMAX}"))
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "x-frame-options" not in answer.headers
    assert answer.headers["cache-control"] == "private, max-age=300"  # its way back is on whatever host was asked
    assert answer.text == embed.embed_page(SOFTMAX, "http://127.0.0.1:7860/").page
    assert f'href="{html.escape(f"http://127.0.0.1:7860/?{SOFTMAX}")}"' in answer.text


def test_too_long_a_query_is_one_sentence(routed: TestClient) -> None:
    long = "v=1&tab=explore&text=" + "a" * LONGEST
    for path in ("/embed", "/take/link.txt"):
        assert f"{len(long):,} characters" in sentence(routed.get(f"{path}?{long}"), 414)
    assert f"{LONGEST:,}" in sentence(routed.post("/take/link.txt", content=long), 400)
    assert safe(routed.get(f"/take/link.txt?{SOFTMAX}&utm_source=" + "1" * (LONGEST - 200))).text.endswith(SOFTMAX)


def test_a_body_may_be_longer_than_an_address_but_not_endless(routed: TestClient) -> None:
    query = to_query("explore", Explorer(model=MINILM, text="cat", pair="\u3000" * 1_000 + "dog"))
    assert LONGEST < len(query) < _routes.MOST_BODY
    assert "<noscript>" in safe(routed.post("/take/page.html", content=query)).text
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        for _ in range(1_000):
            read += 10_000
            yield b"a" * 10_000

    for body in (b"text=" + b"a" * 10**6, endless()):
        assert f"{_routes.MOST_BODY:,}" in sentence(routed.post("/take/link.txt", content=body), 413)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", bytes(range(256)), "v=1&tab=softmax&typed=猫".encode("shift_jis"), b"v=1&tab=softmax&typed=%ff%fe",
     b"v=1&tab=softmax&typed=%ED%A0%80", b'{"tab": "softmax"}', b"&" * 100, b"=" * 100, b"a=1&" * 190],
)  # fmt: skip
def test_a_body_that_is_no_query_is_a_file_or_a_sentence(routed: TestClient, body: bytes) -> None:
    answer = routed.post("/take/link.txt", content=body)
    if answer.status_code == 200:
        assert safe(answer).text.startswith("http://127.0.0.1:7860/?v=1&tab=")
    else:
        sentence(answer, 400)


def test_more_parts_than_any_link_has_are_one_sentence(routed: TestClient) -> None:
    assert MESSAGES["bad_link"] in sentence(routed.post("/take/link.txt", content=b"a=1&" * 500), 400)
    assert MESSAGES["bad_link"] in sentence(routed.get("/take/link.txt?" + "a=1&" * 500), 400)


@pytest.mark.parametrize(
    "what",
    ["..%2f..%2fetc%2fpasswd", "%2e%2e%2ffigure.png", "figure.png%00", "%00", "figure.png%0d%0aSet-Cookie:%20a=b",
     "..\\..\\windows", "C:figure.png", "%ff%fe.png", quote(MARKUP, safe=""), "figure.php", "a" * 5_000, "link.txt;x=1"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_path_tricks_are_refused(routed: TestClient, what: str, method: str, opened: list[str]) -> None:
    answer = routed.request(method, f"/take/{what}?{SOFTMAX}")
    if answer.status_code == 404:  # a slash within: no such address
        assert answer.text == "Not Found"
    else:
        sentence(answer, 400)
    assert [path for path in opened if "passwd" in path or "figure" in path.rsplit("/", 1)[-1]] == []


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are opened for writing, or outside the programs' own folders, from here on."""
    import builtins
    import os

    seen: list[str] = []
    really, really_low = builtins.open, os.open

    def high(file: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:
        seen.append(str(file))
        return really(file, mode, *rest, **more)

    def low(path: Any, *rest: Any, **more: Any) -> Any:
        seen.append(str(path))
        return really_low(path, *rest, **more)

    monkeypatch.setattr(builtins, "open", high)
    monkeypatch.setattr(os, "open", low)
    return seen


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize(
    "value", [MARKUP, "javascript:alert(1)", "../../../../etc/passwd", "{{7*7}}${7*7}", "a\r\nSet-Cookie: b=c"]
)
def test_no_parameter_comes_back_as_markup(routed: TestClient, opened: list[str], tab: str, value: str) -> None:
    names = ["model", *(name for name, kind in kinds(TABS[tab]).items() if isinstance(kind, Words) and name != "model")]
    for name in [*names, "layer", "theme", "v", "nonsense", MARKUP, "tab"]:
        rest = {"v": "1", "tab": tab} | ({} if name == "model" else {"model": INDUCTION})
        query = urlencode({**rest, name: value})
        page = safe(routed.get(f"/embed?{query}")).text
        assert page.count("<script") in (0, 2), (name, page[:200])
        assert "<img" not in page
        assert not re.search(r'href="(?!http://127\.0\.0\.1:7860/\?)', page)
        link = routed.get(f"/take/link.txt?{query}")
        frame = routed.get(f"/take/embed.txt?{query}")
        for answer, marks in ((link, 0), (frame, 2)):
            if answer.status_code == 200:
                assert answer.text.count("<") == marks
            else:  # plain text, which no browser takes for a page
                sentence(answer, 400)
    assert [path for path in opened if "etc/passwd" in path] == []


@pytest.mark.parametrize("name", ["text", "model", "layer", "theme", "tab", "v", "nonsense"])
def test_a_megabyte_in_any_parameter_is_one_sentence(routed: TestClient, name: str) -> None:
    start = f"v=1&model={INDUCTION}&{name}="
    for path in ("/embed", "/take/figure.png"):
        sentence(routed.get(f"{path}?{start}{'a' * 60_000}"), 414)  # this client asks for no longer ones
    sentence(routed.post("/take/figure.png", content=start + "a" * 10**6), 413)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(routed: TestClient, method: str) -> None:
    for path in ("/take/link.txt", "/embed"):
        assert routed.request(method, f"{path}?{SOFTMAX}").status_code == 405
    assert routed.post(f"/embed?{SOFTMAX}").status_code == 405


def test_what_nobody_planned_is_the_last_sentence(routed: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(exports, "export", broken)
    assert sentence(routed.get(f"/take/figure.png?{SOFTMAX}"), 500) == MESSAGES["unexpected"]


def test_no_file_is_made_of_a_link_that_says_something_wrong(routed: TestClient) -> None:
    for query, said in (
        (f"{SOFTMAX}&colour=red", "“colour” is no setting of Softmax"),
        (f"{HEAD}&pattern=bogus", "pattern must be one of"),
        ("v=9&tab=softmax", "version “9”"),
        ("tab=nowhere", "There is no tab “nowhere”"),
    ):
        for what in ("link.txt", "figure.svg", "page.html", "numbers.json"):
            if what != "link.txt" or "bogus" not in query:
                assert said in sentence(routed.get(f"/take/{what}?{query}"), 400)
        assert "hl-notice" in safe(routed.get(f"/embed?{query}&model={INDUCTION}")).text.split("</style>")[1]


def test_a_file_that_is_sent_is_not_taken(routed: TestClient) -> None:
    assert sentence(routed.post("/gradio_api/upload", files={"files": b"a"}), 403) == MESSAGES["no_uploads"]
