"""Positions as each tiny model has them, against the model's own parts."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from attention.errors import ModelError, ShapeError
from attention.models import loader, positions
from tests.models import tiny

TEXT = "the cat sat on the mat"
HOOKED = ("deberta", "deberta-v2", "mpnet")
ROTARY = ("modernbert", "gpt_neox", "llama", "mistral", "qwen2", "qwen3")
LEARNED = tuple(name for name in tiny.CONFIGS if name not in (*HOOKED, *ROTARY))


@pytest.fixture
def local(folder_of: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """The name under which a tiny model is found."""

    def named(model_type: str) -> str:
        folder = folder_of(model_type)
        monkeypatch.setenv("ATTENTION_MODEL_DIR", str(folder.parent))
        return folder.name

    return named


@pytest.mark.parametrize("model_type", LEARNED)
def test_learned_tables_start_at_the_first_token(model_type: str, local: Callable[[str], str]) -> None:
    name = local(model_type)
    found = positions.positions_of(name)
    assert found.frequencies is None
    assert found.table is not None
    assert found.length == len(found.table) == tiny.ROOM
    kept = []
    tables = [module for path, module in loader.load(name).module.named_modules() if path.endswith(positions._TABLES)]
    hook = tables[0].register_forward_hook(lambda _module, _given, out: kept.append(out))
    try:
        n = len(positions.word_vectors(name, TEXT))
        positions.read_shuffled(name, TEXT, torch.arange(n))
    finally:
        hook.remove()
    rows = kept[0].reshape(-1, n, found.table.shape[-1])
    torch.testing.assert_close(rows[0], found.table[:n])
    torch.testing.assert_close(rows[-1], found.table[:1].expand(n, -1))


@pytest.mark.parametrize("model_type", ROTARY)
def test_rotary_models_have_frequencies_from_one_down(model_type: str, local: Callable[[str], str]) -> None:
    found = positions.positions_of(local(model_type))
    assert found.table is None
    assert found.frequencies is not None
    assert found.frequencies[0] == 1.0
    assert bool((found.frequencies.diff() < 0).all())
    assert found.length == tiny.ROOM


@pytest.mark.parametrize("model_type", [name for name in tiny.CONFIGS if name not in HOOKED])
def test_a_text_in_its_own_order_is_read_as_the_model_reads_it(model_type: str, local: Callable[[str], str]) -> None:
    name = local(model_type)
    loaded = loader.load(name)
    ids = torch.tensor([loaded.tokenizer(TEXT)["input_ids"]])
    with torch.inference_mode():
        expected = loaded.module(input_ids=ids).last_hidden_state[0]
    seen = positions.read_shuffled(name, TEXT, torch.arange(ids.shape[1]))
    torch.testing.assert_close(seen.as_is, expected, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(seen.shuffled, seen.as_is)


@pytest.mark.parametrize("model_type", [name for name in tiny.CONFIGS if name not in HOOKED])
def test_together_only_a_mask_still_knows_the_order(model_type: str, local: Callable[[str], str]) -> None:
    name = local(model_type)
    order = torch.arange(len(positions.word_vectors(name, TEXT)))
    order[1], order[3] = 3, 1
    seen = positions.read_shuffled(name, TEXT, order)
    together = (seen.together_shuffled - seen.together_as_is[order]).abs().max()
    apart = (seen.shuffled - seen.as_is[order]).abs().max()
    assert apart > 1e-3
    masked = model_type in (*tiny.CAUSAL, "modernbert")  # causal, and a sliding window
    assert (together > 1e-3) if masked else (together < 1e-5)


@pytest.mark.parametrize("model_type", HOOKED)
def test_distances_inside_scores_cannot_be_taken_away(model_type: str, local: Callable[[str], str]) -> None:
    name = local(model_type)
    with pytest.raises(ModelError, match="weighs distances"):
        positions.read_shuffled(name, TEXT, torch.arange(len(positions.word_vectors(name, TEXT))))


def test_an_order_of_another_length_is_refused(local: Callable[[str], str]) -> None:
    with pytest.raises(ShapeError, match="order has shape 2"):
        positions.read_shuffled(local("bert"), TEXT, torch.arange(2))


def test_word_vectors_are_the_rows_of_the_word_table(local: Callable[[str], str]) -> None:
    loaded = loader.load(local("gpt2"))
    ids = loaded.tokenizer(TEXT)["input_ids"]
    torch.testing.assert_close(positions.word_vectors(local("gpt2"), TEXT), loaded.module.wte.weight[ids])
