"""One tokenizer of every kind: the bundled two, and the kinds they are not, trained on a few lines."""

import functools

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from tests.models import bundled_models

LINES = ["the quick brown fox jumps over the lazy dog", "Hello world, hello there", "été 你好 世界  x   y\n\n"] * 3
END = "<|endoftext|>"


def byte_level(trim_offsets: bool = True) -> PreTrainedTokenizerFast:
    """As GPT-2: adds no specials; <|endoftext|> is every role at once."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.post_processor = processors.ByteLevel(trim_offsets=trim_offsets)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=320, initial_alphabet=alphabet, special_tokens=[END], show_progress=False)
    backend.train_from_iterator(LINES, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=backend, bos_token=END, eos_token=END, unk_token=END)


def byte_fallback() -> PreTrainedTokenizerFast:
    """As Llama 2: blanks become ▁, unknown characters become bytes, <s> in front."""
    backend = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    backend.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    specials = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=specials, show_progress=False)
    backend.train_from_iterator(LINES, trainer)
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B:1", special_tokens=[("<s>", 1)]
    )
    return PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<s>", eos_token="</s>", unk_token="<unk>")


def metaspace() -> PreTrainedTokenizerFast:
    """As T5: unigram pieces, blanks become ▁, </s> at the end."""
    pieces = ["<pad>", "</s>", "<unk>", "▁", "Hello", "▁Hello", "你好", "a", "b", "▁a", "fi", *"cdegikmnrtux,.'-314"]
    backend = Tokenizer(models.Unigram([(piece, -float(rank)) for rank, piece in enumerate(pieces)], 2))
    backend.normalizer = normalizers.NFKC()
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B:1 </s>:1", special_tokens=[("</s>", 1)]
    )
    return PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="</s>", unk_token="<unk>", pad_token="<pad>")


_KINDS = {
    "wordpiece": lambda: bundled_models.minilm()[1],
    "unigram": lambda: bundled_models.e5()[1],
    "byte level": byte_level,
    "byte level, blanks kept": lambda: byte_level(trim_offsets=False),
    "byte fallback": byte_fallback,
    "metaspace": metaspace,
}
EVERY_KIND = [pytest.param(kind, marks=bundled_models.needs_e5 if kind == "unigram" else ()) for kind in _KINDS]


@functools.cache
def tokenizer_of(kind: str) -> PreTrainedTokenizerBase:
    """The tokenizer of a kind, made once. Not to be changed."""
    return _KINDS[kind]()
