"""Downloads from the Hub, here a local one: what is asked for, progress in bytes, cancelling."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from attention.errors import ModelError
from attention.models import hub
from attention.models.loader import MODELS, load
from tests.models import tiny
from tests.models.local_hub import NAME, LocalHub, Repo, files_of
from tests.models.refused import refusal

pytestmark = pytest.mark.usefixtures("one_thread", "empty_caches", "hub_cache")

FolderOf = Callable[[str], Path]


def test_a_hub_model_is_downloaded_and_loaded(repo: Repo, local_hub: LocalHub) -> None:
    model = load(NAME)
    assert (model.id, model.revision, model.n_layers) == (NAME, "1" * 12, 3)
    assert sorted(local_hub.downloaded) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


def test_shards_are_downloaded_when_there_is_no_whole(local_hub: LocalHub, folder_of: FolderOf, tmp_path: Path) -> None:
    tiny.build_module("bert").save_pretrained(tmp_path / "sharded", max_shard_size="40KB")
    words = {name: content for name, content in files_of(folder_of("bert")).items() if name.startswith("token")}
    local_hub.repos[NAME] = Repo({**files_of(tmp_path / "sharded"), **words, "other-00001-of-00002.safetensors": b"x"})
    assert load(NAME).n_layers == 3
    shards = [name for name in local_hub.downloaded if name.endswith(".safetensors")]
    assert len(shards) > 1
    assert all(name.startswith("model-") for name in shards)


def test_progress_is_told_in_bytes_and_in_the_thread_that_asked(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "POLL_SECONDS", 0.01)
    repo.stall = {"model.safetensors"}
    told: list[tuple[str, float, int]] = []

    def progress(doing: str, share: float) -> None:
        told.append((doing, share, threading.get_ident()))
        if repo.half_way.is_set() and len([one for one in told if one[0].startswith("downloading")]) > 20:
            repo.go_on.set()

    load(NAME, progress=progress)
    shares = [share for _, share, _ in told]
    assert shares == sorted(shares)
    assert {thread for *_, thread in told} == {threading.get_ident()}
    assert told[0][0] == "asking the Hub"
    assert any(doing.startswith("downloading, ") and doing.endswith(" MB") for doing, *_ in told)
    assert any(0.2 < share < 0.7 for doing, share, _ in told if doing.startswith("downloading"))
    assert [doing for doing, *_ in told[-2:]] == ["reading the weights", "checking its attention"]


def test_a_cancelled_download_stops_at_once_and_keeps_nothing(repo: Repo, hub_cache: Path) -> None:
    repo.stall = {"model.safetensors"}
    cancel = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(load, NAME, cancel=cancel)
        assert repo.half_way.wait(30)
        cancel.set()
        error = loading.exception(5)  # the server still stalls
    assert isinstance(error, ModelError)
    assert error.key == "load_cancelled"
    assert len(MODELS) == 0
    repo.go_on.set()
    deadline = time.monotonic() + 10
    while list(hub_cache.rglob("*.incomplete")) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not list(hub_cache.rglob("*.incomplete"))
    assert not list(hub_cache.rglob("model.safetensors"))
    repo.stall.clear()
    assert load(NAME).n_layers == 3


def test_cancelling_before_anything_is_asked(repo: Repo, local_hub: LocalHub) -> None:
    cancel = threading.Event()
    cancel.set()
    assert refusal(NAME, folders=False, cancel=cancel).key == "load_cancelled"
    assert local_hub.asked == []


def test_eight_visitors_share_one_download(repo: Repo, local_hub: LocalHub) -> None:
    start = threading.Barrier(8)

    def work(_number: int) -> object:
        start.wait()
        return load(NAME)

    with ThreadPoolExecutor(8) as pool:
        models = list(pool.map(work, range(8)))
    assert all(model is models[0] for model in models)
    assert local_hub.downloaded.count("model.safetensors") == 1


def test_a_connection_that_breaks_is_taken_up_again(repo: Repo, local_hub: LocalHub) -> None:
    repo.cut = {"model.safetensors"}
    assert load(NAME).n_layers == 3
    assert local_hub.downloaded.count("model.safetensors") == 2
