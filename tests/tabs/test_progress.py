"""Long work tells how far it is, hands over its result or its error, and stops when nobody listens."""

import threading
from collections.abc import Callable, Generator

import pytest

from attention.tabs import _progress
from attention.tabs._progress import told


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_progress, "SECONDS", 0.01)


def drained(work: Generator[tuple[str, float], None, object]) -> tuple[list[tuple[str, float]], object]:
    """Everything it said, and its result."""
    lines = []
    while True:
        try:
            lines.append(next(work))
        except StopIteration as done:
            return lines, done.value


def test_the_result_comes_after_the_lines() -> None:
    go_on = threading.Event()

    def work(tell: Callable[[str, float], None], stop: threading.Event) -> int:
        tell("counting", 0.5)
        assert go_on.wait(10)
        return 7

    found = told(work)
    lines = [next(found)]
    while lines[-1] != ("counting", 0.5):
        lines.append(next(found))
    go_on.set()
    more, result = drained(found)
    assert set(lines) <= {("loading", 0.0), ("counting", 0.5)}
    assert set(more) <= {("counting", 0.5)}
    assert result == 7


def test_work_that_is_done_at_once_still_has_its_result() -> None:
    lines, result = drained(told(lambda tell, stop: "done"))
    assert result == "done"
    assert set(lines) <= {("loading", 0.0)}


@pytest.mark.parametrize("error", [ValueError("no"), MemoryError(), SystemExit(3), KeyboardInterrupt()])
def test_an_error_is_raised_where_it_was_asked_for(error: BaseException) -> None:
    def work(*_: object) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        drained(told(work))
    assert caught.value is error


def test_nothing_runs_before_it_is_asked_for() -> None:
    ran: list[int] = []
    work = told(lambda tell, stop: ran.append(1))
    assert ran == []
    drained(work)
    assert ran == [1]


def test_closing_tells_the_work_to_stop() -> None:
    stops: list[threading.Event] = []
    ended = threading.Event()

    def work(tell: Callable[[str, float], None], stop: threading.Event) -> None:
        stops.append(stop)
        stop.wait(10)
        ended.set()

    found = told(work)
    next(found)
    found.close()
    assert ended.wait(10)
    assert stops[0].is_set()


def test_the_work_is_not_told_to_stop_while_someone_listens() -> None:
    seen: list[bool] = []
    drained(told(lambda tell, stop: seen.append(stop.wait(0.05))))
    assert seen == [False]
