"""The Softmax lab on real heads: against transformers' own eager attention, in three languages."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer

from attention.errors import AttentionError
from attention.models import bundled, catalog
from attention.share.labs.softmax import picture
from attention.share.settings.softmax import Softmax
from attention.views.panels.frame import decode_values
from tests.share.lab_numbers import SENTENCES, by_id, entropy_of, expected_of, softmax_of, texts

REPEATED = "mat rug dog cat mat rug dog cat mat rug dog"


def panels(settings: Softmax) -> dict[str, Any]:
    """The figure's panels by id."""
    return by_id(picture(settings))


@pytest.fixture(scope="module")
def eager() -> Callable[[str, int, int], Tensor]:
    """A head's weights as transformers computes them: no function of ours takes part."""
    module, tokenizer = bundled.load_e5(attn_implementation="eager")

    def weights(text: str, layer: int, head: int) -> Tensor:
        with torch.no_grad():
            return module(**tokenizer(text, return_tensors="pt"), output_attentions=True).attentions[layer][0, head]

    return weights


@pytest.mark.parametrize(("text", "layer", "head"), [*zip(SENTENCES, (2, 0, 11), (6, 3, 7), strict=True)])
def test_a_real_head_is_that_of_transformers_in_three_languages(
    eager: Callable[[str, int, int], Tensor], text: str, layer: int, head: int
) -> None:
    expected = eager(text, layer, head).double()
    for tau in (0.0, 0.4):
        found = panels(Softmax(source="real", text=text, layer=layer, head=head, tau=tau))
        shown = decode_values(found["weights"]["values"]).double()
        torch.testing.assert_close(shown, (expected.log() / 10**tau).softmax(dim=-1), atol=5e-4, rtol=0)


def test_a_second_sentence_stands_below_with_its_own_numbers(eager: Callable[[str, int, int], Tensor]) -> None:
    settings = Softmax(source="real", text=SENTENCES[0], other=SENTENCES[1], row=4)
    found, expected = panels(settings), eager(SENTENCES[1], 2, 6)
    torch.testing.assert_close(decode_values(found["weights-2"]["values"]), expected, atol=5e-4, rtol=0)
    shown = float(texts(found["spread-2"])["entropy of the row"])
    assert shown == pytest.approx(entropy_of(expected[4].double().numpy()), abs=0.01)
    assert all(sentence in picture(settings)["caption"] for sentence in SENTENCES[:2])


def plain_logits(text: str) -> Tensor:
    """What transformers alone says comes next."""
    place = catalog.folders()[catalog.INDUCTION]
    module = AutoModelForCausalLM.from_pretrained(place, attn_implementation="eager", dtype=torch.float32).eval()
    with torch.no_grad():
        return module(AutoTokenizer.from_pretrained(place)(text, return_tensors="pt")["input_ids"]).logits[0, -1]


@pytest.mark.parametrize(("kind", "tau"), [("softmax", 0.0), ("softmax", -0.5), ("top_k", 0.2), ("sparsemax", 0.0)])
def test_a_decoder_s_next_token_answers_to_the_same_controls(kind: str, tau: float) -> None:
    settings = Softmax(source="real", model=catalog.INDUCTION, layer=1, head=0, text=REPEATED, kind=kind, tau=tau, k=3)
    found, scores = panels(settings), plain_logits(REPEATED).double().numpy()
    best = np.argsort(-scores)[:10]
    weights = expected_of(kind, scores, 10**tau, 3)
    np.testing.assert_allclose(found["next"]["values"], weights[best], atol=1e-4)
    np.testing.assert_allclose(found["next"]["compare"], softmax_of(scores)[best], atol=1e-4)
    assert found["next"]["labels"]["texts"][0] == "␣c"
    shown = texts(found["next-numbers"])
    assert float(shown["effective candidates"]) == pytest.approx(math.exp(entropy_of(weights)), rel=2e-3, abs=0.006)
    assert int(shown["above 0"]) == (weights > 0).sum()
    assert int(shown["these 10 hold"].rstrip("%")) == pytest.approx(100 * weights[best].sum(), abs=0.6)


def test_only_decoders_say_what_comes_next() -> None:
    encoder, decoder = (
        Softmax(source="real"),
        Softmax(source="real", model=catalog.INDUCTION, layer=1, head=0, text="a b"),
    )
    assert "next" not in panels(encoder)
    assert "Choose a decoder, such as induction-2l or gpt2" in picture(encoder)["note"]
    assert {"induction-2l", "gpt2"} <= {row.id.rpartition("/")[2] for row in catalog.CATALOG}
    assert picture(decoder)["note"] == ""
    assert "next" not in panels(replace(decoder, source="made"))
    assert picture(replace(encoder, source="made"))["note"] == ""


def test_under_a_mask_each_row_of_entropy_has_its_own_bound() -> None:
    shown = panels(Softmax(source="real", model=catalog.INDUCTION, layer=1, head=0, text="a b c d"))["row-entropy"]
    bounds = [math.log(at + 1) for at in range(len(shown["values"]))]
    np.testing.assert_allclose(shown["compare"], bounds, atol=1e-5)
    assert all(-1e-6 <= value <= bound + 1e-5 for value, bound in zip(shown["values"], bounds, strict=True))
    long = panels(Softmax(source="real", text="word " * 30))["row-entropy"]
    assert (len(long["values"]), long["compare"], long["linked"]) == (20, None, "")


def test_a_decoder_s_future_is_blocked_and_not_counted() -> None:
    settings = Softmax(source="real", model=catalog.INDUCTION, layer=1, head=0, text="a b c a b", row=0, tau=1.0)
    found = panels(settings)
    assert found["row"]["values"][0] == 1.0
    assert len(found["row"]["blocked"]) == len(found["row"]["values"]) - 1
    notes = {item["name"]: item["note"] for item in found["spread"]["items"]}
    assert notes["weights below 0.01"] == "of 1 in the row"
    assert bool((decode_values(found["otherwise"]["values"])[:, 1:] == 0).all())


def test_of_a_long_blocked_row_the_allowed_keys_are_shown() -> None:
    found = panels(Softmax(source="real", model=catalog.INDUCTION, layer=1, head=0, text="a b c d " * 6, row=14))
    shown = decode_values(found["weights"]["values"])[14]
    assert len(shown) > 20
    assert len(found["row"]["values"]) == 20
    assert len(found["row"]["blocked"]) == 5  # the row may attend to 15 keys
    assert sum(found["row"]["values"]) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": ""}, "nothing to read"),
        ({"text": "word " * 500}, "tokens"),
        ({"layer": 12}, "Layer 12 does not exist"),
        ({"model": "no/../where"}, "not a model id"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(AttentionError, match=sentence):
        picture(Softmax(**{"source": "real", **changes}))
