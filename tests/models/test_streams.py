"""The streams of a loaded model against transformers' own hidden states and its own norms, in every family."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from attention.errors import SelectionError, TextError
from attention.models import bundled, catalog, loader, reader
from attention.models.families import FAMILIES
from attention.models.forward import arguments
from attention.models.streams import NAMES, _heard, _listening, streams

pytestmark = pytest.mark.usefixtures("one_thread")

FolderOf = Callable[[str], Path]
READ = sorted(set(FAMILIES) - {"gpt_neox"})
PRE_NORM = {"modernbert", "gpt2", "opt", "llama", "mistral", "qwen2", "qwen3"}
TEXT = "The cat sat on the mat"


def _theirs(folder: Path, text: str = TEXT) -> tuple[Tensor, ...]:
    """transformers' own hidden states, one tensor [position, d_model] before each layer and one after the last."""
    loaded = loader.load(folder, folders=True)
    inputs = reader.capture(folder, text).text.inputs
    with torch.inference_mode():
        found = loaded.module(**arguments(loaded, inputs), output_hidden_states=True)
    return tuple(part[0].float() for part in found.hidden_states)


@pytest.mark.parametrize("model_type", READ)
def test_hidden_states_are_those_of_transformers(model_type: str, folder_of: FolderOf) -> None:
    ours, theirs = streams(folder_of(model_type), TEXT), _theirs(folder_of(model_type))
    lengths = torch.stack([part.norm(dim=-1) for part in theirs])
    assert tuple(ours.lengths) == NAMES
    torch.testing.assert_close(ours.lengths["hidden"], lengths[:-1], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(ours.lengths["output"][:-1], lengths[1:-1], atol=1e-5, rtol=1e-5)
    if not ours.pre_norm:  # else transformers' last one comes after the final norm
        torch.testing.assert_close(ours.lengths["output"][-1], lengths[-1], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("model_type", READ)
def test_the_place_of_the_norms_is_found(model_type: str, folder_of: FolderOf) -> None:
    assert streams(folder_of(model_type), TEXT).pre_norm == (model_type in PRE_NORM)


@pytest.mark.parametrize("model_type", READ)
def test_the_streams_of_a_block_add_up(model_type: str, folder_of: FolderOf) -> None:
    """The vectors behind the lengths, by the model's own norms: nothing is heard in the wrong place."""
    loaded = loader.load(folder_of(model_type), folders=True)
    heard = _heard(loaded, reader.capture(folder_of(model_type), TEXT).text.inputs)
    total = heard["hidden"] + heard["attention"]
    if model_type in PRE_NORM:
        torch.testing.assert_close(total + heard["feed-forward"], heard["output"], atol=1e-5, rtol=1e-5)
        return
    first, second = _norms(loaded.module)
    with torch.inference_mode():
        torch.testing.assert_close(first(total[0]), heard["feed-forward in"][0], atol=1e-5, rtol=1e-5)
        summed = heard["feed-forward in"][0] + heard["feed-forward"][0]
        torch.testing.assert_close(second(summed), heard["output"][0], atol=1e-5, rtol=1e-5)


def _norms(module: nn.Module) -> tuple[Any, Any]:
    """The two norms of the first block of a post-norm model, by name."""
    firsts = ("layer.0.attention.output.LayerNorm", "sa_layer_norm", "attention.LayerNorm")
    seconds = ("layer.0.output.LayerNorm", "output_layer_norm", "full_layer_layer_norm")
    named = [(name, part) for name, part in module.named_modules() if name.endswith("orm")]
    first = next(part for name, part in named if name.endswith(firsts))
    second = next(part for name, part in named if name.endswith(seconds))
    return first, second


@pytest.mark.parametrize("model", bundled.available())
@pytest.mark.parametrize("text", ["The cat sat.", "猫は道を渡らなかった。", "لم تعبر القطة الشارع."])
def test_bundled_models_are_read(model: str, text: str) -> None:
    ours = streams(model, text)
    loaded = loader.load(model)
    with torch.inference_mode():
        found: Any = loaded.module(
            **arguments(loaded, reader.capture(model, text).text.inputs), output_hidden_states=True
        )
    theirs = torch.stack([part[0].float().norm(dim=-1) for part in found.hidden_states])
    torch.testing.assert_close(ours.lengths["hidden"], theirs[:-1], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(ours.lengths["output"], theirs[1:], atol=1e-4, rtol=1e-4)
    assert not ours.pre_norm


def test_our_decoder_is_pre_norm() -> None:
    assert streams(catalog.INDUCTION, "a b a b").pre_norm


def test_two_parts_side_by_side_are_refused(folder_of: FolderOf) -> None:
    with pytest.raises(SelectionError, match="follows their attention"):
        streams(folder_of("gpt_neox"), TEXT)


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(TextError):
        streams(catalog.INDUCTION, "")


def test_nothing_keeps_listening(folder_of: FolderOf) -> None:
    loaded = loader.load(folder_of("bert"), folders=True)
    kept: dict[str, list[Tensor]] = {name: [] for name in NAMES}
    with pytest.raises(ZeroDivisionError), _listening(loaded, kept):
        raise ZeroDivisionError
    _theirs(folder_of("bert"))
    assert not any(kept.values())
    before = _hooks(loaded.module)  # transformers keeps some of its own
    streams(folder_of("bert"), TEXT)
    assert _hooks(loaded.module) == before


def _hooks(module: nn.Module) -> int:
    return sum(len(part._forward_hooks) + len(part._forward_pre_hooks) for part in module.modules())
