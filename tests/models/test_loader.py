"""A model is loaded once, kept within bounds, knows its limit, and can be cancelled."""

import ast
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import attention
from attention.errors import ModelError
from attention.models import loader, reader, tokenizers
from attention.models.families import FAMILIES
from attention.models.loaded import LoadedModel, limit_of
from attention.models.loader import MODELS, load
from attention.models.tokenizers import TOKENIZERS, load_tokenizer
from tests.models import tiny
from tests.models.refused import refusal

pytestmark = pytest.mark.usefixtures("one_thread", "empty_caches", "offline")

FolderOf = Callable[[str], Path]


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


def test_a_folder_that_has_changed_is_read_anew(tmp_path: Path) -> None:
    folder = tiny.save("bert", tmp_path / "trained")
    before = reader.capture(folder, "a b c")
    assert reader.capture(folder, "a b c") is before
    shutil.rmtree(folder)
    tiny.save("bert", folder, spread=0.2)
    after = reader.capture(folder, "a b c")
    assert after.revision != before.revision
    assert (after.weights(0) - before.weights(0)).abs().max() > 0.01
    (folder / "trainer_state.json").write_text("{}")
    assert reader.capture(folder, "a b c") is after


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


def test_a_cancelled_load_keeps_nothing(folder_of: FolderOf) -> None:
    cancel = threading.Event()
    told: list[tuple[str, float]] = []

    def progress(doing: str, share: float) -> None:
        told.append((doing, share))
        cancel.set()

    error = refusal(folder_of("bert"), progress=progress, cancel=cancel)
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


@pytest.mark.parametrize("loads", [load, load_tokenizer])
def test_cancelling_one_of_two_waiting_visitors_leaves_the_other(
    loads: Callable[..., Any], folder_of: FolderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused, cancel = _Paused(), threading.Event()
    _asks_before_it_reads(monkeypatch)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(loads, folder_of("bert"), folders=True, progress=paused, cancel=cancel)
        assert paused.reached.wait(30)
        second = pool.submit(loads, folder_of("bert"), folders=True)
        cancel.set()
        paused.go_on.set()
        assert second.result(30).limit > 0
        with pytest.raises(ModelError, match="cancelled"):
            first.result(30)


@pytest.mark.parametrize("loads", [load, load_tokenizer])
def test_a_visitor_who_waits_for_anothers_load_can_cancel(
    loads: Callable[..., Any], folder_of: FolderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused, cancel = _Paused(), threading.Event()
    _asks_before_it_reads(monkeypatch)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(loads, folder_of("bert"), folders=True, progress=paused)
        assert paused.reached.wait(30)
        second = pool.submit(loads, folder_of("bert"), folders=True, cancel=cancel)
        cancel.set()
        with pytest.raises(ModelError, match="cancelled"):
            second.result(30)
        paused.go_on.set()
        assert first.result(30).limit > 0


def _asks_before_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tokenizer of this machine is read as one of the Hub is: progress is told, and cancel heard, before it."""
    reads = tokenizers._read

    def asking(resolved: str, progress: Callable[[str, float], None], cancel: threading.Event) -> Any:
        progress("asking the Hub", 0.0)
        if cancel.is_set():
            raise ModelError("load_cancelled", got=resolved)
        return reads(resolved, progress, cancel)

    TOKENIZERS.clear()
    monkeypatch.setattr(tokenizers, "_read", asking)


def test_the_tokenizer_of_a_folder_that_has_changed_is_read_anew(tmp_path: Path) -> None:
    TOKENIZERS.clear()
    folder = tiny.save("bert", tmp_path / "trained", limit=9)
    before = load_tokenizer(folder, folders=True)
    assert load_tokenizer(folder, folders=True) is before
    model = load(folder, folders=True)
    assert load_tokenizer(folder, folders=True) is model
    shutil.rmtree(folder)
    tiny.save("bert", folder, limit=11)
    after = load_tokenizer(folder, folders=True)
    assert (before.limit, after.limit) == (9, 11)
    assert len(TOKENIZERS) == 1


def test_a_first_call_while_the_page_warms_up_is_answered() -> None:
    """In a process of its own: two threads are the first to need transformers."""
    code = """
import threading
from attention.errors import AttentionError
from attention.models.catalog import INDUCTION

def warm():
    from attention.models import reader
    reader.capture(INDUCTION, "mat rug", folders=False)

def ask():
    from attention.share import endpoints
    print(len(endpoints.tokenize(INDUCTION, "mat rug")["tokens"]), flush=True)

threads = [threading.Thread(target=work) for work in (warm, ask, ask)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)
    assert found.stdout.split() == ["6", "6"], found.stderr[-2000:]


def test_transformers_is_imported_in_one_file() -> None:
    """Python's own lock on that file is what keeps two threads from importing half of it."""
    where = set()
    for path in Path(attention.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        hints = [
            node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        ]
        never_run = {id(inner) for hint in hints for inner in ast.walk(hint)}
        for node in ast.walk(tree):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if id(node) not in never_run and any(name.split(".")[0] == "transformers" for name in names):
                where.add(path.name)
    assert where == {"imported.py"}
