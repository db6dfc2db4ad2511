import json
import math
import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from attention.errors import SelectionError, ShapeError
from attention.views import lab
from attention.views.coding import decode_mask
from attention.views.labels import Label
from attention.views.palette import css_variables, hex_of
from attention.views.panels import curves, flow, graph, matrix, numbers, stack, swatches, table, token_bars
from attention.views.panels.frame import check_choice, decode_values, directed, encode_values, spoken
from attention.views.panels.paint import paints
from attention.views.static_files import LAB, PANELS, lab_picture
from tests.views.lab_fixtures import HOSTILE, KINDS, figure, labels_of, matrices, mounted
from tests.views.pages import page_of

TWO = torch.tensor([[0.75, 0.25], [0.0, 1.0]])
PAIR = [Label("the"), Label("cat")]


def size(value: dict) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def test_every_kind_is_plain_json() -> None:
    value = figure()
    assert json.loads(json.dumps(value, allow_nan=False)) == value
    assert {panel["kind"] for panel in value["panels"]} == set(KINDS)
    for panel in value["panels"]:
        assert panel["id"]
        assert 1 <= panel["span"] <= 12
    assert size(value) < 150_000


def test_panels_of_a_right_to_left_sentence_are_mirrored_and_nothing_else_of_them_changes() -> None:
    panels = figure()["panels"]
    assert not any(panel["mirrored"] for panel in panels)
    assert directed(panels, "abc قط") == panels
    assert directed(panels, "قط abc") == [{**panel, "mirrored": True} for panel in panels]


def test_two_panels_may_not_share_an_id() -> None:
    panel = numbers.render("same", [])
    with pytest.raises(SelectionError, match="same"):
        lab.render([panel, panel], caption="")


@pytest.mark.parametrize("span", [0, 13])
def test_spans_are_one_to_twelve(span: int) -> None:
    with pytest.raises(SelectionError, match="1 to 12"):
        numbers.render("panel", [], span=span)


@given(st.integers(1, 40), st.integers(1, 300), st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(0, 99))
def test_coded_values_are_within_half_a_percent_of_their_range(
    rows: int, cols: int, shift: float, scale: float, seed: int
) -> None:
    values = (shift + scale * torch.rand(rows, cols, generator=torch.Generator().manual_seed(seed)).double()).float()
    error = (decode_values(encode_values(values)) - values).abs().max().item()
    full = (values.max() - values.min()).item()
    assert error <= 0.005 * full + 1e-6 * values.abs().max().item()


def test_infinities_and_nan_keep_their_places() -> None:
    values = torch.tensor([[1.0, -math.inf, math.inf], [math.nan, -2.0, 0.5]])
    assert torch.allclose(decode_values(encode_values(values)), values, atol=1e-4, equal_nan=True)
    nothing = torch.full((2, 2), -math.inf)
    assert torch.equal(decode_values(encode_values(nothing)), nothing)


def test_a_large_matrix_is_small_to_send() -> None:
    large = matrix.render("large", torch.randn(128, 512), ramp="signed", axes=("dimension", "position"))
    assert large["values"]["bits"] == 8
    assert size(large) < 90_000
    assert size(lab.render(matrices(64), caption="")) < 60_000


def test_a_matrix_carries_its_mask_and_ends() -> None:
    allowed = torch.tensor([[True, False], [True, True]])
    one = matrix.render("one", TWO, rows=PAIR, columns=PAIR, allowed=allowed, empty_rows=[1], selected=0)
    assert torch.equal(decode_mask(one["allowed"], 2, 2), allowed)
    torch.testing.assert_close(decode_values(one["values"]), TWO, atol=1e-4, rtol=0)
    assert (one["low"], one["high"], one["empty_rows"], one["selected"]) == (0.0, 1.0, [1], 0)
    signed = matrix.render("two", 3 * TWO - 2, ramp="signed")
    assert (signed["low"], signed["high"], signed["rows"]) == (-2.0, 2.0, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": [Label("one")]},
        {"columns": [Label("one")]},
        {"selected": 2},
        {"empty_rows": [5]},
        {"low": 1, "high": 0},
        {"ramp": "signed", "low": -1, "high": 2},
    ],
)
def test_a_matrix_that_does_not_fit_is_refused(wrong: dict) -> None:
    with pytest.raises((ShapeError, SelectionError)):
        matrix.render("one", TWO, **wrong)


def test_choices_are_checked_at_run_time() -> None:
    check_choice("ramp", "signed", ("weights", "signed"))
    with pytest.raises(SelectionError, match="ramp must be one of 'weights', 'signed', not rainbow"):
        check_choice("ramp", "rainbow", ("weights", "signed"))


def test_bars_hold_blocked_tokens_lines_and_a_fixed_end() -> None:
    values = torch.tensor([0.2, math.nan, 0.8])
    allowed = torch.tensor([True, False, True])
    labels = [*PAIR, Label("sat")]
    bars = token_bars.render("bars", values, labels=labels, allowed=allowed, lines=[("even", 0.5)], largest=1.0)
    assert (bars["values"], bars["blocked"], bars["lines"]) == ([0.2, None, 0.8], [1], [["even", 0.5]])
    assert (bars["low"], bars["high"]) == (0.0, 1.0)
    signed = token_bars.render("bars", torch.tensor([-3.0, 1.0, -math.inf]), labels=labels)
    assert (signed["low"], signed["high"], signed["values"][2]) == (-3.0, 1.0, "-inf")
    empty = token_bars.render("bars", values, labels=labels, allowed=torch.zeros(3).bool())
    assert (empty["low"], empty["high"]) == (0.0, 1.0)


def test_curves_want_an_ascending_axis_and_fitting_series() -> None:
    x = torch.tensor([1.0, 2.0, 4.0])
    one = curves.render("c", x, [curves.Series("a", torch.tensor([1.0, math.nan, 3.0]))], x_name="x", present=2.0)
    assert one["series"][0]["values"] == [1.0, None, 3.0]
    with pytest.raises(SelectionError, match="ascending"):
        curves.render("c", x.flip(0), [], x_name="x")
    with pytest.raises(SelectionError, match="above 0"):
        curves.render("c", x - 1, [], x_name="x", x_log=True)
    with pytest.raises(ShapeError, match="“b”"):
        curves.render("c", x, [curves.Series("b", torch.ones(2))], x_name="x")


@pytest.mark.parametrize(
    ("number", "text"),
    [(4.0, "4.00"), (-0.5, "−0.50"), (1.2e-7, "1.2×10⁻⁷"), (0.0, "0.00"), (3e8, "3.0×10⁸"), (math.inf, "∞"), (math.nan, "NaN")],
)  # fmt: skip
def test_numbers_are_said_as_people_read_them(number: float, text: str) -> None:
    assert spoken(number, 2) == text
    assert numbers.render("n", [numbers.Number("a", number)])["items"][0]["text"] == text


def test_a_table_knows_its_columns_of_numbers() -> None:
    one = table.render("t", ["way", "entropy", "kept"], [["softmax", 2.3, 10], ["hard", 0.0, 1]])
    assert one["rows"] == [["softmax", "2.30", "10"], ["hard", "0.00", "1"]]
    assert one["numeric"] == [1, 2]
    with pytest.raises(ShapeError):
        table.render("t", ["way", "entropy"], [["softmax"]])


def test_stacked_parts_add_up_to_the_output() -> None:
    values = torch.randn(3, 4, generator=torch.Generator().manual_seed(1))
    one = stack.render("s", values, labels=[*PAIR, Label("sat")])
    torch.testing.assert_close(torch.tensor(one["output"]), values.sum(0), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(decode_values(one["values"]), values, atol=1e-3, rtol=0)
    assert len(set(one["colors"])) == 3
    with pytest.raises(ValueError, match="finite"):
        stack.render("s", values.log(), labels=[*PAIR, Label("sat")])


def test_the_mixture_is_the_weighted_sum_of_the_paints() -> None:
    weights = torch.tensor([0.25, 0.75])
    one = swatches.render("p", weights, labels=PAIR)
    expected: Tensor = 0.25 * paints(2)[0] + 0.75 * paints(2)[1]
    assert one["mixed"] == hex_of(*expected.tolist())
    alone = swatches.render("p", torch.tensor([0.0, 1.0]), labels=PAIR)
    assert alone["mixed"] == alone["colors"][1]
    none = swatches.render("p", torch.zeros(2), labels=PAIR, allowed=torch.zeros(2).bool())
    assert (none["mixed"], none["blocked"]) == (None, [0, 1])


def test_a_token_keeps_its_paint_when_the_text_grows() -> None:
    assert torch.equal(paints(5), paints(12)[:5])


def test_arrows_lead_between_boxes_that_exist() -> None:
    boxes = [flow.Box("x", "X", 0, 0), flow.Box("y", "Y", 1, 0)]
    one = flow.render("f", boxes, [flow.Arrow("x", "y")], groups=[flow.Group("both", ("x", "y"))], selected="y")
    assert one["boxes"][1] == {"name": "y", "label": "Y", "column": 1, "row": 0, "shape": "", "number": "", "role": ""}
    for arrows, groups, twice in (([("x", "z")], [], []), ([], [("z",)], []), ([], [], [boxes[0]])):
        with pytest.raises(SelectionError):
            flow.render("f", [*boxes, *twice], [flow.Arrow(*pair) for pair in arrows], groups=[flow.Group("", names) for names in groups])  # fmt: skip


def test_graphs_stay_in_their_frame() -> None:
    nodes = [graph.Node("a", 0, 0), graph.Node("b", 1, 1)]
    assert graph.render("g", nodes, [graph.Edge(0, 1, 0.5)])["edges"] == [[0, 1, 0.5]]
    with pytest.raises(SelectionError, match="0 to 1"):
        graph.render("g", [graph.Node("a", 2, 0)])
    with pytest.raises(SelectionError, match="Row 2"):
        graph.render("g", nodes, [graph.Edge(0, 2)])
    with pytest.raises(SelectionError, match="weight"):
        graph.render("g", nodes, [graph.Edge(0, 1, 1.5)])


def test_labels_are_data_never_markup() -> None:
    page = page_of(mounted(figure(HOSTILE)))
    assert "<img" not in page
    assert page.count("</script>") == 1
    assert labels_of(HOSTILE)[0].text in figure(HOSTILE)["panels"][0]["rows"]["texts"]


def test_there_is_a_script_for_every_kind() -> None:
    assert set(PANELS) == set(KINDS)
    assert re.findall(r"^LAB_KINDS\.(\w+) =", LAB.script(), re.MULTILINE) == list(PANELS)
    assert len(lab_picture("numbers").script()) < len(LAB.script()) / 3


def test_the_script_defines_each_name_once_and_writes_text_only() -> None:
    text = LAB.script()
    names = re.findall(r"^(?:function|const|let) (\w+)", text, re.MULTILINE)
    assert names.count(LAB.mount) == 1
    assert len(names) == len(set(names))
    assert not {"element", "trigger", "props", "server", "upload", "watch", "view"} & set(names)
    for dangerous in ("innerHTML", "insertAdjacentHTML", "document.write", "eval(", "</script"):
        assert dangerous not in text
    assert set(re.findall(r"https?://[^\s\"']+", text + LAB.style())) == {"http://www.w3.org/2000/svg"}
    assert re.findall(r"#[0-9A-Fa-f]{3,6}\b", LAB.style()) == []
    own = set(re.findall(r"(--hl-\w+):", LAB.style())) | {"--font"}
    used = set(re.findall(r"var\((--[a-z-]+)", LAB.style()))
    assert used <= own | set(re.findall(r"(--[a-z-]+):", css_variables()))
