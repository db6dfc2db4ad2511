"""Names that are no model, models that are refused, folders that are damaged."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from attention.share.selection import Selection
from tests.models import tiny
from tests.ui.explorer import Explorer, best_head, captured
from tests.ui.hostile import sentence, works

pytestmark = [pytest.mark.ui, pytest.mark.usefixtures("offline")]
Explore = Callable[..., Explorer]

BAD_MODELS = {
    "nobody/no-such-model": "hub_unreachable",
    "no-such-model": "hub_unreachable",
    "../x": "bad_model_id",
    "/etc/passwd": "bad_model_id",
    "a/b/c": "bad_model_id",
    "C:\\x": "bad_model_id",
    "~/x": "bad_model_id",
    "a--b": "bad_model_id",
    "file:///etc/passwd": "bad_model_id",
    "https://huggingface.co/google-bert/bert-base-uncased": "bad_model_id",
    "<img src=x onerror=alert(1)>": "bad_model_id",
    "${alert(1)}/{{value}}": "bad_model_id",
    "x" * 500: "bad_model_id",
}


@pytest.mark.usefixtures("kept")
def test_names_that_are_no_model(explore: Explore) -> None:
    explorer = explore()
    picture = explorer.caption
    for name, expected in BAD_MODELS.items():
        explorer.name_model(name)
        explorer.read()
        assert sentence(explorer) == expected, name
        assert explorer.caption == picture
        assert explorer.overflow() <= 0
    works(explorer)


@pytest.mark.usefixtures("kept")
def test_models_that_the_hub_has_and_the_page_refuses(explore: Explore, monkeypatch: pytest.MonkeyPatch) -> None:
    import httpx
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    def answer(status: int) -> httpx.Response:
        return httpx.Response(status, request=httpx.Request("GET", "https://huggingface.co/api/models/x"))

    def file(name: str, size: int) -> SimpleNamespace:
        return SimpleNamespace(rfilename=name, size=size)

    def info(*files: SimpleNamespace, gated: str | bool = False) -> SimpleNamespace:
        return SimpleNamespace(gated=gated, siblings=files, sha="0" * 40)

    answers = {
        "unknown_model": RepositoryNotFoundError("no such repository", response=answer(404)),
        "gated_model": GatedRepoError("ask its owner", response=answer(403)),
        "no_safetensors": info(file("config.json", 100), file("pytorch_model.bin", 1000)),
        "model_too_large": info(file("config.json", 100), file("model.safetensors", 40 << 30)),
        "hub_unreachable": TimeoutError("no answer"),
    }

    def model_info(_api: HfApi, name: str, **_options: object) -> SimpleNamespace:
        found = answers[name.removeprefix("someone/")]
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(HfApi, "model_info", model_info)
    explorer = explore()
    picture = explorer.caption
    for key in answers:
        explorer.name_model(f"someone/{key}")
        explorer.read()
        assert sentence(explorer) == key
        assert explorer.caption == picture
    works(explorer)


@pytest.fixture
def model_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that ATTENTION_MODEL_DIR names, with one good model in it."""
    folder = tmp_path / "models"
    tiny.save("bert", folder / "good")
    monkeypatch.setenv("ATTENTION_MODEL_DIR", str(folder))
    return folder


def _cut(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])


def _scramble(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\xff" * 4096)


def _pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut short": (_cut, "broken_model"),
    "scrambled": (_scramble, "broken_model"),
    "pickled": (_pickle, "no_safetensors"),
    "no tokenizer": (lambda folder: (folder / "tokenizer.json").unlink(), "broken_model"),
    "bad config": (lambda folder: (folder / "config.json").write_text("{"), "broken_model"),
    "own code": (
        lambda folder: (folder / "config.json").write_text('{"model_type": "bert", "auto_map": {"AutoModel": "x.X"}}'),
        "remote_code",
    ),
}


@pytest.mark.usefixtures("kept")
def test_folders_with_damaged_models(explore: Explore, model_folder: Path) -> None:
    for number, (damage, _) in enumerate(DAMAGES.values()):
        damage(shutil.copytree(model_folder / "good", model_folder / f"damaged-{number}"))
    explorer = explore()
    picture = explorer.caption
    for number, (_, expected) in enumerate(DAMAGES.values()):
        explorer.name_model(f"damaged-{number}")
        explorer.read("w1 w2 w3 w4")
        assert sentence(explorer) == expected, number
        assert str(model_folder) not in explorer.status.inner_text()
        assert explorer.caption == picture
    works(explorer)


def test_a_folder_repaired_is_read(explore: Explore, model_folder: Path) -> None:
    whole = model_folder / "good" / "model.safetensors"
    content = whole.read_bytes()
    whole.write_bytes(content[:-1000])
    explorer = explore()
    explorer.name_model("good")
    explorer.read("w1 w2 w3 w4")
    assert sentence(explorer) == "broken_model"
    whole.write_bytes(content)
    explorer.read()
    capture = captured("good", "w1 w2 w3 w4")
    explorer.shows(capture, Selection(*best_head(capture)))
    explorer.read("w1 w2 w3 unheard-of")
    explorer.page.get_by_text("unheard-of").first.wait_for()
