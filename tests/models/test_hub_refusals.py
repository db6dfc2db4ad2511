"""What of the Hub is refused, with as little asked and downloaded as possible; and what works while it is away."""

import errno
import json
import shutil
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from attention.errors import ModelError
from attention.models import hub, loader
from attention.models.loader import MODELS, load
from tests.models.local_hub import NAME, LocalHub, Repo, closed_port, point_to
from tests.models.refused import refusal

pytestmark = pytest.mark.usefixtures("one_thread", "empty_caches", "hub_cache")

FolderOf = Callable[[str], Path]


@pytest.mark.parametrize("gated", ["auto", "manual", True])
def test_a_gated_model_is_refused_before_a_download(gated: str | bool, repo: Repo, local_hub: LocalHub) -> None:
    repo.gated = gated
    assert refusal(NAME, folders=False).key == "gated_model"
    assert local_hub.downloaded == []


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_gate_found_while_downloading_is_a_gate(name: str, repo: Repo) -> None:
    repo.refuse = {name}
    assert refusal(NAME, folders=False).key == "gated_model"


def test_an_unknown_model_is_called_unknown(local_hub: LocalHub) -> None:
    error = refusal("nobody/nothing", folders=False)
    assert error.key == "unknown_model"
    assert str(error).startswith("No public model is called “nobody/nothing”")


def test_pickles_are_refused_before_a_download(repo: Repo, local_hub: LocalHub) -> None:
    for name in [name for name in repo.files if name.endswith(".safetensors") and "onnx" not in name]:
        del repo.files[name]
    assert refusal(NAME, folders=False).key == "no_safetensors"
    assert local_hub.downloaded == []


def test_a_model_too_large_is_refused_before_a_download(repo: Repo, local_hub: LocalHub) -> None:
    repo.sizes = {"model.safetensors": 5 << 30}
    error = refusal(NAME, folders=False)
    assert str(error) == "“someone/tiny” is 5.4 GB and at most 4.3 GB is loaded here; pick a smaller model."
    assert local_hub.downloaded == []


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"model_type": "t5"}, "unsupported_family"),
        ({"auto_map": {"AutoModel": "modeling.Mine"}}, "remote_code"),
        ({"model_type": None}, "unsupported_family"),
    ],
)
def test_a_model_that_cannot_be_read_is_refused_before_its_weights(
    settings: dict, key: str, repo: Repo, local_hub: LocalHub
) -> None:
    repo.files["config.json"] = json.dumps({**json.loads(repo.files["config.json"]), **settings}).encode()
    assert refusal(NAME, folders=False).key == key
    assert local_hub.downloaded == ["config.json"]


def test_no_token_is_ever_sent(repo: Repo, local_hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_" + "x" * 30)
    load(NAME)
    assert len(local_hub.asked) > 4
    assert not local_hub.authorized


def test_a_full_disk_is_called_so(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object, **_options: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device", "/somewhere")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", full)
    assert str(refusal(NAME, folders=False)).startswith("“someone/tiny” could not be loaded: the disk is full.")


def test_a_folder_of_the_same_name_does_not_win(
    repo: Repo, folder_of: FolderOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(folder_of("gpt2"), tmp_path / "here" / "someone" / "tiny")
    monkeypatch.chdir(tmp_path / "here")
    assert load(NAME).family.model_type == "bert"
    MODELS.clear()
    assert load(NAME, folders=True).family.model_type == "bert"


def test_a_downloaded_model_works_offline(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    online = load(NAME)
    for harm in ("closed port", "offline mode"):
        MODELS.clear()
        if harm == "closed port":
            point_to(closed_port(), monkeypatch)
        else:
            monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        offline = load(NAME)
        assert offline is not online
        assert offline.revision == online.revision


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_downloaded_model_works_while_the_hub_is_down(status: int, repo: Repo, local_hub: LocalHub) -> None:
    load(NAME)
    MODELS.clear()
    local_hub.failing = status
    assert load(NAME).n_layers == 3


@pytest.mark.parametrize("harm", ["closed port", "offline mode", "500", "503", "not json"])
def test_an_unreachable_hub_is_said_quickly(harm: str, local_hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    if harm == "closed port":
        point_to(closed_port(), monkeypatch)
    elif harm == "offline mode":
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    else:
        local_hub.failing = int(harm) if harm.isdigit() else 200
    before = time.monotonic()
    error = refusal("openai-community/gpt2", folders=False)
    assert time.monotonic() - before < 5
    assert error.key == "hub_unreachable"


def test_a_hub_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "TIMEOUT_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        point_to(f"http://127.0.0.1:{silent.getsockname()[1]}", monkeypatch)
        before = time.monotonic()
        assert refusal(NAME, folders=False).key == "hub_unreachable"
        assert time.monotonic() - before < 5


def test_half_a_download_is_not_a_model(repo: Repo, local_hub: LocalHub, hub_cache: Path) -> None:
    repo.files["config.json"] = repo.files["config.json"].replace(b'"bert"', b'"t5"')
    refusal(NAME, folders=False)
    assert list(hub_cache.rglob("config.json"))
    local_hub.failing = 503
    assert refusal(NAME, folders=False).key == "hub_unreachable"


def test_a_newer_revision_is_taken_and_the_older_one_stays_readable(repo: Repo, local_hub: LocalHub) -> None:
    load(NAME)
    MODELS.clear()
    repo.sha = "2" * 40
    assert load(NAME).revision == "2" * 12
    assert hub.cached(NAME, "1" * 12)[1] == "1" * 12
    assert hub.cached(NAME)[1] == "2" * 12
    with pytest.raises(ModelError, match="not on this machine"):
        hub.cached(NAME, "3" * 12)


def test_a_worker_reads_what_was_downloaded_and_asks_nobody(repo: Repo, local_hub: LocalHub) -> None:
    revision = load(NAME).revision
    local_hub.asked.clear()
    model = loader.build(NAME, hub.silent, threading.Event(), in_worker=True, revision=revision)
    assert (model.revision, local_hub.asked) == (revision, [])
