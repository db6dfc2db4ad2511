"""Which words of two texts answer each other, by what the model itself makes of them: no dictionary, no alignment tool.

A word's vector is the mean over its pieces of the hidden states halfway up, less the mean over its text; words answer each
other when each is the other's nearest by cosine. Halfway, because there multilingual-e5-small pairs the words of
attention/data/alignment.json best: F1 is 0.92 from 4 to 8 of its 12 layers, 0.84 below all and 0.89 above all
(benchmarks/evaluate_correspondence.py).
Source: "Argmax" of Jalili Sabet et al. 2020 (SimAlign), section 2; the mean taken off, Libovický et al. 2020 ("On the Language
Neutrality of Pre-trained Multilingual Representations").
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.capture import Capture
from attention.core.tokens import Text
from attention.core.words import Word, words_of
from attention.errors import SelectionError
from attention.models import loader, reader
from attention.models.forward import arguments
from attention.models.loaded import LoadedModel
from attention.models.words import is_unspaced

MIN_CENTERED = 3
"""Words a text needs for its mean to be anything but the words themselves."""

_NEVER = -2.0


@dataclass(frozen=True, slots=True)
class Link:
    """A word of the first text and the one of the second that answers it. similarity: cosine, -1 to 1."""

    first: Word
    second: Word
    similarity: float


def correspond(
    model: str | os.PathLike[str], first: str, second: str, *, layer: int | None = None, folders: bool = True
) -> tuple[Link, ...]:
    """The words that answer each other, in the order of the first text; words without an answer are left out.

    Punctuation answers punctuation only. In scripts written without blanks several words may answer one: those beside a word
    that does, when that one is nearest to them too.
    layer: blocks passed, 0 for none; half of them unless given. Means nothing where the model knows only one of the languages.
    Raises: as reader.capture; SelectionError bad_layer.
    """
    return correspond_all(model, (first, second), layer=layer, folders=folders)[0, 1]


def correspond_all(
    model: str | os.PathLike[str], texts: Sequence[str], *, layer: int | None = None, folders: bool = True
) -> dict[tuple[int, int], tuple[Link, ...]]:
    """The same for each two of some texts, by their places, the smaller first; at half of the blocks nothing but the captures is
    needed, elsewhere one more forward pass for each text.

    Raises: as correspond.
    """
    captures = [reader.capture(model, text, folders=folders) for text in texts]
    loaded = loader.load(model, folders=folders)
    words = [written_words(one.text) for one in captures]
    vectors = [
        _vectors(_hidden(loaded, one, layer), some) if some else None for one, some in zip(captures, words, strict=True)
    ]
    marks = [[_is_mark(one.text, word) for word in some] for one, some in zip(captures, words, strict=True)]
    found: dict[tuple[int, int], tuple[Link, ...]] = {}
    for one, other in combinations(range(len(texts)), 2):
        first, second = vectors[one], vectors[other]
        if first is None or second is None:
            found[one, other] = ()
            continue
        similar = _cosines(first, second)
        similar = similar.masked_fill(torch.tensor(marks[one])[:, None] != torch.tensor(marks[other]), _NEVER)
        found[one, other] = _links(similar, words[one], words[other])
    return found


def _links(
    similar: Float[Tensor, "first second"], first: Sequence[Word], second: Sequence[Word]
) -> tuple[Link, ...]:  # fmt: skip
    unspaced = [[is_unspaced(word.text) for word in some] for some in (first, second)]
    return tuple(
        Link(first[row], second[column], float(similar[row, column]))
        for row, column in sorted(answers(similar, unspaced[0], unspaced[1]))
        if similar[row, column] > _NEVER
    )


def hidden_states(model: LoadedModel, text: Text, layer: int) -> Float[Tensor, "position d_model"]:
    """What the first `layer` blocks made of each token: one more forward pass, on the CPU.

    Raises: SelectionError for more blocks than there are.
    """
    if not 0 <= layer <= model.n_layers:
        raise SelectionError("bad_layer", got=layer, model=model.id, last=model.n_layers)
    with torch.inference_mode():
        found = model.module(**arguments(model, text.inputs), output_hidden_states=True)
    return found.hidden_states[layer][0].float().cpu()


def _hidden(model: LoadedModel, read: Capture, layer: int | None) -> Float[Tensor, "position d_model"]:
    if read.halfway is not None and layer in (None, model.n_layers // 2):
        return read.halfway
    return hidden_states(model, read.text, model.n_layers // 2 if layer is None else layer)


def answers(
    similar: Float[Tensor, "first second"], first_unspaced: list[bool], second_unspaced: list[bool]
) -> set[tuple[int, int]]:
    """Mutual nearest neighbors, and what joins them: a word of a script without blanks whose nearest is the one that the word beside
    it answers."""
    nearest, back = similar.argmax(dim=1).tolist(), similar.argmax(dim=0).tolist()
    mutual = {(row, column) for row, column in enumerate(nearest) if back[column] == row}
    rows = _joined({(column, row) for row, column in mutual}, nearest, first_unspaced)
    return _joined(mutual, back, second_unspaced) | {(row, column) for column, row in rows}


def _joined(mutual: set[tuple[int, int]], nearest: list[int], unspaced: list[bool]) -> set[tuple[int, int]]:
    """(answered, place), with the words on either side that answer the same."""
    found = set(mutual)
    for step in (1, -1):
        for place in range(len(nearest))[::step]:
            if unspaced[place] and (nearest[place], place - step) in found:
                found.add((nearest[place], place))
    return found


def written_words(text: Text) -> list[Word]:
    """The words a person wrote, in order."""
    words = words_of(text.tokens, text.text)
    return [
        word
        for word in words
        if not word.special and any(t.start < t.end for t in text.tokens[word.first : word.last + 1])
    ]


def _is_mark(text: Text, word: Word) -> bool:
    """Whether a word is punctuation."""
    written = [token for token in text.tokens[word.first : word.last + 1] if token.start < token.end]
    return all(token.punctuation for token in written)


def _vectors(hidden: Float[Tensor, "position d_model"], words: list[Word]) -> Float[Tensor, "word d_model"]:
    return torch.stack([hidden[word.first : word.last + 1].mean(dim=0) for word in words])


def _cosines(
    first: Float[Tensor, "first d_model"], second: Float[Tensor, "second d_model"]
) -> Float[Tensor, "first second"]:
    if min(len(first), len(second)) >= MIN_CENTERED:
        first, second = first - first.mean(dim=0), second - second.mean(dim=0)
    unit = [part / part.norm(dim=-1, keepdim=True).clamp_min(1e-9) for part in (first, second)]
    return unit[0] @ unit[1].T
