"""The check on every load: whatever would make a picture untrue is refused before anything is shown or kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from attention.core import masks
from attention.errors import ModelError
from attention.models import recording
from attention.models.loaded import describe
from attention.models.loader import MODELS, load
from attention.models.recording import NAME, Recording, record_and_attend
from attention.models.self_check import check
from tests.models import tiny

pytestmark = pytest.mark.usefixtures("one_thread", "empty_caches")

FolderOf = Callable[[str], Path]


@contextmanager
def _registered(function: Callable[..., Any], mask: Callable[..., Any] = sdpa_mask) -> Iterator[None]:
    AttentionInterface.register(NAME, function)
    AttentionMaskInterface.register(NAME, mask)
    try:
        yield
    finally:
        AttentionInterface.register(NAME, record_and_attend)
        AttentionMaskInterface.register(NAME, sdpa_mask)


def _wrong_scale(module: nn.Module, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, **options: Any) -> Any:
    return record_and_attend(module, q, k, v, mask, **{**options, "scaling": options["scaling"] * 1.1})


def _swapped_heads(module: nn.Module, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, **options: Any) -> Any:
    record_and_attend(module, q.flip(1), k.flip(1), v, mask, **options)
    return sdpa_attention_forward(module, q, k, v, mask, **options)


def _keys_for_queries(module: nn.Module, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, **options: Any) -> Any:
    record_and_attend(module, k, q, v, mask, **options)
    return sdpa_attention_forward(module, q, k, v, mask, **options)


def _never_causal(module: nn.Module, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, **options: Any) -> Any:
    record_and_attend(module, q, k, v, mask, **{**options, "is_causal": False})
    return sdpa_attention_forward(module, q, k, v, mask, **options)


def _always_causal(module: nn.Module, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, **options: Any) -> Any:
    return record_and_attend(module, q, k, v, mask, **{**options, "is_causal": True})


def _first_layer_only(module: nn.Module, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, **options: Any) -> Any:
    current = recording._CURRENT.get()
    if current is not None and current.layers:
        return sdpa_attention_forward(module, q, k, v, mask, **options)
    return record_and_attend(module, q, k, v, mask, **options)


def _capped(module: nn.Module, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, **options: Any) -> Any:
    return record_and_attend(module, q, k, v, mask, **{**options, "softcap": 50.0})


SABOTAGE = [
    ("bert", _wrong_scale, "differs by"),
    ("llama", _wrong_scale, "differs by"),
    ("bert", _swapped_heads, "differs by"),
    ("gpt2", _keys_for_queries, "differs by"),
    ("gpt2", _never_causal, "looks ahead"),
    ("bert", _always_causal, "differs by"),
    ("bert", _first_layer_only, "1 of 3 layers"),
    ("bert", _capped, "softcap"),
]


@pytest.mark.parametrize(
    ("model_type", "function", "reason"), SABOTAGE, ids=lambda part: getattr(part, "__name__", None)
)
def test_a_model_read_wrongly_is_refused_and_not_kept(
    model_type: str, function: Callable[..., Any], reason: str, folder_of: FolderOf
) -> None:
    with _registered(function), pytest.raises(ModelError, match=reason) as caught:
        load(folder_of(model_type), folders=True)
    assert caught.value.key == "failed_self_check"
    assert len(MODELS) == 0
    assert load(folder_of(model_type), folders=True).n_layers == 3


def test_a_lost_window_is_noticed(tmp_path: Path) -> None:
    folder = tiny.save("mistral", tmp_path / "narrow", sliding_window=4)
    with _registered(record_and_attend, lambda **_options: None), pytest.raises(ModelError, match="differs by"):
        load(folder, folders=True)
    assert len(MODELS) == 0


def test_a_wrong_mask_of_ours_is_noticed(folder_of: FolderOf, monkeypatch: pytest.MonkeyPatch) -> None:
    def one_key_too_few(*_arguments: object) -> Tensor:
        mask = masks.causal(8)
        mask[7, 0] = False
        return mask

    monkeypatch.setattr(Recording, "_allowed", one_key_too_few)
    with pytest.raises(ModelError, match="layer 0 differs by"):
        load(folder_of("gpt2"), folders=True)
    assert len(MODELS) == 0


def test_a_module_that_attends_otherwise_is_refused(folder_of: FolderOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a subclass with its own bias would: what its own eager function says is no longer softmax(q.k)."""
    from transformers.models.bert import modeling_bert

    original = modeling_bert.eager_attention_forward

    def biased(module: nn.Module, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, **options: Any) -> Any:
        distance = torch.arange(q.shape[2])[:, None] - torch.arange(k.shape[2])
        return original(module, q, k, v, -0.1 * distance.abs().float()[None, None], **options)

    monkeypatch.setattr(modeling_bert, "eager_attention_forward", biased)
    with pytest.raises(ModelError, match="layer 0 differs by"):
        load(folder_of("bert"), folders=True)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("model_type", ["bert", "gpt2", "llama", "modernbert"])
def test_half_precision_passes(model_type: str, dtype: torch.dtype) -> None:
    module = tiny.build_module(model_type, spread=0.1, attn_implementation=NAME).to(dtype)
    model = describe("half", "", "", module, tiny.build_tokenizer(model_type), "cpu")
    assert model.config._attn_implementation == NAME


def test_the_model_keeps_our_implementation_afterwards(folder_of: FolderOf) -> None:
    model = load(folder_of("bert"), folders=True)
    assert model.config._attn_implementation == NAME
    check(model)
    assert model.config._attn_implementation == NAME
