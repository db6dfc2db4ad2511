"""From a name to a model: what is accepted, loaded once, refused, and kept."""

import json
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from attention.errors import ModelError
from attention.models import catalog, loader, reader
from attention.models.families import FAMILIES
from attention.models.loaded import LoadedModel, limit_of
from attention.models.loader import MODELS, load, resolve
from tests.models import tiny

pytestmark = pytest.mark.usefixtures("empty_caches", "offline")

FolderOf = Callable[[str], Path]


@pytest.fixture
def copy_of(folder_of: FolderOf, tmp_path: Path) -> FolderOf:
    """A tiny model's folder that may be changed."""
    return lambda model_type: Path(shutil.copytree(folder_of(model_type), tmp_path / f"my-{model_type}"))


def _refusal(model: object, folders: bool = True, **options: object) -> ModelError:
    with pytest.raises(ModelError) as caught:
        load(model, folders=folders, **options)  # type: ignore[arg-type]
    return caught.value


# names


@pytest.mark.parametrize(
    "name",
    [
        "", " ", ".", "..", "../x", "./x", "/etc", "/", "~", "~/x", "a/b/c", "a//b", "a/", "/a", "a--b", "a..b", "a/..",
        "-a", "a-", "a.", ".a", "a.git", "C:\\x", "\\\\host\\x", "a\\b", "a b", "a\nb", "bert\x00", "x" * 97, "x" * 500,
        "模型", "ｂｅｒｔ", "org/modèle", "<script>", "a?b", "a#b", "a%2fb", "file:///etc", "https://huggingface.co/gpt2",
    ],
)  # fmt: skip
def test_what_is_not_a_model_id_is_refused(name: str) -> None:
    error = _refusal(name, folders=False)
    assert error.key == "bad_model_id"
    assert len(str(error)) < 200
    assert len(MODELS) == 0


@pytest.mark.parametrize("name", [None, 3, b"bert", ["bert"], Path("/etc")])
def test_only_strings_are_model_ids_on_the_page(name: object) -> None:
    with pytest.raises(ModelError, match="is not a model id"):
        resolve(name)


@pytest.mark.parametrize("name", ["bert\n", " gpt2 ", "nobody/nothing-here", "a" * 96, "x" * 90 + "/" + "y" * 90])
def test_an_unknown_id_gets_a_sentence_when_offline(name: str) -> None:
    assert _refusal(name, folders=False).key in {"hub_unreachable", "bad_model_id"}


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
            assert _refusal(name, folders=folders).key == "hub_unreachable"
    for name in (
        "./tiny-bert",
        str(tmp_path / "tiny-bert"),
        "someone/../tiny-bert",
        "../" + tmp_path.name + "/tiny-bert",
    ):
        assert _refusal(name, folders=False).key == "bad_model_id"


def test_the_python_api_takes_paths(folder_of: FolderOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "a" / "b" / "tiny"
    shutil.copytree(folder_of("bert"), place)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in (place, str(place), "a/b/tiny", "./a/b/tiny", Path("a/b/tiny"), "~/a/b/tiny", f"{place}/"):
        assert resolve(path, folders=True) == str(place)
    model = load(place, folders=True)
    assert load("./a/b/tiny", folders=True) is model
    assert (model.id, model.revision, model.note) == ("tiny", "local", "")


def test_a_path_without_a_model_is_refused_without_showing_where(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", str(tmp_path / "nothing"), tmp_path):
        error = _refusal(path)
        assert error.key == "broken_model"
        assert "/" not in str(error)
    assert _refusal("a\x00/b/c").key == "bad_model_id"


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
    assert _refusal("../secret", folders=False).key == "bad_model_id"
    assert _refusal("empty", folders=False).key == "hub_unreachable"


@pytest.mark.parametrize("root", ["", "/nowhere/at/all", __file__])
def test_a_model_folder_that_is_none_holds_no_models(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENTION_MODEL_DIR", root)
    assert catalog.local_models() == {}


# loaded once, kept within bounds


def _counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    built: list[str] = []
    build = loader.build

    def counted(resolved: str, *arguments: object, **options: object) -> LoadedModel:
        built.append(resolved)
        return build(resolved, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(loader, "build", counted)
    return built


def test_eight_threads_load_a_model_once(folder_of: FolderOf, monkeypatch: pytest.MonkeyPatch) -> None:
    built = _counting(monkeypatch)
    start = threading.Barrier(8)

    def work(_number: int) -> LoadedModel:
        start.wait()
        return load(folder_of("bert"), folders=True)

    with ThreadPoolExecutor(8) as pool:
        models = list(pool.map(work, range(8)))
    assert len(built) == 1
    assert all(model is models[0] for model in models)


def test_eight_threads_load_eight_models_at_once(folder_of: FolderOf) -> None:
    types = ["bert", "gpt2", "distilbert", "llama", "mpnet", "opt", "albert", "electra"]
    folders = [folder_of(model_type) for model_type in types]
    start = threading.Barrier(8)

    def work(folder: Path) -> str:
        start.wait()
        return load(folder, folders=True).family.model_type

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, folders)) == types


def test_the_least_recently_used_model_goes_first(folder_of: FolderOf, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = (folder_of(model_type) for model_type in ("bert", "electra", "distilbert"))
    monkeypatch.setattr(MODELS, "limit", load(first, folders=True).nbytes * 2)
    load(second, folders=True)
    load(first, folders=True)
    load(third, folders=True)
    assert [MODELS.peek(str(folder)) is not None for folder in (first, second, third)] == [True, False, True]
    assert MODELS.nbytes <= MODELS.limit


# damage


def _rewrite(folder: Path, change: Callable[[dict], object]) -> None:
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))


def _drop_tensor(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    tensors.pop("encoder.layer.1.attention.self.key.weight")
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _spoil_tensor(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    tensors["encoder.layer.1.attention.self.key.weight"].fill_(torch.nan)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _pickle(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def _shard(folder: Path) -> None:
    names = dict.fromkeys(load_file(folder / "model.safetensors"), "model-00001-of-00001.safetensors")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": names}))


def _cut(name: str, share: float) -> Callable[[Path], object]:
    def cut(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: int(len(content) * share)])

    return cut


def _write(name: str, content: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(content)


def _set(**values: object) -> Callable[[Path], object]:
    return lambda folder: _rewrite(folder, lambda config: config.update(values))


DAMAGE: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "weights cut short": (_cut("model.safetensors", 0.7), "broken_model", "damaged or cut short"),
    "weights cut in the header": (_cut("model.safetensors", 0.01), "broken_model", "damaged or cut short"),
    "weights empty": (_cut("model.safetensors", 0), "broken_model", "damaged or cut short"),
    "weights are text": (_write("model.safetensors", "hello" * 100), "broken_model", "damaged or cut short"),
    "a tensor missing": (_drop_tensor, "broken_model", "1 of its tensors are missing"),
    "a tensor of NaN": (_spoil_tensor, "failed_self_check", "do not sum to 1"),
    "a shard missing": (_shard, "broken_model", "missing"),
    "only pickles": (_pickle, "no_safetensors", "no safetensors"),
    "an adapter only": (
        lambda folder: (folder / "model.safetensors").rename(folder / "adapter_model.safetensors"), "no_safetensors", "",
    ),
    "config cut short": (_cut("config.json", 0.5), "broken_model", "config.json cannot be read"),
    "config empty": (_write("config.json", ""), "broken_model", "config.json cannot be read"),
    "config is a list": (_write("config.json", "[]"), "broken_model", "config.json cannot be read"),
    "config is not text": (lambda folder: (folder / "config.json").write_bytes(b"\xff\xfe\x00"), "broken_model", "config"),
    "no family": (lambda folder: _rewrite(folder, lambda c: c.pop("model_type")), "broken_model", "config.json"),
    "a list for a family": (_set(model_type=["bert"]), "unsupported_family", "['bert']"),
    "another family": (_set(model_type="gpt_neo"), "unsupported_family", "gpt_neo"),
    "another family's weights": (_set(model_type="gpt2"), "broken_model", ""),
    "an encoder-decoder": (_set(is_encoder_decoder=True), "unsupported_family", ""),
    "code of its own": (_set(auto_map={"AutoModel": "modeling.Mine"}), "remote_code", ""),
    "code of its own, another family": (_set(model_type="mine", auto_map={}), "remote_code", ""),
    "wider than its weights": (_set(hidden_size=64), "broken_model", ""),
    "more words than its weights": (_set(vocab_size=500), "broken_model", ""),
    "more layers than its weights": (_set(num_hidden_layers=4), "broken_model", "16 of its tensors are missing"),
    "fewer layers than its weights": (_set(num_hidden_layers=2), "broken_model", "more layers than"),
    "no layers": (_set(num_hidden_layers=0), "broken_model", "more layers than"),
    "heads that do not divide": (_set(num_attention_heads=5), "broken_model", ""),
    "no heads": (_set(num_attention_heads=0), "broken_model", ""),
    "a word for a size": (_set(hidden_size="wide"), "broken_model", ""),
    "quantized": (_set(quantization_config={"quant_method": "gptq", "bits": 4}), "broken_model", ""),
    "no tokenizer": (lambda folder: (folder / "tokenizer.json").unlink(), "broken_model", "tokenizer"),
    "a broken tokenizer": (_write("tokenizer.json", "{"), "broken_model", "tokenizer"),
}  # fmt: skip


@pytest.mark.parametrize("damage", list(DAMAGE))
def test_a_damaged_model_is_refused_and_nothing_of_it_stays(damage: str, copy_of: FolderOf, tmp_path: Path) -> None:
    harm, key, words = DAMAGE[damage]
    folder = copy_of("bert")
    harm(folder)
    error = _refusal(folder)
    assert (error.key, words in str(error)) == (key, True), str(error)
    assert str(tmp_path) not in str(error)
    assert not any(sign in str(error) for sign in ("Traceback", "site-packages", "\n"))
    assert str(error).startswith("“my-bert”")
    assert len(MODELS) == 0


def test_a_repaired_model_loads(copy_of: FolderOf, folder_of: FolderOf) -> None:
    folder = copy_of("bert")
    (folder / "model.safetensors").unlink()
    _refusal(folder)
    shutil.copy(folder_of("bert") / "model.safetensors", folder)
    assert load(folder, folders=True).n_layers == 3


def test_pickles_beside_safetensors_are_not_opened(copy_of: FolderOf) -> None:
    folder = copy_of("bert")
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    assert load(folder, folders=True).n_layers == 3


def test_a_head_on_top_does_not_matter(copy_of: FolderOf) -> None:
    folder = copy_of("bert")
    tensors = {f"bert.{name}": t for name, t in load_file(folder / "model.safetensors").items() if "pooler" not in name}
    save_file(
        {**tensors, "cls.predictions.bias": torch.zeros(tiny.VOCABULARY)},
        folder / "model.safetensors",
        {"format": "pt"},
    )
    _rewrite(folder, lambda config: config.update(architectures=["BertForMaskedLM"]))
    assert load(folder, folders=True).n_layers == 3


@pytest.mark.parametrize(
    "model_type",
    [
        "t5",
        "mt5",
        "bart",
        "mbart",
        "m2m_100",
        "marian",
        "bloom",
        "falcon",
        "gpt_neo",
        "gptj",
        "gemma2",
        "xlnet",
        "longformer",
    ],
)
def test_other_families_are_refused_by_name(model_type: str, tmp_path: Path) -> None:
    from transformers import AutoConfig

    AutoConfig.for_model(model_type).save_pretrained(tmp_path / "other")
    error = _refusal(tmp_path / "other")
    assert error.key == "unsupported_family"
    assert f"is a {model_type} model" in str(error)
    assert all(row.title in str(error) for row in FAMILIES.values())


def test_a_decoder_made_to_look_both_ways_is_read_so(tmp_path: Path) -> None:
    folder = tiny.save("llama", tmp_path / "both", is_causal=False)
    capture = reader.capture(folder, tiny.text_of(6))
    assert not capture.causal
    assert capture.weights(0).triu(1).amax() > 0.1


def test_bert_as_a_decoder_is_causal(tmp_path: Path) -> None:
    assert load(tiny.save("bert", tmp_path / "decoder", is_decoder=True), folders=True).causal


# limits


@pytest.mark.parametrize(
    ("model_type", "settings", "tokenizer_limit", "limit"),
    [
        ("bert", {"max_position_embeddings": 512}, 10**30, 512),
        ("bert", {"max_position_embeddings": 512}, 128, 128),
        ("roberta", {"max_position_embeddings": 514, "pad_token_id": 1}, 10**30, 512),
        ("roberta", {"max_position_embeddings": 514, "pad_token_id": 3}, 10**30, 510),
        ("mpnet", {"max_position_embeddings": 514, "pad_token_id": 1}, 10**30, 512),
        ("gpt2", {"n_positions": 4096}, 10**30, 1024),
        ("llama", {"max_position_embeddings": 131072}, 1e30, 1024),
    ],
)
def test_a_limit_is_the_smallest_of_table_tokenizer_and_ours(
    model_type: str, settings: dict, tokenizer_limit: int | float, limit: int
) -> None:
    from transformers import AutoConfig

    assert limit_of(FAMILIES[model_type], AutoConfig.for_model(model_type, **settings), tokenizer_limit) == limit


def test_a_tokenizers_own_limit_counts(tmp_path: Path) -> None:
    assert load(tiny.save("bert", tmp_path / "short", limit=9), folders=True).limit == 9
    assert load(tiny.save("bert", tmp_path / "unsaid", limit=None), folders=True).limit == tiny.ROOM


# cancelled


def test_a_cancelled_load_keeps_nothing(folder_of: FolderOf) -> None:
    cancel = threading.Event()
    told: list[tuple[str, float]] = []

    def progress(doing: str, share: float) -> None:
        told.append((doing, share))
        cancel.set()

    error = _refusal(folder_of("bert"), progress=progress, cancel=cancel)
    assert (error.key, str(error)) == ("load_cancelled", "Loading “tiny-bert” was cancelled; nothing of it was kept.")
    assert told == [("reading the weights", 0.8)]
    assert len(MODELS) == 0
    assert load(folder_of("bert"), folders=True).n_layers == 3


def test_progress_only_goes_up(folder_of: FolderOf) -> None:
    told: list[float] = []
    load(folder_of("bert"), folders=True, progress=lambda _doing, share: told.append(share))
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] <= 1


class _Paused:
    """A load that waits, so that another thread can be made to wait for it."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, _doing: str, _share: float) -> None:
        self.reached.set()
        assert self.go_on.wait(30)


def test_cancelling_one_of_two_waiting_visitors_leaves_the_other(folder_of: FolderOf) -> None:
    paused, cancel = _Paused(), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(load, folder_of("bert"), folders=True, progress=paused, cancel=cancel)
        assert paused.reached.wait(30)
        second = pool.submit(load, folder_of("bert"), folders=True)
        cancel.set()
        paused.go_on.set()
        assert second.result(30).n_layers == 3
        with pytest.raises(ModelError, match="cancelled"):
            first.result(30)


def test_a_visitor_who_waits_for_anothers_load_can_cancel(folder_of: FolderOf) -> None:
    paused, cancel = _Paused(), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(load, folder_of("bert"), folders=True, progress=paused)
        assert paused.reached.wait(30)
        second = pool.submit(load, folder_of("bert"), folders=True, cancel=cancel)
        cancel.set()
        with pytest.raises(ModelError, match="cancelled"):
            second.result(30)
        paused.go_on.set()
        assert first.result(30).n_layers == 3
