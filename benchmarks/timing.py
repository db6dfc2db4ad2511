"""What every benchmark here shares: rows of the table, child processes, free ports, ratios that survive a busy machine."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
ROOT = HERE.parent


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    ratio: measured over floor, or the measured number itself where there is no floor. limit: the most it may be, if anybody said.
    unit: what stands behind ratio and limit ("x", " MB", " KB").
    """

    what: str
    measured: str
    floor: str
    ratio: float
    limit: float | None
    unit: str = "x"

    @property
    def holds(self) -> bool:
        return self.limit is None or self.ratio <= self.limit

    def __str__(self) -> str:
        ratio, limit = (
            "" if number is None else f"{number:.{2 if self.unit == 'x' else 0}f}{self.unit}"
            for number in (self.ratio, self.limit)
        )
        verdict = "" if self.limit is None else "holds" if self.holds else "**broken**"
        return f"| {self.what} | {self.measured} | {self.floor} | {ratio} | {limit} | {verdict} |"


HEADER = "| what | measured | floor of the same run | ratio | bound | |\n|---|---|---|---|---|---|"


def over(measured: Sequence[float], floor: Sequence[float]) -> float:
    """Median of the ratios of neighbors: the two of a pair ran one after the other, on an equally busy machine."""
    return median(one / other for one, other in zip(measured, floor, strict=True))


def ms(seconds: Sequence[float]) -> str:
    """The median in milliseconds."""
    return f"{1000 * median(seconds):.0f} ms"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


@contextlib.contextmanager
def process(*command: str | Path, **environment: str) -> Iterator[subprocess.Popen]:
    """A Python child in the repository's root, silent and offline, ended on the way out."""
    child = subprocess.Popen(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        env={**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()


def until_served(url: str, child: subprocess.Popen, patience: float = 120) -> None:
    """Returns at the first HTTP 200. Raises: RuntimeError when the child ends or patience does."""
    end = time.perf_counter() + patience
    while time.perf_counter() < end and child.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.01)
    raise RuntimeError(f"nothing is served at {url}: the process ended with {child.poll()}")
