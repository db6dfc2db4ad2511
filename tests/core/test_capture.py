"""A capture gives back the weights of the model it was taken from, and refuses what does not exist."""

import inspect
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from attention.core import masks
from attention.core.attention import attend
from attention.core.capture import Capture, QueryKeyLayer, WeightsLayer
from attention.core.tokens import Text, Token
from attention.errors import SelectionError

N, HEADS, D = 6, 4, 8
WINDOW = masks.causal(N) & masks.sliding_window(N, 3)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def capture_of(*layers: QueryKeyLayer | WeightsLayer, causal: bool = True) -> Capture:
    tokens = tuple(Token("t", place, place, place + 1, place) for place in range(N))
    text = Text("t" * N, None, tokens, {"input_ids": tuple(range(N))})
    return Capture("tiny", "main", "", text, layers, torch.ones(len(layers), layers[0].n_heads, N), causal)


def layer_of(
    kv_heads: int = HEADS,
    mask: Tensor | None = None,
    bias: Tensor | None = None,
    scale: float = 0.3,
    dtype: torch.dtype = torch.float32,
) -> QueryKeyLayer:
    query, key = random(HEADS, N, D, seed=1).to(dtype), random(kv_heads, N, D, seed=2).to(dtype)
    return QueryKeyLayer(query, key, mask, bias, scale)


LAYERS = {
    "plain": layer_of(),
    "grouped": layer_of(kv_heads=2),
    "one key head": layer_of(kv_heads=1, mask=masks.causal(N)),
    "sliding window": layer_of(kv_heads=2, mask=WINDOW),
    "bias for each head": layer_of(bias=random(HEADS, N, N, seed=3)),
    "bias for all heads": layer_of(bias=random(1, N, N, seed=4), mask=masks.causal(N)),
    "half precision": layer_of(kv_heads=2, dtype=torch.bfloat16),
    "weights": WeightsLayer(random(HEADS, N, N, seed=5).softmax(dim=-1)),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_one_head_is_the_same_alone_and_among_the_others(kind: str) -> None:
    capture = capture_of(LAYERS["plain"], LAYERS[kind])
    together = capture.weights(1)
    assert together.shape == (HEADS, N, N)
    assert together.dtype == torch.float32
    torch.testing.assert_close(together.sum(dim=-1), torch.ones(HEADS, N))
    for head in range(HEADS):
        torch.testing.assert_close(capture.weights(1, head), together[head], atol=1e-6, rtol=0)


@pytest.mark.parametrize("kind", [kind for kind in LAYERS if kind != "weights"])
def test_recomputed_weights_are_those_of_attend(kind: str) -> None:
    layer = LAYERS[kind]
    query, key = layer.query.float(), layer.key.float()
    expected = attend(query, key, key, mask=layer.mask, bias=layer.bias, scale=layer.scale).weights
    torch.testing.assert_close(capture_of(layer).weights(0), expected, atol=1e-6, rtol=0)


def test_finished_weights_come_back_in_float32() -> None:
    kept = random(HEADS, N, N).softmax(dim=-1).half()
    assert torch.equal(capture_of(WeightsLayer(kept)).weights(0, 3), kept[3].float())


def test_a_layer_allows_what_its_mask_allows() -> None:
    capture = capture_of(layer_of(mask=WINDOW), layer_of(), WeightsLayer(torch.rand(HEADS, N, N), WINDOW))
    assert torch.equal(capture.allowed(0), WINDOW)
    assert capture.allowed(1).shape == (N, N)
    assert bool(capture.allowed(1).all())
    assert torch.equal(capture.allowed(2), WINDOW)
    assert bool((capture.weights(0)[:, ~WINDOW] == 0).all())


def test_a_row_with_no_key_is_zero() -> None:
    mask = masks.causal(N).clone()
    mask[0] = False
    weights = capture_of(layer_of(mask=mask)).weights(0)
    assert bool((weights[:, 0] == 0).all())
    torch.testing.assert_close(weights[:, 1:].sum(dim=-1), torch.ones(HEADS, N - 1))


def test_sizes_come_from_the_layers() -> None:
    capture = capture_of(layer_of(kv_heads=2), layer_of(kv_heads=2))
    assert (capture.n_layers, capture.n_heads, len(capture.tokens)) == (2, HEADS, N)


def test_bytes_count_every_array_and_a_shared_mask_once() -> None:
    layers = [layer_of(kv_heads=2, mask=WINDOW), layer_of(kv_heads=2, mask=WINDOW, bias=torch.zeros(1, N, N))]
    query_key, norms, mask, bias = 4 * (HEADS + 2) * N * D, 4 * 2 * HEADS * N, N * N, 4 * N * N
    assert capture_of(*layers).nbytes == 2 * query_key + norms + mask + bias
    kept = WeightsLayer(torch.rand(HEADS, N, N), WINDOW)
    assert capture_of(kept).nbytes == 4 * HEADS * N * N + 4 * HEADS * N + N * N
    more = replace(capture_of(kept), halfway=torch.zeros(N, D))
    assert more.nbytes == capture_of(kept).nbytes + 4 * N * D


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("head", [None, 0, HEADS - 1])
def test_every_layer_and_head_there_is_passes(layer: int, head: int | None) -> None:
    capture = capture_of(layer_of(), layer_of())
    capture.check(layer, head)
    assert capture.weights(layer, head).shape[-2:] == (N, N)


@pytest.mark.parametrize("got", [True, False, 0.0, 1.5, -1, 4, 99, "0", "", "L0H0", [0], float("nan")])
def test_what_is_not_a_head_is_refused(got: object) -> None:
    capture = capture_of(layer_of())
    with pytest.raises(SelectionError, match="each layer of tiny has heads 0 to 3"):
        capture.check(0, got)
    with pytest.raises(SelectionError, match="each layer of tiny has heads 0 to 3"):
        inspect.unwrap(Capture.weights)(capture, 0, got)


@pytest.mark.parametrize("got", [None, True, False, 0.0, -1, 2, "1", "last", (0,)])
def test_what_is_not_a_layer_is_refused(got: object) -> None:
    capture = capture_of(layer_of(), layer_of())
    with pytest.raises(SelectionError, match="tiny has layers 0 to 1"):
        capture.check(got)
    with pytest.raises(SelectionError, match="tiny has layers 0 to 1"):
        inspect.unwrap(Capture.weights)(capture, got)
