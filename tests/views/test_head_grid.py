import base64
import json

import pytest
import torch
from torch.nn.functional import adaptive_max_pool2d

from attention.errors import SelectionError, ShapeError
from attention.views.head_grid import UNIFORM_TONE, gamma, render, thumbnails


def test_a_two_by_two_head_keeps_its_four_cells() -> None:
    codes = thumbnails(torch.tensor([[[1.0, 0.0], [0.25, 0.75]]]))
    assert codes.tolist() == [[[255, 0], [128, 221]]]  # 255 sqrt(0.25) = 127.5, rounded to even


def test_thumbnails_of_a_right_to_left_text_run_from_right_to_left() -> None:
    weights = torch.rand(2, 40, 30, generator=torch.Generator().manual_seed(1))
    assert torch.equal(thumbnails(weights, mirrored=True), thumbnails(weights.flip(-1)))


def test_a_diagonal_stays_a_diagonal_when_it_shrinks() -> None:
    codes = thumbnails(torch.eye(96)[None])
    assert torch.equal(codes[0], 255 * torch.eye(24, dtype=torch.uint8))


@pytest.mark.parametrize("tokens", [25, 60, 128])
def test_long_texts_are_max_pooled(tokens: int) -> None:
    weights = torch.rand(3, tokens, tokens, generator=torch.Generator().manual_seed(tokens), dtype=torch.float64)
    expected = (255 * adaptive_max_pool2d(weights, (24, 24)).sqrt()).round().to(torch.uint8)
    assert torch.equal(thumbnails(weights), expected)


def test_sides_differ_under_cross_attention() -> None:
    assert thumbnails(torch.full((2, 5, 40), 1 / 40)).shape == (2, 5, 24)
    assert thumbnails(torch.full((2, 5, 40), 1 / 40), side=3).shape == (2, 3, 3)


def test_a_side_below_one_is_refused() -> None:
    with pytest.raises(ShapeError, match="side has shape 0"):
        thumbnails(torch.eye(2)[None], side=0)


@pytest.mark.parametrize("tokens", [2, 5, 24, 128, 512])
def test_uniform_heads_look_alike_at_every_length(tokens: int) -> None:
    assert (1 / tokens) ** gamma(tokens) == pytest.approx(UNIFORM_TONE)
    assert 1.0 ** gamma(tokens) == 1.0


def test_one_token_has_a_scale_too() -> None:
    assert gamma(1) > 0


def test_the_payload_is_layers_of_heads() -> None:
    thumbs = torch.arange(2 * 3 * 4, dtype=torch.uint8).reshape(2, 3, 2, 2)
    value = json.loads(json.dumps(render(thumbs, n_tokens=2, selected=(1, 2), notes=["a"] * 6)))
    assert (value["n_layers"], value["n_heads"], value["rows"], value["cols"]) == (2, 3, 2, 2)
    assert base64.b64decode(value["data"]) == bytes(range(24))
    assert (value["selected"], value["notes"]) == ([1, 2], ["a"] * 6)


def test_all_heads_of_a_base_model_are_small() -> None:
    thumbs = torch.full((12, 12, 24, 24), 200, dtype=torch.uint8)
    assert len(json.dumps(render(thumbs, n_tokens=512))) <= 112_000


@pytest.mark.parametrize(("selected", "sentence"), [((2, 0), "Layer 2"), ((0, 3), "Head 3"), ((-1, 0), "Layer -1")])
def test_a_head_that_does_not_exist_is_refused(selected: tuple[int, int], sentence: str) -> None:
    with pytest.raises(SelectionError, match=sentence):
        render(torch.zeros(2, 3, 2, 2, dtype=torch.uint8), n_tokens=2, selected=selected)


def test_one_note_per_head_or_none() -> None:
    with pytest.raises(ShapeError, match=r"notes has shape \(1,\); expected \(6,\)"):
        render(torch.zeros(2, 3, 2, 2, dtype=torch.uint8), n_tokens=2, notes=["alone"])


def test_heads_can_be_colored_by_percents() -> None:
    tables = {"next": torch.tensor([[0.0, 0.5, 1.0], [torch.nan, 0.25, 0.996]]), "broad": torch.zeros(2, 3)}
    value = render(torch.zeros(2, 3, 2, 2, dtype=torch.uint8), n_tokens=2, tables=tables)
    assert list(base64.b64decode(value["tables"]["next"])) == [0, 50, 100, 255, 25, 100]
    assert list(base64.b64decode(value["tables"]["broad"])) == [0] * 6
    assert render(torch.zeros(2, 3, 2, 2, dtype=torch.uint8), n_tokens=2)["tables"] == {}
