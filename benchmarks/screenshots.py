"""Make the pictures README shows, from the running app in a real browser.

    python benchmarks/screenshots.py

Starts the app on a free port, waits for the live picture, and writes .github/images/. Needs Chromium or Chrome and Playwright
(both come with `tests/requirements.txt` and a browser).
"""

import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from attention.tabs import launch, page

IMAGES = Path(__file__).parent.parent / ".github" / "images"
JAPANESE = "猫は疲れすぎていたので道を渡らず、朝まで待ちました。"


def main() -> None:
    demo = page()
    launch(demo, prevent_thread_lock=True, quiet=True)
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))))
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for name, theme, width, text in (
            ("explore-light-1440", "light", 1440, None),
            ("explore-dark-japanese-1440", "dark", 1440, JAPANESE),
            ("explore-light-390", "light", 390, None),
        ):
            tab = browser.new_page(viewport={"width": width, "height": 900})
            tab.goto(f"{demo.local_url}?__theme={theme}")
            _live(tab)
            if text:
                tab.fill("#hl-text textarea", text)
                tab.click("#hl-read")
                tab.wait_for_function(
                    "t => document.querySelector('#hl-figure .hl-caption').textContent.includes(t)", arg=text[:8]
                )
                tab.click("#hl-cards .hl-card-item:nth-child(2) button")
                tab.wait_for_function(
                    "document.querySelectorAll('#hl-cards .hl-card-item')[1].querySelector('.hl-chosen')"
                )
            box = tab.locator("#hl-figure canvas").bounding_box()
            if box and width > 1000:
                tab.mouse.move(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.55)
            tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            tab.screenshot(path=IMAGES / f"{name}.png", full_page=True)
            print(name)
        browser.close()
    demo.close()


def _live(tab: Page) -> None:
    """Waits until the recorded first picture has been replaced."""
    tab.wait_for_function(
        "() => { const c = document.querySelector('#hl-figure .hl-caption'); return c && c.textContent && !c.textContent.startsWith('Recorded'); }",
        timeout=60_000,
    )


if __name__ == "__main__":
    main()
