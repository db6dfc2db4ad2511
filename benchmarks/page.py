"""Bounds b, c and d: what a person waits for in a real browser, and how many bytes travel.

Each of our updates is timed next to one of an echo page (echo.py) in the same browser: from the finger on the mouse to the
stamp that a picture sets once it is drawn. Bytes are those of the event stream's messages as the server writes them, before
any compression, everything from the click on: status lines, every picture, gradio's own words around them.
"""

import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from timing import HERE, ROOT, Row, free_port, ms, over, process, until_served

sys.path.insert(0, str(ROOT))

CHROME = os.environ.get("CHROME") or next(
    filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FIGURE, GRID, CARDS = (f"{name} .hl-picture" for name in ("#hl-figure", "#hl-grid", "#hl-cards"))
ECHO = "#shown .hl-picture"
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

# From the next event of this kind until every stamp named has changed and the caption holds the text, in milliseconds.
STOPWATCH = """([places, text, kind]) => {
  const nodes = places.map((place) => document.querySelector(place));
  const before = nodes.map((node) => node.dataset.stamp);
  let start = null;
  document.addEventListener(kind, (event) => { start = event.timeStamp; }, { capture: true, once: true });
  window.stopped = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`nothing new in 60 s at ${places}`)), 60000);
    const watcher = new MutationObserver(() => {
      if (start === null || nodes.some((node, i) => node.dataset.stamp === before[i])) return;
      if (text && !nodes.some((node) => node.querySelector('.hl-caption')?.textContent.includes(text))) return;
      watcher.disconnect();
      resolve(performance.now() - start);
    });
    for (const node of nodes) watcher.observe(node, { attributes: true, attributeFilter: ['data-stamp'] });
  });
}"""

# Counts the bytes of every event stream as the page receives them.
COUNT = """
window.counted = 0;
const fetched = window.fetch;
window.fetch = async (...all) => {
  const answer = await fetched(...all);
  if (!/queue.data|run.predict/.test(String(all[0]?.url ?? all[0]))) return answer;
  const [one, other] = answer.body.tee();
  (async () => { for await (const bytes of other) window.counted += bytes.byteLength; })();
  return new Response(one, { status: answer.status, headers: answer.headers });
};
"""


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


@contextmanager
def browsing() -> Iterator[Browser]:
    """A headless Chromium: the variable CHROME, else the one on the path."""
    if CHROME is None:
        raise RuntimeError("no browser: set CHROME to the path of a Chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROME, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(model: str) -> Iterator[str]:
    """The address of the app with this default model, once it answers."""
    port = free_port()
    with process("app.py", GRADIO_SERVER_PORT=str(port), ATTENTION_MODEL=model) as child:
        until_served(f"http://127.0.0.1:{port}/", child)
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def echoing(browser: Browser, size: int) -> Iterator[Page]:
    """An echo page whose update is of this size."""
    port = free_port()
    with process(HERE / "echo.py", f"{port}:{size}") as child:
        until_served(f"http://127.0.0.1:{port}/", child)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_selector(f"{ECHO}[data-stamp]", state="attached")
        for _ in range(2):  # gradio tells a component of its very first update late
            pick(page, "#choice", 2).click()
            page.wait_for_timeout(500)
        yield page
        page.close()


def opened(browser: Browser, url: str, script: str = "") -> Page:
    """The app's page with its live picture. script: runs before any of the page's own."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(script)
    page.goto(url)
    page.wait_for_selector(f"{FIGURE}[data-stamp]", timeout=60_000)
    page.wait_for_function(
        f"/^(?!Recorded)./.test(document.querySelector('{FIGURE} .hl-caption').textContent)", timeout=60_000
    )
    page.wait_for_timeout(1000)  # the clock that waited for the model has had its last tick
    return page


def timed(page: Page, places: list[str], act: Any, text: str = "", kind: str = "pointerdown") -> float:
    """Seconds from the pointer going down (or another kind of event) in `act` to the last stamp."""
    page.evaluate(STOPWATCH, [places, text, kind])
    act()
    return page.evaluate("window.stopped") / 1000


def pick(page: Page, dropdown: str, options: int) -> Locator:
    """The next option of a dropdown, its list open."""
    field = page.locator(f"{dropdown} input")
    field.click()
    entry = page.get_by_role("option", name=str((int(field.input_value()) + 1) % options), exact=True)
    entry.wait_for()
    return entry


def choose(page: Page, dropdown: str, options: int, places: list[str]) -> float:
    """Seconds from choosing the next of the options 0, 1, ... of a dropdown to the picture's stamp."""
    page.bring_to_front()
    entry = pick(page, dropdown, options)
    took = timed(page, places, entry.click)
    entry.wait_for(state="detached")  # the list has faded out
    page.wait_for_timeout(100)  # and nothing of this is left for the next one to wait for
    return took


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
