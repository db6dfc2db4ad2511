"""From a capture and a selection to the picture of one head, or of all, with its caption."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core import measures
from attention.core.capture import Capture
from attention.core.heads import average
from attention.core.names import head_name
from attention.core.patterns import LISTED, cells_of
from attention.core.tokens import Token, right_to_left
from attention.core.words import Word, to_words, words_of
from attention.errors import SelectionError
from attention.models.spans import quoted, shown
from attention.share.selection import MEASURES, Selection
from attention.views import head_grid, heatmap
from attention.views.labels import Label, labels_of

TITLES = {**{pattern.name: pattern.title for pattern in LISTED}, "broad": "Broad", "unstructured": "Unexplained"}

EXPLAINED = {
    "raw": "The weights as the model computed them; each row sums to 1.",
    "content": "Special tokens left out, each row scaled back to 1: what the head does when it is not resting.",
    "value": "Each weight times the length of the value it moves, rows scaled to 1: what is written, not only what is read.",
    "rollout": "Attention followed back through all layers up to this one, averaged over heads, with half of each step "
    "passing straight through: an approximation that leaves out everything but mixing.",
}


def measured(capture: Capture, selection: Selection) -> Float[Tensor, "query_pos key_pos"]:
    """The selection's numbers between tokens, each row summing to 1 or, where nothing is left of it, to 0."""
    layer, head = selection.layer, selection.head
    if selection.measure == "rollout":
        return measures.rollout([average(capture.weights(below)) for below in range(layer + 1)])
    weights = capture.weights(layer, head)
    if selection.measure == "content":
        weights = measures.without_specials(weights, torch.tensor([token.special for token in capture.tokens]))
    if selection.measure == "value":
        norms = capture.value_norms[layer] if head is None else capture.value_norms[layer, head]
        if bool(norms.isnan().any()):
            return torch.zeros_like(weights if head is not None else weights[0])
        weights = measures.value_weighted(weights, norms)
    return weights if head is not None else average(weights)


def places(capture: Capture, selection: Selection) -> Sequence[Token | Word]:
    """What the rows and columns of a view are."""
    if selection.level == "token":
        return capture.tokens
    return words_of(capture.tokens, capture.text.text, capture.text.pair)


def cells(
    capture: Capture, selection: Selection
) -> tuple[Float[Tensor, "query_pos key_pos"], Bool[Tensor, "query_pos key_pos"]]:
    """The numbers of a view at its level, and which of its pairs are allowed. Raises: SelectionError for no such view."""
    selection.checked(capture)
    weights = measured(capture, selection)
    anywhere = torch.ones_like(weights, dtype=torch.bool)
    allowed = anywhere if selection.measure == "rollout" else capture.allowed(selection.layer)
    if selection.level == "token":
        return weights, allowed
    words = words_of(capture.tokens, capture.text.text, capture.text.pair)
    return to_words(weights, words), to_words(allowed.float(), words) > 0


def checked(capture: Capture, selection: Selection) -> Selection:
    """The selection. Raises: SelectionError for a head, view or kept row that is not there."""
    selection.checked(capture)
    last, query = len(places(capture, selection)) - 1, selection.query
    if query is not None and (type(query) is not int or not 0 <= query <= last):
        raise SelectionError("bad_query", got=str(query)[:40], last=last)
    return selection


def head_picture(capture: Capture, selection: Selection) -> dict:
    """What the head figure draws; `selected` is the head, for pictures that mark it. Raises: SelectionError for no such view."""
    weights, allowed = cells(capture, selection)
    labels = labels_of(capture.tokens)
    if selection.level == "word":
        labels = word_labels(words_of(capture.tokens, capture.text.text, capture.text.pair))
    empty = (weights.sum(dim=-1) == 0).nonzero().flatten().tolist()
    query = selection.query if selection.query is not None and selection.query < len(labels) else None
    outline = None
    if selection.pattern is not None and selection.level == "token":
        outline = cells_of(capture, selection.pattern, selection.layer, selection.head)
    drawn = heatmap.render(
        weights,
        labels=labels,
        allowed=None if bool(allowed.all()) else allowed,
        title=title(selection),
        caption=caption(capture, selection),
        query=query,
        empty_rows=empty,
        empty_note=_empty_note(selection.measure),
        outline=outline,
        mirrored=right_to_left(capture.text.text),
    )
    return drawn | {"selected": None if selection.head is None else [selection.layer, selection.head]}


def word_labels(words: Sequence[Word]) -> list[Label]:
    """One label per word, safe to draw."""
    return [Label(word.text if word.special else shown(word.text), word.special) for word in words]


def grid_picture(capture: Capture, selection: Selection) -> dict:
    """What the head grid draws: every head by the selection's measure, between tokens. Raises: SelectionError."""
    if selection.measure == "rollout":
        raise SelectionError("no_heads_of_rollout")
    layers = [
        [measured(capture, replace(selection, layer=layer, head=head)) for head in range(capture.n_heads)]
        for layer in range(capture.n_layers)
    ]
    mirrored = right_to_left(capture.text.text)
    return head_grid.render(
        torch.stack([head_grid.thumbnails(torch.stack(heads), mirrored=mirrored) for heads in layers]),
        n_tokens=len(capture.tokens),
        selected=(selection.layer, selection.head or 0),
        title="All heads",
        caption=caption(capture, replace(selection, level="token"), "all heads"),
    )


def explained(capture: Capture, selection: Selection) -> str:
    """What the numbers of this view are, in a sentence or two."""
    between = ""
    if selection.level == "word":
        between = " To a word: summed over its pieces; from a word: averaged over them."
        if capture.text.pieces_as_words:
            between += " Scripts written without spaces and without a dictionary are shown piece by piece."
        if capture.text.words_joined:
            between += " A piece that holds several words joins them."
        if selection.pattern is not None:
            between += " Patterns are outlined between tokens."
    elif selection.pattern is not None:
        between = f" Outlined: where “{TITLES[selection.pattern].lower()}” would look."
    return EXPLAINED[selection.measure] + between


def title(selection: Selection) -> str:
    """L3H5, or what takes its place."""
    if selection.measure == "rollout":
        return f"Rollout to L{selection.layer}"
    return head_name(selection.layer, selection.head)


def caption(capture: Capture, selection: Selection, what: str = "") -> str:
    """Model, head (or what else is shown), measure and text in one line: the same in every export."""
    note = f" ({capture.note})" if capture.note else ""
    level = "between words" if selection.level == "word" else "between tokens"
    texts = " / ".join(quoted(text) for text in (capture.text.text, capture.text.pair) if text is not None)
    return (
        f"{capture.model}{note} · {what or title(selection)} · {MEASURES[selection.measure].lower()} {level} · {texts}"
    )


def _empty_note(measure: str) -> str:
    if measure == "content":
        return "all of this row rests on special tokens"
    return "value lengths are not available for this model" if measure == "value" else "no key allowed"
