"""A model out of a Hugging Face folder: safetensors only, never anyone else's code, complete or not at all."""

import hashlib
import json
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn

from attention.errors import ModelError
from attention.models.families import FAMILIES, Family, supported

WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"

_WORDS = (
    "config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
    "vocab.txt", "merges.txt", "spiece.model", "spm.model", "tokenizer.model", "sentencepiece.bpe.model",
)  # fmt: skip


def from_folder(folder: Path, shown: str) -> tuple[nn.Module, Any]:
    """Model and tokenizer of a Hugging Face folder, with our attention function where the family allows it.

    shown: how messages call it. Raises: ModelError when it is of an unread family, needs code of its own, or its weights
    are pickled, missing, damaged or incomplete.
    """
    import torch

    from attention.models.imported import AutoModel
    from attention.models.recording import NAME

    family = check_config(folder, shown)
    if not any((folder / name).is_file() for name in (WHOLE, INDEX)):
        raise ModelError("no_safetensors", got=shown)
    with _quiet():
        module, report = AutoModel.from_pretrained(
            folder.resolve(),
            attn_implementation="eager" if family.hooked else NAME,
            dtype=torch.float32,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    _check_tensors(report, module.config.num_hidden_layers, shown)
    return module, read_tokenizer(folder, shown)


def check_config(folder: Path, shown: str) -> Family:
    """The family of a folder's config.json. Raises: ModelError when it is unread here or needs code of its own."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        family = config["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError("broken_model", got=shown, reason="its config.json cannot be read") from error
    if "auto_map" in config:  # also of a known family: that code may well change its attention
        raise ModelError("remote_code", got=shown)
    if family not in list(FAMILIES) or config.get("is_encoder_decoder"):
        raise ModelError("unsupported_family", got=shown, family=str(family)[:40], supported=supported())
    return FAMILIES[family]


def wanted(names: Collection[str]) -> list[str]:
    """Which files of a model are read: configuration, tokenizer, and one set of safetensors; nothing in sub-folders."""
    weights = [WHOLE]
    if WHOLE not in names and INDEX in names:
        weights = [INDEX, *(name for name in sorted(names) if re.fullmatch(r"model-\d+-of-\d+\.safetensors", name))]
    return [name for name in [*_WORDS, *weights] if name in names]


def stamp(folder: Path) -> str:
    """What tells one state of a local model from another: "local-" and a digest of its files' sizes and times."""
    found = [(name, (folder / name).stat()) for name in wanted([path.name for path in folder.iterdir()])]
    told = [(name, status.st_size, status.st_mtime_ns) for name, status in found]
    return f"local-{hashlib.sha256(repr(told).encode()).hexdigest()[:8]}"


def unloadable(shown: str, error: Exception) -> ModelError:
    """What went wrong while loading, in words that carry no path; what this installation lacks is not the files' fault."""
    if isinstance(error, ImportError):
        return ModelError("missing_package", got=shown)
    return ModelError("broken_model", got=shown, reason=_reason(error))


def _reason(error: Exception) -> str:
    if type(error).__name__ == "SafetensorError":
        return "its weight file is damaged or cut short"
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return "there is not enough memory for it"
    if isinstance(error, OSError):
        return "a file is missing or unreadable"
    return f"its files do not fit together ({type(error).__name__})"


def _check_tensors(report: dict[str, Any], n_layers: int, shown: str) -> None:
    """A checkpoint may hold more than the bare model (a head) and need no pooler, but every layer must be there, and no other."""
    missing = [name for name in report["missing_keys"] if "pooler" not in name]
    if missing or report.get("mismatched_keys"):
        reason = f"{len(missing) or 'some'} of its tensors are missing or misshapen"
        raise ModelError("broken_model", got=shown, reason=reason)
    for name in report["unexpected_keys"]:
        layer = re.search(r"\b(?:layer|layers|h)\.(\d+)\.", str(name))
        if layer and int(layer[1]) >= n_layers:
            raise ModelError("broken_model", got=shown, reason="its weights have more layers than its config.json says")


def read_tokenizer(folder: Path, shown: str) -> Any:
    """The tokenizer of a folder. Raises: ModelError when it is missing or damaged."""
    from attention.models.imported import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder.resolve(), local_files_only=True, trust_remote_code=False)
    except ImportError as error:
        raise unloadable(shown, error) from error
    except Exception as error:
        raise ModelError("broken_model", got=shown, reason="its tokenizer is missing or damaged") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars in the terminal: whoever asked has its own."""
    from attention.models.imported import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
