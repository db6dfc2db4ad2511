"""One forward pass of one text: ids in, a Capture out. Everything else the app shows is derived from it."""

import logging
import os
import pickle
import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache

from jaxtyping import Float
from torch import Tensor

from attention.core.capture import Capture
from attention.core.tokens import Text
from attention.errors import ModelError, SelectionError, TextError
from attention.models import gpu, loader
from attention.models.cache import BoundedCache
from attention.models.forward import RawCapture, batches, run, run_together
from attention.models.hub import silent
from attention.models.loaded import LoadedModel
from attention.models.loader import Progress
from attention.models.tokens import count_tokens, read_text

_log = logging.getLogger(__name__)

CAPTURES: BoundedCache[tuple, Capture] = BoundedCache(int(os.environ.get("ATTENTION_CAPTURE_CACHE_MB", "512")) << 20)


def capture(
    model: str | os.PathLike[str], text: str, pair: str | None = None, *, progress: Progress | None = None,
    cancel: threading.Event | None = None, folders: bool = True,
) -> Capture:  # fmt: skip
    """The attention of `model` on `text` (and `pair`, a second text), read in one forward pass and then kept.

    model: a Hub id, a bundled model's id or title, a name in ATTENTION_MODEL_DIR or, with `folders`, a local folder.
    Raises: ModelError, TextError with one clear sentence. Texts over the model's limit are refused, never cut.

    >>> c = capture("sentence-transformers/all-MiniLM-L6-v2", "The cat sat.")
    >>> c.weights(0, 2).shape
    torch.Size([6, 6])
    """
    for given in (text, "" if pair is None else pair):
        if not isinstance(given, str):
            raise TextError("text_not_string", got=type(given).__name__)
    resolved = loader.resolve(model, folders=folders)
    loaded = loader.load(model, progress=progress, cancel=cancel, folders=folders)
    # Asked for before the text is cut into tokens, which takes longer than all else another look at it needs.
    return CAPTURES.get(_key(resolved, loaded, text, pair), lambda: _read(resolved, loaded, text, pair))


def fitting(loaded: LoadedModel, text: str, pair: str | None = None) -> Text | None:
    """The text in the model's tokens; None where it has none of its own or the model has no room for it."""
    try:
        words = read_text(loaded.tokenizer, text, pair, name=loaded.id)
    except TextError:
        return None
    return words if len(words.tokens) <= loaded.limit else None


def capture_all(loaded: LoadedModel, texts: Sequence[Text], cancel: threading.Event) -> Iterator[tuple[int, Capture]]:
    """The captures of many texts that fit, each with its place among them, shortest first; none is kept in the cache.

    Raises: ModelError once `cancel` is set.
    """
    for batch, captures in capture_together(loaded, texts, cancel):
        for found in zip(batch, captures, strict=True):
            yield found
            _go_on(loaded, cancel)


def capture_together(
    loaded: LoadedModel, texts: Sequence[Text], cancel: threading.Event, *, with_norms: bool = True
) -> Iterator[tuple[list[int], list[Capture]]]:
    """The same, batch by batch: places and captures of texts of equally many tokens, which share a forward pass and its masks.

    with_norms: without them, value norms are NaN.
    Raises: ModelError once `cancel` is set.
    """
    _go_on(loaded, cancel)
    for batch in batches([text.inputs for text in texts]):
        together = run_together(loaded, [texts[at].inputs for at in batch], with_norms=with_norms)
        yield batch, [_captured(loaded, texts[at], raw) for at, raw in zip(batch, together, strict=True)]
        _go_on(loaded, cancel)


def kept(model: str, text: str, pair: str | None = None) -> bool:
    """Whether the capture of this text is still there, so that showing it costs no forward pass."""
    resolved = loader.resolve(model)
    loaded = loader.MODELS.peek(resolved)
    return loaded is not None and CAPTURES.peek(_key(resolved, loaded, text, pair)) is not None


def count(model: str, text: str, pair: str | None = None) -> tuple[int, int] | None:
    """(tokens, limit) of a text in a model's own tokens; None while that model is not loaded. Never loads one."""
    loaded = loader.MODELS.peek(loader.resolve(model))
    if loaded is None:
        return None
    return count_tokens(loaded.tokenizer, text, pair, name=loaded.id), loaded.limit


def values(
    model: str | os.PathLike[str], text: str, layer: int, head: int, pair: str | None = None, *, folders: bool = True
) -> Float[Tensor, "key_pos d_head"]:
    """The value vectors of one head: one more forward pass, as captures keep only their norms.

    Raises: as capture; SelectionError where the model has no such head or its values cannot be taken out.
    """
    read = capture(model, text, pair, folders=folders)
    read.check(layer, head)
    loaded = loader.load(model, folders=folders)
    found = run(loaded, read.text.inputs, values_of=layer).values
    if found is None:
        raise SelectionError(
            "bad_choice", name="model", choices="the models whose values can be taken out", got=loaded.id
        )
    return found[head]


def _key(resolved: str, loaded: LoadedModel, text: str, pair: str | None) -> tuple[str, str, str, str | None]:
    """What tells one capture from another; a blank second text is none, as read_text sees it."""
    return resolved, loaded.revision, text, pair if pair and pair.strip() else None


def _check_size(loaded: LoadedModel, words: Text) -> None:
    """Raises: TextError when the model has no room for so many tokens, or no row for one of them."""
    if len(words.tokens) > loaded.limit:
        raise TextError("too_many_tokens", got=len(words.tokens), model=loaded.id, limit=loaded.limit)
    vocabulary = loaded.config.vocab_size
    for token in words.tokens:
        if token.id >= vocabulary:
            raise TextError("unreadable_text", model=loaded.id, reason=f"“{token.text[:20]}” is not in its vocabulary")


def _go_on(loaded: LoadedModel, cancel: threading.Event) -> None:
    """Raises: ModelError once `cancel` is set."""
    if cancel.is_set():
        raise ModelError("load_cancelled", got=loaded.id)


def _read(resolved: str, loaded: LoadedModel, text: str, pair: str | None) -> Capture:
    words = read_text(loaded.tokenizer, text, pair, name=loaded.id)
    _check_size(loaded, words)
    inputs = dict(words.inputs)
    raw = _lent(resolved, loaded.revision, inputs) if gpu.ZERO_GPU else None
    raw = run(loaded, inputs) if raw is None else raw
    return _captured(loaded, words, raw)


def _captured(loaded: LoadedModel, words: Text, raw: RawCapture) -> Capture:
    return Capture(
        loaded.id, loaded.revision, loaded.note, words, raw.layers, raw.value_norms, loaded.causal, raw.halfway
    )


def _lent(resolved: str, revision: str, inputs: dict[str, tuple[int, ...]]) -> RawCapture | None:
    """The pass on a lent GPU; None when none is lent (a visitor's quota is used up) or its worker failed."""
    try:
        return pickle.loads(_forward(resolved, revision, inputs))
    except Exception:  # noqa: BLE001 - whatever it was, there is another way to the same numbers
        _log.warning("no GPU for this pass; the CPU takes it", exc_info=True)
        return None


def _seconds(_resolved: str, _revision: str, inputs: dict[str, tuple[int, ...]]) -> int:
    """GPU seconds to ask for: the pass takes far less, but the worker may have to load the model first."""
    return 8 if len(inputs["input_ids"]) <= 256 else 12


@gpu.on_gpu(_seconds)
def _forward(resolved: str, revision: str, inputs: dict[str, tuple[int, ...]]) -> bytes:
    """The pass in a ZeroGPU worker: a name and plain ids in, a pickled RawCapture out, no lock of the main process taken.

    Bytes, because a tensor sent between processes is a shared file, and there would be two per layer.
    """
    return pickle.dumps(run(_in_worker(resolved, revision), inputs))


@lru_cache(maxsize=1)
def _in_worker(resolved: str, revision: str) -> LoadedModel:
    return loader.build(resolved, silent, threading.Event(), in_worker=True, revision=revision)
