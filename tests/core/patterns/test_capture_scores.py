"""A whole capture is scored as its layers are, in little memory."""

import weakref
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from attention.core import masks
from attention.core.capture import Capture, QueryKeyLayer, WeightsLayer
from attention.core.patterns import NAMES, rank, score_capture
from attention.core.patterns.capture_scores import sum_captures
from attention.core.patterns.layout import layout_of, layout_of_all
from attention.core.patterns.sums import QUANTITIES
from attention.core.patterns.tally import Tally
from attention.core.tokens import Text, Token
from tests.core.patterns.specimens import NAMED, mask_of, noise, score, text_tokens, tokens_of


def capture_of(
    n: int, layers: list[Any], *, heads: int, causal: bool = False, tokens: tuple[Token, ...] | None = None
) -> Capture:
    text = Text("", None, tokens or text_tokens(n, pair=True), {})
    return Capture("tiny", "main", "", text, tuple(layers), torch.ones(len(layers), heads, n), causal)


def query_key(n: int, heads: int, mask: torch.Tensor | None, seed: int) -> QueryKeyLayer:
    query, key = torch.randn(2, heads, n, 8, generator=torch.Generator().manual_seed(seed))
    return QueryKeyLayer(query, key, mask, None, 1.0)


@pytest.mark.parametrize("n", [8, 40, 140])
def test_layers_under_several_masks_score_as_each_does_alone(n: int) -> None:
    """Like ModernBERT: every third layer sees everything, the others a window; one layer keeps its weights."""
    window = masks.sliding_window(n, n // 2)
    layers: list[Any] = [query_key(n, 3, None if seed % 3 == 0 else window, seed) for seed in range(5)]
    allowed = torch.ones(n, n, dtype=torch.bool)
    kept = noise(layout_of(text_tokens(n), window, False), 3, sharpness=2.0).float()
    layers.append(WeightsLayer(kept, window))
    capture = capture_of(n, layers, heads=3)
    found = score_capture(capture)
    assert len({id(part) for part, _ in found.parts}) == 2
    for layer in range(6):
        mask = allowed if layer % 3 == 0 and layer < 5 else window
        alone = score(layout_of(capture.tokens, mask, False), *capture.weights(layer))
        for name in NAMES:
            for whole, one in ((found.scores, alone.scores), (found.working, alone.working)):
                torch.testing.assert_close(whole[name][layer], one[name], atol=1e-5, rtol=0, equal_nan=True)
        for name in (*NAMED, "offset"):
            for whole, one in ((found.share, alone.share), (found.chance, alone.chance)):
                torch.testing.assert_close(whole[name][layer], one[name], atol=1e-5, rtol=0, equal_nan=True)
            assert found.rows(name, layer) == alone.rows[name]
            for head in range(3):
                assert torch.equal(found.cells(name, layer, head), alone.cells(name, head))
        torch.testing.assert_close(found.resting[layer], alone.resting, atol=1e-5, rtol=0, equal_nan=True)
        assert found.offset[layer].tolist() == alone.offset.tolist()
        assert found.labels[layer] == tuple(alone.labels)
        assert found.working_labels[layer] == tuple(alone.working_labels)


class LiveBytes(TorchDispatchMode):
    """Counts the bytes of tensors made while it is on; a storage counts while any tensor of it lives."""

    def __init__(self, before: list[torch.Tensor]) -> None:
        super().__init__()
        self.users: dict[int, int] = {tensor.untyped_storage().data_ptr(): 1 for tensor in before}
        self.live = self.peak = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor):
                self._count(tensor)
        return result

    def _count(self, tensor: torch.Tensor) -> None:
        storage = tensor.untyped_storage()
        place, size = storage.data_ptr(), storage.nbytes()
        if place not in self.users:
            self.live += size
            self.peak = max(self.peak, self.live)
        self.users[place] = self.users.get(place, 0) + 1
        weakref.finalize(tensor, self._drop, place, size)

    def _drop(self, place: int, size: int) -> None:
        self.users[place] -= 1
        if not self.users[place]:
            del self.users[place]
            self.live -= size


def test_the_counter_of_bytes_counts() -> None:
    with LiveBytes([]) as counter:
        tensor = torch.zeros(1 << 18)
        view = tensor[4:].view(-1)
        del tensor
        assert counter.live == 1 << 20
        del view
        assert counter.live == 0
    assert counter.peak == 1 << 20


def test_a_long_text_of_a_large_model_is_scored_in_little_memory() -> None:
    """144 heads of 512 tokens: their weights alone would take 144 MiB."""
    capture = capture_of(512, [query_key(512, 12, None, seed) for seed in range(12)], heads=12)
    with LiveBytes([part for layer in capture.layers for part in layer.arrays]) as counter:
        found = score_capture(capture)
    assert found.scores["previous"].shape == (12, 12)
    assert 1 << 20 < counter.peak <= 24 << 20


def test_texts_read_together_are_summed_in_little_memory() -> None:
    """The weights of 4 texts of 128 tokens would take 36 MiB; one band of one layer is held, and what the texts ask for."""
    captures = [
        capture_of(
            128, [query_key(128, 12, None, seed) for seed in range(12)], heads=12, tokens=text_tokens(128, number)
        )
        for number in range(4)
    ]
    with LiveBytes([part for capture in captures for layer in capture.layers for part in layer.arrays]) as counter:
        found = sum_captures(captures)
    assert len(found) == 4
    assert 1 << 20 < counter.peak <= 64 << 20


def test_a_row_that_is_none_is_refused_by_its_place_in_the_capture() -> None:
    kept = torch.full((2, 12, 12), 1 / 12)
    kept[1, 5] = 0.5
    with pytest.raises(ValueError, match="Row 5 of head 1 sums to 6"):
        rank(capture_of(12, [WeightsLayer(kept)], heads=2))


@pytest.mark.parametrize("n", [8, 40, 140])
def test_the_sums_alone_are_those_the_scores_are_read_off(n: int) -> None:
    window = masks.sliding_window(n, n // 2)
    layers: list[Any] = [query_key(n, 3, None if seed % 3 == 0 else window, seed) for seed in range(5)]
    for capture in (capture_of(n, layers, heads=3), capture_of(n, layers[1:3], heads=3)):
        whole, _ = score_capture(capture).sums()
        (alone,) = sum_captures([capture])
        torch.testing.assert_close(alone.patterns, whole.patterns, atol=1e-9, rtol=1e-9)
        torch.testing.assert_close(alone.shapes, whole.shapes, atol=1e-9, rtol=1e-9)


def unlike(n: int) -> list[tuple[Token, ...]]:
    """Texts as long as each other that show different patterns: alone, a pair, without repeats, without punctuation or words."""
    plain = tokens_of(list(range(5, 5 + n)))
    return [
        text_tokens(n),
        text_tokens(n, 1, pair=True),
        plain,
        tuple(replace(token, word=place) for place, token in enumerate(plain)),
        tokens_of([0, *[7, 8] * n][:n], special={0, 8}, stops={7}),
    ]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("n", [5, 9, 40, 230])
def test_texts_read_together_are_summed_as_each_is_alone(n: int, causal: bool) -> None:
    """Some layers see a window only, and one keeps its weights; what a text cannot show is not borrowed from its neighbors."""
    whole, captures = masks.causal(n) if causal else torch.ones(n, n, dtype=torch.bool), []
    window = whole & masks.sliding_window(n, n // 2)
    for number, tokens in enumerate(unlike(n)):
        layers: list[Any] = [query_key(n, 3, window if seed == 1 else whole, 9 * number + seed) for seed in range(4)]
        layers.append(WeightsLayer(noise(layout_of(tokens, whole, causal), 3, sharpness=2.0).float(), whole))
        captures.append(capture_of(n, layers, heads=3, causal=causal, tokens=tokens))
    together = sum_captures(captures)
    rows = torch.stack([one.patterns[QUANTITIES.index("rows")] > 0 for one in together])
    assert n == 5 or not torch.equal(rows.any(dim=0), rows.all(dim=0))
    for capture, found in zip(captures, together, strict=True):
        alone, _ = score_capture(capture).sums()
        torch.testing.assert_close(found.patterns, alone.patterns, atol=1e-4, rtol=1e-5)
        torch.testing.assert_close(found.shapes, alone.shapes, atol=1e-4, rtol=1e-5)


@pytest.mark.parametrize("kind", ["bidirectional", "causal", "padded"])
@pytest.mark.parametrize("n", [12, 230])
def test_both_readings_of_texts_together_are_those_of_each_alone(n: int, kind: str) -> None:
    """One head rests on the first token, so that over content some of its rows are not read."""
    mask, texts = mask_of(kind, n), unlike(n)
    together = layout_of_all(texts, mask, "causal" in kind)
    alone = [layout_of(tokens, mask, "causal" in kind) for tokens in texts]
    heads = [noise(text, 3, seed, sharpness=2.0) for seed, text in enumerate(alone)]
    for given in heads:
        given[0] = torch.where(torch.arange(n)[:, None] % 2 == 0, torch.eye(n)[alone[0].first], given[0])
    found = Tally(together, 3)
    for band in found.bands:
        found.add(band, torch.stack(heads)[..., band.query_pos, :])
    for at, (text, given) in enumerate(zip(alone, heads, strict=True)):
        expected = Tally(text, 3)
        for band in expected.bands:
            expected.add(band, given[:, band.query_pos])
        torch.testing.assert_close(found.resting[at], expected.resting)
        for side, own in zip(found.sides, expected.sides, strict=True):
            torch.testing.assert_close(side.sums().patterns[at], own.sums().patterns, atol=1e-5, rtol=1e-5)
            torch.testing.assert_close(side.sums().shapes[at], own.sums().shapes, atol=1e-5, rtol=1e-5)


def test_a_row_that_is_none_is_refused_in_any_text() -> None:
    kept = torch.full((3, 2, 12, 12), 1 / 12)
    kept[2, 1, 5] = 0.5
    captures = [capture_of(12, [WeightsLayer(one)], heads=2) for one in kept]
    with pytest.raises(ValueError, match="Row 5 of head 1 sums to 6"):
        sum_captures(captures)
