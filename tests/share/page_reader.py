"""Reads a stand-alone page back, the way a browser would."""

import base64
import hashlib
import html
import json
import re
import zlib

import numpy as np
import torch
from torch import Tensor

from attention.core.words import Word
from attention.share.packed_heads import between_words


def data_of(page: str) -> dict:
    """The numbers of a page."""
    found = re.search(r'<script type="application/json" id="hl-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def policy_of(page: str) -> dict[str, str]:
    """The page's Content-Security-Policy, by directive."""
    found = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    assert found is not None
    return dict(part.strip().split(" ", 1) for part in html.unescape(found[1]).split(";"))


def hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def heads_of(page: str, n_tokens: int, words: tuple[Word, ...]) -> tuple[Tensor, Tensor]:
    """Weights of all heads in order, between tokens and between words, from the packed text."""
    packed = data_of(page)["packed"]
    count = packed["count"]
    codes = np.frombuffer(zlib.decompress(base64.b64decode(packed["data"])), dtype=np.uint8)
    tokens = codes[: count * n_tokens**2].reshape(count, n_tokens, n_tokens)
    corrections = codes[count * n_tokens**2 :].reshape(count, len(words), len(words))
    assert packed["words"] == [[word.first, word.last] for word in words]
    between = np.stack([between_words(one, words) + more for one, more in zip(tokens, corrections, strict=True)])
    return torch.from_numpy((tokens / 255.0) ** 2), torch.from_numpy((between / 255.0) ** 2)
