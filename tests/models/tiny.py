"""Tiny real models, built from configs and saved as ordinary Hugging Face folders with a tiny fast tokenizer each."""

import random
import string
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

VOCABULARY = 112
ROOM = 40
"""Tokens that each of these models has positions for."""

_BERT = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 48}
_ROBERTA = {**_BERT, "max_position_embeddings": ROOM + 2, "type_vocab_size": 1}
_LLAMA = {**_BERT, "num_key_value_heads": 2, "max_position_embeddings": ROOM}
_RELATIVE = {"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "max_relative_positions": 16}

CONFIGS: dict[str, dict] = {
    "bert": {**_BERT, "max_position_embeddings": ROOM},
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "camembert": _ROBERTA,
    "electra": {**_BERT, "embedding_size": 16, "max_position_embeddings": ROOM},
    "distilbert": {"dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 48, "max_position_embeddings": ROOM},
    "albert": {**_BERT, "embedding_size": 16, "max_position_embeddings": ROOM},
    "modernbert": {
        **_BERT, "num_hidden_layers": 4, "local_attention": 8, "global_attn_every_n_layers": 2,
        "max_position_embeddings": ROOM,
    },
    "gpt2": {
        "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": ROOM, "scale_attn_by_inverse_layer_idx": True,
        "reorder_and_upcast_attn": True,
    },
    "gpt_neox": {**_BERT, "max_position_embeddings": ROOM},
    "opt": {
        "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "ffn_dim": 48, "word_embed_proj_dim": 32,
        "max_position_embeddings": ROOM,
    },
    "llama": _LLAMA,
    "mistral": {**_LLAMA, "sliding_window": 8},
    "qwen2": {**_LLAMA, "use_sliding_window": True, "sliding_window": 8, "max_window_layers": 1},
    "qwen3": {**_LLAMA, "head_dim": 12},
    "deberta": {**_BERT, **_RELATIVE, "max_position_embeddings": ROOM, "type_vocab_size": 2},
    "deberta-v2": {
        **_BERT, **_RELATIVE, "max_position_embeddings": ROOM, "position_buckets": 8, "norm_rel_ebd": "layer_norm",
        "share_att_key": True, "type_vocab_size": 0,
    },
    "mpnet": {**_BERT, "max_position_embeddings": ROOM + 2},
}  # fmt: skip

_BERT_SPECIALS = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
_ROBERTA_SPECIALS = {"bos": "<s>", "pad": "<pad>", "eos": "</s>", "unk": "<unk>", "mask": "<mask>"}
_END = "<|endoftext|>"

CAUSAL = ("gpt2", "gpt_neox", "opt", "llama", "mistral", "qwen2", "qwen3")
LIKE_ROBERTA = ("roberta", "xlm-roberta", "camembert", "mpnet")


def text_of(n: int, seed: int = 0) -> str:
    """A text of n words, each a letter and one token."""
    return " ".join(random.Random(seed).choices(string.ascii_letters, k=n))


def build_tokenizer(model_type: str, limit: int | None = ROOM) -> PreTrainedTokenizerFast:
    """One token per letter, with the specials this family would add."""
    extra = {} if limit is None else {"model_max_length": limit}
    if model_type in CAUSAL:
        return _byte_level(**extra)
    roberta = model_type in LIKE_ROBERTA
    specials = _ROBERTA_SPECIALS if roberta else _BERT_SPECIALS
    words = [*specials.values(), *string.ascii_letters]
    backend = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token=specials["unk"]))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    first, last = ("<s>", "</s>") if roberta else ("[CLS]", "[SEP]")
    backend.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} " + (f"{last} $B {last}" if roberta else f"$B:1 {last}:1"),
        special_tokens=[(first, words.index(first)), (last, words.index(last))],
    )
    names = {f"{role}_token": token for role, token in specials.items()}
    inputs = ["input_ids", *(() if roberta else ("token_type_ids",)), "attention_mask"]
    return PreTrainedTokenizerFast(tokenizer_object=backend, model_input_names=inputs, **names, **extra)


def _byte_level(**extra: int) -> PreTrainedTokenizerFast:
    """As GPT-2: adds no specials, and a blank belongs to the word after it."""
    words = [_END, "Ġ", *string.ascii_letters, *(f"Ġ{letter}" for letter in string.ascii_letters)]
    merges = [("Ġ", letter) for letter in string.ascii_letters]
    backend = Tokenizer(models.BPE({word: n for n, word in enumerate(words)}, merges))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    inputs = ["input_ids", "attention_mask"]
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, model_input_names=inputs, eos_token=_END, unk_token=_END, **extra
    )


def build_module(model_type: str, spread: float = 0.3, **changes: object) -> torch.nn.Module:
    """A model with random weights, biases included; at this spread no head is close to uniform."""
    roles = dict.fromkeys(("pad", "bos", "eos", "cls", "sep"), 0)
    if model_type in LIKE_ROBERTA:
        roles |= {"pad": 1, "eos": 2, "sep": 2}
    ids = {f"{role}_token_id": token for role, token in roles.items()}
    settings = {"vocab_size": VOCABULARY, **ids, **CONFIGS.get(model_type, {}), **changes}
    config = AutoConfig.for_model(model_type, **settings)
    torch.manual_seed(0)
    module = AutoModel.from_config(config)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() >= 2:
                parameter.copy_(noise * spread)
            elif name.endswith("bias"):
                parameter.copy_(noise * 0.1)
    return module.eval()


def save(model_type: str, folder: Path, *, limit: int | None = ROOM, **changes: object) -> Path:
    """A folder with config.json, model.safetensors and tokenizer files."""
    module = build_module(model_type, **changes)
    module.save_pretrained(folder)
    build_tokenizer(model_type, limit).save_pretrained(folder)
    return folder
