"""The bounded cache: one computation per key, bounded bytes, no half-made values."""

import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from attention.models.cache import BoundedCache


@dataclass(frozen=True)
class Block:
    name: str
    nbytes: int = 10


@pytest.fixture
def cache() -> BoundedCache[str, Block]:
    return BoundedCache(limit=30)


def _fill(cache: BoundedCache[str, Block], names: str, nbytes: int = 10) -> None:
    for name in names:
        cache.get(name, lambda name=name: Block(name, nbytes))


def test_a_value_is_made_once(cache: BoundedCache[str, Block]) -> None:
    first = cache.get("a", lambda: Block("a"))
    assert cache.get("a", lambda: pytest.fail("made again")) is first


def test_the_least_recently_used_goes_first(cache: BoundedCache[str, Block]) -> None:
    _fill(cache, "abc")
    cache.get("a", lambda: pytest.fail("made again"))
    _fill(cache, "d")
    assert [cache.peek(name) is not None for name in "abcd"] == [True, False, True, True]
    assert cache.nbytes == 30


def test_bytes_count_not_entries(cache: BoundedCache[str, Block]) -> None:
    _fill(cache, "abc")
    _fill(cache, "d", nbytes=25)
    assert len(cache) == 1
    _fill(cache, "efg", nbytes=1)
    assert len(cache) == 4


def test_a_value_over_the_limit_is_kept_alone(cache: BoundedCache[str, Block]) -> None:
    _fill(cache, "ab")
    _fill(cache, "z", nbytes=1000)
    assert (len(cache), cache.nbytes) == (1, 1000)


def test_peeking_does_not_count_as_use(cache: BoundedCache[str, Block]) -> None:
    _fill(cache, "abc")
    cache.peek("a")
    _fill(cache, "d")
    assert cache.peek("a") is None


def test_peeking_takes_no_lock(cache: BoundedCache[str, Block]) -> None:
    _fill(cache, "a")
    with cache._lock:
        assert cache.peek("a") == Block("a")
        assert cache.peek("b") is None


def test_clearing_forgets(cache: BoundedCache[str, Block]) -> None:
    _fill(cache, "ab")
    cache.clear()
    assert (len(cache), cache.nbytes) == (0, 0)


def test_eight_threads_compute_once(cache: BoundedCache[str, Block]) -> None:
    made = []
    start = threading.Barrier(8)

    def make() -> Block:
        made.append(threading.get_ident())
        time.sleep(0.05)
        return Block("a")

    def ask(_number: int) -> Block:
        start.wait()
        return cache.get("a", make)

    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(ask, range(8)))
    assert len(made) == 1
    assert all(value is values[0] for value in values)


def test_other_keys_do_not_wait(cache: BoundedCache[str, Block]) -> None:
    go_on = threading.Event()

    def slow() -> Block:
        assert go_on.wait(10)
        return Block("slow")

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(cache.get, "slow", slow)
        assert cache.get("quick", lambda: Block("quick")) == Block("quick")
        go_on.set()
        assert waiting.result(10) == Block("slow")


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt("stop")])
def test_a_failure_reaches_everyone_waiting_and_stays_nowhere(
    cache: BoundedCache[str, Block], error: BaseException
) -> None:
    running, go_on = threading.Event(), threading.Event()

    def fail() -> Block:
        running.set()
        assert go_on.wait(10)
        raise error

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get, "a", fail)
        assert running.wait(10)
        second = pool.submit(cache.get, "a", lambda: pytest.fail("made beside the first"))
        time.sleep(0.05)
        go_on.set()
        assert (first.exception(10), second.exception(10)) == (error, error)
    assert len(cache) == 0
    assert cache.get("a", lambda: Block("a")) == Block("a")


def test_waiting_can_be_cancelled_without_harm(cache: BoundedCache[str, Block]) -> None:
    running, go_on, cancel = threading.Event(), threading.Event(), threading.Event()

    def slow() -> Block:
        running.set()
        assert go_on.wait(10)
        return Block("a")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get, "a", slow)
        assert running.wait(10)
        second = pool.submit(cache.get, "a", slow, cancel)
        cancel.set()
        assert isinstance(second.exception(10), CancelledError)
        third = pool.submit(cache.get, "a", slow, threading.Event())
        go_on.set()
        assert first.result(10) is third.result(10)
