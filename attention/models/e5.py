"""multilingual-e5-small as an ordinary transformers model and tokenizer, out of its packed file."""

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float32, Int64, UInt8
from sentencepiece import SentencePieceNormalizer
from torch import Tensor, nn

from attention.models.e5_file import SPECIALS, Packed, dequantize
from attention.models.imported import BertConfig, BertModel, XLMRobertaTokenizer


class QuantizedEmbedding(nn.Module):
    """A word table that stays 4-bit: only the rows a text uses become float32 (all of them would take 384 MB and a second)."""

    blocks: Tensor

    def __init__(self, blocks: UInt8[Tensor, "vocab row_bytes"]) -> None:
        super().__init__()
        self.register_buffer("blocks", blocks)

    def forward(self, input_ids: Int64[Tensor, "*batch token"]) -> Float32[Tensor, "*batch token d_model"]:
        """The rows of these ids. Raises: IndexError for an id outside the table."""
        return dequantize(nn.functional.embedding(input_ids, self.blocks))


def assemble(config: BertConfig, state: Mapping[str, Tensor], words: nn.Module | None = None) -> BertModel:
    """A BertModel without pooler that holds exactly these tensors, for reading only.

    Built on the meta device, so that nothing is allocated or drawn at random first.
    words: takes the place of the word table.
    """
    with torch.device("meta"):
        model = BertModel(config, add_pooling_layer=False)
    embeddings: Any = model.embeddings
    if words is not None:
        embeddings.word_embeddings = words
        state = {**state, **{f"embeddings.word_embeddings.{name}": t for name, t in words.state_dict().items()}}
    model.load_state_dict(state, assign=True)
    # these two are in no file: they follow from the sizes
    embeddings.position_ids = torch.arange(config.max_position_embeddings).unsqueeze(0)
    embeddings.token_type_ids = torch.zeros_like(embeddings.position_ids)
    return model.eval().requires_grad_(False)


def build_model(packed: Packed, attn_implementation: str = "sdpa") -> BertModel:
    """The encoder, everything but its word table in float32."""
    sizes = packed.sizes
    settings: dict[str, Any] = {
        "vocab_size": sizes.n_vocab,
        "hidden_size": sizes.d_model,
        "num_hidden_layers": sizes.n_layers,
        "num_attention_heads": sizes.n_heads,
        "intermediate_size": sizes.d_inner,
        "max_position_embeddings": sizes.n_positions,
        "type_vocab_size": sizes.n_types,
        "layer_norm_eps": sizes.epsilon,
        "pad_token_id": SPECIALS.index("<pad>"),
        "attn_implementation": attn_implementation,
    }
    config = BertConfig(**settings)
    config.name_or_path = packed.name
    return assemble(config, packed.state, QuantizedEmbedding(packed.words))


def build_tokenizer(packed: Packed) -> XLMRobertaTokenizer:
    """XLM-R's tokenizer. Its normalization table is sentencepiece's nmt_nfkc, so that ids equal sentencepiece's.

    They differ where every Rust XLM-R tokenizer differs, as it normalizes one visible character at a time: halfwidth kana
    with a voicing mark, a letter under several combining marks, the control character U+0085.
    """
    proto = SentencePieceNormalizer(rule_name="nmt_nfkc").serialized_model_proto()
    charsmap: Any = field(field(proto, 3), 2)  # normalizer_spec, precompiled_charsmap
    tokenizer = XLMRobertaTokenizer(
        vocab=packed.vocabulary,
        _spm_precompiled_charsmap=charsmap,
        model_max_length=packed.sizes.n_positions,
    )
    tokenizer.name_or_path = packed.name
    return tokenizer


def field(message: bytes, number: int) -> bytes:
    """The first field of this number in a protocol buffer message; it must hold bytes, a string or a message.

    Raises: KeyError when there is none.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == 0:
            _, at = _varint(message, at)
            continue
        size, at = _varint(message, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
        if (key >> 3, kind) == (number, 2):
            return message[at : at + size]
        at += size
    raise KeyError(number)


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """An integer of seven bits a byte, lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at
