"""The Scoring lab on real heads: against transformers' own eager attention, in three languages."""

from typing import Any

import pytest
import torch
from torch import Tensor

from attention.errors import AttentionError
from attention.models import bundled, catalog
from attention.share.labs.scoring import picture
from attention.share.settings.scoring import VIEWS, Scoring
from attention.views.panels.frame import decode_values
from tests.share.lab_numbers import SENTENCES, by_id, texts


def panels(settings: Scoring) -> dict[str, Any]:
    """The figure's panels by id."""
    return by_id(picture(settings))


@pytest.fixture(scope="module")
def eager() -> tuple[Any, Any]:
    """The model as transformers computes it, and its tokenizer: no function of ours takes part."""
    return bundled.load_e5(attn_implementation="eager")


def eager_weights(eager: tuple[Any, Any], text: str, layer: int, head: int) -> Tensor:
    module, tokenizer = eager
    with torch.no_grad():
        given = tokenizer(text, return_tensors="pt")
        return module(**given, output_attentions=True).attentions[layer][0, head]


@pytest.mark.parametrize(("text", "layer", "head"), [*zip(SENTENCES, (2, 0, 11), (6, 3, 7), strict=True)])
def test_a_real_head_is_that_of_transformers_in_three_languages(
    eager: tuple[Any, Any], text: str, layer: int, head: int
) -> None:
    found = panels(Scoring(source="real", text=text, layer=layer, head=head))
    expected = eager_weights(eager, text, layer, head).double()
    torch.testing.assert_close(decode_values(found["chosen"]["values"]).double(), expected, atol=5e-4, rtol=0)
    unscaled = (expected.log() * 32**0.5).softmax(dim=-1)  # log-weights are the scores less one number per row
    torch.testing.assert_close(decode_values(found["plain"]["values"]).double(), unscaled, atol=5e-3, rtol=0)
    panel = found["largest-by-size"]
    at_one = min(range(len(panel["x"])), key=lambda at: abs(panel["x"][at] - 1))
    assert panel["series"][0]["values"][at_one] == pytest.approx(expected.amax(dim=-1).mean().item(), abs=1e-3)
    sizes = [torch.autograd.functional.jacobian(lambda row: row.softmax(dim=0), row.log()).norm() for row in expected]
    shown = found["gradient-by-size"]["series"][0]["values"][at_one]
    assert shown == pytest.approx(torch.stack(sizes).mean().item(), abs=1e-3)


def test_a_second_sentence_stands_below_with_its_own_numbers(eager: tuple[Any, Any]) -> None:
    settings = Scoring(source="real", text=SENTENCES[0], other=SENTENCES[2])
    found = panels(settings)
    shown = decode_values(found["chosen-2"]["values"])
    torch.testing.assert_close(shown, eager_weights(eager, SENTENCES[2], 2, 6), atol=5e-4, rtol=0)
    assert found["chosen-2"]["aside"] == "other sentence"
    assert texts(found["spread-2"]) != texts(found["spread"])
    assert SENTENCES[2] in picture(settings)["caption"]


@pytest.mark.parametrize("view", VIEWS)
def test_a_decoder_s_future_is_blocked(view: str) -> None:
    found = panels(Scoring(source="real", model=catalog.INDUCTION, layer=1, head=0, text="a b c a b", view=view))
    for name in ("plain", "chosen"):
        weights = decode_values(found[name]["values"])
        assert found[name]["allowed"] is not None
        assert bool((weights.triu(1) == 0).all())
        torch.testing.assert_close(weights.sum(dim=-1), torch.ones(len(weights)), atol=1e-3, rtol=0)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": " "}, "nothing to read"),
        ({"text": "word " * 500}, "tokens"),
        ({"text": "a", "other": "word " * 500}, "tokens"),
        ({"layer": 12}, "Layer 12 does not exist"),
        ({"head": 12}, "Head 12 does not exist"),
        ({"model": "no/../where"}, "not a model id"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(AttentionError, match=sentence):
        picture(Scoring(**{"source": "real", **changes}))
