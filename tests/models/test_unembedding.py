"""The matrix that losses need: found in the files a model came from, or refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from attention.errors import ModelError
from attention.models import loader
from attention.models.behavior import repeat_check
from attention.models.unembedding import unembedding
from tests.models import tiny
from tests.models.decoders import save_speaking

pytestmark = pytest.mark.usefixtures("one_thread")

FolderOf = Callable[[str], Path]


def test_a_decoder_without_its_language_model_head_is_refused(folder_of: FolderOf) -> None:
    with pytest.raises(ModelError, match="no language-model head"):
        repeat_check(folder_of("llama"))


def test_a_decoder_that_ties_its_head_needs_none_in_its_files(folder_of: FolderOf) -> None:
    assert repeat_check(folder_of("gpt2"), texts=1).length == 20


@pytest.mark.parametrize("key", ["lm_head.weight", "embed_out.weight"])
def test_the_head_is_found_in_any_of_several_files_by_either_name(key: str, tmp_path: Path) -> None:
    place = save_speaking("gpt_neox", tmp_path / "shards")
    whole = AutoModelForCausalLM.from_pretrained(place)
    state = load_file(place / "model.safetensors")
    (place / "model.safetensors").unlink()
    (head,) = (name for name in state if name in {"lm_head.weight", "embed_out.weight"})
    parts = {"model-00001-of-00002.safetensors": {key: state.pop(head)}, "model-00002-of-00002.safetensors": state}
    for file, tensors in parts.items():
        save_file(tensors, place / file, metadata={"format": "pt"})
    index = {name: file for file, tensors in parts.items() for name in tensors}
    (place / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}))
    found = unembedding(str(place), loader.load(place, folders=True))
    torch.testing.assert_close(found, whole.lm_head.weight.detach(), atol=0, rtol=0)


def test_files_that_changed_since_are_not_mixed_with_those_that_were_read(tmp_path: Path) -> None:
    folder = tiny.save("llama", tmp_path / "training")
    model = loader.load(folder, folders=True)
    (folder / "model.safetensors").touch()
    (folder / "config.json").write_text((folder / "config.json").read_text() + "\n")
    with pytest.raises(ModelError, match="changed after it was loaded"):
        unembedding(str(folder.resolve()), model)
