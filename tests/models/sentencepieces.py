"""A sentencepiece model of multilingual-e5-small's pieces, which knows nothing of transformers."""

import functools
import struct

from sentencepiece import SentencePieceNormalizer, SentencePieceProcessor

from attention.models import bundled
from attention.models.e5_file import read_packed


def sentencepiece_ids(text: str) -> list[int]:
    """The pieces of a text, numbered as XLM-R numbers them.

    Sentencepiece's ids: <unk> 0, <s> 1, </s> 2, then the pieces; XLM-R's: <s> 0, <pad> 1, </s> 2, <unk> 3, then the pieces.
    """
    return [3 if id_ == 0 else id_ + 1 for id_ in _processor().encode(text)]


@functools.cache
def _processor() -> SentencePieceProcessor:
    vocabulary = read_packed(bundled.place(bundled.E5), bundled.E5).vocabulary
    pieces = [_piece("<unk>", 0, 2), _piece("<s>", 0, 3), _piece("</s>", 0, 3)]
    pieces += [_piece(text, score, 1) for text, score in vocabulary[4:-1]]
    normalizer = SentencePieceNormalizer(rule_name="nmt_nfkc").serialized_model_proto()
    as_trained = _message(3, bytes([0x18, 1, 0x20, 1, 0x28, 1]))  # prefix, collapse blanks, escape blanks
    return SentencePieceProcessor(model_proto=b"".join(pieces) + normalizer + as_trained)


def _varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + _varint(number >> 7)


def _message(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _piece(text: str, score: float, kind: int) -> bytes:
    return _message(1, _message(1, text.encode()) + b"\x15" + struct.pack("<f", score) + bytes([0x18, kind]))
