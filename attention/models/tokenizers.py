"""A model's tokenizer alone: what cuts its texts, without a weight in memory."""

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attention.errors import AttentionError, ModelError
from attention.models import bundled, folder, hub, loader
from attention.models.cache import BoundedCache
from attention.models.families import FAMILIES
from attention.models.loaded import LoadedModel, limit_of
from attention.models.loader import Progress


@dataclass(frozen=True, eq=False, slots=True)
class ReadyTokenizer:
    """A tokenizer, and the longest text in tokens that its model reads, specials included. revision: as of its model."""

    id: str
    revision: str
    tokenizer: Any
    limit: int

    @property
    def nbytes(self) -> int:
        """About what its vocabulary holds; the cache counts with it."""
        return 200 * len(self.tokenizer)


TOKENIZERS: BoundedCache[str, ReadyTokenizer] = BoundedCache(512 << 20)


def load_tokenizer(
    model: str | os.PathLike[str], *, progress: Progress | None = None, cancel: threading.Event | None = None,
    folders: bool = False,
) -> ReadyTokenizer | LoadedModel:  # fmt: skip
    """The tokenizer of a model, loaded by exactly one of the threads that ask; of a loaded model, its own.

    Raises: ModelError as loader.load; nothing half-loaded is kept.
    """
    resolved = loader.resolve(model, folders=folders)
    loaded = loader.current(loader.MODELS, resolved)
    if loaded is not None:
        return loaded
    stop = cancel or threading.Event()
    return loader.once(TOKENIZERS, resolved, lambda: _read(resolved, progress or hub.silent, stop), stop)


def _read(resolved: str, progress: Progress, cancel: threading.Event) -> ReadyTokenizer:
    shown = loader.shown(resolved)
    try:
        if resolved in bundled.PACKAGES:
            tokenizer = bundled.load_tokenizer(resolved)
            return _ready(shown, bundled.revision(resolved), tokenizer, tokenizer.model_max_length)
        place = loader.local(resolved)
        revision = folder.stamp(place) if place else ""
        if place is None:
            place, revision = hub.download(resolved, progress, cancel, weights=False)
        return _ready(shown, revision, *_from_folder(place, shown))
    except (AttentionError, KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:
        raise folder.unloadable(shown, error) from error


def _from_folder(place: Path, shown: str) -> tuple[Any, int]:
    from attention.models.imported import AutoConfig

    family = folder.check_config(place, shown)
    config: Any = AutoConfig.from_pretrained(place.resolve(), local_files_only=True, trust_remote_code=False)
    tokenizer = folder.read_tokenizer(place, shown)
    return tokenizer, limit_of(FAMILIES.get(config.model_type, family), config, tokenizer.model_max_length)


def _ready(shown: str, revision: str, tokenizer: Any, limit: int) -> ReadyTokenizer:
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError("broken_model", got=shown, reason="its tokenizer cannot say where each piece came from")
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    return ReadyTokenizer(shown, revision, tokenizer, limit)
