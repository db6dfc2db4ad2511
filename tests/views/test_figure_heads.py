"""Heads as figures: files hold the numbers of the value they were drawn from, to half a percent of full scale."""

import numpy as np
import pytest
import torch
from torch import Tensor

from attention.views import head_grid, heatmap, side_by_side
from attention.views.coding import decode
from attention.views.figure import drawing
from attention.views.figure.image import CellImage
from attention.views.labels import Label
from attention.views.palette import DARK, LIGHT
from tests.views.figure_files import DOTS, dots_of, grid_of, images_of, rgb_of, root_of, share_of, texts_of

HALF_PERCENT = 0.005


def weights_of(tokens: int, causal: bool = False) -> Tensor:
    scores = 2 * torch.randn(tokens, tokens, generator=torch.Generator().manual_seed(tokens))
    return (scores.masked_fill(~torch.ones_like(scores).bool().tril(), -torch.inf) if causal else scores).softmax(-1)


def head(weights: Tensor, **more: object) -> dict:
    labels = [Label(f"w{i}") for i in range(len(weights))]
    return heatmap.render(weights, labels=labels, title="L3H5", caption="made · L3H5 · weights", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
def test_cells_of_both_files_are_the_weights(dark: bool, mirrored: bool) -> None:
    weights = weights_of(9)
    figure = drawing.draw(head(weights, mirrored=mirrored), dark=dark)
    svg, dots = drawing.svg(figure), dots_of(drawing.png(figure))
    stops = (DARK if dark else LIGHT).ramp
    largest = weights.max().item()
    cells = grid_of(svg, 9, 9)
    assert len(cells) == 81
    expected = np.array([weights[row, 8 - column if mirrored else column].item() for row, column, _ in cells])
    beside = [(int((box.y + 3) * DOTS), int((box.x + 3) * DOTS)) for _, _, box in cells]  # the number is in the middle
    for colors in ([rgb_of(box.fill) for _, _, box in cells], [dots[place] for place in beside]):
        read = largest * share_of(np.array(colors), stops) ** 2
        assert np.abs(read - expected).max() < HALF_PERCENT * largest


@pytest.mark.parametrize("mirrored", [False, True])
def test_long_texts_are_an_image_of_the_weights(mirrored: bool) -> None:
    weights = weights_of(128, causal=True)
    allowed = torch.ones(128, 128).bool().tril()
    figure = drawing.draw(head(weights, allowed=allowed, mirrored=mirrored))
    image = next(one for one in images_of(drawing.svg(figure)) if one.shape[:2] == (128, 128))
    image = image[:, ::-1] if mirrored else image
    assert np.array_equal(image[..., 3] == 255, allowed.numpy())
    shares = share_of(image[..., :3][allowed.numpy()][:500].astype(int), LIGHT.ramp)
    expected = weights[allowed][:500].numpy()
    assert np.abs(shares**2 * weights.max().item() - expected).max() < HALF_PERCENT


def test_dots_of_a_long_text_are_its_cells() -> None:
    weights = weights_of(512)
    value = head(weights)
    coded = decode(value["weights"]).numpy()  # in eight bits at this length, which test_coding bounds
    figure = drawing.draw(value)
    dots = dots_of(drawing.png(figure))
    side = 4  # dots of a cell: 512 cells of 1.25 pixels at 300 dots per inch, held to whole dots
    cells = next(one for one in figure.artists if isinstance(one, CellImage) and one.rgba.shape[:2] == (512, 512))
    left, top = (cells.place.transform((0, 0)) * 300 / figure.dpi).round().astype(int)
    top = dots.shape[0] - top
    drawn = dots[top + 2 : top + 512 * side : side, left + 2 : left + 512 * side : side]  # middles
    read = share_of(drawn, LIGHT.ramp) ** 2 * coded.max()
    assert read.shape == (512, 512)
    assert np.abs(read - coded).max() < HALF_PERCENT * coded.max()


def test_blocked_cells_are_hatched_and_never_colored() -> None:
    allowed = torch.ones(6, 6).bool().tril()
    svg = drawing.svg(drawing.draw(head(weights_of(6, causal=True), allowed=allowed)))
    assert {(row, column) for row, column, _ in grid_of(svg, 6, 6)} == {(i, j) for i in range(6) for j in range(i + 1)}
    assert b"<pattern" in svg


def test_words_title_scale_and_caption_are_there() -> None:
    texts = [text for text, _ in texts_of(drawing.svg(drawing.draw(head(weights_of(5), query=2))))]
    wanted = ["L3H5", "looking: query", "looked at: key", *(f"w{i}" for i in range(5)), "weight"]
    assert {*wanted} <= {*texts}
    assert texts[-1].strip("\u200e") == "made · L3H5 · weights"


def test_a_row_without_anything_is_said() -> None:
    value = head(weights_of(5), empty_rows=[1], empty_note="all of this row rests")
    svg = drawing.svg(drawing.draw(value))
    assert "all of this row rests" in [text for text, _ in texts_of(svg)]
    assert len(grid_of(svg, 4, 5)) == 20


def test_arcs_are_as_wide_as_their_weights_and_the_matrix_stays_for_long_texts() -> None:
    weights = weights_of(6)
    figure = drawing.draw(head(weights), mode="arcs")
    widths = sorted(
        one.get_linewidth() / 0.75
        for one in figure.artists
        if hasattr(one, "get_path") and len(one.get_path().vertices) == 4
    )
    assert widths == pytest.approx(sorted(0.5 + 4 * w for w in weights.flatten().tolist() if w >= 0.01), abs=1e-3)
    long = drawing.svg(drawing.draw(head(weights_of(41)), mode="arcs"))
    assert len(images_of(long)) >= 1 or len(grid_of(long, 41, 41)) == 41 * 41


def test_the_grid_shows_thumbnails() -> None:
    weights = torch.stack([torch.stack([weights_of(8, causal=bool(i % 2))] * 3) for i in range(2)])
    thumbs = torch.stack([head_grid.thumbnails(layer) for layer in weights])
    value = head_grid.render(thumbs, n_tokens=8, selected=(1, 2), caption="made")
    images = [one for one in images_of(drawing.svg(drawing.draw(value))) if one.shape[:2] == (8, 8)]
    assert len(images) == 6
    shares = share_of(images[3][..., :3].astype(int), LIGHT.ramp)
    expected = (weights[1, 0].sqrt().numpy() * 255).round() / 255
    assert np.abs(shares - expected ** (2 * value["gamma"])).max() < 0.01


def test_several_heads_stand_side_by_side() -> None:
    svg = drawing.svg(drawing.draw([head(weights_of(4)), head(weights_of(5)), head(weights_of(6))]))
    texts = [text for text, _ in texts_of(svg)]
    assert texts.count("L3H5") == 3


def test_a_comparison_of_languages_has_one_scale() -> None:
    columns = [
        side_by_side.Column(
            name, own, "", mirrored, "", [], [], [], head(weights_of(tokens), mirrored=mirrored), weights_of(tokens).max().item(),
            [side_by_side.Bar(0.5, 0.25)],
        )
        for name, own, mirrored, tokens in (("Arabic", "العربية", True, 5), ("Finnish", "suomi", False, 6))
    ]  # fmt: skip
    value = side_by_side.render(
        columns, key="k", title="L3H5", said="It does the same.", aside="", caption="made", patterns=["Previous token"]
    )
    svg = drawing.svg(drawing.draw(value))
    texts = [text for text, _ in texts_of(svg)]
    assert {"Arabic", "العربية", "Finnish", "suomi", "Previous token", "0.50"} <= {*texts}
    largest = value["largest"]
    ends = [text for text in texts if text == f"{largest:.2f}".rstrip("0")]
    assert len(ends) == 2


def test_hostile_texts_stay_text() -> None:
    words = ["</text><script>x</script>", "-->", "$\\frac{1}{2}$", "\x00\x07", "a\nb", "\ud800", "\ufffe", "--"]
    value = heatmap.render(
        weights_of(len(words)), labels=[Label(word) for word in words], title="<b>", caption="\x01".join(words)
    )
    svg = drawing.svg(drawing.draw(value), title=value["caption"], description=value["caption"])
    assert not list(root_of(svg).iter("{http://www.w3.org/2000/svg}script"))
    assert drawing.png(drawing.draw(value)).startswith(b"\x89PNG")


def test_a_long_caption_is_cut_with_an_ellipsis() -> None:
    value = heatmap.render(weights_of(4), labels=[Label(str(i)) for i in range(4)], caption="many words " * 2000)
    texts = [text for text, _ in texts_of(drawing.svg(drawing.draw(value)))]
    lines = [text for text in texts if "many words" in text]
    assert len(lines) == drawing.CAPTION_LINES
    assert lines[-1].endswith("…")


def test_a_picture_has_no_more_dots_than_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = drawing.draw(head(weights_of(4)))
    figure.set_size_inches(24, 100)
    monkeypatch.setattr(drawing, "MOST_DOTS", 1_000_000)
    height, width, _ = dots_of(drawing.png(figure)).shape
    assert 900_000 < height * width <= 1_000_000
