"""Make the pictures of README's "Share": the share line, an embed in a blog, a saved figure, a notebook.

    python benchmarks/share_screenshots.py

Besides what screenshots.py needs, JupyterLab: `pip install jupyterlab ipywidgets`.
"""

import functools
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

from playwright.sync_api import Browser, Error, Page, sync_playwright
from screenshots import IMAGES, keep, opened, settle

from attention import capture, show
from attention.models.catalog import MINILM
from attention.share.embed import iframe
from attention.share.links import to_query
from attention.share.settings.explorer import Explorer
from attention.tabs import launch, page

NOTEBOOK = (
    "from attention import capture, rank, show\n"
    'c = capture("sentence-transformers/all-MiniLM-L6-v2", "The cat that the dog chased sat on the mat.")\n'
    "rank(c)[:2]",
    'show(c, layer=2, head=6).save("head.svg")',
)
BLOG = """<!doctype html><meta charset=utf-8><title>A post</title><style>
body {{ max-width: 680px; margin: 40px auto; font: 18px/1.6 Georgia, serif; color: #222; background: #fff; }}
h1 {{ font-weight: normal; line-height: 1.2; }}
</style><h1>How a head finds the word before</h1>
<p>Most heads of a small model spread their attention thinly. This one does not: move over it, or click a row to keep it.</p>
{frame}
<p>Row by row it looks at one place, always one step back.</p>"""


def main() -> None:
    demo = page()
    launch(demo, prevent_thread_lock=True, quiet=True)
    figure()
    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))))
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        line(opened(browser, demo.local_url, "light", 1440))
        embed(browser, demo.local_url)
        notebook(browser)
        browser.close()
    demo.close()


def figure() -> None:
    """A figure as it is saved, at 300 dots per inch."""
    show(capture(MINILM, "The cat sat down."), 1, 8, pattern="next").save(IMAGES / "exported-latin.png")
    print("exported-latin")


def line(tab: Page) -> None:
    """The selected head, and the line below it after its link was copied."""
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.locator("#hl-share-explore").get_by_role("button", name="Copy link").click()
    tab.wait_for_function("document.querySelector('#hl-share-explore .hl-share-said').textContent")
    tab.mouse.move(0, 0)
    tab.evaluate("document.activeElement.blur()")
    settle(tab)
    boxes = [tab.locator(part).bounding_box() for part in ("#hl-figure", "#hl-share-explore")]
    top, below = (box for box in boxes if box)
    scrolled = tab.evaluate("scrollY")
    clip = {
        "x": top["x"] - 24, "y": top["y"] + scrolled - 24, "width": top["width"] + 48,
        "height": below["y"] + below["height"] - top["y"] + 48,
    }  # fmt: skip
    tab.screenshot(path=IMAGES / "share-line-light-1440.png", full_page=True, clip=clip)
    print("share-line-light-1440")


def embed(browser: Browser, url: str) -> None:
    """A view on another site's page."""
    view = Explorer(model=MINILM, text="The tired cat didn't cross the street.", layer=0, head=2)
    with tempfile.TemporaryDirectory() as folder:
        frame = iframe(parse_qs(to_query("explore", view)), url)
        (Path(folder) / "post.html").write_text(BLOG.format(frame=frame), encoding="utf-8")
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(SimpleHTTPRequestHandler, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tab = browser.new_page(viewport={"width": 780, "height": 1060})
        tab.goto(f"http://127.0.0.1:{server.server_port}/post.html")
        canvas = tab.frame_locator("iframe").locator(".hl-figure[data-title] canvas").first
        canvas.wait_for(timeout=60_000)
        tab.wait_for_timeout(1_000)
        box = canvas.bounding_box()
        if box:
            tab.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5)
        keep(tab, "share-embed-light-780")
        server.shutdown()


def notebook(browser: Browser) -> None:
    """Two cells in JupyterLab, run."""
    with tempfile.TemporaryDirectory() as folder, jupyter(Path(folder)) as url:
        tab = browser.new_page(viewport={"width": 1200, "height": 1020})
        for _ in range(120):  # while the server starts
            try:
                tab.goto(url)
                break
            except Error:
                tab.wait_for_timeout(500)
        tab.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
        tab.get_by_text("(ipykernel) | Idle").wait_for(timeout=60_000)
        tab.get_by_role("menuitem", name="Run", exact=True).click()
        tab.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        tab.frame_locator(".jp-OutputArea iframe").first.locator("canvas").first.wait_for(timeout=180_000)
        news = tab.get_by_role("button", name="No", exact=True)
        if news.is_visible():
            news.click()
        tab.wait_for_timeout(1_500)
        keep(tab, "share-notebook-light-1200")


@contextmanager
def jupyter(folder: Path) -> Iterator[str]:
    """A JupyterLab with the notebook; its address."""
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [code | {"id": f"cell-{at}", "source": source} for at, source in enumerate(NOTEBOOK)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    told = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (folder / "heads.ipynb").write_text(json.dumps(told), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    how = [f"--port={port}", "--no-browser", "--allow-root", "--IdentityProvider.token=", f"--notebook-dir={folder}"]
    server = subprocess.Popen([sys.executable, "-m", "jupyterlab", *how], stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}/doc/tree/heads.ipynb"
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
