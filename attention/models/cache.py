"""A bounded cache that computes each key once, however many threads ask for it at the same time."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future, wait
from typing import Generic, Protocol, TypeVar, runtime_checkable


@runtime_checkable
class Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Sized)

POLL_SECONDS = 0.1


class BoundedCache(Generic[K, V]):
    """Least recently used values go first once the sum of their `nbytes` exceeds `limit`; the newest always stays.

    A computation that fails leaves nothing behind: everyone waiting for it gets its error, the next one tries again.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._running: dict[K, Future[V]] = {}

    def get(self, key: K, make: Callable[[], V], cancel: threading.Event | None = None) -> V:
        """The value of `key`, made by `make` in exactly one of the threads that ask.

        cancel: stops the waiting for another thread's computation, not the computation.
        Raises: CancelledError when cancelled while waiting; whatever `make` raises.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            waiting = self._running.get(key)
            if waiting is None:
                mine = self._running[key] = Future()
        if waiting is not None:
            return _result(waiting, cancel)
        try:
            value = make()
        except BaseException as error:
            with self._lock:
                del self._running[key]
            mine.set_exception(error)
            raise
        with self._lock:
            del self._running[key]
            self._kept[key] = value
            self._evict()
        mine.set_result(value)
        return value

    def peek(self, key: K) -> V | None:
        """The value if it is there now; takes no lock and makes nothing."""
        return self._kept.get(key)

    def drop(self, key: K) -> None:
        """Forget this one, if it is there."""
        with self._lock:
            self._kept.pop(key, None)

    def clear(self) -> None:
        """Forget everything that is kept."""
        with self._lock:
            self._kept.clear()

    @property
    def nbytes(self) -> int:
        """Bytes kept now."""
        with self._lock:
            return self._total()

    def __len__(self) -> int:
        return len(self._kept)

    def _total(self) -> int:
        return sum(value.nbytes for value in self._kept.values())

    def _evict(self) -> None:
        while len(self._kept) > 1 and self._total() > self.limit:
            self._kept.popitem(last=False)


def _result(waiting: Future[V], cancel: threading.Event | None) -> V:
    while cancel is not None and not wait([waiting], timeout=POLL_SECONDS).done:
        if cancel.is_set():
            raise CancelledError
    return waiting.result()
