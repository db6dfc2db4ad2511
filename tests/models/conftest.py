"""Folders of tiny models, built once; caches that start empty."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.models import tiny

if TYPE_CHECKING:
    from tests.models.local_hub import LocalHub, Repo


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a tiny model of a family, saved when first asked for. Not to be changed."""
    root = tmp_path_factory.mktemp("models")

    def folder(model_type: str) -> Path:
        place = root / f"tiny-{model_type}"
        return place if place.exists() else tiny.save(model_type, place)

    return folder


@pytest.fixture
def empty_caches() -> Iterator[None]:
    """No model and no capture is kept from, or for, another test."""
    from attention.models import loader, reader

    for cache in (loader.MODELS, reader.CAPTURES):
        cache.clear()
    yield
    for cache in (loader.MODELS, reader.CAPTURES):
        cache.clear()


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Tiny tensors gain nothing from more, and threads that wait for each other on a busy machine take long."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def copy_of(folder_of: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    """A tiny model's folder that may be changed."""
    return lambda model_type: Path(shutil.copytree(folder_of(model_type), tmp_path / f"my-{model_type}"))


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where downloads go. Settings of huggingface_hub are put back; small chunks, so that tiny files have several."""
    import huggingface_hub
    from huggingface_hub import constants

    from attention.models import hub

    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", constants.HF_HUB_DISABLE_XET)
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", constants.DOWNLOAD_CHUNK_SIZE)
    monkeypatch.setattr(hub, "CHUNK_BYTES", 4096)
    huggingface_hub.close_session()
    yield tmp_path / "hub"
    huggingface_hub.close_session()


@pytest.fixture
def local_hub(hub_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["LocalHub"]:
    """A Hub on this machine that is taken for the real one."""
    from tests.models.local_hub import point_to, serving

    with serving() as running:
        point_to(running.url, monkeypatch)
        yield running


@pytest.fixture
def repo(local_hub: "LocalHub", folder_of: Callable[[str], Path]) -> "Repo":
    """someone/tiny, with the usual company of files that are not needed."""
    from tests.models.local_hub import NAME, Repo, files_of

    files = files_of(folder_of("bert"))
    others = ("pytorch_model.bin", "onnx/model.onnx", "onnx/model.safetensors", "1_Pooling/config.json", "README.md")
    more = ("tf_model.h5", "adapter_model.safetensors", "consolidated.safetensors", "model-00001-of-00002.safetensors")
    local_hub.repos[NAME] = Repo({**files, **dict.fromkeys((*others, *more), b"x" * 1000)})
    return local_hub.repos[NAME]
