"""A bounded cache that computes each key once, however many threads ask for it at the same time."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Sized)


class BoundedCache(Generic[K, V]):
    """Least recently used values go first once the sum of their `nbytes` exceeds `limit`; the newest always stays.

    A computation that fails leaves nothing behind: everyone waiting for it gets its error, the next one tries again.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._running: dict[K, Future[V]] = {}

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of `key`, made by `make` in exactly one of the threads that ask."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            waiting = self._running.get(key)
            if waiting is None:
                mine: Future[V] = Future()
                self._running[key] = mine
        if waiting is not None:
            return waiting.result()
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
        """The value if it is there now; takes no lock, so a forked worker may call it."""
        return self._kept.get(key)

    def clear(self) -> None:
        """Forget everything that is kept."""
        with self._lock:
            self._kept.clear()

    @property
    def nbytes(self) -> int:
        """Bytes kept now."""
        with self._lock:
            return sum(value.nbytes for value in self._kept.values())

    def __len__(self) -> int:
        return len(self._kept)

    def _evict(self) -> None:
        while len(self._kept) > 1 and sum(value.nbytes for value in self._kept.values()) > self.limit:
            self._kept.popitem(last=False)
