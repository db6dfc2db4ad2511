"""Models from the Hub and from local folders: safetensors only, never anyone else's code, sizes known before a download."""

import json
import threading
from pathlib import Path
from typing import Any

from torch import nn

from attention.errors import ModelError
from attention.models.families import FAMILIES, supported

MAX_BYTES = 4 << 30
PATTERNS = ("*.json", "*.safetensors", "*.txt", "*.model")


class Cancelled(Exception):
    """The person pressed cancel while a file was arriving."""


def download(model: str, progress: Any, cancel: threading.Event) -> tuple[Path, str]:
    """Folder and revision of a Hub model, downloaded if it is not on this machine.

    progress: called with a sentence and a share of the bytes.
    Raises: ModelError when it is unknown, gated, too large, without safetensors, of an unread family, or offline.
    """
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

    try:
        progress("asking the Hub", 0.0)
        info = HfApi().model_info(model, files_metadata=True, timeout=10)
    except GatedRepoError as error:
        raise ModelError("gated_model", got=model) from error
    except RepositoryNotFoundError as error:
        raise ModelError("unknown_model", got=model) from error
    except Exception:  # noqa: BLE001 - offline in any of its many shapes: what is cached still works
        return _cached(model)
    if info.gated:
        raise ModelError("gated_model", got=model)
    total = _check_files(model, {file.rfilename: file.size or 0 for file in info.siblings or ()})
    try:
        config = snapshot_download(model, revision=info.sha, allow_patterns=["config.json"])
        check_config(Path(config), model)
        folder = snapshot_download(
            model,
            revision=info.sha,
            allow_patterns=list(PATTERNS),
            ignore_patterns=["*/*"],
            tqdm_class=_bar(progress, cancel, total),
        )
    except Cancelled as error:
        raise ModelError("load_cancelled", got=model) from error
    except GatedRepoError as error:
        raise ModelError("gated_model", got=model) from error
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError("hub_unreachable", got=model) from error
    return Path(folder), str(info.sha)[:12]


def from_folder(folder: Path, shown: str) -> tuple[nn.Module, Any]:
    """Model and tokenizer of a Hugging Face folder, with our attention function where the family allows it.

    shown: how messages call it. Raises: ModelError when weights are pickled, missing, damaged or incomplete.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer

    from attention.models.recording import NAME

    family = check_config(folder, shown)
    if not any(folder.glob("*.safetensors")):
        raise ModelError("no_safetensors", got=shown)
    module, report = AutoModel.from_pretrained(
        folder.resolve(),
        attn_implementation="eager" if family.hooked else NAME,
        dtype=torch.float32,
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
        output_loading_info=True,
    )
    missing = sorted(name for name in report["missing_keys"] if "pooler" not in name)
    if missing or report.get("mismatched_keys"):
        raise ModelError("broken_model", got=shown, reason=f"{len(missing) or 'some'} of its tensors are missing or misshapen")
    tokenizer = AutoTokenizer.from_pretrained(folder.resolve(), local_files_only=True, trust_remote_code=False)
    return module, tokenizer


def check_config(folder: Path, shown: str) -> Any:
    """The family of a folder's config.json. Raises: ModelError when it is unread here or needs code of its own."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        family = config["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError("broken_model", got=shown, reason="its config.json cannot be read") from error
    if family in FAMILIES:
        return FAMILIES[family]
    if "auto_map" in config:
        raise ModelError("remote_code", got=shown)
    raise ModelError("unsupported_family", got=shown, family=str(family)[:40], supported=supported())


def reason_of(error: BaseException) -> str:
    """What went wrong while loading, in words that carry no path."""
    kind = type(error).__name__
    if kind == "SafetensorError":
        return "its weight file is damaged or cut short"
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return "there is not enough memory for it"
    if isinstance(error, OSError):
        return "a file is missing or unreadable"
    return f"its files do not fit together ({kind})"


def _cached(model: str) -> tuple[Path, str]:
    from huggingface_hub import snapshot_download

    try:
        folder = Path(snapshot_download(model, local_files_only=True))
    except Exception as error:
        raise ModelError("hub_unreachable", got=model) from error
    if not any(folder.glob("*.safetensors")):
        raise ModelError("hub_unreachable", got=model)
    return folder, folder.name[:12]


def _check_files(model: str, sizes: dict[str, int]) -> int:
    wanted = {name: size for name, size in sizes.items() if "/" not in name}
    weights = sum(size for name, size in wanted.items() if name.endswith(".safetensors"))
    if not weights:
        raise ModelError("no_safetensors", got=model)
    if weights > MAX_BYTES:
        raise ModelError("model_too_large", got=model, size=f"{weights / 1e9:.1f} GB", limit=f"{MAX_BYTES / 1e9:.1f} GB")
    return sum(size for name, size in wanted.items() if Path(name).match("*.json") or name.endswith((".safetensors", ".txt", ".model")))


def _bar(progress: Any, cancel: threading.Event, total: int) -> type:
    """A progress bar class for huggingface_hub that reports bytes to `progress` and stops when `cancel` is set."""
    from tqdm.auto import tqdm

    class Bar(tqdm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs["disable"] = False
            kwargs["file"] = _Nowhere()
            super().__init__(*args, **kwargs)

        def update(self, n: float | None = 1) -> bool | None:
            if cancel.is_set():
                raise Cancelled
            shown = super().update(n)
            if self.unit == "B":
                progress(f"downloading, {self.n / 1e6:.0f} of {total / 1e6:.0f} MB", 0.75 * min(1.0, self.n / max(total, 1)))
            return shown

    return Bar


class _Nowhere:
    """A stream that keeps nothing: the bar is drawn on the page, not in the terminal."""

    def write(self, _text: str) -> int:
        return 0

    def flush(self) -> None:
        pass
