"""Make the pictures README shows, from the running app in a real browser.

    python benchmarks/screenshots.py

Starts the app on a free port, waits for the live picture, and writes .github/images/. Needs Chromium or Chrome and Playwright
(both come with `tests/requirements.txt` and a browser).
"""

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from attention.tabs import launch, page

IMAGES = Path(__file__).parent.parent / ".github" / "images"
ARABIC = "لم تعبر القطة الطريق لأنها كانت متعبة جدا."
JAPANESE = "猫は疲れすぎていたので道を渡らず、朝まで待ちました。"
LABS = (
    ("scoring", "light", 1440, ""),
    ("weighted-sum", "dark", 1440, "real"),
    ("masks", "light", 1440, ""),
    ("transformer", "dark", 1440, "cross"),
    ("softmax", "light", 390, ""),
)


def main() -> None:
    demo = page()
    launch(demo, prevent_thread_lock=True, quiet=True)
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))))
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for name, theme, width, text in (
            ("explore-light-1440", "light", 1440, ""),
            ("explore-dark-japanese-1440", "dark", 1440, JAPANESE),
            ("explore-light-390", "light", 390, ""),
        ):
            explore(opened(browser, demo.local_url, theme, width), name, text)
        panel(opened(browser, demo.local_url, "light", 1440))
        behavior(opened(browser, demo.local_url, "light", 1440))
        languages(opened(browser, demo.local_url, "light", 1440))
        arabic(opened(browser, demo.local_url, "light", 1440, "&__lang=ar"))
        files(browser)
        for tab, theme, width, setting in LABS:
            lab(opened(browser, demo.local_url, theme, width), tab, f"lab-{tab}-{theme}-{width}", setting)
        browser.close()
    demo.close()


def opened(browser: Browser, url: str, theme: str, width: int, query: str = "") -> Page:
    """A page on which the recorded first picture has been replaced."""
    tab = browser.new_page(viewport={"width": width, "height": 844 if width < 500 else 1000})
    tab.goto(f"{url}?__theme={theme}{query}")
    tab.wait_for_function(
        "() => { const c = document.querySelector('#hl-figure .hl-caption'); return c && c.textContent && !c.textContent.startsWith('Recorded'); }",
        timeout=60_000,
    )
    return tab


def explore(tab: Page, name: str, text: str) -> None:
    """The explorer; with a text, that text and its second finding."""
    if text:
        tab.fill("#hl-text textarea", text)
        tab.click("#hl-read")
        tab.wait_for_function(
            "t => document.querySelector('#hl-figure .hl-caption').textContent.includes(t)", arg=text[:8]
        )
        tab.click("#hl-cards .hl-card-item:nth-child(2) button")
        tab.wait_for_function("document.querySelectorAll('#hl-cards .hl-card-item')[1].querySelector('.hl-chosen')")
    box = tab.locator("#hl-figure canvas").bounding_box()
    if box and (tab.viewport_size or {"width": 0})["width"] > 1000:
        tab.mouse.move(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.55)
    keep(tab, name, whole=True)


def panel(tab: Page) -> None:
    """The findings, and what the head of the third one is, its cells outlined."""
    tab.locator("#hl-cards .hl-card").nth(2).click()
    tab.wait_for_function("document.querySelector('#hl-outline input').value !== 'none'")
    settle(tab)
    keep(tab, "findings-light-1440", part="#hl-view")


def behavior(tab: Page) -> None:
    """The behavior check of the bundled decoder."""
    tab.evaluate("window.headlight.openTab('patterns')")
    tab.get_by_role("button", name="Check by behavior").click()
    tab.wait_for_selector("#hl-behavior .hl-panel", timeout=120_000)
    settle(tab)
    keep(tab, "behavior-light-1440", part="#hl-behavior")


def lab(tab: Page, slug: str, name: str, setting: str) -> None:
    """The first screen of a lab, its figure at the top."""
    tab.evaluate("(slug) => window.headlight.openTab(slug)", slug)
    stem = f"#hl-lab-{slug.replace('-', '_')}"
    figure = tab.locator(f"{stem} .hl-picture")
    figure.locator(".hl-panel").first.wait_for(timeout=60_000)
    if setting:
        before = figure.locator(".hl-caption").inner_text()
        choice = f"{stem}-source" if setting == "real" else f"{stem}-view"
        tab.locator(f"{choice} input[value='{setting}']").check(force=True)
        tab.wait_for_function(
            "([where, before]) => document.querySelector(where).textContent !== before",
            arg=[f"{stem} .hl-caption", before],
            timeout=60_000,
        )
    tab.evaluate("(where) => document.querySelector(where).scrollIntoView({ block: 'start' })", f"{stem}-source")
    keep(tab, name)


def languages(tab: Page) -> None:
    """One head on four languages."""
    tab.evaluate("window.headlight.openTab('languages')")
    tab.locator("#hl-tongues button").first.wait_for(timeout=120_000)
    tab.locator("#hl-tongues button").first.click()
    tab.wait_for_timeout(1500)
    tab.evaluate("scrollTo(0, 0)")
    keep(tab, "languages-light-1440")


def arabic(tab: Page) -> None:
    """The page in Arabic, with an Arabic text."""
    tab.fill("#hl-text textarea", ARABIC)
    tab.click("#hl-read")
    tab.wait_for_function(
        "t => document.querySelector('#hl-figure .hl-caption').textContent.includes(t)", arg=ARABIC[:8]
    )
    keep(tab, "explore-arabic-1440")


def files(browser: Browser) -> None:
    """A figure and a stand-alone page as they are saved."""
    from attention import capture
    from attention.share.figures import drawn
    from attention.share.pictures import head_picture
    from attention.share.selection import Selection
    from attention.share.standalone import head_page

    read = capture("intfloat/multilingual-e5-small", ARABIC)
    (IMAGES / "exported-arabic.png").write_bytes(drawn(head_picture(read, Selection(2, 6)), "png"))
    print("exported-arabic")
    tab = browser.new_page(viewport={"width": 1000, "height": 800})
    tab.set_content(head_page(read, Selection(2, 6), all_heads=True))
    keep(tab, "page-all-heads-light-1000", whole=True)


def settle(tab: Page) -> None:
    """Everything that was asked for is drawn."""
    tab.wait_for_timeout(300)
    tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def keep(tab: Page, name: str, *, whole: bool = False, part: str = "") -> None:
    """The screen, the whole page, or one part of it with some air around."""
    settle(tab)
    box = tab.locator(part).bounding_box() if part else None
    clip = (
        {
            "x": box["x"] - 24,
            "y": box["y"] - 24 + tab.evaluate("scrollY"),
            "width": box["width"] + 48,
            "height": box["height"] + 48,
        }
        if box
        else None
    )
    tab.screenshot(path=IMAGES / f"{name}.png", full_page=whole or bool(part), clip=clip)
    print(name)


if __name__ == "__main__":
    main()
