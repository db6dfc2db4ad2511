"""Repeated random texts and their losses: transformers' own numbers in every family, with and without some heads."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from attention.errors import ModelError
from attention.models import catalog, loader, repeated
from attention.models.behavior import repeat_check
from attention.models.unembedding import unembedding
from tests.models import tiny
from tests.models.decoders import plain_losses, save_speaking
from tests.models.tiny import CAUSAL

pytestmark = pytest.mark.usefixtures("one_thread")

FolderOf = Callable[[str], Path]


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> FolderOf:
    """The folder of a tiny decoder of a family."""
    root = tmp_path_factory.mktemp("decoders")
    return lambda model_type: save_speaking(model_type, root / f"speaking-{model_type}")


def test_texts_are_one_random_stretch_written_twice() -> None:
    model = loader.load(catalog.INDUCTION)
    texts = repeated.sample(model, 32, 8, torch.Generator().manual_seed(0))
    assert (texts.length, texts.begin) == (32, 1)
    assert texts.ids.shape == (8, 65)
    assert (texts.ids[:, 0] == model.tokenizer.bos_token_id).all()
    assert torch.equal(texts.ids[:, 1:33], texts.ids[:, 33:])
    for row in texts.ids[:, 1:33].tolist():
        assert len(set(row)) == 32
        assert not set(row) & set(model.tokenizer.all_special_ids)
    assert not torch.equal(texts.ids[0], texts.ids[1])


def test_a_long_copy_is_bounded_by_what_the_model_has_room_for() -> None:
    found = repeat_check(catalog.INDUCTION, length=500, texts=1)
    assert found.length == 127
    assert found.ids.shape == (1, 255)


def test_a_decoder_with_too_little_room_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no room for two copies of 8 tokens"):
        repeat_check(tiny.save("gpt2", tmp_path / "short", n_positions=15))


@pytest.mark.parametrize("model_type", CAUSAL)
def test_losses_of_every_decoder_are_those_of_the_plain_model(model_type: str, speaking: FolderOf) -> None:
    folder = speaking(model_type)
    found = repeat_check(folder, texts=3)
    assert found.ids.shape == (3, 40)  # no beginning-of-text token here, and room for 40
    assert found.length == 20
    assert found.intact.losses.isnan().nonzero().tolist() == [[0]]
    torch.testing.assert_close(found.intact.losses[1:], plain_losses(folder, found.ids), atol=1e-4, rtol=1e-4)
    for trial in (*found.each, *found.before, *(t for t in (found.together, found.control) if t is not None)):
        expected = plain_losses(folder, found.ids, trial.off)
        torch.testing.assert_close(trial.losses[1:], expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("model_type", CAUSAL)
def test_a_head_that_is_off_adds_nothing_in_any_decoder(model_type: str, speaking: FolderOf) -> None:
    folder = speaking(model_type)
    model = loader.load(folder, folders=True)
    matrix = unembedding(str(folder), model)
    texts = repeated.sample(model, 12, 2, torch.Generator().manual_seed(1))
    intact = repeated.losses(model, matrix, texts)
    for off in ([(1, 2)], [(0, 0), (2, 1), (2, 3)]):
        losses = repeated.losses(model, matrix, texts, off)
        torch.testing.assert_close(losses[1:], plain_losses(folder, texts.ids, off), atol=1e-4, rtol=1e-4)
        assert (losses - intact)[1:].abs().max() > 0.01
