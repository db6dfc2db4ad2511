"""The Masks lab on real heads: their own weights, masks and vectors, by transformers alone."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from attention.errors import AttentionError
from attention.models import bundled, reader
from attention.share.labs import masks as lab
from attention.share.settings.masks import VIEWS
from attention.views.coding import decode_mask
from tests.models.bundled_models import needs_e5
from tests.share.lab_numbers import matrix
from tests.share.test_lab_masks import START, panels

SENTENCES = {
    "English": START.text,
    "Arabic": "لم تعبر القطة الشارع لأنها كانت متعبة جدا.",
    "Japanese": "猫は疲れすぎていたので道を渡らず、朝まで待ちました。",
}


@needs_e5
@pytest.mark.parametrize("language", SENTENCES)
def test_a_real_head_is_transformers_own(language: str) -> None:
    model, tokenizer = bundled.load_e5(attn_implementation="eager")
    ids = tokenizer(SENTENCES[language], return_tensors="pt")
    with torch.inference_mode():
        eager = model(**ids, output_attentions=True).attentions
    settings = replace(START, source="real", model=bundled.E5, text=SENTENCES[language], kind="none", layer=3, head=5)
    np.testing.assert_allclose(matrix(panels(settings)["weights"]), eager[3][0, 5].numpy(), atol=2e-3)
    mean = matrix(panels(replace(settings, average=True))["weights"])
    assert " · layer 3 · " in lab.picture(replace(settings, average=True))["caption"]
    np.testing.assert_allclose(mean, eager[3][0].mean(dim=0).numpy(), atol=2e-3)
    causal = matrix(panels(replace(settings, kind="causal"))["weights"])
    kept = np.tril(eager[3][0, 5].numpy())
    np.testing.assert_allclose(causal, kept / kept.sum(axis=1, keepdims=True), atol=2e-3)


@needs_e5
def test_a_second_sentence_has_panels_of_its_own() -> None:
    settings = replace(START, source="real", model=bundled.E5, text=SENTENCES["Arabic"], other=SENTENCES["Japanese"])
    for view, per_sentence in (("weights", 3), ("peeking", 3), ("empty", 5)):
        figure = lab.picture(replace(settings, view=view))
        names = [panel["id"] for panel in figure["panels"]]
        assert len(names) == 2 * per_sentence
        assert SENTENCES["Arabic"] in figure["caption"]
        assert SENTENCES["Japanese"] in figure["caption"]


@needs_e5
def test_a_real_head_peeks_by_its_own_vectors() -> None:
    settings = replace(START, source="real", model=bundled.E5, view="peeking", kind="none", row=4)
    capture = reader.capture(bundled.E5, settings.text)
    layer = capture.layers[settings.layer]
    value = reader.values(bundled.E5, settings.text, settings.layer, settings.head)

    def output(places: list[int]) -> Tensor:
        query, key = layer.query[settings.head][places], layer.key[settings.head][places]
        return torch.softmax(query @ key.T * layer.scale, dim=-1) @ value[places]

    places = list(range(len(capture.tokens)))
    edited = [0 if at == 4 else at for at in places]
    expected = (output(edited) - output(places)).abs().amax(dim=-1)
    np.testing.assert_allclose(panels(settings)["moved"]["values"], expected.numpy(), atol=1e-4)


def test_a_decoders_own_mask_stays() -> None:
    settings = replace(START, source="real", model="induction-2l", text="a b c d e", kind="none", layer=0, head=0)
    figure = lab.picture(settings)
    weights = next(panel for panel in figure["panels"] if panel["id"] == "weights")
    n = weights["values"]["rows"]
    assert (decode_mask(weights["allowed"], n, n).numpy() == np.tril(np.ones((n, n), dtype=bool))).all()
    assert "no mask and the model's own" in figure["caption"]


@needs_e5
@pytest.mark.parametrize("text", ["", "   ", "word " * 500, "\ud800"])
@pytest.mark.parametrize("view", VIEWS)
def test_sentences_that_cannot_be_shown_are_refused(text: str, view: str) -> None:
    with pytest.raises(AttentionError, match=r"[.]$"):
        lab.picture(replace(START, source="real", model=bundled.E5, view=view, text=text))


@needs_e5
@pytest.mark.parametrize("text", ["Hi", "🙂🙂", "猫"])
@pytest.mark.parametrize("view", VIEWS)
def test_short_sentences_are_shown(text: str, view: str) -> None:
    settings = replace(START, source="real", model=bundled.E5, view=view, text=text, row=63, pads=64, kind="padding")
    assert json.dumps(lab.picture(settings), allow_nan=False)
