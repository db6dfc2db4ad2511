"""From a model's name to a model that has proved its attention can be read: resolved, loaded once, checked, bounded."""

import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from attention.errors import AttentionError, ModelError
from attention.models import bundled, catalog, gpu, hub
from attention.models.cache import BoundedCache
from attention.models.families import FAMILIES, Family, supported
from attention.models.loaded import LoadedModel

MAX_TOKENS = 1024
CACHE_BYTES = int(os.environ.get("ATTENTION_MODEL_CACHE_MB", "4096")) << 20

Progress = Callable[[str, float], None]
"""Called with what is being done and how far it is, 0 to 1."""


MODELS: BoundedCache[str, LoadedModel] = BoundedCache(CACHE_BYTES)

_HUB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?")


def load(
    model: str, *, progress: Progress | None = None, cancel: threading.Event | None = None, folders: bool = False
) -> LoadedModel:
    """The model of this name, loaded by exactly one of the threads that ask for it.

    model: a bundled or Hub id, or the name of a folder in ATTENTION_MODEL_DIR; with `folders`, also a path.
    Raises: ModelError, with one sentence; nothing half-loaded is kept.
    """
    resolved = resolve(model, folders=folders)
    return MODELS.get(resolved, lambda: build(resolved, progress or _silent, cancel or threading.Event()))


def resolve(model: str, *, folders: bool = False) -> str:
    """The cache key of a model: its id, a local folder's name, or (with `folders`) a folder's absolute path.

    Raises: ModelError for anything that is not one of these.
    """
    if not isinstance(model, str):
        raise ModelError("bad_model_id", got=str(model)[:60])
    name = model.strip()
    if folders and (os.sep in name or name in {".", ".."}) and (Path(name) / "config.json").is_file():
        return str(Path(name).resolve())
    titles = {row.title: row.id for row in catalog.CATALOG}
    name = titles.get(name, name)
    if name in catalog.local_models():
        return name
    if not _HUB_ID.fullmatch(name) or ".." in name or "--" in name or name.endswith((".git", ".", "-")):
        raise ModelError("bad_model_id", got=name[:60])
    return name


def build(resolved: str, progress: Progress, cancel: threading.Event, in_worker: bool = False) -> LoadedModel:
    """Load, check and describe a resolved model, wherever its weights come from. Nothing is cached here."""
    try:
        if resolved in (catalog.E5, catalog.MINILM):
            progress("reading the bundled weights", 0.1)
            module, tokenizer, revision, note = _bundled(resolved)
        else:
            folder, revision, note = _folder(resolved, progress, cancel)
            progress("reading the weights", 0.8)
            module, tokenizer = hub.from_folder(folder, _shown(resolved))
        progress("checking its attention", 0.95)
        return _describe(resolved, revision, note, module, tokenizer, gpu.device(in_worker))
    except (AttentionError, KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:
        raise ModelError("broken_model", got=_shown(resolved), reason=hub.reason_of(error)) from error


def _silent(_doing: str, _share: float) -> None:
    pass


def _shown(resolved: str) -> str:
    """A name fit for a message: never a path."""
    return Path(resolved).name if os.sep in resolved and Path(resolved).is_absolute() else resolved


def _folder(resolved: str, progress: Progress, cancel: threading.Event) -> tuple[Path, str, str]:
    local = catalog.local_models().get(resolved)
    if local is not None:
        return local, "local", ""
    if Path(resolved).is_absolute():
        return Path(resolved), "local", ""
    folder, revision = hub.download(resolved, progress, cancel)
    return folder, revision, ""


def _bundled(resolved: str) -> tuple[nn.Module, Any, str, str]:
    from attention.models.recording import NAME

    if resolved not in bundled.available():
        raise ModelError("not_bundled", got=resolved, package=bundled.PACKAGES[resolved])
    load_it = bundled.load_e5 if resolved == catalog.E5 else bundled.load_minilm
    module, tokenizer = load_it(attn_implementation=NAME)
    row = next(row for row in catalog.CATALOG if row.id == resolved)
    return module, tokenizer, bundled.revision(resolved), row.note


def _describe(
    resolved: str, revision: str, note: str, module: nn.Module, tokenizer: Any, device: str
) -> LoadedModel:  # fmt: skip
    from attention.models.self_check import check

    config: Any = module.config
    family = FAMILIES.get(config.model_type)
    if family is None or getattr(config, "is_encoder_decoder", False):
        raise ModelError("unsupported_family", got=_shown(resolved), family=config.model_type, supported=supported())
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError("broken_model", got=_shown(resolved), reason="its tokenizer cannot say where each piece came from")
    module = module.eval().requires_grad_(False).to(device)
    model = LoadedModel(
        id=resolved if not Path(resolved).is_absolute() else Path(resolved).name,
        revision=revision,
        note=note,
        family=family,
        module=module,
        tokenizer=tokenizer,
        n_layers=config.num_hidden_layers,
        n_heads=config.num_attention_heads,
        causal=_is_causal(family, config),
        limit=_limit(family, config, tokenizer),
        grams=_grams(module, family, config.num_attention_heads),
        nbytes=sum(t.nbytes for t in [*module.parameters(), *module.buffers()]),
    )
    check(model)
    return model


def _is_causal(family: Family, config: Any) -> bool:
    decoders = {"gpt2", "gpt_neox", "opt", "llama", "mistral", "qwen2", "qwen3"}
    return family.model_type in decoders or bool(getattr(config, "is_decoder", False))


def _limit(family: Family, config: Any, tokenizer: Any) -> int:
    table = getattr(config, "max_position_embeddings", None) or MAX_TOKENS
    return int(min(table - family.position_offset, tokenizer.model_max_length, MAX_TOKENS))


def _grams(module: nn.Module, family: Family, n_heads: int) -> dict[nn.Module, Tensor]:
    """Per attention module, W_h^T W_h of each head's slice of the output projection."""
    named = dict(module.named_modules())
    grams = {}
    for name, attention in named.items():
        stem = name.removesuffix(family.attention)
        projection: Any = named.get(stem + family.projection)
        if not name.endswith(family.attention) or projection is None or (stem and not stem.endswith(".")):
            continue
        weight = projection.weight.detach().float()
        if type(projection).__name__ == "Conv1D":  # GPT-2 keeps [in, out]
            weight = weight.T
        per_head = weight.unflatten(1, (n_heads, -1)).transpose(0, 1)
        grams[attention] = per_head.mT @ per_head
    if not grams:
        raise ModelError("failed_self_check", got=family.title, reason="its attention modules were not found")
    return grams
