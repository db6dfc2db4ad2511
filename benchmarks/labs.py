"""The labs' bounds, measured in one run against floors of the same run, as a Markdown table.

    python benchmarks/labs.py            # about ten minutes on two cores
    python benchmarks/labs.py --quick

A slider's step to the redrawn figure beside the echo page (echo.py) with a payload of the same size, at start values and at the
largest: in the view whose made-up figure is the heaviest, at the settings that make it so; opening a lab that was open before beside
opening an empty tab; the bytes of one event, the most that any view of the lab sends (lab_payloads.py). Needs a browser.
"""

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from browser import COUNT, ECHO, browsing, choose, echoing, opened, served, timed
from lab_payloads import MOST, found, payloads
from playwright.sync_api import Browser, Locator, Page
from timing import HEADER, ROOT, Row, free_port, ms, over, process, until_served

sys.path.insert(0, str(ROOT))

# From the click on a tab to the frame in which what `place` names is on screen, in milliseconds.
OPEN = """([title, place]) => new Promise((resolve) => {
  const tab = [...document.querySelectorAll('[role=tab]')].find((one) => one.textContent.trim() === title);
  const start = performance.now();
  tab.click();
  const look = () => {
    const node = document.querySelector(place);
    if (node?.offsetParent && node.getBoundingClientRect().height > 0) requestAnimationFrame(() => resolve(performance.now() - start));
    else requestAnimationFrame(look);
  };
  look();
})"""
EMPTY = """
import sys
import gradio as gr
with gr.Blocks(analytics_enabled=False) as demo:
    with gr.Tab("Full"):
        gr.HTML('<p id="full">1</p>')
    with gr.Tab("Empty"):
        gr.HTML('<p id="empty">0</p>')
demo.launch(server_port=int(sys.argv[1]), quiet=True, run_history=False, ssr_mode=False)
"""


def rows(quick: bool) -> Iterator[Row]:
    """Every bound of every lab, as it is measured."""
    from attention.models.bundled import E5

    repeats = 8 if quick else 24
    with browsing() as browser, served(E5) as url:
        for lab in found():
            yield from of_lab(browser, opened(browser, url, COUNT), url, lab, repeats)
        yield opening(browser, url, repeats)


def of_lab(browser: Browser, page: Page, url: str, lab: Any, repeats: int) -> Iterator[Row]:
    """A slider's step at start values and at the largest, and its bytes."""
    from attention.share.links import to_query

    figure = f"#hl-lab-{lab.stem} .hl-picture"
    every = payloads(lab.stem, lab.settings, lab.module.picture)
    made = max((one for one in every if not one.settings.real), key=lambda one: one.size)
    page.evaluate(OPEN, [lab.title, f"{figure} .hl-panel"])
    page.wait_for_timeout(1500)
    for where, limit in (("at the start", 1.5), ("at the largest", 3.0)):
        if where == "at the largest":
            page.close()
            page = linked(browser, f"{url}?{to_query(lab.tab, made.settings)}", figure)
        seed = moved(page, lab.stem)
        page.evaluate("window.counted = 0")
        step(page, seed, figure, 0)
        page.wait_for_timeout(500)
        size = page.evaluate("window.counted")
        ours, floor = [], []
        with echoing(browser, size) as echo:
            for turn in range(repeats + 2):
                ours.append(step(page, seed, figure, turn + 1))
                floor.append(choose(echo, "#choice", 2, [ECHO]))
        ours, floor = ours[2:], floor[2:]
        view = f", {made.view}" if where == "at the largest" and made.view else ""
        what = f"{lab.title}: a slider's step to its picture {where}{view} ({size / 1000:.0f} KB)"
        yield Row(what, ms(ours), f"echo page {ms(floor)}", over(ours, floor), limit)
    page.close()
    most = max(every, key=lambda one: one.size)
    name = f"{most.view}, {'a real head' if most.settings.real else 'made up'}".removeprefix(", ")
    yield Row(
        f"{lab.title}: bytes of an event, most of all views ({name})",
        f"{most.size / 1000:.0f} KB",
        "",
        most.size / 1000,
        MOST,
        " KB",
    )


def linked(browser: Browser, address: str, figure: str) -> Page:
    """The page that a link to a lab opens, its figure drawn."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(COUNT)
    page.goto(address)
    page.wait_for_selector(f"{figure} .hl-panel", timeout=60_000)
    page.wait_for_timeout(3000)
    return page


def moved(page: Page, stem: str) -> Locator:
    """The slider whose steps are timed: the seed, as every step of it changes every number, or the view's first one."""
    seed = page.locator(f"#hl-lab-{stem}-seed input[type=range]")
    return seed if seed.is_visible() else page.locator(f"[id^='hl-lab-{stem}-'] input[type=range]:visible").first


def step(page: Page, slider: Locator, figure: str, turn: int) -> float:
    """Seconds from one key on a slider to the figure's stamp; every other step goes back."""
    page.bring_to_front()
    slider.focus()
    key = "ArrowLeft" if at_end(slider) or turn % 2 else "ArrowRight"
    took = timed(page, [figure], lambda: slider.press(key), kind="keydown")
    page.wait_for_timeout(250)
    return took


def at_end(slider: Locator) -> bool:
    """Whether the slider is at its upper end, where only a step back moves it."""
    return slider.evaluate("(node) => Number(node.value) >= Number(node.max)")


def opening(browser: Browser, url: str, repeats: int) -> Row:
    """From the click on the tab of a lab that was open before, beside an empty tab of a page of its own."""
    page = opened(browser, url)
    port = free_port()
    with process("-c", EMPTY, str(port)) as child:
        until_served(f"http://127.0.0.1:{port}/", child)
        empty = browser.new_page(viewport={"width": 1280, "height": 900})
        empty.goto(f"http://127.0.0.1:{port}/")
        empty.wait_for_selector("[role=tab]")
        ours, floor = [], []
        for turn in range(repeats + 2):
            page.bring_to_front()
            ours.append(page.evaluate(OPEN, ["Scoring", "#hl-lab-scoring .hl-panel"]) / 1000)
            page.wait_for_timeout(1500 if not turn else 300)
            page.evaluate(OPEN, ["Explore", "#hl-figure .hl-picture"])
            page.wait_for_timeout(200)
            empty.bring_to_front()
            floor.append(empty.evaluate(OPEN, ["Empty", "#empty"]) / 1000)
            empty.wait_for_timeout(100)
            empty.evaluate(OPEN, ["Full", "#full"])
    ours, floor = ours[2:], floor[2:]
    return Row(f"opening a lab again ({len(ours)} times)", ms(ours), f"empty tab {ms(floor)}", over(ours, floor), 2.0)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true")
    print(HEADER, flush=True)
    for row in rows(arguments.parse_args().quick):
        print(row, flush=True)


if __name__ == "__main__":
    main()
