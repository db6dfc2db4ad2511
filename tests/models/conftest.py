"""Folders of tiny models, built once; caches that start empty."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.models import tiny


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
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No Hub can be asked, and nothing of it is on this machine; where its cache would be."""
    from huggingface_hub import constants

    cache = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    return cache
