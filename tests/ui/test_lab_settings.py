"""What the labs' script does when answers overtake one another: on a page without gradio, with answers that come when told to."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from attention import tabs

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.ui
SCRIPT = (Path(tabs.__path__[0]) / "lab_settings.js").read_text(encoding="utf-8")

# A lab with the settings tau and row. `answers[i](...)` lets the i-th request be answered: a figure is the settings it shows.
LAB = """
window.headlight = { shows: () => null, pictures: {} };
window.asked = []; window.answers = []; window.drawn = []; window.restored = 0;
window.settings = (moved) => ({ tau: 0, row: 0, ...moved });
headlight.pictures["hl-lab-soft-status"] = (line) => (window.said = line);
headlight.pictures["hl-lab-soft"] = (figure) => { drawn.push(figure.settings); headlight.settle("soft", "soft", figure); };
window.pending = (what) => new Promise((resolve, reject) => {
  asked.push(what);
  answers.push((figure) => (figure === "lost" ? reject(new Error(figure)) : resolve({ status: "", figure })));
});
window.figure = (sent, moved = {}) => ({ settings: settings({ ...sent, ...moved }), moved });
window.start = () => headlight.seat("soft", "soft", { figure: (sent) => pending(sent), link: () => pending("link") }, () => (restored += 1));
"""


@pytest.fixture
def lab(browser: "Browser") -> "Iterator[Page]":
    """A page with the script and one lab."""
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(body="<p>", content_type="text/html"))
    page.goto("http://lab.test/?tab=other")
    page.add_script_tag(content=LAB)
    page.add_script_tag(content=f"(() => {{ {SCRIPT} }})()")
    yield page
    page.close()


def now(page: "Page") -> dict[str, Any]:
    """What was asked so far and what is drawn last."""
    return page.evaluate(
        "async () => { await new Promise((done) => setTimeout(done)); return { asked, shown: drawn.at(-1), drawn: drawn.length, restored }; }"
    )


def test_while_one_is_under_way_only_the_last_move_waits(lab: "Page") -> None:
    lab.evaluate("start(); answers[0](figure({}))")
    lab.evaluate("for (const tau of [1, 2, 3]) headlight.move('soft', 'tau', tau)")
    lab.evaluate("answers[1](figure(asked[1]))")
    lab.evaluate("answers[2](figure(asked[2]))")
    assert now(lab) == {"asked": [{}, {"tau": 1}, {"tau": 3}], "shown": {"tau": 3, "row": 0}, "drawn": 3, "restored": 0}


def test_a_late_answer_does_not_replace_a_newer_figure(lab: "Page") -> None:
    """A slider's request is under way when a click's figure arrives, sent later and answered first."""
    lab.evaluate("start(); answers[0](figure({}))")
    lab.evaluate("headlight.move('soft', 'tau', 1)")
    lab.evaluate("headlight.pictures['hl-lab-soft'](figure({ tau: 1 }, { row: 4 }))")
    lab.evaluate("answers[1](figure({ tau: 1 }))")
    found = now(lab)
    assert found["shown"] == {"tau": 1, "row": 4}
    assert found["asked"] == [{}, {"tau": 1}]
    assert found["drawn"] == 2


def test_a_figure_that_was_asked_for_before_the_last_move_is_drawn_again(lab: "Page") -> None:
    """A click's figure arrives after the slider that was moved meanwhile: the figure then has both."""
    lab.evaluate("start(); answers[0](figure({}))")
    lab.evaluate("headlight.move('soft', 'tau', 1)")
    lab.evaluate("answers[1](figure({ tau: 1 }))")
    lab.evaluate("headlight.pictures['hl-lab-soft'](figure({}, { row: 4 }))")
    assert now(lab)["asked"][2:] == [{"tau": 1, "row": 4}]
    lab.evaluate("answers[2](figure(asked[2]))")
    assert now(lab)["shown"] == {"tau": 1, "row": 4}
    assert len(now(lab)["asked"]) == 3


def test_a_control_moved_while_a_link_opens_moves_the_figure(lab: "Page") -> None:
    lab.evaluate("history.replaceState(null, '', '?tab=soft&tau=2&row=3')")
    lab.evaluate("start(); headlight.move('soft', 'tau', 0.5)")
    lab.evaluate("answers[0](figure({}, { tau: 2, row: 3 }))")
    assert now(lab)["asked"] == ["link", {"tau": 0.5, "row": 3}]
    lab.evaluate("answers[1](figure(asked[1]))")
    assert now(lab)["shown"] == {"tau": 0.5, "row": 3}
    assert now(lab)["restored"] == 1


def test_a_link_is_asked_once_and_its_settings_reach_the_controls(lab: "Page") -> None:
    lab.evaluate("history.replaceState(null, '', '?tab=soft&row=3')")
    lab.evaluate("start(); answers[0](figure({}, { row: 3 }))")
    assert now(lab) == {"asked": ["link"], "shown": {"tau": 0, "row": 3}, "drawn": 1, "restored": 1}


def test_settings_the_server_writes_in_another_way_are_not_asked_for_again_and_again(lab: "Page") -> None:
    lab.evaluate("start(); answers[0](figure({}))")
    lab.evaluate("headlight.move('soft', 'tau', null)")
    lab.evaluate("answers[1](figure({ tau: '' }))")
    assert len(now(lab)["asked"]) == 2


def test_a_lost_answer_is_said_and_the_next_move_asks_again(lab: "Page") -> None:
    lab.evaluate("start(); answers[0](figure({}))")
    lab.evaluate("headlight.move('soft', 'tau', 1)")
    lab.evaluate("answers[1]('lost')")
    now(lab)
    assert "does not answer" in lab.evaluate("window.said.parts[0][0]")
    lab.evaluate("headlight.move('soft', 'tau', 1)")
    lab.evaluate("answers[2](figure(asked[2]))")
    assert now(lab)["shown"] == {"tau": 1, "row": 0}


def test_a_slider_of_powers_says_the_power(lab: "Page") -> None:
    lab.evaluate("""document.body.innerHTML = `<div id="hl-lab-soft-tau" class="hl-lab-power"><b class="tab-like-container"></b>
        <i class="min_value"></i><input type="range" min="-2" max="1" step="0.05"><i class="max_value"></i></div>`""")
    lab.evaluate("start(); answers[0](figure({}))")
    now(lab)
    said = "() => [...document.querySelectorAll('[data-shown]')].map((node) => node.dataset.shown)"
    assert lab.evaluate(said) == ["1", "0.01", "10"]
    lab.evaluate("headlight.move('soft', 'tau', -0.25)")
    assert lab.evaluate(said)[0] == "0.56"
    assert lab.locator("input").get_attribute("aria-valuetext") == "0.56"
