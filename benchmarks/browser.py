"""A real browser for the benchmarks: the app and the echo page in it, and a stopwatch from a finger to a drawn picture."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from timing import HERE, free_port, process, until_served

CHROME = os.environ.get("CHROME") or next(
    filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None
)


ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


FIGURE, GRID, CARDS = (f"{name} .hl-picture" for name in ("#hl-figure", "#hl-grid", "#hl-cards"))
ECHO = "#shown .hl-picture"


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
  if (!/queue.data|run.predict|component_server/.test(String(all[0]?.url ?? all[0]))) return answer;
  const [one, other] = answer.body.tee();
  (async () => { for await (const bytes of other) window.counted += bytes.byteLength; })();
  return new Response(one, { status: answer.status, headers: answer.headers });
};
"""


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
