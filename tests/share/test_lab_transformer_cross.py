"""Encoder and decoder against the eager speller, and a translation model of one's own in its place."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import AutoModelForSeq2SeqLM

from attention.errors import AttentionError
from attention.models import speller
from attention.share.labs.transformer import picture
from attention.share.settings.transformer import Transformer
from attention.views.panels.frame import decode_values
from tests.share.lab_transformer import shown


def speller_by_hand(digits: str, words: list[str]) -> Any:
    """What transformers' eager speller computes for a source and a target."""
    module = AutoModelForSeq2SeqLM.from_pretrained(speller.FOLDER, attn_implementation="eager", dtype=torch.float32)
    vocabulary = json.loads((speller.FOLDER / "tokenizer.json").read_text())["model"]["vocab"]
    source = [vocabulary[one] for one in digits] + [2]
    target = [vocabulary[one] for one in words] + [2]
    with torch.no_grad():
        return module.eval()(
            input_ids=torch.tensor([source]),
            decoder_input_ids=torch.tensor([[0, *target[:-1]]]),
            output_attentions=True,
        ), target


@pytest.mark.parametrize(("chosen", "pick"), [("mean", None), ("0.2", (0, 2)), ("1.3", (1, 3))])
def test_cross_attention_is_what_the_eager_speller_computes(chosen: str, pick: tuple[int, int] | None) -> None:
    panels = shown(Transformer(view="cross", typed="407", cross_head=chosen, row=1))
    found, target = speller_by_hand("407", ["four", "hundred", "seven"])

    def of(layers: tuple[Tensor, ...]) -> Tensor:
        every = torch.stack([layer[0] for layer in layers])
        return every.mean(dim=(0, 1)) if pick is None else every[pick]

    for name, layers in (
        ("cross", found.cross_attentions),
        ("encoder", found.encoder_attentions),
        ("decoder", found.decoder_attentions),
    ):
        torch.testing.assert_close(decode_values(panels[name]["values"]), of(layers), atol=1e-4, rtol=1e-3)
    assert panels["row"]["values"] == pytest.approx(of(found.cross_attentions)[1].tolist(), abs=1e-5)
    probabilities = found.logits[0].softmax(-1)
    best = probabilities[1].topk(5)
    assert panels["candidates"]["values"] == pytest.approx(best.values.tolist(), abs=1e-5)
    assert panels["candidates"]["labels"]["texts"][0] == "hundred"
    product_of_rows = math.prod(probabilities[at, one].item() for at, one in enumerate(target))
    assert panels["probability"]["values"] == pytest.approx(
        [probabilities[at, one].item() for at, one in enumerate(target)], abs=1e-5
    )
    assert (panels["probability"]["selected"], panels["probability"]["linked"]) == (1, "query")
    assert float(panels["written"]["items"][1]["text"]) == pytest.approx(product_of_rows, abs=1e-4)
    assert panels["cross"]["rows"]["texts"] == ["four", "hundred", "seven", "</s>"]
    assert panels["cross"]["columns"]["texts"] == ["4", "0", "7", "</s>"]


def test_a_wrong_spelling_is_written_and_found_unlikely() -> None:
    right, wrong = (
        shown(Transformer(view="cross", typed="407", written=words))
        for words in ("four hundred seven", "four hundred six")
    )
    assert wrong["cross"]["rows"]["texts"] == ["four", "hundred", "six", "</s>"]
    assert float(right["written"]["items"][1]["text"]) > 0.9
    assert wrong["written"]["items"][1]["text"].count("×10⁻") == 1
    assert wrong["written"]["items"][0]["name"] == "it was made to write"
    least = wrong["probability"]["values"].index(min(wrong["probability"]["values"]))
    assert wrong["probability"]["labels"]["texts"][least] == "six"
    assert wrong["probability"]["values"][least] < 0.01 < min(right["probability"]["values"])


def test_stacks_have_the_shapes_of_what_was_read() -> None:
    panels = shown(Transformer(view="stacks", typed="407"))
    shapes = {box["name"]: box["shape"] for box in panels["stacks"]["boxes"]}
    config = json.loads((speller.FOLDER / "config.json").read_text())
    assert shapes["encoder self"] == shapes["decoder self"] == f"4 × {config['d_model']}"
    assert shapes["softmax"] == f"4 × {config['vocab_size']}"
    found, _ = speller_by_hand("407", ["four", "hundred", "seven"])
    for row, layers in zip(
        panels["supply"]["rows"],
        (found.encoder_attentions, found.decoder_attentions, found.cross_attentions),
        strict=True,
    ):
        assert row[-1] == " × ".join(str(size) for size in (len(layers), *layers[0].shape[1:]))
    later = [torch.cat(layers).triu(1).max().item() for layers in (found.decoder_attentions, found.encoder_attentions)]
    assert [float(item["text"]) for item in panels["peek"]["items"]] == pytest.approx(later, abs=0.006)
    assert panels["peek"]["items"][0]["state"] == "agrees"
    ends = {(arrow["start"], arrow["end"]): arrow["label"] for arrow in panels["stacks"]["arrows"]}
    assert ends[("encoder part", "cross")] == "key, value"


def test_a_translation_model_of_ones_own_takes_the_spellers_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").symlink_to(speller.FOLDER, target_is_directory=True)
    monkeypatch.setenv("ATTENTION_MODEL_DIR", str(tmp_path))
    ours, theirs = (
        Transformer(view="cross", typed="407"),
        Transformer(view="cross", typed="407", translator="mine", cross_head="mean"),
    )
    assert picture(theirs)["panels"] == picture(ours)["panels"]
    assert picture(theirs)["caption"].startswith("mine reads")
    with pytest.raises(AttentionError, match="no folder “another”"):
        picture(replace(theirs, translator="another"))
