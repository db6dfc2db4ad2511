"""An encoder-decoder read while it writes: its two self-attentions, its cross-attention, and what else it could have written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from attention.errors import AttentionError, ModelError, TextError
from attention.models import catalog, folder, loader
from attention.models.cache import BoundedCache

ENCODER_DECODERS: "BoundedCache[str, EncoderDecoder]" = BoundedCache(1 << 30)
MAX_TOKENS = 64
CANDIDATES = 5
SUPPORTED = "encoder-decoders such as BART, Marian and T5"


@dataclass(frozen=True, eq=False, slots=True)
class EncoderDecoder:
    """A model that is ready to write. Its attention function is transformers' eager one, which hands its weights out."""

    id: str
    module: Any
    tokenizer: Any
    limit: int

    @property
    def nbytes(self) -> int:
        """Bytes held by its arrays; the cache counts with it."""
        return sum(part.nbytes for part in [*self.module.parameters(), *self.module.buffers()])


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token that could have been written, and the final softmax's probability of it."""

    token: str
    probability: float


@dataclass(frozen=True, eq=False, slots=True)
class Translated:
    """One source and one target, and where the model looked while it wrote.

    source: what the encoder reads: rows and columns of `encoder`, columns of `cross`.
    written: what the decoder writes, its end mark included: rows of `decoder` and `cross`.
    fed: what the decoder reads, row by row, when it writes `written`: a begin mark, then `written` but its last; columns of
    `decoder`.
    text: `written` as a person writes it. forced: it was given, not chosen by the model.
    candidates: per row, the most probable tokens, best first. probability: per row, of the token in `written`.
    d_model: width of all hidden states. n_vocabulary: tokens it chooses among.
    """

    source: tuple[str, ...]
    fed: tuple[str, ...]
    written: tuple[str, ...]
    text: str
    forced: bool
    encoder: Float[Tensor, "layer head source_pos source_pos"]
    decoder: Float[Tensor, "decoder_layer decoder_head target_pos target_pos"]
    cross: Float[Tensor, "decoder_layer decoder_head target_pos source_pos"]
    candidates: tuple[tuple[Candidate, ...], ...]
    probability: Float[Tensor, " target_pos"]
    d_model: int
    n_vocabulary: int


def translate(model: str, text: str, target: str | None = None) -> Translated:
    """What an encoder-decoder in ATTENTION_MODEL_DIR makes of a text by greedy decoding, or how it writes a given target.

    model: the folder's name. A blank target counts as none.
    Raises: ModelError when it cannot be loaded or is not an encoder-decoder; TextError when a text is empty or too long.
    """
    for given in (text, "" if target is None else target):
        if not isinstance(given, str):
            raise TextError("text_not_string", got=type(given).__name__)
    places = catalog.local_models()
    if model not in places:
        raise ModelError("bad_model_id", got=str(model)[:60])
    loaded = load(model, places[model])
    if not text.strip():
        raise TextError("empty_text")
    try:
        source = loaded.tokenizer(text).input_ids
        forced = loaded.tokenizer(text_target=target).input_ids if target and target.strip() else None
    except Exception as error:
        raise TextError("unreadable_text", model=model, reason=type(error).__name__) from error
    return read(loaded, source, forced)


def load(name: str, place: Path) -> EncoderDecoder:
    """The encoder-decoder of a Hugging Face folder, loaded by exactly one of the threads that ask for it.

    name: how messages call it. Raises: ModelError; nothing half-loaded is kept.
    """
    return ENCODER_DECODERS.get(f"{place} {folder.stamp(place)}", lambda: _build(name, place))


def read(model: EncoderDecoder, source: list[int], target: list[int] | None = None) -> Translated:
    """One pass over a source and a target, both as token ids with their end marks; without a target, the greedy one.

    Raises: TextError when one of them is longer than the model's limit.
    """
    for ids in (source, target or ()):
        if len(ids) > model.limit:
            raise TextError("too_many_tokens", got=len(ids), model=model.id, limit=model.limit)
    written = _greedy(model, source) if target is None else target
    fed = [model.module.config.decoder_start_token_id, *written[:-1]]
    inputs = {"input_ids": [source], "attention_mask": [[1] * len(source)], "decoder_input_ids": [fed]}
    arguments = {name: torch.tensor(ids) for name, ids in inputs.items()}
    with torch.inference_mode():
        found = model.module(**arguments, output_attentions=True, use_cache=False)
        probabilities = found.logits[0].float().softmax(dim=-1)
    return Translated(
        source=_tokens(model, source),
        fed=_tokens(model, fed),
        written=_tokens(model, written),
        text=model.tokenizer.decode(written, skip_special_tokens=True),
        forced=target is not None,
        encoder=_stack(found.encoder_attentions),
        decoder=_stack(found.decoder_attentions),
        cross=_stack(found.cross_attentions),
        candidates=tuple(_candidates(model, row) for row in probabilities),
        probability=probabilities[torch.arange(len(written)), torch.tensor(written)],
        d_model=found.encoder_last_hidden_state.shape[-1],
        n_vocabulary=probabilities.shape[-1],
    )


def _build(name: str, place: Path) -> EncoderDecoder:
    """Safetensors only, complete or not at all, and never code of its author's."""
    from attention.models.imported import AutoConfig, AutoModelForSeq2SeqLM, AutoTokenizer

    if not any((place / weights).is_file() for weights in (folder.WHOLE, folder.INDEX)):
        raise ModelError("no_safetensors", got=name)
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        config = AutoConfig.from_pretrained(place.resolve(), **options)
        if hasattr(config, "auto_map"):
            raise ModelError("remote_code", got=name)
        if not config.is_encoder_decoder:
            raise ModelError("unsupported_family", got=name, family=config.model_type, supported=SUPPORTED)
        with loader._ONE_AT_A_TIME, folder._quiet():
            module, report = AutoModelForSeq2SeqLM.from_pretrained(
                place.resolve(), attn_implementation="eager", dtype=torch.float32, use_safetensors=True,
                output_loading_info=True, **options,
            )  # fmt: skip
            tokenizer = AutoTokenizer.from_pretrained(place.resolve(), **options)
    except AttentionError:
        raise
    except Exception as error:
        raise folder.unloadable(name, error) from error
    if report["missing_keys"] or report["mismatched_keys"]:  # transformers would make these up
        raise ModelError("broken_model", got=name, reason="some of its tensors are missing or misshapen")
    table = getattr(config, "max_position_embeddings", None) or MAX_TOKENS
    return EncoderDecoder(name, module.eval().requires_grad_(False), tokenizer, min(table, MAX_TOKENS))


def _greedy(model: EncoderDecoder, source: list[int]) -> list[int]:
    """What transformers' own greedy decoding writes, without the begin mark, end mark included when it came in time."""
    ids = torch.tensor([source])
    with torch.inference_mode():
        written = model.module.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, num_beams=1, max_length=model.limit + 1
        )
    return written[0, 1:].tolist()


def _tokens(model: EncoderDecoder, ids: list[int]) -> tuple[str, ...]:
    """Each token as a person reads it: a piece that decodes to nothing keeps the tokenizer's spelling."""
    return tuple(model.tokenizer.decode([one]) or model.tokenizer.convert_ids_to_tokens(one) for one in ids)


def _candidates(model: EncoderDecoder, probabilities: Float[Tensor, " token"]) -> tuple[Candidate, ...]:
    best = probabilities.topk(CANDIDATES)
    return tuple(map(Candidate, _tokens(model, best.indices.tolist()), best.values.tolist()))


def _stack(layers: tuple[Tensor, ...]) -> Float[Tensor, "layer head query_pos key_pos"]:
    """The weights of all layers of the one text in the batch."""
    return torch.cat(layers).float()
