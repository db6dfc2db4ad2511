"""From a model's name to a model that has proved its attention can be read: resolved, loaded once, checked, bounded."""

import contextlib
import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

from torch import nn

from attention.errors import AttentionError, ModelError, printable
from attention.models import bundled, catalog, folder, gpu, hub
from attention.models.cache import BoundedCache, Sized
from attention.models.loaded import LoadedModel, describe

Progress = hub.Progress

CACHE_BYTES = int(os.environ.get("ATTENTION_MODEL_CACHE_MB", "4096")) << 20

MODELS: BoundedCache[str, LoadedModel] = BoundedCache(CACHE_BYTES)

_ONE_AT_A_TIME = threading.Lock()
"""transformers swaps functions of torch while it loads a model. Never taken in a ZeroGPU worker: it may be held at the fork."""


@runtime_checkable
class Kept(Sized, Protocol):
    """What is kept of a model: of which state of its files."""

    @property
    def revision(self) -> str: ...


Found = TypeVar("Found", bound=Kept)

_HUB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?")


def load(
    model: str | os.PathLike[str], *, progress: Progress | None = None, cancel: threading.Event | None = None,
    folders: bool = False,
) -> LoadedModel:  # fmt: skip
    """The model of this name, loaded by exactly one of the threads that ask for it.

    model: a bundled or Hub id, or the name of a folder in ATTENTION_MODEL_DIR; with `folders`, also a path.
    A local folder whose files have changed since (a model in training) is loaded again.
    Raises: ModelError, with one sentence; nothing half-loaded is kept.
    """
    resolved = resolve(model, folders=folders)
    stop = cancel or threading.Event()
    return once(MODELS, resolved, lambda: build(resolved, progress or hub.silent, stop), stop)


def once(cache: BoundedCache[str, Found], resolved: str, make: Callable[[], Found], stop: threading.Event) -> Found:
    """What a cache keeps of a model, made by exactly one of the threads that ask, until each has it or has cancelled.

    stop: this thread's own; make must heed it. Raises: ModelError load_cancelled once it is set; whatever `make` raises.
    """
    current(cache, resolved)
    while True:
        try:
            return cache.get(resolved, make, stop)
        except CancelledError as error:
            raise ModelError("load_cancelled", got=shown(resolved)) from error
        except ModelError as error:
            if error.key != "load_cancelled" or stop.is_set():
                raise
            # whoever was loading it cancelled; this thread did not


def current(cache: BoundedCache[str, Found], resolved: str) -> Found | None:
    """What a cache keeps of a model now; what it kept of a local folder that has changed since is dropped."""
    kept, place = cache.peek(resolved), local(resolved)
    with contextlib.suppress(OSError):
        if kept is not None and place is not None and kept.revision != folder.stamp(place):
            cache.drop(resolved)
            return None
    return kept


def resolve(model: object, *, folders: bool = False) -> str:
    """The cache key of a model: its id, a local folder's name, or (with `folders`) a folder's absolute path.

    A string is taken for a path only when it cannot be a Hub id ("./bert", "/data/bert"; never "bert"), so that no folder
    in the working directory can stand in for a Hub model.
    Raises: ModelError for anything that is not one of these.
    """
    if folders and isinstance(model, os.PathLike):
        return _path(Path(model))
    if not isinstance(model, str):
        raise ModelError("bad_model_id", got=printable(str(model), 60))
    name = model.strip()
    if name in catalog.folders():
        return name
    name = {row.title: row.id for row in catalog.CATALOG}.get(name, name)
    if _HUB_ID.fullmatch(name) and ".." not in name and "--" not in name and not name.endswith((".git", ".", "-")):
        return name
    if folders and (name.startswith((".", "~")) or len(Path(name).parts) > 1):
        return _path(Path(name))
    raise ModelError("bad_model_id", got=printable(name, 60))


def build(
    resolved: str, progress: Progress, cancel: threading.Event, in_worker: bool = False, revision: str = ""
) -> LoadedModel:
    """Load, check and describe a resolved model, wherever its weights come from. Nothing is cached here.

    in_worker: on ZeroGPU's GPU; takes no lock and asks no network. revision: which one of a Hub model, there.
    Raises: ModelError, whatever goes wrong.
    """

    def tell(doing: str, share: float) -> None:
        if cancel.is_set():
            raise ModelError("load_cancelled", got=shown(resolved))
        progress(doing, share)

    try:
        place, revision = _place(resolved, tell, cancel, revision if in_worker else None)
        with contextlib.nullcontext() if in_worker else _ONE_AT_A_TIME:
            tell("reading the weights", 0.8)
            module, tokenizer, note = _read(resolved, place)
            tell("checking its attention", 0.95)
            return describe(shown(resolved), revision, note, module, tokenizer, gpu.device(in_worker))
    except (AttentionError, KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:
        raise folder.unloadable(shown(resolved), error) from error


def files_of(resolved: str, loaded: LoadedModel) -> Path:
    """The folder a loaded model came from, in the state it was loaded in; the Hub is not asked.

    Raises: ModelError when it is no longer there or has changed. Models that lie in a package have none.
    """
    place = local(resolved)
    if place is None:
        return hub.cached(resolved, loaded.revision)[0]
    if folder.stamp(place) != loaded.revision:
        raise ModelError("broken_model", got=shown(resolved), reason="its files changed after it was loaded")
    return place


def _path(path: Path) -> str:
    """The absolute path of a model's folder. Raises: ModelError when there is no model in it."""
    try:
        whole = path.expanduser().resolve()
        if (whole / "config.json").is_file():
            return str(whole)
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelError("bad_model_id", got=printable(path.name, 60)) from error
    raise ModelError("broken_model", got=printable(path.name, 60), reason="there is no such folder with a config.json")


def shown(resolved: str) -> str:
    """A name fit for a message: never a path."""
    return Path(resolved).name if Path(resolved).is_absolute() else resolved


def local(resolved: str) -> Path | None:
    """The folder of a local model; None for one that comes with a package or from the Hub."""
    return Path(resolved) if Path(resolved).is_absolute() else catalog.folders().get(resolved)


def _place(
    resolved: str, progress: Progress, cancel: threading.Event, revision: str | None
) -> tuple[Path | None, str]:  # fmt: skip
    """Where a model's files are (None: in a package) and which revision; downloaded unless `revision` says which is here."""
    if resolved in bundled.PACKAGES:
        if resolved not in bundled.available():
            raise ModelError("not_bundled", got=resolved, package=bundled.PACKAGES[resolved])
        return None, bundled.revision(resolved)
    place = local(resolved)
    if place is not None:
        return place, folder.stamp(place)
    return hub.download(resolved, progress, cancel) if revision is None else hub.cached(resolved, revision)


def _read(resolved: str, place: Path | None) -> tuple[nn.Module, Any, str]:
    """Model, tokenizer, and what a reader must know of the weights."""
    if place is not None:
        return *folder.from_folder(place, shown(resolved)), ""
    from attention.models.recording import NAME

    load_it = bundled.load_e5 if resolved == bundled.E5 else bundled.load_minilm
    note = next(row.note for row in catalog.CATALOG if row.id == resolved)
    return *load_it(attn_implementation=NAME), note
