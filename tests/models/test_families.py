"""Every family: what is captured is what the model itself computes, on whole texts."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from transformers import AutoModel

from attention.core.capture import Capture, QueryKeyLayer
from attention.models import bundled, loader, reader
from attention.models.families import FAMILIES
from attention.models.forward import arguments, run
from attention.models.loaded import LoadedModel
from tests.models import tiny
from tests.models.tiny import CAUSAL, ROOM, text_of

WITHOUT_VALUES = {"deberta"}

pytestmark = pytest.mark.usefixtures("one_thread")

FolderOf = Callable[[str], Path]

every_family = pytest.mark.parametrize("model_type", list(FAMILIES))


def _texts(model: LoadedModel) -> list[tuple[str, str | None]]:
    added = len(model.tokenizer("a")["input_ids"]) - 1
    lengths = (1, 2, 7, 21, model.limit - added)
    return [*((text_of(n, seed=n), None) for n in lengths), (text_of(9), text_of(5, seed=1))]


def _captures(folder: Path) -> list[Capture]:
    return [reader.capture(folder, text, pair) for text, pair in _texts(loader.load(folder, folders=True))]


def _reference(folder: Path, implementation: str) -> nn.Module:
    return AutoModel.from_pretrained(folder, attn_implementation=implementation).eval()


def test_the_tiny_models_cover_the_table() -> None:
    assert set(tiny.CONFIGS) == set(FAMILIES)
    assert {row.model_type for row in FAMILIES.values() if row.causal} == set(CAUSAL)


@every_family
def test_weights_equal_those_of_the_model_loaded_eagerly(model_type: str, folder_of: FolderOf) -> None:
    folder = folder_of(model_type)
    eager = _reference(folder, "eager")
    model = loader.load(folder, folders=True)
    lengths = set()
    for capture in _captures(folder):
        lengths.add(len(capture.tokens))
        with torch.no_grad():
            attentions = eager(**arguments(model, capture.text.inputs), output_attentions=True).attentions
        assert capture.n_layers == len(attentions) == model.n_layers
        assert capture.causal == (model_type in CAUSAL)
        for layer, expected in enumerate(attentions):
            weights = capture.weights(layer)
            assert weights.dtype == torch.float32
            torch.testing.assert_close(weights, expected[0], atol=1e-5, rtol=0)
            torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:2]), atol=1e-5, rtol=0)
            torch.testing.assert_close(capture.weights(layer, 1), weights[1])
            assert not weights[~capture.allowed(layer).expand_as(weights)].any()
            if model_type in CAUSAL:
                assert not weights.triu(1).any()
    assert {1, ROOM} & lengths == ({1, ROOM} if model_type in CAUSAL else {ROOM})


@every_family
def test_heads_differ_and_are_far_from_uniform(model_type: str, folder_of: FolderOf) -> None:
    capture = reader.capture(folder_of(model_type), text_of(20))
    weights = torch.stack([capture.weights(layer) for layer in range(capture.n_layers)])
    assert weights.amax(dim=-1).mean() > 3 / len(capture.tokens)
    assert (weights[:, 0] - weights[:, 1]).abs().max() > 0.05


@every_family
def test_the_output_is_that_of_the_model_without_us(model_type: str, folder_of: FolderOf) -> None:
    folder = folder_of(model_type)
    model = loader.load(folder, folders=True)
    reference = _reference(folder, "eager" if model.family.hooked else "sdpa")
    given = arguments(model, reader.capture(folder, text_of(21)).text.inputs)
    with torch.no_grad():
        expected = reference(**given).last_hidden_state
        torch.testing.assert_close(model.module(**given).last_hidden_state, expected, atol=0, rtol=0)


def _cut(width: int) -> Callable[[Tensor], Tensor]:
    """Heads side by side -> [head, key_pos, d_head]."""
    return lambda projected: projected[0].unflatten(-1, (-1, width)).transpose(0, 1)


def _interleaved(projected: Tensor) -> Tensor:
    """GPT-NeoX: each head's q, k and v side by side."""
    return projected[0].unflatten(-1, (4, 3, 8))[:, :, 2].transpose(0, 1)


def _repeated(width: int) -> Callable[[Tensor], Tensor]:
    """Two query heads read each head of values."""
    return lambda projected: _cut(width)(projected)[[0, 0, 1, 1]]


VALUES: dict[str, tuple[str, Callable[[Tensor], Tensor]]] = {
    **dict.fromkeys(["bert", "roberta", "xlm-roberta", "camembert", "electra"], ("attention.self.value", _cut(8))),
    "distilbert": ("attention.v_lin", _cut(8)),
    "albert": ("attention.value", _cut(8)),
    "modernbert": ("attn.Wqkv", lambda projected: _cut(8)(projected[..., 64:])),
    "gpt2": ("attn.c_attn", lambda projected: _cut(8)(projected[..., 64:])),
    "gpt_neox": ("attention.query_key_value", _interleaved),
    "opt": ("self_attn.v_proj", _cut(8)),
    **dict.fromkeys(["llama", "mistral", "qwen2"], ("self_attn.v_proj", _repeated(8))),
    "qwen3": ("self_attn.v_proj", _repeated(12)),
    "deberta-v2": ("attention.self.value_proj", _cut(8)),
    "mpnet": ("attention.attn.v", _cut(8)),
}


def _projected_values(model_type: str, module: nn.Module, given: dict) -> list[Tensor]:
    """The values of every layer, straight from the module that makes them, in call order."""
    suffix, cut = VALUES[model_type]
    found: list[Tensor] = []
    for name, part in module.named_modules():
        if name.endswith(suffix):
            part.register_forward_hook(lambda _module, _inputs, output: found.append(cut(output)))
    with torch.no_grad():
        module(**given)
    return found


def _output_matrices(model: LoadedModel, module: nn.Module) -> list[Tensor]:
    """W_O of every layer as [d_model, d_in]; one for all layers of ALBERT."""
    found = []
    for name, part in module.named_modules():
        if name.endswith(model.family.projection):
            found.append(part.weight.T if type(part).__name__ == "Conv1D" else part.weight)
    return found * (model.n_layers // len(found))


@pytest.mark.parametrize("model_type", sorted(set(FAMILIES) - WITHOUT_VALUES))
def test_value_norms_are_of_the_values_after_the_output_projection(model_type: str, folder_of: FolderOf) -> None:
    folder = folder_of(model_type)
    model = loader.load(folder, folders=True)
    capture = reader.capture(folder, text_of(17), text_of(4))
    module = _reference(folder, "eager")
    layers = _projected_values(model_type, module, arguments(model, capture.text.inputs))
    assert len(layers) == model.n_layers
    for layer, (values, matrix) in enumerate(zip(layers, _output_matrices(model, module), strict=True)):
        d_head = values.shape[-1]
        for head in range(model.n_heads):
            written = values[head] @ matrix[:, head * d_head : (head + 1) * d_head].T
            torch.testing.assert_close(capture.value_norms[layer, head], written.norm(dim=-1), atol=1e-4, rtol=1e-4)
            torch.testing.assert_close(reader.values(folder, text_of(17), layer, head, text_of(4)), values[head])


def test_value_norms_are_missing_only_where_values_cannot_be_had(folder_of: FolderOf) -> None:
    for model_type in FAMILIES:
        norms = reader.capture(folder_of(model_type), text_of(5)).value_norms
        assert bool(norms.isnan().all() if model_type in WITHOUT_VALUES else norms.isfinite().all()), model_type


@pytest.mark.parametrize("model_type", ["modernbert", "mistral", "qwen2"])
def test_sliding_windows_are_seen_by_long_texts(model_type: str, folder_of: FolderOf) -> None:
    capture = reader.capture(folder_of(model_type), text_of(30))
    n = len(capture.tokens)
    seen = [int(capture.allowed(layer)[n - 1].sum()) for layer in range(capture.n_layers)]
    expected = {"modernbert": [n, 5, n, 5], "mistral": [8, 8, 8], "qwen2": [n, 8, 8]}
    assert seen == expected[model_type]


def test_gpt2_scales_by_layer(folder_of: FolderOf) -> None:
    layers = reader.capture(folder_of("gpt2"), text_of(5)).layers
    assert [layer.scale for layer in layers] == pytest.approx([8**-0.5, 8**-0.5 / 2, 8**-0.5 / 3])


def test_queries_and_keys_are_views_where_they_can_be_and_never_pin_more(folder_of: FolderOf) -> None:
    for model_type, row in FAMILIES.items():
        if row.hooked:
            continue
        for layer in reader.capture(folder_of(model_type), text_of(30)).layers:
            for part in (layer.query, layer.key):
                assert part.untyped_storage().nbytes() == part.nbytes, model_type


def test_bert_keeps_the_very_projections(folder_of: FolderOf) -> None:
    model = loader.load(folder_of("bert"), folders=True)
    inputs = reader.capture(folder_of("bert"), text_of(5)).text.inputs
    seen: list[int] = []
    hooks = [
        getattr(model.module.encoder.layer[0].attention.self, name).register_forward_hook(
            lambda _module, _inputs, output: seen.append(output.untyped_storage().data_ptr())
        )
        for name in ("query", "key")
    ]
    layer = run(model, inputs).layers[0]
    for hook in hooks:
        hook.remove()
    assert isinstance(layer, QueryKeyLayer)
    assert [layer.query.untyped_storage().data_ptr(), layer.key.untyped_storage().data_ptr()] == seen


@pytest.mark.parametrize("name", bundled.available())
def test_the_bundled_models_are_read_as_they_read_themselves(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    capture = reader.capture(name, "The quick brown fox, 你好 世界!", "Καλημέρα")
    model = loader.load(name)
    monkeypatch.setattr(model.config, "_attn_implementation", "eager")
    with torch.no_grad():
        attentions = model.module(**arguments(model, capture.text.inputs), output_attentions=True).attentions
    for layer, expected in enumerate(attentions):
        torch.testing.assert_close(capture.weights(layer), expected[0], atol=1e-5, rtol=0)


@every_family
def test_texts_read_together_are_what_each_is_alone(model_type: str, folder_of: FolderOf) -> None:
    model = loader.load(folder_of(model_type), folders=True)
    given = [text_of(n, seed=seed) for seed, n in enumerate((7, 5, 7, 5, 7, 4))]
    texts = [text for one in given if (text := reader.fitting(model, one)) is not None]
    assert len(texts) == 6
    seen = dict(reader.capture_all(model, texts, threading.Event()))
    assert sorted(seen) == list(range(6))
    for at, text in enumerate(texts):
        alone = run(model, text.inputs)
        together = seen[at]
        assert together.text is text
        torch.testing.assert_close(together.value_norms, alone.value_norms, atol=1e-5, rtol=1e-5, equal_nan=True)
        torch.testing.assert_close(together.halfway, alone.halfway, atol=1e-5, rtol=1e-5)
        assert together.halfway.untyped_storage().nbytes() == together.halfway.nbytes
        for layer, other in enumerate(alone.layers):
            torch.testing.assert_close(together.weights(layer), other.weights(slice(None)), atol=1e-5, rtol=0)
            assert all(part.untyped_storage().nbytes() <= 1.5 * part.nbytes for part in together.layers[layer].arrays)
