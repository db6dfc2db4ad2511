"""The Multi-head lab on real models: their own eager weights and matrices are the ground truth."""

import json
from dataclasses import replace

import pytest
import torch
from scipy.spatial.distance import jensenshannon
from torch import Tensor
from transformers import BertModel, LlamaForCausalLM

from attention.models import bundled, catalog, reader
from attention.share.labs import multi_head as lab
from attention.share.settings.multi_head import VIEWS
from tests.share.test_lab_multi_head import CLOSE, START, cells, items, panels

SENTENCES = {
    "English": START.text,
    "Arabic": "لم تعبر القطة الشارع لأنها كانت متعبة جدا.",
    "Japanese": "猫は疲れすぎていたので道を渡らず、朝まで待ちました。",
}


@pytest.fixture(scope="module")
def e5() -> BertModel:
    return bundled.load_e5(attn_implementation="eager")[0]


def eager(module: BertModel, text: str, layer: int) -> Tensor:
    """Weights of all heads by transformers' eager attention."""
    inputs = {name: torch.tensor([ids]) for name, ids in reader.capture(bundled.E5, text).text.inputs.items()}
    with torch.no_grad():
        return module(**inputs, output_attentions=True).attentions[layer][0]


@pytest.mark.parametrize(("first", "second"), [("English", "Japanese"), ("Arabic", "English")])
def test_a_real_layer_is_the_models_own(e5: BertModel, first: str, second: str) -> None:
    settings = replace(START, source="real", text=SENTENCES[first], other=SENTENCES[second], head=3)
    shown = panels(settings)
    differ, torchs = (panels(replace(settings, view=view)) for view in ("differ", "torch"))
    for mark, language in (("", first), ("-2", second)):
        weights = eager(e5, SENTENCES[language], 2)
        for head in range(12):
            torch.testing.assert_close(cells(shown[f"small-{head}{mark}"]), weights[head], **CLOSE)
        torch.testing.assert_close(cells(shown[f"average{mark}"]), weights.mean(0), **CLOSE)
        for panel in (shown[f"head{mark}"], torchs[f"ours{mark}"], torchs[f"theirs{mark}"]):
            torch.testing.assert_close(cells(panel), weights[3], **CLOSE)
            assert panel["title"].startswith("L2H3")
        apart = jensenshannon(weights[0].double(), weights[7].double(), axis=1, base=2).mean()
        assert cells(differ[f"distances{mark}"])[0, 7].item() == pytest.approx(apart, abs=2e-3)
        states = [item["state"] for item in torchs[f"difference{mark}"]["items"]]
        assert states == ["agrees", "agrees"]


def test_the_shapes_of_a_real_layer_are_those_of_its_matrices(e5: BertModel) -> None:
    shown = panels(replace(START, source="real", view="shapes"))
    boxes = {box["name"]: box for box in shown["flow"]["boxes"]}
    n, attention = len(reader.capture(bundled.E5, START.text).tokens), e5.encoder.layer[2].attention
    for name in ("query", "key", "value"):
        out, wide = getattr(attention.self, name).weight.shape
        assert (boxes[name]["shape"], boxes[name]["number"]) == (f"{n} × {out}", f"W {wide} × {out}")
        assert boxes[f"{name} split"]["shape"] == f"12 × {n} × {out // 12}"
    matrices = [attention.self.query, attention.self.key, attention.self.value, attention.output.dense]
    learned = sum(one.weight.numel() for one in matrices)
    assert items(shown["sizes"])["numbers to learn"]["text"] == f"{learned:,}"


def test_a_decoder_with_fewer_heads_is_shown_as_it_is() -> None:
    settings = replace(START, source="real", model=catalog.INDUCTION, layer=1, head=0)
    folder = catalog.folders()[catalog.INDUCTION]
    model = LlamaForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    ids = torch.tensor([reader.capture(catalog.INDUCTION, START.text).text.inputs["input_ids"]])
    with torch.no_grad():
        weights = model(input_ids=ids, output_attentions=True).attentions[1][0]
    shown = panels(settings)
    assert sum(name.startswith("small") for name in shown) == len(weights) == 4
    torch.testing.assert_close(cells(shown["head"]), weights[0], **CLOSE)
    assert shown["head"]["allowed"] is not None
    assert [item["state"] for item in panels(replace(settings, view="torch"))["difference"]["items"]] == ["agrees"] * 2
    boxes = {box["name"]: box for box in panels(replace(settings, view="shapes"))["flow"]["boxes"]}
    for name, module in (("query", "q_proj"), ("key", "k_proj"), ("value", "v_proj")):
        out, wide = getattr(model.model.layers[1].self_attn, module).weight.shape
        assert boxes[name]["number"] == f"W {wide} × {out}"
    assert cells(shown["head"]).triu(1).abs().max() == 0


@pytest.mark.parametrize("text", ["one", "🦊", "</script><b>x</b>"])
def test_one_word_and_odd_ones_can_be_read(text: str) -> None:
    for view in VIEWS:
        assert lab.picture(replace(START, source="real", text=text, view=view))["panels"]


def test_the_largest_figure_is_small_to_send() -> None:
    large = replace(START, source="real", text="word " * 30, other="wort " * 20)
    assert all(len(json.dumps(lab.picture(replace(large, view=view)))) < 300_000 for view in VIEWS)


def test_two_long_sentences_of_a_real_layer_stay_small() -> None:
    long = " ".join(["river", "house"] * 30)
    value = lab.picture(replace(START, source="real", text=long, other=long.title()))
    assert len(json.dumps(value, ensure_ascii=False).encode()) <= 300_000
