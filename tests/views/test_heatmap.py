import inspect
import json

import pytest
import torch

from attention.errors import SelectionError, ShapeError
from attention.views import arcs, heatmap
from attention.views.coding import decode, decode_mask
from attention.views.labels import Label

TWO = torch.tensor([[0.75, 0.25], [0.0, 1.0]])
LABELS = [Label("the", special=True), Label("cat")]


def size(value: dict) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())


def test_the_payload_holds_the_weights_and_the_words() -> None:
    value = json.loads(json.dumps(heatmap.render(TWO, labels=LABELS, title="L2H6", caption="e5, L2H6", query=1)))
    torch.testing.assert_close(decode(value["weights"]), TWO, atol=2e-5, rtol=0)
    assert value["queries"]["texts"] == ["the", "cat"]
    assert (value["title"], value["caption"], value["query"]) == ("L2H6", "e5, L2H6", 1)
    assert (value["keys"], value["allowed"], value["empty_rows"], value["mirrored"]) == (None, None, [], False)


def test_cross_attention_has_its_own_columns() -> None:
    value = heatmap.render(torch.full((2, 3), 1 / 3), labels=LABELS, key_labels=[Label(c) for c in "abc"])
    assert value["keys"]["texts"] == ["a", "b", "c"]


def test_blocked_pairs_travel_with_the_weights() -> None:
    allowed = torch.tensor([[True, False], [True, True]])
    value = heatmap.render(torch.eye(2), labels=LABELS, allowed=allowed, empty_rows=[1, 1], empty_note="nothing left")
    assert torch.equal(decode_mask(value["allowed"], 2, 2), allowed)
    assert (value["empty_rows"], value["empty_note"]) == ([1], "nothing left")


def test_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"labels has shape \(1,\); expected \(2,\)"):
        heatmap.render(TWO, labels=LABELS[:1])
    with pytest.raises(ShapeError, match=r"key_labels has shape \(3,\)"):
        heatmap.render(TWO, labels=LABELS, key_labels=[*LABELS, LABELS[0]])


@pytest.mark.parametrize("query", [-1, 2])
def test_a_row_that_does_not_exist_is_refused(query: int) -> None:
    with pytest.raises(SelectionError, match="rows 0 to 1"):
        heatmap.render(TWO, labels=LABELS, query=query)
    with pytest.raises(SelectionError, match="rows 0 to 1"):
        heatmap.render(TWO, labels=LABELS, empty_rows=[query])


@pytest.mark.parametrize(("tokens", "limit"), [(32, 4_000), (128, 23_552), (512, 359_424)])
def test_one_head_is_small(tokens: int, limit: int) -> None:
    weights = torch.full((tokens, tokens), 1 / tokens)
    words = [Label("word") for _ in range(tokens)]
    causal = torch.ones(tokens, tokens, dtype=torch.bool).tril()
    assert size(heatmap.render(weights, labels=words)) <= limit
    assert size(heatmap.render(weights, labels=words, allowed=causal)) <= limit


def test_arcs_are_drawn_from_the_same_value() -> None:
    assert arcs.render(TWO, labels=LABELS) == heatmap.render(TWO, labels=LABELS)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_outlined_pairs_travel_with_the_weights(share: float) -> None:
    outline = torch.rand(7, 7, generator=torch.Generator().manual_seed(1)) < share
    value = heatmap.render(torch.eye(7), labels=[Label(c) for c in "abcdefg"], outline=outline)
    assert torch.equal(decode_mask(json.loads(json.dumps(value["outline"])), 7, 7), outline)


def test_outlines_of_all_pairs_and_of_none_are_told_apart() -> None:
    whole = heatmap.render(TWO, labels=LABELS, outline=torch.ones(2, 2, dtype=torch.bool))["outline"]
    none = heatmap.render(TWO, labels=LABELS, outline=torch.zeros(2, 2, dtype=torch.bool))["outline"]
    triangle = heatmap.render(TWO, labels=LABELS, outline=torch.ones(2, 2, dtype=torch.bool).tril())["outline"]
    assert (whole, none, triangle) == ({"all": True}, None, {"causal": True})
    assert heatmap.render(TWO, labels=LABELS)["outline"] is None


def test_an_outline_of_another_size_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"outline has shape \(2, 3\); expected \(2, 2\)"):
        inspect.unwrap(heatmap.render)(TWO, labels=LABELS, outline=torch.ones(2, 3, dtype=torch.bool))
