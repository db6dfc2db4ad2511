"""The Positions lab on real models: their tables, turns and orders, by transformers alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from attention.core import scoring
from attention.errors import AttentionError
from attention.models import bundled, loader
from attention.share.labs import positions as lab
from attention.share.settings.positions import VIEWS
from tests.models.bundled_models import needs_e5
from tests.share.lab_numbers import matrix
from tests.share.lab_positions import START, check_figure, items, panels, series

REAL = replace(START, source="real", model=bundled.E5)


SENTENCES = {
    "English": START.text,
    "Arabic": "لم تعبر القطة الشارع لأنها كانت متعبة جدا.",
    "Japanese": "猫は疲れすぎていたので道を渡らず、朝まで待ちました。",
}


@needs_e5
@pytest.mark.parametrize("language", SENTENCES)
def test_a_real_model_is_transformers_own(language: str) -> None:
    settings = replace(REAL, text=SENTENCES[language], layer=3, head=5)
    model, tokenizer = bundled.load_e5(attn_implementation="eager")
    ids = tokenizer(settings.text, return_tensors="pt")["input_ids"]
    shown = panels(settings)
    n = ids.shape[1]
    inside = torch.arange(1, n - 1)
    order = torch.cat(
        [torch.tensor([0]), inside[scoring.draw(0, n - 2, role="order").argsort()], torch.tensor([n - 1])]
    )
    with torch.inference_mode():
        plain = model(input_ids=ids, output_attentions=True)
        states = [plain.last_hidden_state[0], model(input_ids=ids[:, order]).last_hidden_state[0]]
        zeros = torch.zeros_like(ids)
        states += [model(input_ids=each, position_ids=zeros).last_hidden_state[0] for each in (ids, ids[:, order])]
    np.testing.assert_allclose(matrix(shown["weights"]), plain.attentions[3][0, 5].numpy(), atol=2e-3)
    np.testing.assert_allclose(shown["moves"]["values"], (states[1] - states[0][order]).abs().amax(dim=-1), atol=1e-3)
    np.testing.assert_allclose(shown["moves"]["compare"], (states[3] - states[2][order]).abs().amax(dim=-1), atol=1e-4)
    said = items(shown["gaps"])
    assert said["with its own positions"][1] == "other outputs"
    assert said["every token at position 0"][1] == "same outputs, permuted"


@needs_e5
def test_a_second_sentence_with_the_same_tokens_is_the_other_order() -> None:
    asked = replace(REAL, text="Dog bites man", other="man bites Dog")
    figure = lab.picture(asked)
    same = {panel["id"]: panel for panel in figure["panels"]}
    assert "in the order of the second sentence" in figure["caption"]
    assert list(same) == ["weights", "moves", "gaps"]
    other = lab.picture(replace(asked, other=SENTENCES["Arabic"]))
    assert [panel["id"] for panel in other["panels"]] == ["weights", "moves", "gaps", "weights-2", "moves-2", "gaps-2"]
    assert "shuffled by the seed" in other["caption"]


@needs_e5
def test_a_models_own_table_is_its_own() -> None:
    module = loader.load(bundled.E5).module
    table = module.embeddings.position_embeddings.weight.double().numpy()
    shown = panels(replace(REAL, view="table", chosen="2, 7"))
    span = np.ptp(table[:128, :64])
    np.testing.assert_allclose(matrix(shown["own"]), table[:128, :64].T, atol=0.005 * span)
    np.testing.assert_allclose(series(shown["chosen"])["position 7"], table[7, :64], atol=1e-5)
    np.testing.assert_allclose(series(shown["waves"])["dimension 3"], table[:64, 3], atol=1e-5)
    near = panels(replace(REAL, view="closeness", n=32))
    lengths = np.linalg.norm(table[:32], axis=1)
    cosine = table[:32] @ table[:32].T / np.outer(lengths, lengths)
    np.testing.assert_allclose(matrix(near["cosine"]), cosine, atol=1e-3)
    np.testing.assert_allclose(matrix(panels(replace(REAL, view="kinds", n=32))["learned"]), cosine, atol=1e-3)
    ends = panels(replace(REAL, view="length"))
    assert "ends at position 511" in ends["ends"]["title"]
    assert series(ends["known"])["learned"] == [1.0] * 256 + [0.0] * 256  # every other position


@needs_e5
@pytest.mark.parametrize("language", SENTENCES)
def test_real_arrows_add_the_models_own_positions(language: str) -> None:
    settings = replace(REAL, view="adding", text=SENTENCES[language])
    loaded = loader.load(bundled.E5)
    ids = loaded.tokenizer(settings.text, return_tensors="pt")["input_ids"]
    words = loaded.module.get_input_embeddings()(ids)[0]
    places = loaded.module.embeddings.position_embeddings.weight[: len(words)]
    said = items(panels(settings)["lengths"])
    assert said["a word vector is as long as"][0] == f"{words[1:-1].norm(dim=1).mean():.2f}"
    assert said["its position as"][0] == f"{places[1:-1].norm(dim=1).mean():.2f}"
    arrows = panels(settings)["arrows"]
    assert len(arrows["vectors"]) == min(12, len(words) - 2)
    assert [one["start"] for one in arrows["vectors"]] == [node["at"] for node in arrows["nodes"]]


def test_a_rotary_model_turns_by_its_own_frequencies() -> None:
    settings = replace(START, source="real", model="induction-2l", text="a b c d", layer=0, head=0)
    speeds = loader.load("induction-2l").module.rotary_emb.inv_freq.double().numpy()
    shown = panels(replace(settings, view="table"))
    assert "turns" in shown["own"]["title"]
    np.testing.assert_allclose(matrix(shown["own"]), np.cos(np.arange(128)[:, None] * speeds).T, atol=0.005)
    factor = np.cos(np.arange(48)[:, None] * speeds).mean(axis=1)
    np.testing.assert_allclose(
        series(panels(replace(settings, view="kinds"))["decay"])["rotary, equal pairs"], factor, atol=1e-5
    )
    assert "keeps no table" in lab.picture(replace(settings, view="closeness"))["note"]
    assert "mask alone" in lab.picture(settings)["note"]
    with pytest.raises(AttentionError, match="no table of positions"):
        lab.picture(replace(settings, view="adding"))


@needs_e5
@pytest.mark.parametrize("view", VIEWS)
def test_a_real_model_at_both_ends_gives_a_figure(view: str) -> None:
    for n, width in ((8, 4), (512, 128)):
        check_figure(replace(REAL, view=view, n=n, d_model=width, waves=8, other=SENTENCES["Japanese"]))


@needs_e5
@pytest.mark.parametrize("text", ["", "   ", "word " * 500, "\ud800"])
def test_sentences_that_cannot_be_shown_are_refused(text: str) -> None:
    for view in VIEWS:
        with pytest.raises(AttentionError, match=r"[.]$"):
            lab.picture(replace(REAL, view=view, text=text))


@needs_e5
@pytest.mark.parametrize("text", ["Hi", "🙂🙂", "猫"])
def test_short_sentences_are_shown(text: str) -> None:
    for view in VIEWS:
        check_figure(replace(REAL, view=view, text=text))
