"""Addresses outside gradio when many ask, from behind proxies and under made-up hosts."""

import html
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.testclient import TestClient

from attention.errors import MESSAGES, SelectionError
from attention.share import embed, exports
from attention.tabs import _routes
from tests.tabs.routed import SOFTMAX, safe, sentence


def test_a_host_that_was_made_up_is_in_no_link(routed: TestClient) -> None:
    for host in ('evil.example"><script>', "evil.example/@x", "a b"):
        answer = routed.get(f"/take/link.txt?{SOFTMAX}", headers={"host": host})
        assert "<" not in answer.text
        page = routed.get(f"/embed?{SOFTMAX}", headers={"host": host})
        assert page.text.count("<script") == 2


def test_only_two_are_made_at_a_time(routed: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
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
        found = list(asking.map(lambda path: routed.get(f"{path}?{SOFTMAX}").status_code, asks))
    assert sorted(found) == [200] * 5 + [400] * 5
    assert (most, count) == (2, 0)
    assert sentence(routed.get(f"/take/figure.png?{SOFTMAX}"), 400) == MESSAGES["nothing_read"]  # both places are free


def test_who_would_wait_too_long_is_sent_away(routed: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def slow(*_: Any) -> None:
        assert go_on.wait(30)
        raise SelectionError("nothing_read")

    monkeypatch.setattr(exports, "export", slow)
    monkeypatch.setattr(_routes, "MOST_WAITING", 3)
    with ThreadPoolExecutor(5) as asking:
        asks = [asking.submit(routed.get, f"/take/figure.png?{SOFTMAX}") for _ in range(5)]
        end = time.monotonic() + 30
        while _routes._FEW.statistics().tasks_waiting < 3 and time.monotonic() < end:
            time.sleep(0.01)
        sent_away = [routed.get(f"{path}?{SOFTMAX}") for path in ("/embed", "/take/figure.png")]
        go_on.set()
    assert [ask.result().status_code for ask in asks] == [400] * 5
    for answer in sent_away:
        assert sentence(answer, 503) == MESSAGES["too_busy"]
        assert answer.headers["retry-after"] == "5"


def test_only_what_is_the_same_for_everyone_is_kept_by_everyone(
    routed: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = {"host": "evil.example"}
    page = safe(routed.get(f"/embed?{SOFTMAX}", headers=evil))
    assert page.headers["cache-control"] == "private, max-age=300"
    wrong = safe(routed.get("/embed?tab=explore&model=openai-community/gpt2"))
    assert (wrong.headers["cache-control"], "come with the app" in wrong.text) == ("no-store", True)
    assert routed.get(f"/take/nothing?{SOFTMAX}").headers["cache-control"] == "no-store"
    monkeypatch.setenv("SPACE_ID", "someone/head-light")
    page = safe(routed.get(f"/embed?{SOFTMAX}", headers=evil))
    assert page.headers["cache-control"] == "public, max-age=300"
    assert "evil" not in page.text


@pytest.mark.parametrize(
    ("told", "host"),
    [("my.host", "my.host"), ("my.host:8443, inner", "my.host:8443"), ('my.host"><b>', "127.0.0.1:7860"),
     ("a/b", "127.0.0.1:7860"), ("user@my.host", "127.0.0.1:7860"), ("", "127.0.0.1:7860")],
)  # fmt: skip
def test_a_proxy_says_where_the_page_is(routed: TestClient, told: str, host: str) -> None:
    for path in ("/take/link.txt", "/embed"):
        answer = routed.get(f"{path}?{SOFTMAX}", headers={"x-forwarded-host": told})
        assert f"http://{host}/?{SOFTMAX}" in html.unescape(answer.text)
        assert answer.headers["cache-control"] in ("no-store", "private, max-age=300")
