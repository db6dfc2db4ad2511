"""One head of a real model as the vectors and scores that the labs draw."""

from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from attention.core import attention
from attention.core.capture import Capture, QueryKeyLayer
from attention.core.heads import expand_groups
from attention.core.names import head_name
from attention.errors import SelectionError, TextError
from attention.models import reader
from attention.models.spans import quoted
from attention.share.settings.real_head import RealHead
from attention.views.labels import Label, labels_of

MAX_TOKENS = 64
"""Longer texts make figures nobody can read, and are what the explorer is for."""


@dataclass(frozen=True, eq=False, slots=True)
class Head:
    """A head on one sentence. allowed: which keys each row may attend to, or None for all of them."""

    capture: Capture
    name: str
    labels: tuple[Label, ...]
    query: Float[Tensor, "query_pos d_head"]
    key: Float[Tensor, "key_pos d_head"]
    scale: float
    allowed: Bool[Tensor, "query_pos key_pos"] | None
    bias: Float[Tensor, "query_pos key_pos"] | None

    @property
    def text(self) -> str:
        """The sentence."""
        return self.capture.text.text

    @property
    def scores(self) -> Float[Tensor, "query_pos key_pos"]:
        """Scaled, with the model's own bias where it has one, before the mask."""
        raw = attention.scores(self.query, self.key, self.scale)
        return raw if self.bias is None else raw + self.bias

    @property
    def weights(self) -> Float[Tensor, "query_pos key_pos"]:
        """The head's own weights."""
        return attention.weights(attention.masked(self.scores, self.allowed))


def heads(settings: RealHead) -> list[Head]:
    """The chosen head on the sentence and, where there is one, on the sentence to compare with.

    Raises: ModelError, TextError, SelectionError with one sentence.
    """
    return [head_of(read(settings.model, text), settings.layer, settings.head) for text in texts(settings)]


def texts(settings: RealHead) -> list[str]:
    """The sentence and, where there is one, the sentence to compare with."""
    return [settings.text, *([settings.other] if settings.other.strip() else [])]


def head_of(capture: Capture, layer: int, head: int) -> Head:
    """One head of a capture. Raises: SelectionError where there is no such head or the model keeps no queries and keys."""
    capture.check(layer, head)
    arrays = capture.layers[layer]
    if not isinstance(arrays, QueryKeyLayer):
        raise SelectionError(
            "bad_choice", name="model", choices="the models whose scores are a plain q.k", got=capture.model
        )
    bias = arrays.bias
    return Head(
        capture, head_name(layer, head), tuple(labels_of(capture.tokens)),
        arrays.query[head].float(), expand_groups(arrays.key, arrays.n_heads)[head].float(), arrays.scale,
        arrays.mask, None if bias is None else bias[0 if bias.shape[0] == 1 else head],
    )  # fmt: skip


def values(settings: RealHead, text: str) -> Float[Tensor, "key_pos d_head"]:
    """The head's value vectors on a sentence: one more forward pass."""
    return reader.values(settings.model, text, settings.layer, settings.head, folders=False)


def caption(head: Head) -> str:
    """Model, head and text in one line."""
    return caption_of(head.capture, head.name)


def caption_of(capture: Capture, part: str) -> str:
    """Model, part of it and text in one line."""
    note = f" ({capture.note})" if capture.note else ""
    return f"{capture.model}{note} · {part} · {quoted(capture.text.text)}"


def read(model: str, text: str) -> Capture:
    """The capture of one sentence. Raises: ModelError, TextError, also for texts longer than a lab can show."""
    if not text.strip():
        raise TextError("empty_text")
    found = reader.capture(model, text, folders=False)
    if len(found.tokens) > MAX_TOKENS:
        raise TextError("too_long_for_lab", got=len(found.tokens), limit=MAX_TOKENS)
    return found
