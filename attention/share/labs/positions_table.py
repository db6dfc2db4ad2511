"""The Positions lab: the table itself, and what adding it does to a word."""

import math
import re

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core import positions
from attention.core.planes import principal_plane
from attention.core.scoring import draw
from attention.errors import ModelError, SelectionError
from attention.models.positions import positions_of, word_vectors
from attention.share.labs import real
from attention.share.labs.positions_order import SENTENCES, Part
from attention.share.settings.positions import LAST, Positions
from attention.views.panels import curves, graph, matrix, numbers
from attention.views.panels import table as words_table
from attention.views.panels.curves import Series
from attention.views.panels.graph import Node, Vector
from attention.views.panels.numbers import Number

SINUSOIDS = "sinusoids"
MOST_CURVES, MOST_STEPS = 8, 64
MOST_ARROWS = 12
ROLES = ("query", "key", "value", "ink", "muted")
DASHES = ("solid", "dashed", "dotted")


def chosen(text: str) -> list[int]:
    """Positions from what was typed, each once, ascending. Raises: SelectionError with the word that is none."""
    if not text.strip():
        return []
    found: list[int] = []
    for word in re.split(r"[\s,;]+", text.strip(" ,;[]()\n\t")):
        if not re.fullmatch(r"[0-9]{1,6}", word, re.ASCII) or int(word) > LAST:
            raise SelectionError("bad_position", got=word[:20], last=LAST)
        found.append(int(word))
    found = sorted(set(found))
    if len(found) > MOST_CURVES:
        raise SelectionError("too_many_positions", high=MOST_CURVES, got=len(found))
    return found


def table(settings: Positions, heads: list[real.Head]) -> Part:
    """The sinusoidal table and, for a real model, its own; positions as curves, dimensions as waves."""
    typed, n, width = chosen(settings.chosen), settings.n, settings.d_model
    shown, name, caption, panels = None, SINUSOIDS, f"{n} positions, {width} dimensions", []
    if heads:
        own, title = _own_table(settings)
        n, width = min(n, len(own)), min(width, own.shape[1])
        shown, name = own[:, :width], "this model"
        caption = f"first {n} of {len(own)} positions, first {width} of {own.shape[1]} dimensions"
        panels.append(_map("own", shown[:n], title, reach(shown[:n])))
    sinusoids = positions.sinusoidal(max([n - 1, *typed]) + 1, width)
    panels.append(_map("sinusoids", sinusoids[:n], "Sinusoids", 1.0))
    return (
        [*panels, *_curves(settings, sinusoids if shown is None else shown, name, typed, n), _turns(width)],
        caption,
        "",
    )


def _curves(
    settings: Positions, shown: Float[Tensor, "position d_model"], name: str, typed: list[int], n: int
) -> list[dict]:
    """Rows and columns of a table as curves; a position for which it has no row is named and left out.

    Of sinusoids only the sines: curves that jump between sine and cosine at every step show nothing.
    """
    width = shown.shape[1]
    dimensions = torch.arange(0, width, 2 if name == SINUSOIDS else 1)
    missing = [str(at) for at in typed if at >= len(shown)]
    rows = _series([(f"position {at}", shown[at, dimensions]) for at in typed if at < len(shown)])
    n = min(n, MOST_STEPS)
    waves = range(min(settings.waves, width))
    columns = _series([(f"dimension {at}", shown[:n, at]) for at in waves])
    if len(waves) < width:
        columns.append(Series(f"dimension {width - 1}, the last", shown[:n, width - 1], "muted", "dashed"))
    aside = f"no row for {', '.join(missing)}" if missing else "the sines, even dimensions" if name == SINUSOIDS else ""
    return [
        curves.render(
            "waves", torch.arange(n).float(), columns, x_name="position", y_name=f"value, {name}", span=12,
            title=f"The first {len(waves)} dimensions and the last as waves", aside=f"first {n} positions",
        ),
        curves.render(
            "chosen", dimensions.float(), rows, x_name="dimension", y_name=f"value, {name}", span=12,
            title="Chosen positions as curves", aside=aside,
        ),
    ]  # fmt: skip


def _map(panel: str, shown: Float[Tensor, "position d_model"], title: str, high: float) -> dict:
    return matrix.render(
        panel, shown.mT.contiguous(), title=title, span=12, axes=("dimension", "position"), linked=("", ""), ramp="signed",
        high=high, measure="value",
    )  # fmt: skip


def reach(values: Tensor) -> float:
    """The size that 99 of 100 values stay below: a few huge entries, as learned tables have, would leave the rest white."""
    return values.abs().flatten().quantile(0.99).item() or 1.0


def _series(rows: list[tuple[str, Tensor]]) -> list[Series]:
    """Colors go round faster than dashes, so that no two curves are alike."""
    return [
        Series(name, values, ROLES[at % len(ROLES)], DASHES[at // len(ROLES) % len(DASHES)])  # type: ignore[arg-type]
        for at, (name, values) in enumerate(rows)
    ]


def _own_table(settings: Positions) -> tuple[Float[Tensor, "position d_model"], str]:
    """The model's learned table, or the cosine of each angle it turns by."""
    found = positions_of(settings.model)
    if found.table is not None:
        return found.table, "This model's own, learned"
    if found.frequencies is None:
        raise ModelError("no_positions", got=settings.model)
    angles = torch.arange(found.length, dtype=torch.float64)[:, None] * found.frequencies.double()
    return angles.cos().float(), "This model turns: cosine of each pair's angle"


def _turns(width: int) -> dict:
    turn = 2 * math.pi / positions.frequencies(width)
    return numbers.render(
        "turns",
        [
            Number("sinusoids 0 and 1 repeat every", turn[0].item(), "positions", "the fastest"),
            Number(
                f"sinusoids {width - 2} and {width - 1} every", turn[-1].item(), "positions", "the slowest", digits=0
            ),
        ],
    )


def adding(settings: Positions, heads: list[real.Head]) -> Part:
    """Where each word's vector goes when its position is added, seen in two dimensions."""
    return _adding_real(settings, heads) if heads else _adding_made_up(settings)


def _adding_made_up(settings: Positions) -> Part:
    """Embeddings of two dimensions, so that nothing is left out: what is added lies on a circle."""
    first, second = SENTENCES[settings.pair]
    words = list(dict.fromkeys([*first, *second]))
    vectors = {word: draw(settings.seed, 2, role=f"the word {word.lower()} in two dimensions") for word in words}
    added = positions.sinusoidal(max(len(first), len(second)), 2)
    ends = [[(word, vectors[word] + added[at], at) for at, word in enumerate(text)] for text in (first, second)]
    place = _places(torch.stack([*vectors.values(), *(end for text in ends for _, end, _ in text)]))
    arrows = [
        Vector(f"+P({at})", place(vectors[word]), place(end), "query" if text is ends[0] else "key", text is ends[1])
        for text in ends
        for word, end, at in text
    ]
    rows = [
        [
            word,
            _pair(vectors[word]),
            *(_pair(next((end for other, end, _ in text if other == word), None)) for text in ends),
        ]
        for word in words
    ]
    circle = _places(torch.cat([added, torch.zeros(1, 2), -torch.ones(1, 2), torch.ones(1, 2)]))
    zero = circle(torch.zeros(2))
    panels = [
        graph.render(
            "arrows", [Node(word, *place(vector)) for word, vector in vectors.items()], vectors=arrows, span=8, height=0.7,
            title="Each word's embedding, and where its position moves it", aside="solid: first sentence, dashed: second",
        ),
        graph.render(
            "added", vectors=[Vector(f"P({at})", zero, circle(one), "value") for at, one in enumerate(added)], span=4,
            height=1.0, title="What is added: positions on a circle",
        ),
        words_table.render(
            "words", ["word", "embedding", f"in “{' '.join(first)}”", f"in “{' '.join(second)}”"], rows, span=12,
            title="The same in numbers",
        ),
    ]  # fmt: skip
    return panels, f"Embeddings of two dimensions, random, seed {settings.seed}", ""


def _adding_real(settings: Positions, heads: list[real.Head]) -> Part:
    """The model's word vectors and its learned positions in the plane where both spread most."""
    found = positions_of(settings.model)
    if found.table is None:
        raise ModelError("no_position_table", got=settings.model)
    panels = []
    for number, head in enumerate(heads):
        every = word_vectors(settings.model, head.capture.text.text)
        if every.shape[1] != found.table.shape[1]:
            raise ModelError("no_position_table", got=settings.model)
        panels += _one_text(head, every, found.table[: len(every)], "-2" if number else "")
    return panels, "word vector + position, before the layer norm and, in BERT, the vector of its segment", ""


def _one_text(
    head: real.Head, every: Float[Tensor, "position d_model"], added: Float[Tensor, "position d_model"], mark: str
) -> list[dict]:
    """A sentence's own tokens; what the tokenizer added lies so far off that nothing else could be seen."""
    own = [at for at, token in enumerate(head.capture.tokens) if not token.special] or [0]
    shown = own[:MOST_ARROWS]
    both = torch.cat([every[shown], every[shown] + added[shown]])
    plane, share = principal_plane(both)
    flat = (both - both.mean(dim=0)) @ plane
    place = _places(flat)
    nodes = [Node(head.labels[at].text, *place(flat[row])) for row, at in enumerate(shown)]
    arrows = [Vector(f"{at}", place(flat[row]), place(flat[len(shown) + row]), "query") for row, at in enumerate(shown)]
    few = f"first {len(shown)} of {len(own)} tokens, " if len(own) > len(shown) else ""
    return [
        graph.render(
            f"arrows{mark}", nodes, vectors=arrows, span=12, height=0.55,
            title="Word vectors, and where their positions move them",
            aside=f"{few}the plane holds {share:.0%} of their spread",
        ),
        numbers.render(
            f"lengths{mark}",
            [
                Number("a word vector is as long as", every[own].norm(dim=-1).mean().item(), "", "on average"),
                Number("its position as", added[own].norm(dim=-1).mean().item(), "", "on average"),
            ],
        ),
    ]  # fmt: skip


def _pair(vector: Tensor | None) -> str:
    if vector is None:
        return "not there"
    return f"({vector[0]:.2f}, {vector[1]:.2f})".replace("-", "−")


def _places(points: Float[Tensor, "point 2"]):  # type: ignore[no-untyped-def]
    """The map from the points' plane to a graph's square, the same scale both ways."""
    low, high = points.amin(dim=0), points.amax(dim=0)
    middle, reach = (low + high) / 2, (high - low).max().item() or 1.0

    def place(point: Tensor) -> tuple[float, float]:
        x, y = (0.5 + (point - middle) / reach).clamp(0, 1).tolist()
        return x, y

    return place
