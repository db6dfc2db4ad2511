"""induction-2l, the causal model of this project: small, in the picker, and what its name says."""

import pytest
import torch

from attention.core.patterns import score_capture
from attention.models import catalog, loader, reader
from benchmarks import train_induction

REPEATED = "The cat sat on the mat. The dog lay on the rug. The cat sat on the mat. The dog lay on the rug."


@pytest.fixture(scope="module")
def capture():
    return reader.capture(catalog.INDUCTION, REPEATED, folders=False)


def test_it_is_a_small_safetensors_folder():
    folder = catalog.folders()[catalog.INDUCTION]
    assert {path.name for path in folder.iterdir()} >= {"config.json", "model.safetensors", "tokenizer.json"}
    assert sum(path.stat().st_size for path in folder.iterdir()) < 2_000_000


def test_it_is_offered_and_read_offline(capture):
    assert catalog.INDUCTION in [row.id for row in catalog.rows()]
    assert capture.causal
    assert (capture.n_layers, capture.n_heads) == (2, 4)


def test_its_second_layer_is_induction_and_its_first_is_not(capture):
    found = score_capture(capture)
    assert set(found.labels[1]) == {"induction"}
    assert "induction" not in found.labels[0]
    assert float(found.scores["induction"][1].max()) > 0.7


def test_the_second_copy_of_random_tokens_is_predictable():
    model = train_induction.LlamaForCausalLM.from_pretrained(catalog.folders()[catalog.INDUCTION], dtype=torch.float32)
    first, second = train_induction.copies(model, model.config.vocab_size)
    assert second < 0.3 * first


def test_switching_its_induction_heads_off_makes_the_second_copy_as_hard_as_the_first():
    model = train_induction.LlamaForCausalLM.from_pretrained(catalog.folders()[catalog.INDUCTION], dtype=torch.float32)
    first, _ = train_induction.copies(model, model.config.vocab_size)
    model.model.layers[1].self_attn.o_proj.weight.data.zero_()  # every head of layer 1 is an induction head, see above
    _, second = train_induction.copies(model, model.config.vocab_size)
    assert second > 0.9 * first


def test_it_passes_the_self_check_like_any_other_model():
    assert loader.load(catalog.INDUCTION).limit == 256
