"""Encoder-decoders out of folders: read as the model itself computes, refused when they cannot be trusted."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import decoders
from transformers import (
    MarianConfig,
    MarianMTModel,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

from attention.errors import ModelError, TextError
from attention.models.translation import ENCODER_DECODERS, translate
from tests.models.tiny_tokenizers import metaspace

SIZES = {
    "marian": MarianConfig(
        d_model=32, encoder_layers=2, decoder_layers=3, encoder_attention_heads=4, decoder_attention_heads=2,
        encoder_ffn_dim=64, decoder_ffn_dim=64, max_position_embeddings=32, vocab_size=30, pad_token_id=0, eos_token_id=1,
        forced_eos_token_id=None, decoder_start_token_id=0, init_std=0.5,
    ),
    "t5": T5Config(
        d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, vocab_size=30, decoder_start_token_id=0, pad_token_id=0,
        eos_token_id=1,
    ),
}  # fmt: skip
CLASSES = {"marian": MarianMTModel, "t5": T5ForConditionalGeneration}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Saves a tiny untrained model, under the name of its family, where local models are looked for."""
    monkeypatch.setenv("ATTENTION_MODEL_DIR", str(tmp_path))
    ENCODER_DECODERS.clear()

    def save(kind: str) -> Path:
        torch.manual_seed(0)
        tokenizer: PreTrainedTokenizerFast = metaspace()
        config: PreTrainedConfig = SIZES[kind]
        model: PreTrainedModel = CLASSES[kind](config)
        model.save_pretrained(tmp_path / kind)
        tokenizer.backend_tokenizer.decoder = decoders.Metaspace()
        tokenizer.save_pretrained(tmp_path / kind)
        return tmp_path / kind

    return save


@pytest.mark.parametrize("kind", SIZES)
def test_it_shows_what_the_model_computed(kind: str, place: Callable[[str], Path]) -> None:
    folder = place(kind)
    found = translate(kind, "Hello a b", "fi Hello")
    assert found.source == ("Hello", "a", "▁", "b", "</s>")  # a piece that is a blank keeps its spelling
    assert found.written[-1] == "</s>"
    assert found.fed == ("<pad>", *found.written[:-1])
    assert found.forced
    model = CLASSES[kind].from_pretrained(folder, attn_implementation="eager")
    tokenizer = metaspace()
    source = tokenizer("Hello a b", return_tensors="pt").input_ids
    labels = tokenizer("fi Hello", return_tensors="pt").input_ids
    with torch.inference_mode():
        own = model(input_ids=source, labels=labels, output_attentions=True)
    for shown, theirs in (
        (found.encoder, own.encoder_attentions),
        (found.decoder, own.decoder_attentions),
        (found.cross, own.cross_attentions),
    ):
        torch.testing.assert_close(shown, torch.cat(theirs))
        torch.testing.assert_close(shown.sum(dim=-1), torch.ones(shown.shape[:-1]))
    chosen = own.logits[0].softmax(dim=-1)[torch.arange(labels.shape[1]), labels[0]]
    torch.testing.assert_close(found.probability, chosen)


def test_without_a_target_it_is_its_own_greedy_one(place: Callable[[str], Path]) -> None:
    place("t5")
    found = translate("t5", "Hello a b", "  ")
    assert not found.forced
    assert tuple(row[0].token for row in found.candidates) == found.written


def test_a_text_over_its_limit_is_refused_not_cut(place: Callable[[str], Path]) -> None:
    place("marian")
    assert len(translate("marian", "a" + " a" * 30, "b").source) == 32
    with pytest.raises(TextError) as caught:
        translate("marian", "a" + " a" * 31, "b")
    assert caught.value.key == "too_many_tokens"
    with pytest.raises(TextError) as caught:
        translate("marian", " ")
    assert caught.value.key == "empty_text"
    with pytest.raises(TextError) as caught:
        translate("marian", "a\ud800")
    assert caught.value.key == "unreadable_text"


def refused(name: str) -> str:
    with pytest.raises(ModelError) as caught:
        translate(name, "Hello")
    assert "\n" not in str(caught.value)
    return caught.value.key


def test_models_that_cannot_be_trusted_are_refused(place: Callable[[str], Path]) -> None:
    folder = place("t5")
    assert refused("missing") == "bad_model_id"
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoConfig": "theirs.Config"}}))
    assert refused("t5") == "remote_code"
    (folder / "config.json").write_text(json.dumps(config))
    weights = load_file(folder / "model.safetensors")
    del weights["decoder.block.1.layer.1.EncDecAttention.q.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert refused("t5") == "broken_model"
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    assert refused("t5") == "no_safetensors"
    assert len(ENCODER_DECODERS) == 0


def test_a_model_with_one_stack_is_refused(folder_of: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENTION_MODEL_DIR", str(folder_of("bert").parent))
    assert refused(folder_of("bert").name) == "unsupported_family"
