"""A lab's figure in a real browser, on a plain page without gradio."""

import itertools

import pytest
import torch

from attention.views import lab
from attention.views.palette import DARK, LIGHT, Palette
from attention.views.panels import curves, matrix, token_bars
from attention.views.static_files import PANELS, lab_picture
from tests.views.lab_fixtures import HOSTILE, WORDS, figure, labels_of, matrices, mounted, odd, rows, scores_of
from tests.views.lab_page import Show, cell, color_at, draw, open_lab, panel, point
from tests.views.pages import Mounted
from tests.views.pictures import overflow

pytestmark = pytest.mark.ui
DRAWN = """(panel) => {
  const canvas = panel.querySelector("canvas");
  if (canvas) return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((part) => part > 0);
  return panel.querySelectorAll("svg > *, .hl-row, .hl-number-item, td").length > 2;
}"""


@pytest.mark.parametrize("theme", ["", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("value", [figure(), odd(), figure(HOSTILE)], ids=["all", "odd", "hostile"])
def test_every_kind_draws_without_sideways_scroll(show: Show, theme: str, width: int, value: dict) -> None:
    page = open_lab(show, value, width=width, theme=theme)
    assert overflow(page) <= 0
    assert page.locator("#lab b, #lab img").count() == 0
    for one in value["panels"]:
        assert panel(page, one["id"]).evaluate(DRAWN), one["id"]
        box = panel(page, one["id"]).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_spans_stand_side_by_side_and_stack_on_a_phone(show: Show) -> None:
    names = ("scores", "masked", "weights")
    value = lab.render(matrices(), caption="")
    wide = [panel(open_lab(show, value), name).bounding_box() for name in names]
    assert len({box["y"] for box in wide}) == 1
    narrow = [panel(open_lab(show, value, width=390), name).bounding_box() for name in names]
    assert len({box["x"] for box in narrow}) == 1


@pytest.mark.parametrize(("theme", "palette"), [("", LIGHT), ("dark", DARK)])
def test_colors_of_cells_are_those_of_their_values(show: Show, theme: str, palette: Palette) -> None:
    weights = torch.tensor([[1.0, 0.0], [0.25, 0.75]])
    signed = torch.tensor([[-2.0, 2.0], [0.0, 1.0]])
    panels = [matrix.render("weights", weights), matrix.render("signed", signed, ramp="signed")]
    page = open_lab(show, lab.render(panels, caption=""), theme=theme)

    def shown(name: str, row: int, column: int) -> list[int]:
        at = cell(page, name, row, column)
        return color_at(page, name, at["x"] + 14, at["y"] + 14)[:3]  # beside the number

    def color(hexadecimal: str) -> list[int]:
        return [int(hexadecimal[at : at + 2], 16) for at in (1, 3, 5)]

    expected = {
        ("weights", 0, 0): palette.ramp[-1], ("weights", 0, 1): palette.ramp[0], ("weights", 1, 0): palette.ramp[8],
        ("signed", 0, 0): palette.difference[0], ("signed", 0, 1): palette.difference[-1], ("signed", 1, 0): palette.difference[8],
    }  # fmt: skip
    for (name, row, column), stop in expected.items():
        assert shown(name, row, column) == pytest.approx(color(stop), abs=4), (name, row, column)


@pytest.mark.parametrize("span", [4, 12])
def test_large_matrices_keep_their_colors(show: Show, span: int) -> None:
    values = torch.zeros(64, 64)
    values[10, 20] = 1
    page = open_lab(show, lab.render([matrix.render("large", values, span=span)], caption=""))
    at = cell(page, "large", 10, 20)
    assert color_at(page, "large", **at)[:3] == pytest.approx(
        [int(LIGHT.ramp[-1][i : i + 2], 16) for i in (1, 3, 5)], abs=3
    )
    at = cell(page, "large", 12, 20)
    assert color_at(page, "large", **at)[:3] == pytest.approx(
        [int(LIGHT.ramp[0][i : i + 2], 16) for i in (1, 3, 5)], abs=3
    )


def test_an_update_keeps_nodes_and_height(show: Show) -> None:
    page = open_lab(show)
    page.evaluate(
        "window.before = [...document.querySelectorAll('#lab .hl-panel, #lab canvas, #lab svg, #lab .hl-row')]"
    )
    height = page.evaluate("document.documentElement.scrollHeight")
    value = figure()
    value["panels"][:6] = [*matrices(query=7), *rows(WORDS, query=7)]
    draw(page, value)
    kept = "[...document.querySelectorAll('#lab .hl-panel, #lab canvas, #lab svg, #lab .hl-row')].every((node, i) => node === window.before[i])"
    assert page.evaluate(kept)
    assert page.evaluate("document.documentElement.scrollHeight") == height
    assert panel(page, "row").locator(".hl-chosen .hl-word").all_text_contents() == [WORDS[7]]
    point(page, "weights", 2, 0)
    assert page.evaluate("document.documentElement.scrollHeight") == height


def test_panels_come_go_and_change_their_order(show: Show) -> None:
    page = open_lab(show)
    few = matrices(words=WORDS[:4], query=1)
    draw(page, lab.render([few[2], few[0]], caption="Two"))
    names = page.locator("#lab .hl-panel").evaluate_all("(all) => all.map((one) => one.dataset.panel)")
    assert names == ["weights", "scores"]
    assert page.locator("#lab").get_attribute("data-title") == "Two"


def test_names_at_the_ends_of_curves_do_not_overlap(show: Show) -> None:
    x = torch.linspace(0, 1, 5)
    series = [curves.Series(f"series {i}", x + 0.001 * i) for i in range(6)]
    page = open_lab(show, lab.render([curves.render("curves", x, series, x_name="x")], caption=""))
    boxes = sorted(box.bounding_box()["y"] for box in panel(page, "curves").locator(".hl-curve-name").all())
    assert all(later - earlier >= 12 for earlier, later in itertools.pairwise(boxes))


def test_blocked_tokens_and_reference_lines_are_told(show: Show) -> None:
    page = open_lab(show)
    bars = panel(page, "row")
    assert bars.locator(".hl-none .hl-number").all_text_contents() == ["no weight"] * 4
    assert bars.locator(".hl-line-label").all_text_contents() == ["even: 0.17"]
    assert bars.locator(".hl-none .hl-fill").first.is_hidden()


def test_negative_bars_run_left_of_zero(show: Show) -> None:
    one = token_bars.render("bars", torch.tensor([-1.0, 3.0]), labels=labels_of(["a", "b"]))
    page = open_lab(show, lab.render([one], caption=""))
    places = (
        panel(page, "bars")
        .locator(".hl-fill")
        .evaluate_all("(all) => all.map((one) => [one.style.insetInlineStart, one.style.width])")
    )
    assert places == [["0%", "25%"], ["25%", "75%"]]


def test_all_numbers_are_also_text(show: Show) -> None:
    page = open_lab(show)
    table = panel(page, "weights").locator(".hl-hidden table")
    table.wait_for(state="attached")
    shown = table.locator("tbody tr").nth(5).locator("th, td").all_text_contents()
    weights = scores_of(10)[5, :6].softmax(-1)
    assert shown == [WORDS[5], *(f"{weight:.3f}" for weight in weights), *["blocked"] * 4]
    sentence = panel(page, "positions").locator(".hl-hidden")
    assert "128 rows (dimension), 512 columns (position); largest value" in sentence.text_content()
    for body in page.locator("#lab .hl-panel-body").all():
        kind = body.evaluate("(node) => node.parentNode.dataset.kind")
        assert body.get_attribute("role") in (("group",) if kind == "table" else ("img", "application"))
        assert body.get_attribute("aria-label")
    label = panel(page, "numbers").locator(".hl-panel-body").get_attribute("aria-label")
    assert "Spread, unscaled 4.07 expected 4.00, agrees" in label


def test_pictures_follow_the_theme(show: Show) -> None:
    page = open_lab(show)
    picture = "() => document.querySelector('#lab [data-panel=weights] canvas').toDataURL()"
    light, stamps = page.evaluate(picture), page.locator("#lab").get_attribute("data-stamp")
    page.evaluate("document.body.classList.add('dark')")
    page.wait_for_function(f"document.querySelector('#lab').dataset.stamp !== '{stamps}'")
    assert page.evaluate(picture) != light


@pytest.mark.parametrize("kind", list(PANELS))
def test_a_kind_needs_no_other_kinds_script(show: Show, kind: str) -> None:
    panels = [one for one in figure()["panels"] if one["kind"] == kind]
    page = show(Mounted("lab", lab_picture(kind), {"value": lab.render(panels, caption="")}))
    words = ".hl-table td" if kind == "table" else ".hl-hidden > *"  # a table is heard as it stands, and only once
    panel(page, panels[0]["id"]).locator(words).first.wait_for(state="attached")
    assert panel(page, panels[0]["id"]).locator("table").count() <= 1
    assert panel(page, panels[0]["id"]).evaluate(DRAWN)


def test_nothing_yet_is_no_error(show: Show) -> None:
    page = show(Mounted("lab", mounted().picture, {"value": None}))
    assert page.locator("#lab .hl-panel").count() == 0
