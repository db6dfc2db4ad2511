"""What is taken for the name of a model, and what never is."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from attention.errors import ModelError
from attention.models import catalog
from attention.models.loader import MODELS, load, resolve
from tests.models.refused import refusal

pytestmark = pytest.mark.usefixtures("one_thread", "empty_caches", "offline")

FolderOf = Callable[[str], Path]


@pytest.mark.parametrize(
    "name",
    [
        "", " ", ".", "..", "../x", "./x", "/etc", "/", "~", "~/x", "a/b/c", "a//b", "a/", "/a", "a--b", "a..b", "a/..",
        "-a", "a-", "a.", ".a", "a.git", "C:\\x", "\\\\host\\x", "a\\b", "a b", "a\nb", "bert\x00", "x" * 97, "x" * 500,
        "模型", "ｂｅｒｔ", "org/modèle", "<script>", "a?b", "a#b", "a%2fb", "file:///etc", "https://huggingface.co/gpt2",
    ],
)  # fmt: skip
def test_what_is_not_a_model_id_is_refused(name: str) -> None:
    error = refusal(name, folders=False)
    assert error.key == "bad_model_id"
    assert len(str(error)) < 200
    assert len(MODELS) == 0


@pytest.mark.parametrize("name", [None, 3, b"bert", ["bert"], Path("/etc")])
def test_only_strings_are_model_ids_on_the_page(name: object) -> None:
    with pytest.raises(ModelError, match="is not a model id"):
        resolve(name)


@pytest.mark.parametrize("name", ["bert\n", " gpt2 ", "nobody/nothing-here", "a" * 96, "x" * 90 + "/" + "y" * 90])
def test_an_unknown_id_gets_a_sentence_when_offline(name: str) -> None:
    assert refusal(name, folders=False).key in {"hub_unreachable", "bad_model_id"}


def test_titles_stand_for_their_ids() -> None:
    for row in catalog.CATALOG:
        assert resolve(row.title) == resolve(row.id) == row.id


def test_a_folder_in_the_working_directory_never_stands_in_for_a_hub_model(
    folder_of: FolderOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("tiny-bert", "google-bert/bert-base-uncased", "someone/model"):
        shutil.copytree(folder_of("bert"), tmp_path / name)
    monkeypatch.chdir(tmp_path)
    for name in ("tiny-bert", "google-bert/bert-base-uncased", "someone/model"):
        for folders in (False, True):
            assert refusal(name, folders=folders).key == "hub_unreachable"
    for name in (
        "./tiny-bert",
        str(tmp_path / "tiny-bert"),
        "someone/../tiny-bert",
        "../" + tmp_path.name + "/tiny-bert",
    ):
        assert refusal(name, folders=False).key == "bad_model_id"


def test_the_python_api_takes_paths(folder_of: FolderOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "a" / "b" / "tiny"
    shutil.copytree(folder_of("bert"), place)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in (place, str(place), "a/b/tiny", "./a/b/tiny", Path("a/b/tiny"), "~/a/b/tiny", f"{place}/"):
        assert resolve(path, folders=True) == str(place)
    model = load(place, folders=True)
    assert load("./a/b/tiny", folders=True) is model
    assert (model.id, model.revision[:6], model.note) == ("tiny", "local-", "")


def test_a_path_without_a_model_is_refused_without_showing_where(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", str(tmp_path / "nothing"), tmp_path):
        error = refusal(path)
        assert error.key == "broken_model"
        assert "/" not in str(error)
    assert refusal("a\x00/b/c").key == "bad_model_id"


def test_models_in_the_model_folder_go_by_name(
    folder_of: FolderOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mine", "gpt2", "mein Modell"):
        shutil.copytree(folder_of("bert"), tmp_path / "models" / name)
    (tmp_path / "models" / "empty").mkdir()
    (tmp_path / "models" / "a-file").write_text("{}")
    (tmp_path / "models" / "linked").symlink_to(folder_of("gpt2"))
    (tmp_path / "secret").mkdir()
    monkeypatch.setenv("ATTENTION_MODEL_DIR", str(tmp_path / "models"))
    assert list(catalog.local_models()) == ["gpt2", "linked", "mein Modell", "mine"]
    assert {row.id for row in catalog.rows() if row.source == "local"} == set(catalog.local_models())
    assert load("mine").family.model_type == load("gpt2").family.model_type == "bert"
    assert load("mein Modell").id == "mein Modell"
    assert load("linked").family.model_type == "gpt2"
    assert refusal("../secret", folders=False).key == "bad_model_id"
    assert refusal("empty", folders=False).key == "hub_unreachable"


@pytest.mark.parametrize("root", ["", "/nowhere/at/all", __file__])
def test_a_model_folder_that_is_none_holds_no_models(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENTION_MODEL_DIR", root)
    assert catalog.local_models() == {}
