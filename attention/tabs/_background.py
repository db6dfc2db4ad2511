"""The default model, loaded and warmed up while the page is already there."""

import logging
import threading

from attention.errors import MESSAGES, AttentionError
from attention.models import catalog

_log = logging.getLogger(__name__)


class _Warmup(threading.Thread):
    """Loads the default model and reads the first example once.

    error: the sentence to show when that failed, else empty.
    """

    def __init__(self) -> None:
        super().__init__(name="warm-up", daemon=True)
        self.error = ""

    def run(self) -> None:
        from attention.models import reader
        from attention.tabs._examples import EXAMPLES

        try:
            reader.capture(catalog.default(), EXAMPLES[0].text, EXAMPLES[0].pair, folders=False)
        except AttentionError as error:
            self.error = str(error)
        except Exception:  # noqa: BLE001 - a page without its default model still answers
            _log.exception("warm-up failed")
            self.error = MESSAGES["unexpected"]


_started: list[_Warmup] = []


def start() -> None:
    """Begin, once per process."""
    if not _started:
        _started.append(_Warmup())
        _started[0].start()


def state() -> str:
    """ "loading", "ready", or the sentence that says what went wrong."""
    if not _started or _started[0].is_alive():
        return "loading"
    return _started[0].error or "ready"
