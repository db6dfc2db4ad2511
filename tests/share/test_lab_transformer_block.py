"""The block's figure against torch's own layers, and a real model's against transformers' hidden states."""

from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from attention.core.block import random_block
from attention.core.scoring import draw
from attention.models import catalog, loader, reader
from attention.models.forward import arguments
from attention.share.labs.transformer import picture
from attention.share.settings.transformer import Transformer
from attention.views.panels.frame import decode_values
from tests.share.lab_transformer import TEXTS, shown, torchs_attention, words_of


def tower(settings: Transformer, pre_norm: bool) -> list[dict[str, Tensor]]:
    """Every stream of every block, by torch's own functions."""
    hidden, found = words_of(settings.seed, settings.n), []
    for at in range(settings.blocks):
        one = random_block(64, 4, seed=1000 * settings.seed + at)

        def normed(x: Tensor) -> Tensor:
            return nn.functional.layer_norm(x, (64,))

        seen = {"hidden": hidden, "attention in": normed(hidden) if pre_norm else hidden}
        given = seen["attention in"][None]
        with torch.no_grad():
            seen["attention"] = torchs_attention(one)(given, given, given)[0][0]
        seen["attention sum"] = hidden + seen["attention"]
        seen["feed-forward in"] = normed(seen["attention sum"])
        inner = nn.functional.gelu(seen["feed-forward in"] @ one.feed_forward.w_in)
        seen["feed-forward"] = inner @ one.feed_forward.w_out
        around = seen["attention sum"] if pre_norm else seen["feed-forward in"]
        seen["feed-forward sum"] = around + seen["feed-forward"]
        seen["output"] = seen["feed-forward sum"] if pre_norm else normed(seen["feed-forward sum"])
        hidden = seen["output"]
        found.append(seen)
    return found


@pytest.mark.parametrize("pre_norm", [True, False])
@pytest.mark.parametrize("row", [0, 2, 63])
def test_the_block_says_the_lengths_of_torchs_streams(pre_norm: bool, row: int) -> None:
    settings = Transformer(view="block", blocks=4, n=7, pre_norm=pre_norm, row=row, seed=3)
    panels, found = shown(settings), tower(settings, pre_norm)
    boxes = panels["block"]["boxes"]
    assert len(boxes) == 7
    for box in boxes:
        expected = found[min(row, 3)][box["name"]].norm(dim=-1).mean().item()
        assert float(box["number"]) == pytest.approx(expected, rel=6e-3)
        assert box["shape"] == "7 × 64"
    order = [box["name"] for box in boxes]
    arrows = {(arrow["start"], arrow["end"]) for arrow in panels["block"]["arrows"]}
    assert arrows >= set(pairwise(order))
    second = ("attention sum", "output") if pre_norm else ("feed-forward in", "feed-forward sum")
    assert {one for one in arrows if one not in set(pairwise(order))} == {
        ("hidden", "attention sum"),
        second,
    }


def test_both_norms_grow_as_torchs_towers_do() -> None:
    settings = Transformer(view="block", blocks=5, row=1)
    growth = shown(settings)["growth"]
    for series, pre_norm in zip(growth["series"], (True, False), strict=True):
        found = tower(settings, pre_norm)
        levels = [found[0]["hidden"], *(one["output"] for one in found)]
        assert series["values"] == pytest.approx([one.norm(dim=-1).mean().item() for one in levels], rel=1e-4)
    assert growth["present"] == 1
    assert growth["x"] == list(range(6))


@pytest.mark.parametrize("pre_norm", [True, False])
def test_positions_stay_apart_only_with_the_ways_around(pre_norm: bool) -> None:
    settings = Transformer(view="block", blocks=4, pre_norm=pre_norm)
    likeness, descent = (shown(settings)[name]["series"] for name in ("likeness", "descent"))
    found = tower(settings, pre_norm)
    levels = [found[0]["hidden"], *(one["output"] for one in found)]
    expected = []
    for level in levels:
        pairs = [nn.functional.cosine_similarity(level[a], level[b], dim=0) for a in range(10) for b in range(a)]
        expected.append(torch.stack(pairs).mean().item())
    assert likeness[0]["values"] == pytest.approx(expected, abs=1e-4)
    assert likeness[1]["values"][0] == likeness[0]["values"][0]
    assert likeness[1]["values"][-1] > likeness[0]["values"][-1]
    for series in descent:
        assert series["values"][-1] == pytest.approx(1.0, abs=1e-5)
    assert descent[0]["values"][0] == pytest.approx(_descent(settings), abs=1e-4)


def _descent(settings: Transformer) -> float:
    """The cosine of the gradient at the bottom with the one at the top, through torch's own layers."""
    hidden = words_of(settings.seed, settings.n).requires_grad_()
    target = draw(settings.seed, settings.n, 64, role="what the loss asks for")
    output = hidden[None]
    for at in range(settings.blocks):
        one = random_block(64, 4, seed=1000 * settings.seed + at)
        layer = nn.TransformerEncoderLayer(
            64, 4, 256, activation="gelu", batch_first=True, norm_first=settings.pre_norm, bias=False
        ).eval()
        layer.load_state_dict(
            {
                **{f"self_attn.{name}": part for name, part in torchs_attention(one).state_dict().items()},
                "linear1.weight": one.feed_forward.w_in.T,
                "linear2.weight": one.feed_forward.w_out.T,
                "norm1.weight": torch.ones(64),
                "norm2.weight": torch.ones(64),
            }
        )
        output = layer(output)
    gradient = torch.autograd.grad((output[0] * target).sum(), hidden)[0]
    return nn.functional.cosine_similarity(gradient.flatten(), target.flatten(), dim=0).item()


def test_the_norm_takes_the_scale_away_and_words_are_read_alone() -> None:
    items = {item["name"]: item for item in shown(Transformer(view="block"))["checks"]["items"]}
    normed = nn.functional.layer_norm(words_of(0, 10), (64,)).norm(dim=-1).mean().item()
    assert float(items["length after the norm"]["text"]) == pytest.approx(normed, abs=0.006)
    assert items["the same, vectors × 100"]["text"] == "8.00"
    assert items["words together or alone"]["state"] == "agrees"


@pytest.mark.parametrize("language", TEXTS)
def test_a_real_models_streams_are_those_of_transformers(language: str) -> None:
    settings = Transformer(view="block", source="real", text=TEXTS[language], other=TEXTS["English"], row=4)
    panels = shown(settings)
    for mark, text in (("", settings.text), ("-2", settings.other)):
        loaded = loader.load(settings.model)
        with torch.inference_mode():
            found: Any = loaded.module(
                **arguments(loaded, reader.capture(settings.model, text).text.inputs), output_hidden_states=True
            )
        lengths = torch.stack([part[0].float().norm(dim=-1) for part in found.hidden_states])
        torch.testing.assert_close(decode_values(panels[f"map{mark}"]["values"]), lengths, atol=2e-3, rtol=1e-3)
        assert panels[f"growth{mark}"]["series"][0]["values"] == pytest.approx(
            lengths[:-1].mean(dim=-1).tolist(), rel=1e-3
        )
        boxes = {box["name"]: float(box["number"]) for box in panels[f"block{mark}"]["boxes"]}
        assert boxes["hidden"] == pytest.approx(lengths[4].mean().item(), rel=6e-3)
        assert boxes["output"] == pytest.approx(lengths[5].mean().item(), rel=6e-3)
        assert list(boxes)[-1] == "output"
        assert "feed-forward sum" in boxes  # this model norms after each sum
    assert "norm after each sum" in picture(settings)["caption"]


def test_our_pre_norm_decoder_is_drawn_as_one() -> None:
    settings = Transformer(view="block", source="real", model=catalog.INDUCTION, text="a b a b")
    assert [box["label"] for box in shown(settings)["block"]["boxes"]][:2] == ["what comes in", "norm"]
    assert "norm before each part" in picture(settings)["caption"]
