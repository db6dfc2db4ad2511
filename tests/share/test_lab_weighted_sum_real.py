"""The Weighted sum lab on real heads: its numbers are transformers' own."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import BertModel

from attention.models import bundled, reader
from attention.views.panels.frame import decode_values
from tests.share.test_lab_weighted_sum import SENTENCES, START, panels


@pytest.fixture(scope="module")
def e5() -> BertModel:
    return bundled.load_e5(attn_implementation="eager")[0]


def eager(module: BertModel, text: str, layer: int, head: int) -> tuple[Tensor, Tensor, Tensor]:
    """Weights, values and output of one head by transformers' eager attention."""
    inputs = {name: torch.tensor([ids]) for name, ids in reader.capture(bundled.E5, text).text.inputs.items()}
    kept: list[Tensor] = []
    hook = module.encoder.layer[layer].attention.self.value.register_forward_hook(lambda *call: kept.append(call[2]))
    with torch.no_grad():
        weights = module(**inputs, output_attentions=True).attentions[layer][0, head]
    hook.remove()
    value = kept[0][0].unflatten(-1, (12, -1))[:, head]
    return weights, value, weights @ value


def test_a_real_head_is_the_models_own_in_three_languages(e5: BertModel) -> None:
    for first, second in (("English", "Japanese"), ("Arabic", "English")):
        settings = replace(START, source="real", text=SENTENCES[first], other=SENTENCES[second], focus=5)
        steps, rows = panels(settings), panels(replace(settings, view="rows"))
        paint = panels(replace(settings, view="paint"))
        for mark, language in (("", first), ("-2", second)):
            weights, value, output = eager(e5, SENTENCES[language], 8, 8)
            close = {"rtol": 1e-3, "atol": 2e-5}
            np.testing.assert_allclose(steps[f"weights{mark}"]["values"], weights[5], **close)
            scores = torch.tensor(steps[f"scores{mark}"]["values"])
            np.testing.assert_allclose(scores.softmax(0), weights[5], **close)
            np.testing.assert_allclose(steps[f"sum{mark}"]["output"], output[5], rtol=1e-3, atol=1e-4)
            np.testing.assert_allclose(paint[f"paint{mark}"]["weights"], weights[5], **close)
            shown = decode_values(rows[f"all-values{mark}"]["values"])
            np.testing.assert_allclose(shown, value, atol=1e-3 * value.abs().max().item())


def test_a_head_that_may_not_look_ahead_takes_nothing_from_there() -> None:
    settings = replace(START, source="real", model="induction-2l", layer=1, head=0, focus=2)
    steps, paint = panels(settings), panels(replace(settings, view="paint", tau=1.0))
    count = len(steps["scores"]["labels"]["texts"])
    assert steps["scores"]["blocked"] == steps["weights"]["blocked"] == list(range(3, count))
    assert steps["weights"]["values"][3:] == [0.0] * (count - 3)
    assert (decode_values(steps["sum"]["values"])[3:].abs() < 1e-4).all()
    np.testing.assert_allclose(paint["even"]["weights"], [1 / 3] * 3 + [0.0] * (count - 3), rtol=1e-5)
