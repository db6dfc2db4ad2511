"""The chain and the board against torch's own recurrent network and attention, and a real board against the eager model."""

import functools
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from attention.core.block import random_block
from attention.core.scoring import draw
from attention.models import bundled, loader, reader
from attention.models.forward import arguments
from attention.share.settings.transformer import Transformer
from tests.models.bundled_models import needs_e5
from tests.share.lab_transformer import TEXTS, shown, torchs_attention, words_of


def edges_of(panel: dict) -> dict[tuple[int, int], float]:
    return {(start, end): weight for start, end, weight in panel["edges"]}


@pytest.mark.parametrize(("n", "seed"), [(2, 0), (10, 0), (16, 7)])
def test_the_chain_fades_as_torchs_does(n: int, seed: int) -> None:
    panels = shown(Transformer(n=n, seed=seed))
    w_input, w_state = draw(seed, 2, 64, 64, role="chain") / 8
    network = nn.RNN(64, 64, bias=False)
    network.load_state_dict({"weight_ih_l0": w_input.T, "weight_hh_l0": w_state.T})
    words, edited = words_of(seed, n), words_of(seed, n)
    edited[0] = draw(seed, 64, role="another word")
    with torch.no_grad():
        moves = (network(edited)[0] - network(words)[0]).abs().amax(dim=-1)
    chain, team = panels["fading"]["series"]
    assert chain["values"] == pytest.approx((moves / moves[0]).tolist(), rel=1e-3)
    assert [(start, end) for start, end, _ in panels["ring"]["edges"]] == [(at, at + 1) for at in range(n - 1)]
    drawn = [weight for _, _, weight in panels["ring"]["edges"]]
    assert drawn == pytest.approx((moves / moves.max())[1:].tolist(), rel=1e-3)
    attention = torchs_attention(random_block(64, 4, seed=seed))
    with torch.no_grad():
        outputs = [attention(x[None], x[None], x[None], average_attn_weights=True) for x in (words, edited)]
    moves = (outputs[1][0] - outputs[0][0])[0].abs().amax(dim=-1)
    assert team["values"] == pytest.approx((moves / moves[0]).tolist(), rel=1e-3)
    mean = outputs[0][1][0]
    expected = {(k, q): mean[q, k].item() for q in range(n) for k in range(n) if q != k and mean[q, k] >= 0.04}
    assert edges_of(panels["board"]) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("n", [2, 9, 16])
def test_costs_are_n_one_and_n_squared(n: int) -> None:
    panels = shown(Transformer(n=n))
    assert [row[1:] for row in panels["costs"]["rows"]] == [[str(n - 1), "1"], [str(n), "1"], [str(n), str(n * n)]]
    assert len(panels["ring"]["edges"]) == n - 1
    growth = panels["growth"]
    assert growth["present"] == n
    assert n in growth["x"]
    steps, waits, weights = (one["values"] for one in growth["series"])
    assert steps == growth["x"]
    assert set(waits) == {1}
    assert weights == pytest.approx([x * x for x in growth["x"]])


def test_no_two_places_around_the_board_are_level_or_the_same() -> None:
    for n in range(2, 17):
        places = [tuple(node["at"]) for node in shown(Transformer(n=n))["board"]["nodes"]]
        heights = sorted(y for _, y in places)
        assert len(set(places)) == n
        assert all(high - low > 0.01 for low, high in pairwise(heights)), n


@needs_e5
@pytest.mark.parametrize("language", TEXTS)
def test_the_board_is_the_eager_head_of_transformers(language: str) -> None:
    settings = Transformer(source="real", text=TEXTS[language], other=TEXTS["English"], layer=3, head=5)
    panels = shown(settings)
    for panel, text in (("board", settings.text), ("board-2", settings.other)):
        weights = eager(settings.model, text)[3][0, 5]
        n = min(len(weights), 16)
        wanted = {(k, q): weights[q, k].item() for q in range(n) for k in range(n) if q != k and weights[q, k] >= 0.042}
        found = edges_of(panels[panel])
        assert {edge: found[edge] for edge in wanted} == pytest.approx(wanted, abs=2e-3)
        assert all(weight >= 0.04 for weight in found.values())
        labels = [token.text for token in reader.capture(settings.model, text).tokens]
        assert [node["label"] for node in panels[panel]["nodes"]][1:4] == labels[1:4]
    assert panels["costs"]["rows"][2][2] == str(len(eager(settings.model, settings.text)[0][0, 0]) ** 2)


def eager(model: str, text: str) -> tuple[Tensor, ...]:
    """transformers' own weights, one tensor a layer."""
    with torch.no_grad():
        inputs = arguments(loader.load(model), reader.capture(model, text).text.inputs)
        return eager_e5()(**inputs, output_attentions=True).attentions


@functools.cache
def eager_e5() -> Any:
    return bundled.load_e5(attn_implementation="eager")[0].eval()
