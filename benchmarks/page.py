"""Bounds b, c and d: what a person waits for in a real browser, and how many bytes travel.

Each of our updates is timed next to one of an echo page (echo.py) in the same browser: from the finger on the mouse to the
stamp that a picture sets once it is drawn. Bytes are those of the event stream's messages as the server writes them, before
any compression, everything from the click on: status lines, every picture, gradio's own words around them.
"""

import random
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from browser import CARDS, COUNT, ECHO, FIGURE, GRID, browsing, choose, echoing, opened, served, timed
from playwright.sync_api import Browser, Page
from timing import ROOT, Row, ms, over

sys.path.insert(0, str(ROOT))

WORDS = [
    "the",
    "and",
    "of",
    "house",
    "water",
    "river",
    "old",
    "new",
    "small",
    "big",
    "light",
    "dark",
    "day",
    "night",
    "man",
    "woman",
    "child",
    "tree",
    "road",
    "city",
    "time",
    "year",
]


def rows(quick: bool) -> list[Row]:
    """The table's lines of bounds b, c and d. Raises: RuntimeError without a browser or a bundled model."""
    from attention.models.bundled import E5, MINILM

    found = []
    with browsing() as browser:
        with served(E5) as ours:
            found += payloads(browser, ours)
            for n in (32, 512):
                found.append(selection(browser, ours, n, 6 if quick else 24))
        with served(MINILM) as ours:
            found.append(reading(browser, ours, 4 if quick else 16))
    return found


def text_of(tokens: int, seed: int) -> str:
    """A text of so many tokens, its two specials included, no two alike: each word is one token for both bundled models."""
    return " ".join(random.Random(seed).choices(WORDS, k=tokens - 2))


def read(page: Page, text: str, tokens: int) -> float:
    """Seconds from the click on Read to the findings, the heads and the figure of this text."""
    page.bring_to_front()
    page.fill("#hl-text textarea", text)
    page.wait_for_timeout(400)  # the counter has been told
    took = timed(page, [FIGURE, GRID, CARDS], lambda: page.click("#hl-read"), text[:40])
    page.wait_for_timeout(400)
    counted = page.inner_text("#hl-counter")
    if f"{tokens:,} of" not in counted:
        raise RuntimeError(f"expected a text of {tokens} tokens; the page counts “{counted}”")
    return took


def weighed(browser: Browser, url: str, n: int) -> tuple[int, int]:
    """Bytes of the complete view of a text of n tokens, and of another head of it, on a page of its own: counting takes time."""
    page = opened(browser, url, COUNT)
    view = _bytes(page, lambda: read(page, text_of(n, seed=n), n))
    look = _bytes(page, lambda: choose(page, "#hl-layer", 6, [FIGURE]))
    page.close()
    return view, look


def _bytes(page: Page, act: Callable[[], Any]) -> int:
    page.evaluate("window.counted = 0")
    act()
    page.wait_for_timeout(600)
    return page.evaluate("window.counted")


def payloads(browser: Browser, url: str) -> list[Row]:
    """Bound d: the first complete view of a 12x12 model."""
    found = []
    for n, limit in ((128, 160), (512, 600)):
        size = weighed(browser, url, n)[0] / 1000
        found.append(Row(f"bytes of the complete view, 12x12, {n} tokens", f"{size:.0f} KB", "", size, limit, " KB"))
    return found


def selection(browser: Browser, url: str, n: int, repeats: int) -> Row:
    """Bound b: another layer or head of a text that was read."""
    size = weighed(browser, url, n)[1]
    page = opened(browser, url)
    read(page, text_of(n, seed=7), n)
    ours, floor = [], []
    with echoing(browser, size) as echo:
        for turn in range(repeats + 2):
            dropdown = ("#hl-layer", "#hl-head-number")[turn % 2]
            ours.append(choose(page, dropdown, 6, [FIGURE]))
            floor.append(choose(echo, "#choice", 2, [ECHO]))
    status = page.inner_text("#hl-status").strip()
    if status:
        raise RuntimeError(f"a change of head is silent as long as no forward pass runs; the page says “{status}”")
    page.close()
    ours, floor = ours[2:], floor[2:]
    what = f"another layer or head to its picture, {n} tokens ({size / 1000:.0f} KB)"
    return Row(what, ms(ours), f"echo page {ms(floor)}", over(ours, floor), 1.5)


def reading(browser: Browser, url: str, repeats: int) -> Row:
    """Bound c: from Read to the complete view, MiniLM, 100 tokens, the model warm and the text new each time."""
    import torch

    forward = bare_minilm(100)
    size = weighed(browser, url, 100)[0]
    page = opened(browser, url)
    ours, passes, echoes = [], [], []
    with echoing(browser, size) as echo, torch.inference_mode():
        for turn in range(repeats + 2):
            ours.append(read(page, text_of(100, seed=2 + turn), 100))
            echoes.append(choose(echo, "#choice", 2, [ECHO]))
            passes.append(median(seconds(forward) for _ in range(5)))
    page.close()
    ours, passes, echoes = ours[2:], passes[2:], echoes[2:]
    allowed = [2 * one + 3 * echo for one, echo in zip(passes, echoes, strict=True)]
    floor = f"2 x bare forward {ms(passes)} + 3 x echo page {ms(echoes)}"
    return Row(
        f"Read to the complete view, MiniLM, 100 tokens ({size / 1000:.0f} KB)",
        ms(ours),
        floor,
        over(ours, allowed),
        1.0,
    )


def bare_minilm(n: int) -> Any:
    """A forward pass of MiniLM as transformers runs it, over n tokens."""
    import torch

    from attention.models.bundled import load_minilm

    module, _ = load_minilm()
    ids = torch.randint(1000, 20000, (1, n), generator=torch.Generator().manual_seed(0))
    return lambda: module(input_ids=ids)


def seconds(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
