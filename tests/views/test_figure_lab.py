"""Labs as figures: every kind of panel is there, and what is drawn are the panel's numbers."""

import numpy as np
import pytest
import torch
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from attention.views import lab
from attention.views.figure import drawing
from attention.views.figure.lab import KINDS
from attention.views.labels import Label
from attention.views.palette import LIGHT
from attention.views.panels import curves, flow, graph, matrix, numbers, stack, swatches, table, token_bars
from attention.views.panels.frame import directed
from tests.views import lab_fixtures
from tests.views.figure_files import boxes_of, grid_of, images_of, rgb_of, share_of, texts_of

WORDS = [Label(word) for word in ("one", "two", "three", "four")]
PIXEL = 0.75  # points


def svg_of(*panels: dict, text: str = "") -> bytes:
    return drawing.svg(drawing.draw(lab.render(directed(panels, text), caption="made")))


def said(svg: bytes) -> list[str]:
    return [text.strip("\u200e\u200f") for text, _ in texts_of(svg)]


def drawn(figure: Figure, kind: str) -> list[Artist]:
    return [one for one in figure.artists if type(one).__name__ == kind]


def test_every_kind_of_panel_can_be_drawn() -> None:
    assert {*KINDS} == {*lab_fixtures.KINDS}
    value = lab_fixtures.figure()
    texts = said(drawing.svg(drawing.draw(value)))
    for panel in value["panels"]:
        assert not panel["title"] or panel["title"] in texts
    assert {"Every kind of panel, once.", value["caption"]} <= {*texts}


@pytest.mark.parametrize("dark", [False, True])
def test_odd_panels_can_be_drawn(dark: bool) -> None:
    assert drawing.png(drawing.draw(lab_fixtures.odd(), dark=dark), dpi=40).startswith(b"\x89PNG")


@pytest.mark.parametrize("text", ["Hello", "שלום"])
@pytest.mark.parametrize("ramp", ["weights", "signed"])
def test_matrix_cells_are_the_values(ramp: str, text: str) -> None:
    values = torch.randn(4, 4, generator=torch.Generator().manual_seed(4))
    values = values.softmax(-1) if ramp == "weights" else values
    panel = matrix.render("m", values, rows=WORDS, columns=WORDS, ramp=ramp, span=12)  # type: ignore[arg-type]
    cells = grid_of(svg_of(panel, text=text), 4, 4)
    turned = text != "Hello"
    expected = np.array([values[row, 3 - column if turned else column].item() for row, column, _ in cells])
    shares = share_of(
        np.array([rgb_of(box.fill) for *_, box in cells]), LIGHT.ramp if ramp == "weights" else LIGHT.difference
    )
    low, high = panel["low"], panel["high"]
    read = low + (high - low) * (shares**2 if ramp == "weights" else shares)
    assert np.abs(read - expected).max() < 0.005 * (high - low)


def test_long_matrices_are_images_of_the_values() -> None:
    values = torch.linspace(-1, 1, 100 * 40).reshape(40, 100)
    svg = svg_of(matrix.render("m", values, ramp="signed", span=12))
    image = next(one for one in images_of(svg) if one.shape[:2] == (40, 100))
    read = 2 * share_of(image[..., :3].astype(int), LIGHT.difference) - 1
    assert np.abs(read - values.numpy()).max() < 0.005 * 2


@pytest.mark.parametrize("text", ["Hello", "مرحبا"])
def test_bars_are_as_long_as_their_values(text: str) -> None:
    values = torch.tensor([0.1, 0.4, 0.2, 0.3])
    panel = token_bars.render(
        "b", values, labels=WORDS, largest=0.5, span=12, allowed=torch.tensor([True, True, True, False])
    )
    svg = svg_of(panel, text=text)
    bars = sorted((box for box in boxes_of(svg) if abs(box.high - 14 * PIXEL) < 0.01), key=lambda box: box.y)
    assert [bar.wide / bars[0].wide for bar in bars] == pytest.approx([1, 4, 2], abs=0.01)
    ends = {round(bar.x + bar.wide if text == "مرحبا" else bar.x, 1) for bar in bars}
    assert len(ends) == 1  # they grow from one side
    assert {"0.10", "0.40", "0.20", "no weight"} <= {*said(svg)}
    assert "0.30" not in said(svg)


def test_curves_go_through_their_values_and_leave_gaps() -> None:
    x = torch.linspace(0, 1, 5)
    panel = curves.render(
        "c", x, [curves.Series("y", torch.tensor([0.0, 1.0, torch.nan, 0.5, 0.25]))], x_name="x", y_range=(0, 1)
    )
    figure = drawing.draw(lab.render([panel], caption=""))
    paths = [one.get_path() for one in drawn(figure, "PathPatch")]
    path = next(one for one in paths if one.codes is not None and [*one.codes] == [1, 2, 1, 2])
    height = path.vertices[:, 1]
    assert (height.max() - height) / (height.max() - height.min()) == pytest.approx([0, 1, 0.5, 0.25])


def test_stacked_parts_add_up() -> None:
    values = torch.tensor([[1.0, -0.5], [0.5, -0.25], [0.25, 1.0]])
    panel = stack.render("s", values, labels=WORDS[:3], largest=2, span=12)
    heights = [
        box.high for box in boxes_of(svg_of(panel)) if box.fill.upper() in panel["colors"] and box.high != 11 * PIXEL
    ]
    assert [one / heights[0] for one in heights] == pytest.approx([1, 0.5, 0.5, 0.25, 0.25, 1], abs=0.01)


def test_paint_is_mixed_as_the_weights_say() -> None:
    panel = swatches.render("p", torch.tensor([0.5, 0.25, 0.25, 0.0]), labels=WORDS, span=12)
    boxes = boxes_of(svg_of(panel))
    assert panel["mixed"].lower() in {box.fill for box in boxes}
    strip = [box.wide for box in boxes if abs(box.high - 8 * PIXEL) < 0.01]
    assert [one / strip[0] for one in strip[:3]] == pytest.approx([1, 0.5, 0.5], abs=0.01)


def test_numbers_tables_boxes_and_nodes_say_what_they_hold() -> None:
    panels = [
        numbers.render("n", [numbers.Number("Spread", 4.07, "nats", "expected 4.00", "agrees")]),
        table.render("t", ["by", "kept"], [["softmax", 10], ["sparsemax", 3]], selected=1),
        flow.render(
            "f", [flow.Box("a", "In", 0, 0, "4 × 8"), flow.Box("b", "Out", 1, 0)], [flow.Arrow("a", "b", "adds")]
        ),
        graph.render("g", [graph.Node("left", 0.2, 0.5), graph.Node("right", 0.8, 0.5)], [graph.Edge(0, 1, 0.5)]),
    ]
    figure = drawing.draw(lab.render(directed(panels, ""), caption=""))
    texts = [one.get_text().strip("\u200e") for one in drawn(figure, "Text")]
    wanted = {"Spread", "4.07", "nats", "agrees, expected 4.00", "by", "kept", "softmax", "10", "sparsemax", "3"}
    assert wanted | {"In", "4 × 8", "Out", "adds", "left", "right"} <= {*texts}


def test_graphs_of_right_to_left_sentences_start_on_the_right() -> None:
    nodes = [graph.Node("א", 0.1, 0.5), graph.Node("ב", 0.9, 0.5)]
    places = {}
    for text in ("Hello", "שלום"):
        figure = drawing.draw(lab.render(directed([graph.render("g", nodes)], text), caption=""))
        places[text] = {one.get_text(): one.get_position()[0] for one in drawn(figure, "Text")}
    assert places["Hello"]["א"] < places["Hello"]["ב"]
    assert places["שלום"]["א"] > places["שלום"]["ב"]


def test_panels_stand_beside_each_other_as_their_spans_say() -> None:
    panels = [table.render(str(i), [f"head{i}"], [["x"]], span=span) for i, span in enumerate((6, 6, 4, 8))]
    figure = drawing.draw(lab.render(panels, caption=""))
    at = {
        one.get_text().strip("\u200e"): one.get_transform().transform(one.get_position())
        for one in drawn(figure, "Text")
    }
    assert at["head0"][1] == at["head1"][1] > at["head2"][1] == at["head3"][1]
    assert at["head0"][0] == at["head2"][0] < at["head3"][0] < at["head1"][0]
