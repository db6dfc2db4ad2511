"""Models from the Hub: what would be read and how large it is are known before a download, which shows bytes and can be cancelled."""

import errno
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from attention.errors import ModelError
from attention.models.folder import INDEX, WHOLE, check_config, wanted

_log = logging.getLogger(__name__)

MAX_BYTES = 4 << 30
TIMEOUT_SECONDS = 10
CHUNK_BYTES = 1 << 20
POLL_SECONDS = 0.1

Progress = Callable[[str, float], None]
"""Called with what is being done and how far it is, 0 to 1; always in the thread that asked."""


class CancelError(Exception):
    """The person pressed cancel while a file was arriving."""


def download(
    model: str, progress: Progress, cancel: threading.Event, *, weights: bool = True
) -> tuple[Path, str]:  # fmt: skip
    """Folder and revision of a public Hub model, downloaded if it is not on this machine. No token is ever sent.

    weights: else only what its tokenizer needs.

    Raises: ModelError when it is unknown, gated, too large, without safetensors, of an unread family, offline or cancelled.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

    progress("asking the Hub", 0.0)
    try:
        info = HfApi(token=False).model_info(model, files_metadata=True, timeout=TIMEOUT_SECONDS)
    except HFValidationError as error:
        raise ModelError("bad_model_id", got=model) from error
    except GatedRepoError as error:
        raise ModelError("gated_model", got=model) from error
    except RepositoryNotFoundError as error:
        raise ModelError("unknown_model", got=model) from error
    except Exception:  # noqa: BLE001 - offline in any of its many shapes: what is on this machine still works
        return cached(model, weights=weights)
    if info.gated:
        raise ModelError("gated_model", got=model)
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
    names = wanted(sizes)
    if not weights:
        names = [name for name in names if ".safetensors" not in name]
    elif not any(name.endswith(".safetensors") for name in names):
        raise ModelError("no_safetensors", got=model)
    total = sum(sizes[name] for name in names)
    if total > MAX_BYTES:
        raise ModelError("model_too_large", got=model, size=f"{total / 1e9:.1f} GB", limit=f"{MAX_BYTES / 1e9:.1f} GB")
    revision = str(info.sha)
    check_config(_fetch(model, revision, ["config.json"], total, silent, cancel), model)
    return _fetch(model, revision, names, total, progress, cancel), revision[:12]


def cached(model: str, revision: str = "", *, weights: bool = True) -> tuple[Path, str]:
    """Folder and revision of a Hub model already on this machine, the newest complete one; the Hub is not asked.

    revision: how its commit begins. weights: else its configuration is enough. Raises: ModelError("hub_unreachable") when there is none.
    """
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    snapshots = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=model, repo_type="model") / "snapshots"
    complete = [
        folder
        for folder in snapshots.glob(f"{revision}*")
        if (folder / "config.json").is_file()
        and (not weights or any((folder / name).is_file() for name in (WHOLE, INDEX)))
    ]
    if not complete:
        raise ModelError("hub_unreachable", got=model)
    folder = max(complete, key=lambda folder: folder.stat().st_mtime)
    return folder, folder.name[:12]


def _fetch(
    model: str, revision: str, names: list[str], total: int, progress: Progress, cancel: threading.Event
) -> Path:  # fmt: skip
    """The snapshot folder with these files in it. Bytes arrive in other threads; progress is told in this one."""
    from huggingface_hub import constants, snapshot_download

    constants.HF_HUB_DISABLE_XET = True  # its transfers swallow what a progress bar raises, so they cannot be cancelled
    constants.DOWNLOAD_CHUNK_SIZE = CHUNK_BYTES  # progress is told, and cancel heard, once per chunk
    stop = threading.Event()
    bar = _bar(stop)
    pool = ThreadPoolExecutor(1)
    try:
        done = pool.submit(
            snapshot_download, model, revision=revision, allow_patterns=names, token=False, tqdm_class=bar
        )
        while not wait([done], timeout=POLL_SECONDS).done:
            if cancel.is_set():
                raise ModelError("load_cancelled", got=model)
            share = min(1.0, bar.arrived / max(total, 1))
            progress(f"downloading, {bar.arrived / 1e6:.0f} of {total / 1e6:.0f} MB", 0.75 * share)
        return _folder(done, model)
    finally:
        stop.set()
        pool.shutdown(wait=False)


def _folder(done: Future[str], model: str) -> Path:
    from huggingface_hub.errors import GatedRepoError

    try:
        return Path(done.result())
    except GatedRepoError as error:
        raise ModelError("gated_model", got=model) from error
    except Exception as error:
        full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
        if full:
            raise ModelError("broken_model", got=model, reason="the disk is full") from error
        _log.warning("the download of %s failed", model, exc_info=error)
        raise ModelError("hub_unreachable", got=model) from error


def _bar(stop: threading.Event) -> Any:
    """A progress bar class for huggingface_hub that draws nothing, counts bytes, and ends the download when `stop` is set."""
    from tqdm import tqdm

    class Bar(tqdm):
        arrived = 0

        def __init__(self, *args: Any, unit: str = "it", **kwargs: Any) -> None:
            self.of_bytes = unit == "B"
            super().__init__(*args, **{**kwargs, "disable": True})

        def update(self, n: int | float | None = 1) -> None:
            if stop.is_set():
                raise CancelError
            self.n += n or 0
            if self.of_bytes:  # there may be two such bars, of the same bytes
                Bar.arrived = max(Bar.arrived, int(self.n))

    return Bar


def silent(_doing: str, _share: float) -> None:
    """A progress that tells nobody."""
