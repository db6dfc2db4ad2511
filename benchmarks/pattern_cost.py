"""What scoring every head costs beside the forward pass that made the weights possible.

    python benchmarks/pattern_cost.py

A 12 x 12, d = 768 encoder with random weights: capture once, then scores, labels and working scores of all 144 heads from its queries and
keys, against a bare sdpa forward in the same run, medians of paired runs. Memory: live tensor bytes above what the capture holds.
"""

import statistics
import time

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import BertConfig, BertModel

from attention.core.capture import Capture, QueryKeyLayer
from attention.core.patterns import score_capture
from attention.core.tokens import Text, Token

BOUNDS = {32: 0.30, 128: 0.30, 512: 0.50}


class Peak(TorchDispatchMode):
    """The most bytes of new tensor storage alive at once; what is there before does not count."""

    def __init__(self, before: list[torch.Tensor]) -> None:
        super().__init__()
        self.before = {tensor.untyped_storage().data_ptr() for tensor in before}
        self.alive: dict[int, int] = {}
        self.peak = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for tensor in out if isinstance(out, (tuple, list)) else (out,):
            if isinstance(tensor, torch.Tensor):
                self._see(tensor.untyped_storage())
        return out

    def _see(self, storage: torch.UntypedStorage) -> None:
        import weakref

        key = storage.data_ptr()
        if key and key not in self.alive and key not in self.before:
            self.alive[key] = storage.nbytes()
            weakref.finalize(storage, self.alive.pop, key, None)
            self.peak = max(self.peak, sum(self.alive.values()))


def made(n: int) -> Capture:
    """A capture of random queries and keys over a text with specials, repeats, punctuation and words of two pieces."""
    torch.manual_seed(n)
    tokens = tuple(
        Token(
            "x",
            5 + i % (n // 3),
            i,
            i + 1,
            -1 if i in (0, n - 1) else i // 2,
            special=i in (0, n - 1),
            punctuation=i % 9 == 4,
        )
        for i in range(n)
    )
    layers = tuple(
        QueryKeyLayer(torch.randn(12, n, 64), torch.randn(12, n, 64), None, None, 64**-0.5) for _ in range(12)
    )
    return Capture("made", "", "", Text("", None, tokens, {}), layers, torch.ones(12, 12, n), causal=False)


def main() -> None:
    model = BertModel(BertConfig(), add_pooling_layer=False).eval()
    print("| tokens | scoring / bare forward | asked | extra memory |\n|---|---|---|---|")
    for n, bound in BOUNDS.items():
        capture, ids = made(n), torch.randint(1000, 20000, (1, n))
        ratios = []
        with torch.inference_mode():
            for _ in range(9):
                began = time.perf_counter()
                model(input_ids=ids)
                middle = time.perf_counter()
                score_capture(capture)
                ratios.append((time.perf_counter() - middle) / (middle - began))
        with Peak([part for layer in capture.layers for part in layer.arrays]) as peak:
            score_capture(capture)
        print(f"| {n} | {statistics.median(ratios[1:]):.2f} | ≤ {bound:.2f} | {peak.peak / 2**20:.1f} MiB |")


if __name__ == "__main__":
    main()
