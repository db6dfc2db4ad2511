"""Where a pass runs: here, or in a forked ZeroGPU worker that must not need anything of the process it was forked from."""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from attention.models import forward, gpu, loader, reader
from tests.models.tiny import text_of

pytestmark = pytest.mark.usefixtures("one_thread", "empty_caches", "offline")

FolderOf = Callable[[str], Path]


def test_a_function_stays_as_it_is_where_no_gpu_is_lent() -> None:
    def work(n: int) -> int:
        return n

    assert gpu.ZERO_GPU is False
    assert gpu.on_gpu(lambda n: n)(work) is work


def test_spaces_takes_our_duration() -> None:
    spaces = pytest.importorskip("spaces")

    def work(resolved: str, revision: str, inputs: dict) -> str:
        return resolved

    assert spaces.GPU(duration=reader._seconds)(work) is work


def test_durations_are_short_and_grow_with_the_text() -> None:
    short, long = (reader._seconds("m", "r", {"input_ids": tuple(range(n))}) for n in (8, 1024))
    assert 0 < short < long <= 15


@pytest.mark.parametrize(("zero", "in_worker", "device"), [(True, True, "cuda"), (True, False, "cpu")])
def test_only_a_worker_has_the_lent_gpu(
    zero: bool, in_worker: bool, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "ZERO_GPU", zero)
    assert gpu.device(in_worker) == device


def test_the_device_here_is_one_torch_has() -> None:
    torch.empty(1, device=gpu.device())


SPACES = """
def GPU(duration):
    return lambda function: lambda *arguments: ("lent", duration(*arguments), function(*arguments))
"""

ASK = """
import sys
from attention.models import gpu
work = gpu.on_gpu(lambda n: n + 1)(lambda n: n)
print(gpu.ZERO_GPU, "spaces" in sys.modules, work(1), "torch" in sys.modules)
"""


@pytest.mark.parametrize("value", ["", "0", "false", "1", "True"])
def test_a_gpu_is_borrowed_only_where_the_space_lends_one(value: str, tmp_path: Path) -> None:
    """With a stand-in for `spaces`: the real one, told that it is on ZeroGPU, wants a torch built for CUDA."""
    (tmp_path / "spaces.py").write_text(SPACES)
    path = os.pathsep.join([str(tmp_path), *sys.path])
    environment = {**os.environ, "SPACES_ZERO_GPU": value, "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    lent = value in {"1", "True"}
    assert done.stdout.strip() == f"{lent} {lent} {('lent', 2, 1) if lent else 1} False"


@pytest.fixture
def zero_gpu(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """As on a ZeroGPU Space, with a CPU for a GPU; the calls that would go to the worker."""
    calls: list[tuple[Any, ...]] = []
    inside = reader._forward

    def lent(*arguments: Any) -> bytes:
        calls.append(arguments)
        return inside(*pickle.loads(pickle.dumps(arguments)))

    monkeypatch.setattr(gpu, "ZERO_GPU", True)
    monkeypatch.setattr(gpu, "device", lambda in_worker=False: "cpu")
    monkeypatch.setattr(reader, "_forward", lent)
    reader._in_worker.cache_clear()
    return calls


def test_a_worker_is_handed_plain_data_once_per_text(folder_of: FolderOf, zero_gpu: list[tuple[Any, ...]]) -> None:
    folder = folder_of("bert")
    found = reader.capture(folder, "a b c")
    assert reader.capture(folder, "a b c") is found
    resolved, revision, inputs = zero_gpu[0]
    assert (resolved, revision, len(inputs["input_ids"])) == (str(folder), found.revision, 5)
    assert len(zero_gpu) == 1
    here = forward.run(loader.load(folder, folders=True), inputs)
    torch.testing.assert_close(found.weights(1), here.layers[1].weights(slice(None)))


def test_a_worker_keeps_one_model(folder_of: FolderOf, zero_gpu: list[tuple[Any, ...]]) -> None:
    for model_type in ("bert", "bert", "gpt2"):
        for n in (3, 4):
            reader.capture(folder_of(model_type), text_of(n))
    kept = reader._in_worker.cache_info()
    assert (kept.misses, kept.currsize) == (2, 1)


def test_the_cpu_answers_when_no_gpu_can_be_had(
    folder_of: FolderOf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*_arguments: object) -> bytes:
        raise RuntimeError("quota exceeded")

    monkeypatch.setattr(gpu, "ZERO_GPU", True)
    monkeypatch.setattr(gpu, "device", lambda in_worker=False: "cpu")
    monkeypatch.setattr(reader, "_forward", refused)
    assert len(reader.capture(folder_of("bert"), "a b c").tokens) == 5
    assert "the CPU takes it" in caplog.text


WORKER = """
import json, multiprocessing, pickle, sys, threading
import torch
torch.set_num_threads(1)
from attention.models import gpu, loader, reader

folder = sys.argv[1]
gpu.ZERO_GPU = True
gpu.device = lambda in_worker=False: "cpu"

def work(pipe):
    def task():
        pipe.send(reader._forward(folder, "any", {"input_ids": (2, 7, 8, 9, 3)}))
    thread = threading.Thread(target=task)
    thread.start()
    thread.join()

def ask():
    here, there = multiprocessing.Pipe(duplex=False)
    with loader.MODELS._lock, reader.CAPTURES._lock, loader._ONE_AT_A_TIME:
        worker = multiprocessing.get_context("fork").Process(target=work, args=(there,), daemon=True)
        worker.start()
        raw = pickle.loads(here.recv()) if here.poll(150) else None
    if raw is None:
        worker.kill()
        sys.exit("the worker hangs")
    worker.join(30)
    return [layer.weights(slice(None)).tolist() for layer in raw.layers]

answers = [ask()]
loader.load(folder, folders=True)
print(json.dumps([*answers, ask()]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="ZeroGPU forks; this system cannot")
def test_a_forked_worker_answers_while_every_lock_is_held(folder_of: FolderOf) -> None:
    """Whether the process that it was forked from had loaded the model or not."""
    folder = folder_of("bert")
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(folder)], capture_output=True, text=True, timeout=400, check=False
    )
    assert done.returncode == 0, done.stderr
    answers = torch.tensor(json.loads(done.stdout.splitlines()[-1]))
    here = forward.run(loader.load(folder, folders=True), {"input_ids": (2, 7, 8, 9, 3)})
    expected = torch.stack([layer.weights(slice(None)) for layer in here.layers])
    torch.testing.assert_close(answers, torch.stack([expected, expected]), atol=1e-6, rtol=0)
