"""The Multi-head lab: what its figure shows, read back and computed again by torch and scipy."""

import itertools
import math
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention as sdpa

from attention.errors import AttentionError
from attention.share.labs import multi_head as lab
from attention.share.settings.kinds import Choice, Number, checked, kinds
from attention.share.settings.multi_head import HEADS, SHARED, SIZES, VIEWS, MultiHead
from attention.views.panels.frame import decode_values

START = MultiHead()
CLOSE = {"atol": 2e-4, "rtol": 0}


def panels(settings: MultiHead) -> dict[str, dict]:
    return {panel["id"]: panel for panel in lab.picture(settings)["panels"]}


def cells(panel: dict) -> Tensor:
    return decode_values(panel["values"])


def items(panel: dict) -> dict[str, dict]:
    return {item["name"]: item for item in panel["items"]}


def by_torch(settings: MultiHead) -> tuple[Tensor, Tensor]:
    """Output and weights of each head by torch's fused attention, which can share keys."""
    hidden, made = lab.made_up(settings)
    n, n_heads = settings.n, settings.n_heads
    query = (hidden @ made.w_query).view(n, n_heads, -1).transpose(0, 1)[None]
    key, value = (
        (hidden @ one).view(n, settings.n_kv_heads, -1).transpose(0, 1)[None] for one in (made.w_key, made.w_value)
    )
    seen = sdpa(query, key, torch.eye(n).expand(1, settings.n_kv_heads, n, n), enable_gqa=True)[0]
    output = sdpa(query, key, value, enable_gqa=True)[0].transpose(0, 1).reshape(n, -1) @ made.w_output
    return output, seen


@pytest.mark.parametrize(
    "change", [{}, {"heads": "8", "shared": "2", "size": "512", "n": 32}, {"heads": "1", "size": "16"}]
)
def test_heads_and_their_average_are_torchs(change: dict) -> None:
    settings = replace(START, **change)
    _, weights = by_torch(settings)
    shown = panels(settings)
    for head in range(settings.n_heads):
        torch.testing.assert_close(cells(shown[f"small-{head}"]), weights[head], **CLOSE)
        assert shown[f"small-{head}"]["picks"] == head
    at = min(settings.head, settings.n_heads - 1)
    torch.testing.assert_close(cells(shown["head"]), weights[at], **CLOSE)
    torch.testing.assert_close(cells(shown["average"]), weights.mean(0), **CLOSE)
    assert shown["head"]["title"] == f"Head {at}"
    assert [name for name, panel in shown.items() if panel["aside"] == "enlarged"] == [f"small-{at}", "head"]
    assert (shown["head"]["picks"], shown["average"]["picks"]) == (None, None)


def test_every_offered_pair_fits() -> None:
    for size, heads, shared in itertools.product(SIZES, HEADS, SHARED):
        settings = checked(MultiHead, {"size": size, "heads": heads, "shared": shared, "view": "differ"})
        assert settings.d_model % settings.n_heads == settings.n_heads % settings.n_kv_heads == 0
        assert lab.picture(settings)["panels"]


@pytest.mark.parametrize(
    "change", [{}, {"heads": "8", "shared": "2", "size": "32", "n": 5}, {"heads": "4", "shared": "1"}]
)
def test_shapes_are_those_of_the_arrays(change: dict) -> None:
    settings = replace(START, view="shapes", **change)
    hidden, made = lab.made_up(settings)
    n, d, h, kv = settings.n, settings.d_model, settings.n_heads, settings.n_kv_heads
    output, weights = by_torch(settings)
    shown = panels(settings)
    boxes = {box["name"]: box for box in shown["flow"]["boxes"]}

    def said(array: Tensor) -> str:
        return " × ".join(map(str, array.shape))

    assert boxes["hidden"]["shape"] == said(hidden)
    for name, matrix, count in (("query", made.w_query, h), ("key", made.w_key, kv), ("value", made.w_value, kv)):
        projected = hidden @ matrix
        assert (boxes[name]["shape"], boxes[name]["number"]) == (said(projected), f"W {said(matrix)}")
        assert boxes[f"{name} split"]["shape"] == said(projected.view(n, count, -1).transpose(0, 1))
    assert boxes["weights"]["shape"] == said(weights)
    assert boxes["head outputs"]["shape"] == f"{h} × {n} × {d // h}"
    assert boxes["merged"]["shape"] == boxes["output"]["shape"] == said(output)
    assert boxes["output"]["number"] == f"W {said(made.w_output)}"
    sizes = items(shown["sizes"])
    assert sizes["numbers per head"]["text"] == str(d // h)
    assert sizes["numbers to learn"]["text"] == f"{2 * d * d + 2 * d * d * kv // h:,}"
    assert sizes["weights"]["text"] == f"{h * n * n:,}"
    assert sizes["kept per token"]["text"] == f"{2 * kv * d // h:,}"
    assert f"{2 * d:,} with one per head" in sizes["kept per token"]["note"]


@pytest.mark.parametrize("heads", HEADS)
def test_differences_are_scipys(heads: str) -> None:
    settings = replace(START, view="differ", heads=heads)
    weights = by_torch(settings)[1].double().numpy()
    apart = np.array([[jensenshannon(one, two, axis=1, base=2).mean() for two in weights] for one in weights])
    lost = entropy(weights.mean(0), axis=1) - entropy(weights, axis=2).mean(0)
    shown = panels(settings)
    np.testing.assert_allclose(cells(shown["distances"]), np.nan_to_num(apart), atol=1e-3)
    np.testing.assert_allclose(shown["loss"]["values"], lost, atol=1e-4)
    seen = items(shown["spread"])
    count = int(heads)
    mean = f"{apart[np.triu_indices(count, 1)].mean():.2f}" if count > 1 else "one head"
    assert seen["mean distance"]["text"] == mean
    assert seen["lost by averaging"]["text"] == f"{abs(lost.mean()):.2f}"
    assert seen["lost by averaging"]["note"] == f"0 to ln {count} = {math.log(count):.2f}"
    assert seen["a head looks at"]["text"] == f"{np.exp(entropy(weights, axis=2)).mean():.2f}"
    assert seen["the average looks at"]["text"] == f"{np.exp(entropy(weights.mean(0), axis=1)).mean():.2f}"


@pytest.mark.parametrize("shared", ["8", "1"])
def test_torchs_own_module_gives_the_same(shared: str) -> None:
    settings = replace(START, view="torch", shared=shared, head=2)
    _, weights = by_torch(settings)
    shown = panels(settings)
    for name in ("ours", "theirs"):
        torch.testing.assert_close(cells(shown[name]), weights[2], **CLOSE)
    assert [item["state"] for item in shown["difference"]["items"]] == ["agrees", "agrees"]


def test_a_difference_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = lab.multihead.torch_layer(*lab.made_up(replace(START, seed=1)))
    monkeypatch.setattr(lab.multihead, "torch_layer", lambda hidden, projections: wrong)
    shown = panels(replace(START, view="torch"))
    assert [item["state"] for item in shown["difference"]["items"]] == ["differs", "differs"]
    _, ours = by_torch(START)
    assert (
        items(shown["difference"])["largest difference, weights"]["text"]
        == f"{(ours - wrong[1]).abs().max().item():.2f}"
    )


def test_every_extreme_gives_numbers() -> None:
    ends = {
        name: [kind.low, kind.high] if isinstance(kind, Number) else list(kind.options)[:: len(kind.options) - 1]
        for name, kind in kinds(MultiHead).items()
        if isinstance(kind, Number | Choice) and name not in {"layer", "view", "source"}
    }
    for view, *values in itertools.product(VIEWS, *ends.values()):
        settings = checked(MultiHead, {"view": view, **dict(zip(ends, values, strict=True))})
        for panel in lab.picture(settings)["panels"]:
            if panel["kind"] == "matrix":
                assert cells(panel).isfinite().all(), settings
            if panel["kind"] == "bars":
                assert all(math.isfinite(one) for one in panel["values"]), settings
            assert not {"NaN", "∞", "−∞"} & {item["text"] for item in panel.get("items", ())}, settings


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"heads": "3"}, "one of 1, 2, 4, 8"),
        ({"heads": 4}, "one of 1, 2, 4, 8"),
        ({"size": "100"}, "d_model must be one of 16"),
        ({"shared": "16"}, "must be one of"),
        ({"n": 33}, "from 2 to 32"),
        ({"n": float("nan")}, "from 2 to 32"),
        ({"head": "L2H1"}, "Head must be"),
        ({"source": "real", "text": " "}, "nothing to read"),
        ({"source": "real", "text": "word " * 390}, "at most 64"),
        ({"source": "real", "other": "word " * 390}, "at most 64"),
        ({"source": "real", "layer": 40}, "Layer 40"),
        ({"source": "real", "head": 40}, "Head 40"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(values: dict, said: str) -> None:
    with pytest.raises(AttentionError, match=said):
        lab.picture(checked(MultiHead, values))


def test_the_question_is_answered_by_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    found = lab.reveal(START)
    assert (found.right, found.choices, found.settings.n_heads) == (0, 3, 8)
    layers = [torch.nn.MultiheadAttention(64, heads, bias=False) for heads in (4, 8)]
    counts = [sum(one.numel() for one in layer.parameters()) for layer in layers]
    said = [int(number.replace(",", "")) for number in re.findall(r"\d+,\d+", found.sentence)]
    assert said == counts
    assert items(panels(found.settings)["sizes"])["numbers to learn"]["text"] == f"{counts[1]:,}"
    made = lab.multihead.random_projections

    def every_head_its_own(d_model: int, n_heads: int, n_kv_heads: int, seed: int) -> lab.Projections:
        return made(16 * n_heads, n_heads, n_kv_heads, seed)

    monkeypatch.setattr(lab.multihead, "random_projections", every_head_its_own)
    assert lab.reveal(START).right == 1
    monkeypatch.setattr(lab.multihead, "random_projections", lambda d, h, kv, seed: made(512 // h, 2, 2, seed))
    assert lab.reveal(START).right == 2


def test_the_question_can_be_asked_of_any_number_of_heads() -> None:
    for heads in HEADS:
        found = lab.reveal(replace(START, heads=heads, source="real", size="16"))
        assert (found.right, found.settings.source) == (0, "made")
        assert "flow" in panels(found.settings)
        assert found.sentence.startswith("1 head has " if heads == "1" else f"{min(int(heads), 4)} heads have ")
