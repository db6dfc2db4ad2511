"""The value vectors of a head: one more pass, as captures keep only their norms."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from attention.errors import SelectionError
from attention.models import loader
from attention.models.reader import capture, values
from tests.models.tiny import text_of

pytestmark = pytest.mark.usefixtures("one_thread", "empty_caches", "offline")

FolderOf = Callable[[str], Path]


def test_values_are_those_of_the_value_projection(folder_of: FolderOf) -> None:
    folder = folder_of("bert")
    model = loader.load(folder, folders=True)
    seen: list[torch.Tensor] = []
    part = model.module.encoder.layer[1].attention.self.value
    hook = part.register_forward_hook(lambda _module, _inputs, output: seen.append(output[0, :, 16:24]))
    found = values(folder, "a b c", 1, 2)
    hook.remove()
    assert found.shape == (5, 8)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, seen[-1])


def test_weights_times_values_is_what_the_head_puts_out(folder_of: FolderOf) -> None:
    folder = folder_of("llama")
    model = loader.load(folder, folders=True)
    seen: list[torch.Tensor] = []
    part = model.module.layers[2].self_attn.o_proj
    hook = part.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0][0, :, 24:32]))
    found = values(folder, text_of(9), 2, 3)
    hook.remove()
    torch.testing.assert_close(capture(folder, text_of(9)).weights(2, 3) @ found, seen[-1])


def test_values_that_cannot_be_had_are_refused(folder_of: FolderOf) -> None:
    with pytest.raises(SelectionError, match="one of the models whose values can be taken out, not tiny-deberta"):
        values(folder_of("deberta"), "a b", 0, 0)
    with pytest.raises(SelectionError, match="Head 4 does not exist"):
        values(folder_of("bert"), "a b", 0, 4)
    with pytest.raises(SelectionError, match="Layer 3 does not exist"):
        values(folder_of("bert"), "a b", 3, 0)
