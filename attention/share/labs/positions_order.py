"""The Positions lab, why: the same words in another order, read with and without positions."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention.core import attention, positions
from attention.core.heads import merge_heads
from attention.core.multihead import multi_head, random_projections
from attention.core.scoring import draw
from attention.models.positions import Shuffled, read_shuffled
from attention.share.labs import real
from attention.share.settings.positions import WAYS, Positions
from attention.views.labels import Label
from attention.views.panels import matrix, numbers, token_bars
from attention.views.panels.frame import directed
from attention.views.panels.numbers import Number

Part = tuple[list[dict], str, str]
"""The panels of one view, what its caption adds, and a sentence above the panels or none."""

SENTENCES = {
    "roles": (("dog", "bites", "man"), ("man", "bites", "dog")),
    "scope": (("only", "I", "saw", "her"), ("I", "only", "saw", "her")),
    "negation": (("not", "everyone", "did", "come"), ("everyone", "did", "not", "come")),
    "question": (("are", "you", "ready"), ("you", "are", "ready")),
    "senses": (("she", "sat", "on", "the", "river", "bank"), ("she", "robbed", "the", "old", "bank")),
}
"""The pairs of the menu; the last one has other words and is there for contrast."""

D_MODEL, N_HEADS = 32, 4
SAME = 1e-3
"""Outputs closer than this are called the same; rounding leaves far less."""


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """One made-up layer on one sentence. weights: of its first head."""

    weights: Float[Tensor, "query_pos key_pos"]
    output: Float[Tensor, "position d_model"]


def read_words(settings: Positions, words: Sequence[str], way: str) -> Reading:
    """Untrained attention on one random vector per word, with one of WAYS of telling positions."""
    n = len(words)
    hidden = torch.stack([draw(settings.seed, D_MODEL, role=f"the word {word.lower()}") for word in words])
    if way == "sinusoidal":
        hidden = hidden + positions.sinusoidal(n, D_MODEL)
    projections = random_projections(D_MODEL, N_HEADS, seed=settings.seed)
    seen = multi_head(hidden, projections)
    if way in ("none", "sinusoidal"):
        return Reading(seen.attention.weights[0], seen.output)
    query, key, bias = seen.query, seen.key, None
    if way == "rotary":
        query, key = (positions.rotate(each, torch.arange(n)) for each in (query, key))
    else:
        bias = positions.alibi_bias(n, N_HEADS)
    told = attention.attend(query, key, seen.value, bias=bias)
    return Reading(told.weights[0], merge_heads(told.output) @ projections.w_output + projections.b_output)


def order_of(first: Sequence[Hashable], second: Sequence[Hashable]) -> Int[Tensor, " position"] | None:
    """Which place in `first` each member of `second` comes from; None if they are not the same members."""
    places: dict[Hashable, list[int]] = {}
    for at, member in enumerate(first):
        places.setdefault(member, []).append(at)
    found = [places[member].pop(0) if places.get(member) else -1 for member in second]
    return None if -1 in found or len(first) != len(second) else torch.tensor(found, dtype=torch.long)


def moves(settings: Positions, way: str) -> dict[int, float]:
    """How far the output of each word of the pair's second sentence lies from the same word's in the first, by its place.

    Words that only one of them has are left out.
    """
    first, second = SENTENCES[settings.pair]
    one, other = (read_words(settings, words, way).output for words in (first, second))
    left = list(range(len(first)))
    found = {}
    for at, word in enumerate(second):
        here = next((place for place in left if first[place] == word), None)
        if here is not None:
            left.remove(here)
            found[at] = (other[at] - one[here]).abs().max().item()
    return found


def order(settings: Positions, heads: list[real.Head]) -> Part:
    """The same words in two orders."""
    return _read(settings, heads) if heads else _made_up(settings)


def _made_up(settings: Positions) -> Part:
    first, second = SENTENCES[settings.pair]
    shown = []
    for at, words in enumerate((first, second)):
        labels = [Label(word) for word in words]
        weights = read_words(settings, words, settings.way).weights
        shown.append(matrix.render(f"read-{at}", weights, title=" ".join(words), span=4, rows=labels, columns=labels))
    moved = {way: moves(settings, way) for way in WAYS}
    told, alone = moved[settings.way], moved["none"]
    bars = token_bars.render(
        "moves", torch.tensor(list(told.values())), labels=[Label(second[at]) for at in told],
        title="How far each word's output moved", span=4, compare=torch.tensor(list(alone.values())),
        names=(_told(settings.way), "no positions"), linked="", digits=3,
    )  # fmt: skip
    permuted = order_of(first, second) is not None
    items = [_number(WAYS[way], max(each.values()), mirrored=first == second[::-1]) for way, each in moved.items()]
    note = (
        ""
        if permuted
        else "Not a permutation: other words are there, so outputs differ even where no positions are told."
    )
    caption = f"Untrained layer of {N_HEADS} heads, one random vector per word, seed {settings.seed} · head 0 · {_told(settings.way)}"
    return (
        [*shown, bars, numbers.render("gaps", items, title="Largest difference between the outputs of the same word")],
        caption,
        note,
    )


def _told(way: str) -> str:
    return {"none": "no positions", "sinusoidal": "sinusoids added"}.get(way, WAYS[way])


def _number(name: str, largest: float, *, mirrored: bool = False) -> Number:
    same = "same outputs, permuted" if largest < SAME else "other outputs"
    mirror = mirrored and name == WAYS["alibi"] and largest < SAME
    return Number(name, largest, "", "a mirror image keeps every distance" if mirror else same)


def _read(settings: Positions, heads: list[real.Head]) -> Part:
    """A model on its sentence and on the same tokens in another order, with its positions and with one place for all."""
    order = _between(heads)
    panels: list[dict] = []
    for at, head in enumerate(heads if order is None else heads[:1]):
        shown = _one_text(settings, head, _shuffle(settings, head) if order is None else order, "-2" if at else "")
        panels += directed(shown, head.text)
    order_note = "shuffled by the seed" if order is None else "in the order of the second sentence"
    masked = any(head.allowed is not None for head in heads)
    note = "This model's mask alone still tells it the order: an early row sees fewer keys." if masked else ""
    return panels, f"last hidden states; tokens {order_note}, seed {settings.seed}", note


def _between(heads: list[real.Head]) -> Int[Tensor, " position"] | None:
    """The order of the second sentence, where it has the very tokens of the first one."""
    if len(heads) < 2:
        return None
    first, second = ([token.id for token in head.capture.tokens] for head in heads)
    return order_of(first, second)


def _shuffle(settings: Positions, head: real.Head) -> Int[Tensor, " position"]:
    """A random order of the tokens; what the tokenizer added stays in its place."""
    order = torch.arange(len(head.labels))
    inside = torch.tensor([at for at, token in enumerate(head.capture.tokens) if not token.special], dtype=torch.long)
    if len(inside):
        order[inside] = inside[draw(settings.seed, len(inside), role="order").argsort()]
    return order


def _one_text(settings: Positions, head: real.Head, order: Int[Tensor, " position"], mark: str) -> list[dict]:
    seen = read_shuffled(settings.model, head.capture.text.text, order)
    told, together = _changes(seen, order)
    labels = [head.labels[at] for at in order.tolist()]
    return [
        matrix.render(
            f"weights{mark}", head.weights, title=f"{head.name} on the sentence as it is", span=6, rows=head.labels,
            columns=head.labels, allowed=head.allowed,
        ),
        token_bars.render(
            f"moves{mark}", told, labels=labels, title="In the new order: how far each output moved", span=6,
            compare=together, names=("own positions", "all at one place"), linked="", digits=3,
        ),
        numbers.render(
            f"gaps{mark}",
            [
                _number("with its own positions", told.max().item()),
                _number("every token at position 0", together.max().item()),
                Number("length of an output", seen.as_is.norm(dim=-1).mean().item(), "", "on average, to compare with"),
            ],
            title="Largest difference in any dimension of the last hidden states",
        ),
    ]  # fmt: skip


def _changes(seen: Shuffled, order: Int[Tensor, " position"]) -> tuple[Tensor, Tensor]:
    """How far each token's output moved, with the model's positions and without."""
    told = (seen.shuffled - seen.as_is[order]).abs().amax(dim=-1)
    return told, (seen.together_shuffled - seen.together_as_is[order]).abs().amax(dim=-1)
