"""What every hostile test asks: one clear sentence, the same picture, and an app that goes on."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attention.errors import MESSAGES
from attention.share.selection import Selection
from attention.tabs._examples import EXAMPLES
from tests.ui.explorer import E5, Explorer, captured

if TYPE_CHECKING:
    from playwright.sync_api import Route

Change = Callable[[dict[str, Any]], None]

SENTENCES = {key: re.compile(re.sub(r"\\\{.*?\\\}", ".*", re.escape(text))) for key, text in MESSAGES.items()}
CALM = "The evening was calm and nobody asked for anything."


def sentence(explorer: Explorer) -> str:
    """The key of the one sentence that the page says, where a person looks for it."""
    text = explorer.status.inner_text()
    keys = sorted(
        (key for key, pattern in SENTENCES.items() if pattern.fullmatch(text)), key=lambda key: -len(MESSAGES[key])
    )
    assert keys, text
    assert len(text) < 400
    assert explorer.status.get_attribute("role") == "alert"
    assert explorer.page.locator(".toast-body").count() == 0
    return keys[0]  # the most exact one: a sentence may also be an instance of a more general one


def works(explorer: Explorer) -> None:
    """An ordinary reading, as if nothing had happened."""
    explorer.choose_model("multilingual-e5-small")
    explorer.read(CALM, "")
    explorer.page.get_by_text(CALM).first.wait_for()
    capture = captured(E5, CALM)
    explorer.pick(1, 2)
    explorer.shows(capture, Selection(1, 2))
    assert explorer.status.inner_text() == ""


def recover(explorer: Explorer) -> str:
    """An ordinary click, after which the page is quiet; the caption of what it shows."""
    from playwright.sync_api import expect

    explorer.pick(3, 3)
    explorer.shows(captured(E5, EXAMPLES[0].text), Selection(3, 3))
    expect(explorer.status).to_have_text("")
    return explorer.caption


@contextmanager
def tampered(explorer: Explorer, change: Change) -> Iterator[None]:
    """While this is open, what the page sends to the app is changed on its way."""

    def rewrite(route: "Route") -> None:
        body = json.loads(route.request.post_data or "{}")
        change(body)
        route.continue_(post_data=json.dumps(body))

    explorer.page.route("**/queue/join*", rewrite)
    try:
        yield
    finally:
        explorer.page.unroute("**/queue/join*")


def answered(explorer: Explorer, act: Callable[[], None]) -> str:
    """Acts, waits until the status line has changed; the key of what it says."""
    before = explorer.status.get_attribute("data-stamp")
    act()
    explorer.page.wait_for_function(
        "(before) => { const { stamp, kind } = document.querySelector('#hl-status .hl-picture').dataset;"
        " return stamp !== before && kind !== 'busy'; }",
        arg=before,
    )
    return sentence(explorer)
