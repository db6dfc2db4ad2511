"""What a hand does in a lab's figure: hover, keys, clicks, a finger."""

import pytest
import torch

from attention.views import lab
from attention.views.panels import curves, matrix
from tests.views.lab_fixtures import WORDS, matrices, scores_of
from tests.views.lab_page import Show, cell, draw, open_lab, panel, point, readout
from tests.views.pictures import settle

pytestmark = pytest.mark.ui


def test_a_token_lights_up_in_every_panel_that_has_it(show: Show) -> None:
    page = open_lab(show)
    frames = ["scores", "masked"]
    before = [panel(page, name).locator("canvas").evaluate("(canvas) => canvas.toDataURL()") for name in frames]
    panel(page, "row").locator(".hl-row").nth(3).hover()
    settle(page)
    assert panel(page, "paint").locator(".hl-lit .hl-word").all_text_contents() == [WORDS[3]]
    assert panel(page, "row").locator(".hl-lit .hl-word").all_text_contents() == [WORDS[3]]
    assert panel(page, "sum").locator(".hl-chip.hl-lit").all_text_contents() == [WORDS[3]]
    assert panel(page, "all").locator(".hl-node.hl-lit").get_attribute("data-node") == "3"
    assert readout(page, "weights") == WORDS[3]
    assert WORDS[3] in readout(page, "sum")
    now = [panel(page, name).locator("canvas").evaluate("(canvas) => canvas.toDataURL()") for name in frames]
    assert all(one != other for one, other in zip(before, now, strict=True))
    page.mouse.move(2, 2)
    settle(page)
    assert page.locator("#lab .hl-lit").count() == 0
    again = [panel(page, name).locator("canvas").evaluate("(canvas) => canvas.toDataURL()") for name in frames]
    assert again == before


def test_hovering_a_cell_reads_the_tensor_in_all_matrices(show: Show) -> None:
    page = open_lab(show)
    scores = scores_of(10)
    point(page, "weights", 5, 1)
    weight = scores[5, :6].softmax(-1)[1].item()
    assert readout(page, "weights") == f"it → animal weight {weight:.3f}"
    assert readout(page, "scores") == f"it → animal score {scores[5, 1].item():.1f}"
    point(page, "masked", 2, 7)
    assert readout(page, "masked") == "didn't → too score −inf"


def test_arrow_keys_move_the_focus_and_enter_picks(show: Show) -> None:
    page = open_lab(show)
    panel(page, "weights").locator(".hl-panel-body").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    settle(page)
    assert readout(page, "weights").startswith("animal → animal weight")
    assert page.locator("#lab [aria-live]").text_content() == readout(page, "weights")
    assert panel(page, "row").locator(".hl-lit .hl-word").all_text_contents() == ["animal"]
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    settle(page)
    assert page.locator("#lab .hl-lit").count() == 0
    assert page.evaluate("window.events") == [["lab", "pick", {"panel": "weights", "query": 1, "key": 1, "box": None}]]


def test_clicks_say_what_was_picked(show: Show) -> None:
    page = open_lab(show)
    panel(page, "scores").locator("canvas").click(position=cell(page, "scores", 7, 2))
    panel(page, "row").locator(".hl-row").nth(4).click()
    panel(page, "flow").locator(".hl-box").nth(5).click()
    assert [event[2] for event in page.evaluate("window.events")] == [
        {"panel": "scores", "query": 7, "key": 2, "box": None},
        {"panel": "row", "query": None, "key": 4, "box": None},
        {"panel": "flow", "query": None, "key": None, "box": "o"},
    ]


def test_a_finger_reads(show: Show) -> None:
    page = open_lab(show, width=390, touch=True)
    panel(page, "weights").locator("canvas").tap(position=cell(page, "weights", 5, 1))
    settle(page)
    assert readout(page, "weights").startswith("it → animal weight")
    assert panel(page, "paint").locator(".hl-lit .hl-word").all_text_contents() == ["animal"]


def test_curves_read_all_series_at_the_nearest_point(show: Show) -> None:
    x = torch.tensor([1.0, 10.0, 100.0])
    series = [
        curves.Series("a", torch.tensor([0.1, 0.2, 0.3])),
        curves.Series("b", torch.tensor([3.0, 2.0, 1.0]), "query", "dashed"),
    ]
    one = curves.render("curves", x, series, x_name="temperature", x_log=True, present=10)
    page = open_lab(show, lab.render([one], caption=""))
    assert readout(page, "curves") == "temperature 10 a 0.20 b 2.00"
    place = page.evaluate("() => window.views.lab.frame('curves').view.plot().across(90)")
    panel(page, "curves").locator(".hl-panel-body").hover(position={"x": place, "y": 100})
    settle(page)
    assert readout(page, "curves") == "temperature 100 a 0.30 b 1.00"
    dashes = (
        panel(page, "curves")
        .locator(".hl-curve")
        .evaluate_all("(all) => all.map((one) => one.getAttribute('stroke-dasharray'))")
    )
    assert dashes == ["", "6 4"]


def test_a_click_can_pick_a_whole_panel_or_nothing(show: Show) -> None:
    scores, masked, weights = matrices(4, query=1)
    page = open_lab(show, lab.render([lab.picking(scores, 3), lab.picking(masked, None), weights], caption=""))
    page.evaluate("window.events = []")
    for name in ("scores", "masked", "weights"):
        panel(page, name).locator("canvas").click(position=cell(page, name, 2, 1))
    assert page.evaluate("window.events.map(([, , data]) => [data.panel, data.query, data.box])") == [
        ["scores", None, 3],
        ["weights", 2, None],
    ]


def test_rows_are_heard_as_word_and_number(show: Show) -> None:
    """Bars and paint have no readout, as each number stands beside its word; a step of the arrow keys is heard all the same."""
    page = open_lab(show)
    weights = scores_of(10)[5, :6].softmax(-1)
    for name in ("row", "paint"):
        panel(page, name).locator(".hl-panel-body").focus()
        for _ in range(2):
            page.keyboard.press("ArrowDown")
        assert page.locator("#lab [aria-live]").text_content() == f"{WORDS[1]} {weights[1]:.2f}", name
        page.keyboard.press("End")
        assert page.locator("#lab [aria-live]").text_content().startswith(f"{WORDS[9]} no "), name
        page.keyboard.press("Escape")


def test_enter_is_offered_only_where_it_picks(show: Show) -> None:
    scores, masked, weights = matrices(4, query=1)
    alone = matrix.render("alone", torch.eye(2), linked=("", ""))
    panels = [lab.picking(scores, 3), lab.picking(masked, None), weights, alone]
    page = open_lab(show, {**lab.render(panels, caption=""), "picks": True})

    def offered() -> list[bool]:
        labels = (panel(page, one["id"]).locator(".hl-panel-body").get_attribute("aria-label") for one in panels)
        return ["Enter picks" in (label or "") for label in labels]

    assert offered() == [True, False, True, False]
    draw(page, lab.render(panels, caption=""))
    assert offered() == [False] * 4
