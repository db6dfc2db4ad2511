"""Where a forward pass runs: CUDA, Apple's MPS or the CPU here; inside spaces.GPU on a ZeroGPU Space.

The one file that imports `spaces`, and only where the Space says that it lends a GPU.
"""

import os
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

ZERO_GPU = os.environ.get("SPACES_ZERO_GPU", "").lower() in {"1", "t", "true"}  # as `spaces` itself reads it

if ZERO_GPU:  # must come before anything touches CUDA
    import spaces


def on_gpu(duration: Callable[..., int]) -> Callable[[F], F]:
    """Run the function in a ZeroGPU worker for at most duration(*arguments) seconds; elsewhere, leave it as it is."""

    def decorate(function: F) -> F:
        return spaces.GPU(duration=duration)(function) if ZERO_GPU else function

    return decorate


def device(in_worker: bool = False) -> str:
    """Device of a model: on ZeroGPU only the worker has a GPU."""
    import torch

    if ZERO_GPU:
        return "cuda" if in_worker else "cpu"
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
