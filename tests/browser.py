"""A real browser for tests marked `ui`: Debian's chromium or an installed Chrome, never a download."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame, Page

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE = 20_000
"""Milliseconds that a test waits for what it expects to see, on a machine that has other work."""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def find_chrome() -> str:
    """The path of a browser: the variable CHROME, else the first of NAMES on the path.

    Without one the test is skipped on a laptop and fails in CI.
    """
    found = os.environ.get("CHROME") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    sentence = f"no browser: set CHROME to its path or install one of {', '.join(NAMES)}"
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


@contextmanager
def launched() -> Iterator["Browser"]:
    """The browser, headless, closed afterwards."""
    chrome = find_chrome()
    try:
        from playwright.sync_api import expect, sync_playwright
    except ImportError:
        if os.environ.get("CI"):
            raise
        pytest.skip("no browser driver: pip install -r tests/requirements.txt")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chrome, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def until(where: "Page | Frame", expression: str, seconds: float = PATIENCE / 1000) -> None:
    """Waits until this JavaScript holds; asked from outside, because a strict policy lets the page itself evaluate nothing."""
    end = time.monotonic() + seconds
    while not where.evaluate(expression):
        assert time.monotonic() < end, expression
        time.sleep(0.05)
