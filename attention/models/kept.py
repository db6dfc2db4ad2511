"""Packed JSON, shipped with the package or kept in this machine's cache folder: whole files only, damaged ones ignored."""

import gzip
import hashlib
import json
import logging
import math
import os
import re
import tempfile
import threading
import zlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from torch import Tensor

DIGITS = 3

ONE_AT_A_TIME = threading.Lock()
"""Held while something is computed that will be kept: it takes every core."""

Kind = TypeVar("Kind")
_log = logging.getLogger(__name__)


def folder(name: str) -> Path:
    """Where computed files are kept on this machine: for good where that can be, else until the machine restarts."""
    wanted = Path(os.environ.get("ATTENTION_CACHE_DIR") or Path.home() / ".cache" / "headlight") / name
    there = next(folder for folder in (wanted, *wanted.parents) if folder.exists())
    if there.is_dir() and os.access(there, os.W_OK):
        return wanted
    return Path(tempfile.gettempdir()) / "headlight" / name


def file_name(version: int, model: str, revision: str, texts: bytes) -> str:
    """One name per model, revision, set of texts and way of scoring: a file of anything else is not found."""
    key = f"{version} {model} {revision} {hashlib.sha256(texts).hexdigest()}"
    stem = re.sub(r"[^A-Za-z0-9._-]", "-", model.rsplit("/", 1)[-1])[:60]
    return f"{stem}-{hashlib.sha256(key.encode()).hexdigest()[:10]}.json.gz"


def write(plain: dict[str, Any], target: Path) -> Path | None:
    """Keep plain JSON in a file, whole or not at all; None where its folder cannot be written to."""
    packed = gzip.compress(json.dumps(plain, separators=(",", ":")).encode(), mtime=0)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            file.write(packed)
        Path(file.name).replace(target)
        target.chmod(0o644)
    except OSError:
        _log.warning("%s could not be kept", target.name, exc_info=True)
        return None
    return target


def read(path: Path, build: Callable[[dict[str, Any]], Kind]) -> Kind | None:
    """What `build` makes of a file's JSON, made once; None if there is no file or it is damaged."""
    try:
        changed = path.stat().st_mtime
    except OSError:
        return None
    return _read(path, build, changed)


@lru_cache(maxsize=32)
def _read(path: Path, build: Callable[[dict[str, Any]], Kind], _changed: float) -> Kind | None:
    try:
        return build(json.loads(gzip.decompress(path.read_bytes())))
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error):
        _log.warning("a damaged file is ignored: %s", path.name)
        return None


def digits(values: Tensor) -> Any:
    """Nested lists of three digits each, None for NaN."""
    return _each(values.tolist(), lambda one: None if math.isnan(one) else round(one, DIGITS))


def numbers(values: Any) -> Any:
    """What `digits` wrote, as nested lists."""
    return _each(values, lambda one: math.nan if one is None else one)


def _each(values: Any, change: Callable[[Any], Any]) -> Any:
    return [_each(one, change) for one in values] if isinstance(values, list) else change(values)
