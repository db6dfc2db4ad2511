"""Addresses outside gradio, as a browser or a hostile program asks them: a file, a page, or one plain sentence."""

import html
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from attention.errors import MESSAGES, SelectionError
from attention.models import hub
from attention.models.catalog import INDUCTION, MINILM
from attention.share import embed, exports
from attention.share.links import TABS, to_query
from attention.share.places import LONGEST
from attention.share.settings.explorer import Explorer
from attention.share.settings.kinds import Words, kinds
from attention.share.settings.softmax import Softmax
from attention.tabs import _routes

SOFTMAX = to_query("softmax", Softmax(tau=-0.5), "dark")
HEAD = to_query("explore", Explorer(model=INDUCTION, text="mat rug dog cat mat rug", layer=1, head=2))
MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
NAME = re.compile(r'attachment; filename="[A-Za-z0-9][A-Za-z0-9._-]{0,79}"')


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The routes alone; asking the Hub fails the test, and so does an error that no route answers."""

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("a route asked the Hub")

    monkeypatch.setattr(hub, "download", refused)
    for name in ("SPACE_ID", "SPACE_HOST"):
        monkeypatch.delenv(name, raising=False)
    with TestClient(Starlette(routes=_routes.routes()), base_url="http://127.0.0.1:7860") as opened:
        yield opened


def safe(answer: Any, status: int = 200) -> Any:
    """The answer, which no browser takes for anything else than it is."""
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers
    return answer


def sentence(answer: Any, status: int) -> str:
    """What a refusal says: one line of plain text, no traceback."""
    assert safe(answer, status).headers["content-type"] == "text/plain; charset=utf-8"
    assert 10 < len(answer.text) < 500
    assert "Traceback" not in answer.text
    assert "\n" not in answer.text
    return answer.text


@pytest.mark.parametrize(("query", "tab"), [(SOFTMAX, "softmax"), (HEAD, "explore")])
def test_every_file_is_what_export_makes_by_get_and_by_post(client: TestClient, query: str, tab: str) -> None:
    for subject, (endings, _) in exports.SUBJECTS.items():
        if tab != "explore" and subject in ("heads", "weights", "scores"):
            continue
        what = f"{subject}.{endings[-1]}"
        wanted = exports.export(what, parse_qs(query), "http://127.0.0.1:7860/")
        for answer in (client.get(f"/take/{what}?{query}"), client.post(f"/take/{what}", content=query)):
            assert safe(answer).headers["content-type"] == wanted.media_type
            assert NAME.fullmatch(answer.headers["content-disposition"])
            assert wanted.name in answer.headers["content-disposition"]
            assert answer.headers["cache-control"] == "no-store"
            if subject != "figure":  # matplotlib writes when it was made
                assert answer.content == wanted.data


def test_an_embed_is_the_page_of_its_link_and_leads_back(client: TestClient) -> None:
    answer = safe(client.get(f"/embed?{SOFTMAX}"))
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "x-frame-options" not in answer.headers
    assert answer.headers["cache-control"] == "private, max-age=300"  # its way back is on whatever host was asked
    assert answer.text == embed.embed_page(SOFTMAX, "http://127.0.0.1:7860/").page
    assert f'href="{html.escape(f"http://127.0.0.1:7860/?{SOFTMAX}")}"' in answer.text


def test_too_long_a_query_is_one_sentence(client: TestClient) -> None:
    long = "v=1&tab=explore&text=" + "a" * LONGEST
    for path in ("/embed", "/take/link.txt"):
        assert f"{len(long):,} characters" in sentence(client.get(f"{path}?{long}"), 414)
    assert f"{LONGEST:,}" in sentence(client.post("/take/link.txt", content=long), 400)
    assert safe(client.get(f"/take/link.txt?{SOFTMAX}&utm_source=" + "1" * (LONGEST - 200))).text.endswith(SOFTMAX)


def test_a_body_may_be_longer_than_an_address_but_not_endless(client: TestClient) -> None:
    query = to_query("explore", Explorer(model=MINILM, text="cat", pair="\u3000" * 1_000 + "dog"))
    assert LONGEST < len(query) < _routes.MOST_BODY
    assert "<noscript>" in safe(client.post("/take/page.html", content=query)).text
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        for _ in range(1_000):
            read += 10_000
            yield b"a" * 10_000

    for body in (b"text=" + b"a" * 10**6, endless()):
        assert f"{_routes.MOST_BODY:,}" in sentence(client.post("/take/link.txt", content=body), 413)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", bytes(range(256)), "v=1&tab=softmax&typed=猫".encode("shift_jis"), b"v=1&tab=softmax&typed=%ff%fe",
     b"v=1&tab=softmax&typed=%ED%A0%80", b'{"tab": "softmax"}', b"&" * 100, b"=" * 100, b"a=1&" * 190],
)  # fmt: skip
def test_a_body_that_is_no_query_is_a_file_or_a_sentence(client: TestClient, body: bytes) -> None:
    answer = client.post("/take/link.txt", content=body)
    if answer.status_code == 200:
        assert safe(answer).text.startswith("http://127.0.0.1:7860/?v=1&tab=")
    else:
        sentence(answer, 400)


def test_more_parts_than_any_link_has_are_one_sentence(client: TestClient) -> None:
    assert MESSAGES["bad_link"] in sentence(client.post("/take/link.txt", content=b"a=1&" * 500), 400)
    assert MESSAGES["bad_link"] in sentence(client.get("/take/link.txt?" + "a=1&" * 500), 400)


@pytest.mark.parametrize(
    "what",
    ["..%2f..%2fetc%2fpasswd", "%2e%2e%2ffigure.png", "figure.png%00", "%00", "figure.png%0d%0aSet-Cookie:%20a=b",
     "..\\..\\windows", "C:figure.png", "%ff%fe.png", quote(MARKUP, safe=""), "figure.php", "a" * 5_000, "link.txt;x=1"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_path_tricks_are_refused(client: TestClient, what: str, method: str, opened: list[str]) -> None:
    answer = client.request(method, f"/take/{what}?{SOFTMAX}")
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
def test_no_parameter_comes_back_as_markup(client: TestClient, opened: list[str], tab: str, value: str) -> None:
    names = ["model", *(name for name, kind in kinds(TABS[tab]).items() if isinstance(kind, Words) and name != "model")]
    for name in [*names, "layer", "theme", "v", "nonsense", MARKUP, "tab"]:
        rest = {"v": "1", "tab": tab} | ({} if name == "model" else {"model": INDUCTION})
        query = urlencode({**rest, name: value})
        page = safe(client.get(f"/embed?{query}")).text
        assert page.count("<script") in (0, 2), (name, page[:200])
        assert "<img" not in page
        assert not re.search(r'href="(?!http://127\.0\.0\.1:7860/\?)', page)
        link = client.get(f"/take/link.txt?{query}")
        frame = client.get(f"/take/embed.txt?{query}")
        for answer, marks in ((link, 0), (frame, 2)):
            if answer.status_code == 200:
                assert answer.text.count("<") == marks
            else:  # plain text, which no browser takes for a page
                sentence(answer, 400)
    assert [path for path in opened if "etc/passwd" in path] == []


@pytest.mark.parametrize("name", ["text", "model", "layer", "theme", "tab", "v", "nonsense"])
def test_a_megabyte_in_any_parameter_is_one_sentence(client: TestClient, name: str) -> None:
    start = f"v=1&model={INDUCTION}&{name}="
    for path in ("/embed", "/take/figure.png"):
        sentence(client.get(f"{path}?{start}{'a' * 60_000}"), 414)  # this client asks for no longer ones
    sentence(client.post("/take/figure.png", content=start + "a" * 10**6), 413)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(client: TestClient, method: str) -> None:
    for path in ("/take/link.txt", "/embed"):
        assert client.request(method, f"{path}?{SOFTMAX}").status_code == 405
    assert client.post(f"/embed?{SOFTMAX}").status_code == 405


def test_what_nobody_planned_is_the_last_sentence(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(exports, "export", broken)
    assert sentence(client.get(f"/take/figure.png?{SOFTMAX}"), 500) == MESSAGES["unexpected"]


def test_a_host_that_was_made_up_is_in_no_link(client: TestClient) -> None:
    for host in ('evil.example"><script>', "evil.example/@x", "a b"):
        answer = client.get(f"/take/link.txt?{SOFTMAX}", headers={"host": host})
        assert "<" not in answer.text
        page = client.get(f"/embed?{SOFTMAX}", headers={"host": host})
        assert page.text.count("<script") == 2


def test_only_two_are_made_at_a_time(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    count, most, lock = 0, 0, threading.Lock()

    def slow() -> None:
        nonlocal count, most
        with lock:
            count += 1
            most = max(most, count)
        time.sleep(0.05)
        with lock:
            count -= 1

    def refused(*_: Any) -> None:
        slow()
        raise SelectionError("nothing_read")

    def made(*_: Any) -> embed.Embedded:
        slow()
        return embed.Embedded("<p>made</p>", True)

    monkeypatch.setattr(exports, "export", refused)
    monkeypatch.setattr(embed, "embed_page", made)
    with ThreadPoolExecutor(10) as asking:
        asks = ("/embed", "/take/figure.png") * 5
        found = list(asking.map(lambda path: client.get(f"{path}?{SOFTMAX}").status_code, asks))
    assert sorted(found) == [200] * 5 + [400] * 5
    assert (most, count) == (2, 0)
    assert sentence(client.get(f"/take/figure.png?{SOFTMAX}"), 400) == MESSAGES["nothing_read"]  # both places are free


def test_who_would_wait_too_long_is_sent_away(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def slow(*_: Any) -> None:
        assert go_on.wait(30)
        raise SelectionError("nothing_read")

    monkeypatch.setattr(exports, "export", slow)
    monkeypatch.setattr(_routes, "MOST_WAITING", 3)
    with ThreadPoolExecutor(5) as asking:
        asks = [asking.submit(client.get, f"/take/figure.png?{SOFTMAX}") for _ in range(5)]
        end = time.monotonic() + 30
        while _routes._FEW.statistics().tasks_waiting < 3 and time.monotonic() < end:
            time.sleep(0.01)
        sent_away = [client.get(f"{path}?{SOFTMAX}") for path in ("/embed", "/take/figure.png")]
        go_on.set()
    assert [ask.result().status_code for ask in asks] == [400] * 5
    for answer in sent_away:
        assert sentence(answer, 503) == MESSAGES["too_busy"]
        assert answer.headers["retry-after"] == "5"


def test_only_what_is_the_same_for_everyone_is_kept_by_everyone(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = {"host": "evil.example"}
    page = safe(client.get(f"/embed?{SOFTMAX}", headers=evil))
    assert page.headers["cache-control"] == "private, max-age=300"
    wrong = safe(client.get("/embed?tab=explore&model=openai-community/gpt2"))
    assert (wrong.headers["cache-control"], "come with the app" in wrong.text) == ("no-store", True)
    assert client.get(f"/take/nothing?{SOFTMAX}").headers["cache-control"] == "no-store"
    monkeypatch.setenv("SPACE_ID", "someone/head-light")
    page = safe(client.get(f"/embed?{SOFTMAX}", headers=evil))
    assert page.headers["cache-control"] == "public, max-age=300"
    assert "evil" not in page.text


@pytest.mark.parametrize(
    ("told", "host"),
    [("my.host", "my.host"), ("my.host:8443, inner", "my.host:8443"), ('my.host"><b>', "127.0.0.1:7860"),
     ("a/b", "127.0.0.1:7860"), ("user@my.host", "127.0.0.1:7860"), ("", "127.0.0.1:7860")],
)  # fmt: skip
def test_a_proxy_says_where_the_page_is(client: TestClient, told: str, host: str) -> None:
    for path in ("/take/link.txt", "/embed"):
        answer = client.get(f"{path}?{SOFTMAX}", headers={"x-forwarded-host": told})
        assert f"http://{host}/?{SOFTMAX}" in html.unescape(answer.text)
        assert answer.headers["cache-control"] in ("no-store", "private, max-age=300")


def test_no_file_is_made_of_a_link_that_says_something_wrong(client: TestClient) -> None:
    for query, said in (
        (f"{SOFTMAX}&colour=red", "“colour” is no setting of Softmax"),
        (f"{HEAD}&pattern=bogus", "pattern must be one of"),
        ("v=9&tab=softmax", "version “9”"),
        ("tab=nowhere", "There is no tab “nowhere”"),
    ):
        for what in ("link.txt", "figure.svg", "page.html", "numbers.json"):
            if what != "link.txt" or "bogus" not in query:
                assert said in sentence(client.get(f"/take/{what}?{query}"), 400)
        assert "hl-notice" in safe(client.get(f"/embed?{query}&model={INDUCTION}")).text.split("</style>")[1]


def test_a_file_that_is_sent_is_not_taken(client: TestClient) -> None:
    assert sentence(client.post("/gradio_api/upload", files={"files": b"a"}), 403) == MESSAGES["no_uploads"]
