"""Local folders: a damaged or foreign one is refused with its reason, and nothing of it stays."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from attention.models import reader
from attention.models.families import FAMILIES
from attention.models.folder import wanted
from attention.models.loader import MODELS, load
from tests.models import tiny
from tests.models.refused import refusal

pytestmark = pytest.mark.usefixtures("one_thread", "empty_caches", "offline")

FolderOf = Callable[[str], Path]


def _rewrite(folder: Path, change: Callable[[dict], object]) -> None:
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))


def _drop_tensor(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    tensors.pop("encoder.layer.1.attention.self.key.weight")
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _spoil_tensor(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    tensors["encoder.layer.1.attention.self.key.weight"].fill_(torch.nan)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _pickle(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def _shard(folder: Path) -> None:
    names = dict.fromkeys(load_file(folder / "model.safetensors"), "model-00001-of-00001.safetensors")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": names}))


def _cut(name: str, share: float) -> Callable[[Path], object]:
    def cut(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: int(len(content) * share)])

    return cut


def _write(name: str, content: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(content)


def _set(**values: object) -> Callable[[Path], object]:
    return lambda folder: _rewrite(folder, lambda config: config.update(values))


DAMAGE: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "weights cut short": (_cut("model.safetensors", 0.7), "broken_model", "damaged or cut short"),
    "weights cut in the header": (_cut("model.safetensors", 0.01), "broken_model", "damaged or cut short"),
    "weights empty": (_cut("model.safetensors", 0), "broken_model", "damaged or cut short"),
    "weights are text": (_write("model.safetensors", "hello" * 100), "broken_model", "damaged or cut short"),
    "a tensor missing": (_drop_tensor, "broken_model", "1 of its tensors are missing"),
    "a tensor of NaN": (_spoil_tensor, "failed_self_check", "do not sum to 1"),
    "a shard missing": (_shard, "broken_model", "missing"),
    "only pickles": (_pickle, "no_safetensors", "no safetensors"),
    "an adapter only": (
        lambda folder: (folder / "model.safetensors").rename(folder / "adapter_model.safetensors"), "no_safetensors", "",
    ),
    "config cut short": (_cut("config.json", 0.5), "broken_model", "config.json cannot be read"),
    "config empty": (_write("config.json", ""), "broken_model", "config.json cannot be read"),
    "config is a list": (_write("config.json", "[]"), "broken_model", "config.json cannot be read"),
    "config is not text": (lambda folder: (folder / "config.json").write_bytes(b"\xff\xfe\x00"), "broken_model", "config"),
    "no family": (lambda folder: _rewrite(folder, lambda c: c.pop("model_type")), "broken_model", "config.json"),
    "a list for a family": (_set(model_type=["bert"]), "unsupported_family", "['bert']"),
    "another family": (_set(model_type="gpt_neo"), "unsupported_family", "gpt_neo"),
    "another family's weights": (_set(model_type="gpt2"), "broken_model", ""),
    "an encoder-decoder": (_set(is_encoder_decoder=True), "unsupported_family", ""),
    "code of its own": (_set(auto_map={"AutoModel": "modeling.Mine"}), "remote_code", ""),
    "code of its own, another family": (_set(model_type="mine", auto_map={}), "remote_code", ""),
    "wider than its weights": (_set(hidden_size=64), "broken_model", ""),
    "more words than its weights": (_set(vocab_size=500), "broken_model", ""),
    "more layers than its weights": (_set(num_hidden_layers=4), "broken_model", "16 of its tensors are missing"),
    "fewer layers than its weights": (_set(num_hidden_layers=2), "broken_model", "more layers than"),
    "no layers": (_set(num_hidden_layers=0), "broken_model", "more layers than"),
    "heads that do not divide": (_set(num_attention_heads=5), "broken_model", ""),
    "no heads": (_set(num_attention_heads=0), "broken_model", ""),
    "a word for a size": (_set(hidden_size="wide"), "broken_model", ""),
    "quantized": (_set(quantization_config={"quant_method": "gptq", "bits": 4}), "missing_package", "not installed here"),
    "no tokenizer": (lambda folder: (folder / "tokenizer.json").unlink(), "broken_model", "tokenizer"),
    "a broken tokenizer": (_write("tokenizer.json", "{"), "broken_model", "tokenizer"),
}  # fmt: skip


@pytest.mark.parametrize("damage", list(DAMAGE))
def test_a_damaged_model_is_refused_and_nothing_of_it_stays(damage: str, copy_of: FolderOf, tmp_path: Path) -> None:
    harm, key, words = DAMAGE[damage]
    folder = copy_of("bert")
    harm(folder)
    error = refusal(folder)
    assert (error.key, words in str(error)) == (key, True), str(error)
    assert str(tmp_path) not in str(error)
    assert not any(sign in str(error) for sign in ("Traceback", "site-packages", "\n"))
    assert str(error).startswith("“my-bert”")
    assert len(MODELS) == 0


def test_a_repaired_model_loads(copy_of: FolderOf, folder_of: FolderOf) -> None:
    folder = copy_of("bert")
    (folder / "model.safetensors").unlink()
    refusal(folder)
    shutil.copy(folder_of("bert") / "model.safetensors", folder)
    assert load(folder, folders=True).n_layers == 3


def test_pickles_beside_safetensors_are_not_opened(copy_of: FolderOf) -> None:
    folder = copy_of("bert")
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    assert load(folder, folders=True).n_layers == 3


def test_a_head_on_top_does_not_matter(copy_of: FolderOf) -> None:
    folder = copy_of("bert")
    tensors = {f"bert.{name}": t for name, t in load_file(folder / "model.safetensors").items() if "pooler" not in name}
    save_file(
        {**tensors, "cls.predictions.bias": torch.zeros(tiny.VOCABULARY)},
        folder / "model.safetensors",
        {"format": "pt"},
    )
    _rewrite(folder, lambda config: config.update(architectures=["BertForMaskedLM"]))
    assert load(folder, folders=True).n_layers == 3


@pytest.mark.parametrize(
    "model_type",
    [
        "t5",
        "mt5",
        "bart",
        "mbart",
        "m2m_100",
        "marian",
        "bloom",
        "falcon",
        "gpt_neo",
        "gptj",
        "gemma2",
        "xlnet",
        "longformer",
    ],
)
def test_other_families_are_refused_by_name(model_type: str, tmp_path: Path) -> None:
    from transformers import AutoConfig

    AutoConfig.for_model(model_type).save_pretrained(tmp_path / "other")
    error = refusal(tmp_path / "other")
    assert error.key == "unsupported_family"
    assert f"is a {model_type} model" in str(error)
    assert all(row.title in str(error) for row in FAMILIES.values())


def test_a_decoder_made_to_look_both_ways_is_read_so(tmp_path: Path) -> None:
    folder = tiny.save("llama", tmp_path / "both", is_causal=False)
    capture = reader.capture(folder, tiny.text_of(6))
    assert not capture.causal
    assert capture.weights(0).triu(1).amax() > 0.1


def test_bert_as_a_decoder_is_causal(tmp_path: Path) -> None:
    assert load(tiny.save("bert", tmp_path / "decoder", is_decoder=True), folders=True).causal


def test_one_set_of_weights_and_nothing_in_sub_folders() -> None:
    shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    index = "model.safetensors.index.json"
    assert wanted(["config.json", "model.safetensors", *shards, index]) == ["config.json", "model.safetensors"]
    assert wanted([*shards, index, "vocab.txt"]) == ["vocab.txt", index, *shards]
    assert wanted(shards) == []
    assert wanted(["model.fp16.safetensors", "unet/model.safetensors", "onnx/config.json", "[a].model"]) == []
