"""One lab on one page: what can be done there, and what can be read off it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from attention.share.settings.kinds import Kind, Number, checked, kinds
from attention.tabs._lab import Lab

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


class Opened:
    """One lab on one page. Every method waits for the figure it asked for."""

    def __init__(self, page: "Page", lab: Lab) -> None:
        page.set_default_timeout(30_000)
        self.page, self.lab, self.settings = page, lab, lab.settings()
        self.value = lab.module.picture(self.settings)
        self.figure = page.locator(f"#hl-lab-{lab.stem} .hl-picture")
        self.status = page.locator(f"#hl-lab-{lab.stem}-status .hl-picture")
        assert page.evaluate("(tab) => window.headlight.openTab(tab)", lab.tab)
        expect(self.figure.locator(".hl-caption")).not_to_be_empty(timeout=30_000)

    def panel(self, name: str) -> "Locator":
        """One panel of the figure."""
        return self.figure.locator(f'[data-panel="{name}"]')

    def part(self, name: str) -> "Locator":
        return self.page.locator(f"#hl-lab-{self.lab.stem}-{name}")

    def option(self, name: str, title: str) -> None:
        """Chooses an option, whether all stand side by side or in a list to open."""
        control = self.part(name)
        if control.locator("input[type=radio]").count():
            control.get_by_text(title, exact=True).click()
            return
        control.locator("input").click()
        self.page.get_by_role("option", name=title, exact=True).click()

    def stamped(self) -> int:
        return int(self.figure.get_attribute("data-stamp") or 0)

    def moved(self, name: str, value: object, act: "Callable[[], object]") -> None:
        """Acts, then waits for the figure that these settings have; where it is the same one, nothing need be drawn."""
        before, old = self.stamped(), self.value
        act()
        self.settings = checked(self.lab.settings, {**asdict(self.settings), name: value})
        self.value = self.lab.module.picture(self.settings)
        if self.value != old:
            self.page.wait_for_function(
                "([selector, before]) => Number(document.querySelector(selector).dataset.stamp) > before",
                arg=[f"#hl-lab-{self.lab.stem} .hl-picture", before],
            )
        assert self.status.get_attribute("data-kind") in (None, "", "note"), self.status.inner_text()
        assert self.figure.locator(".hl-panel").count() > 0

    def choose(self, name: str, key: str) -> None:
        """One of a setting's options, and the figure of it."""
        title = kinds(self.lab.settings)[name].options[key]
        self.moved(name, key, lambda: self.option(name, title))

    def uncover(self, kind: Kind) -> None:
        """Makes the choices under which a setting matters."""
        for name, options in kind.when.items():
            if getattr(self.settings, name) not in options:
                self.choose(name, options[0])

    def slide(self, name: str, key: str, kind: Number) -> None:
        """To one end of a slider."""
        slider = self.part(name).locator("input[type=range]")
        slider.focus()
        self.moved(name, kind.high if key == "End" else kind.low, lambda: slider.press(key))
