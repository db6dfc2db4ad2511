"""A sentence as a chain of hidden states and as all-to-all attention: what each costs, and what each forgets."""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core import block as blocks
from attention.core import masks, scoring
from attention.core.multihead import MultiHead, multi_head, random_projections
from attention.share.labs import real
from attention.share.settings.transformer import Transformer
from attention.views.labels import Label
from attention.views.panels import curves, graph, table
from attention.views.panels.curves import Series
from attention.views.panels.frame import directed
from attention.views.panels.graph import Edge, Node

D_MODEL, N_HEADS = 64, 4
MOST = 16
"""More words than this around one board cannot be told apart."""
DRAWN_FROM = 0.04
DOUBLED = 9
"""Curves go from 2 words to 2 to this power."""


def panels(settings: Transformer) -> tuple[list[dict], str]:
    """The panels and the caption."""
    if not settings.real:
        labels = [Label(str(at)) for at in range(settings.n)]
        chain, team = fades(settings.seed, settings.n)
        weights = untrained(settings.seed, settings.n).attention.weights.mean(dim=0)
        shown = [
            _board("board", labels, weights, "untrained"),
            *_costs(settings.n, "words"),
            _fading(chain, team),
        ]
        caption = f"Untrained chain and untrained attention ({N_HEADS} heads, mean), random words, seed {settings.seed}"
        return [_ring("ring", labels, chain), *shown], caption
    found = real.heads(settings)
    n = len(found[0].labels)
    chain, team = fades(settings.seed, n)
    boards = [
        board
        for at, head in enumerate(found)
        for board in directed(
            [_board(f"board{'-2' * at}", head.labels, head.weights, head.name, second=at == 1)], head.text
        )
    ]
    caption = " / ".join(real.caption(head) for head in found)
    ring = directed([_ring("ring", found[0].labels, chain)], found[0].text)
    shown = [*ring, *boards, *_costs(n, "tokens"), _fading(chain, team)]
    return (
        shown,
        f"{caption} · chain, and both curves of “Change the first word”: untrained, random words, seed {settings.seed}",
    )


def untrained(seed: int, n: int) -> MultiHead:
    """Attention among random words."""
    return multi_head(_words(seed, n), random_projections(D_MODEL, N_HEADS, seed=seed))


def fades(seed: int, n: int) -> tuple[Float[Tensor, " position"], Float[Tensor, " position"]]:
    """How much each position still moves when word 0 is replaced, as a share of position 0: in a chain, and in attention."""
    w_input, w_state = scoring.draw(seed, 2, D_MODEL, D_MODEL, role="chain") / math.sqrt(D_MODEL)
    projections = random_projections(D_MODEL, N_HEADS, seed=seed)
    other = scoring.draw(seed, D_MODEL, role="another word")
    words = _words(seed, n)
    chain = masks.change_of_output(lambda x: blocks.recurrent_chain(x, w_input, w_state), words, 0, other)
    team = masks.change_of_output(lambda x: multi_head(x, projections).output, words, 0, other)
    return chain / chain[0], team / team[0]


def _words(seed: int, n: int) -> Float[Tensor, "position d_model"]:
    return scoring.draw(seed, n, D_MODEL, role="words of a sentence")


def _around(labels: list[Label] | tuple[Label, ...]) -> list[Node]:
    """The first words as places around a board, from the top, clockwise. The right side hangs a little lower.

    So no two places are level, or the edges between them would be arcs.
    """
    n = min(len(labels), MOST)
    places = [(math.sin(turn), math.cos(turn)) for turn in (2 * math.pi * (at + 0.5) / n for at in range(n))]
    return [
        Node(labels[at].text, round(0.5 + 0.5 * x, 4), round(0.5 + 0.48 * y - (0.02 if x > 0 else 0.0), 4))
        for at, (x, y) in enumerate(places)
    ]


def _ring(panel: str, labels: list[Label] | tuple[Label, ...], fade: Tensor) -> dict:
    """Each word's state from the one before; as strong as what is left of the first word."""
    nodes = _around(labels)
    left = (fade / fade.max()).tolist()
    edges = [Edge(at, at + 1, left[at + 1]) for at in range(len(nodes) - 1)]
    return graph.render(
        panel, nodes, edges, title="One detective with a notebook", aside="recurrent states",
        span=6, height=0.8,
    )  # fmt: skip


def _board(
    panel: str, labels: list[Label] | tuple[Label, ...], weights: Tensor, what: str, *, second: bool = False
) -> dict:
    """From each word looked at to each word looking, for the weights one can see."""
    nodes = _around(labels)
    n = len(nodes)
    edges = [
        Edge(key, query, weight)
        for query, row in enumerate(weights[:n, :n].clamp(0, 1).tolist())
        for key, weight in enumerate(row)
        if key != query and weight >= DRAWN_FROM
    ]
    cut = f", {n} of {len(labels)} tokens" if len(labels) > n else ""
    return graph.render(
        panel, nodes, edges, title=f"A team around a board{', compared' if second else ''}",
        aside=f"{what}, weights from {DRAWN_FROM}{cut}", span=6, height=0.8,
    )  # fmt: skip


def _costs(n: int, what: str) -> list[dict]:
    """Both costs at n, and as n grows."""
    chain, team = blocks.recurrent_cost(n), blocks.attention_cost(n)
    rows: list[list[str | int]] = [
        ["From the first to the last, one step per arrow", chain.path_length, team.path_length],
        ["Steps one after another", chain.sequential_steps, team.sequential_steps],
        ["Numbers kept: states, or weights of one head", chain.cells, team.cells],
    ]
    counts = sorted({*(round(2 ** (at / 4)) for at in range(4, 4 * DOUBLED + 1)), n})
    steps = _each(blocks.recurrent_cost, "sequential_steps", counts)
    waits, weights = (_each(blocks.attention_cost, name, counts) for name in ("sequential_steps", "cells"))
    return [
        table.render("costs", ["", "chain", "all at once"], rows, title=f"What {n} {what} take", span=12),
        curves.render(
            "growth", torch.tensor(counts, dtype=torch.float64),
            [
                Series("chain steps", steps, "muted"),
                Series("attention steps", waits, "query"),
                Series("weights", weights, "key", "dashed"),
            ],
            x_name=what, x_log=True, y_log=True, present=n, span=6, digits=0, title="As the sentence grows",
        ),
    ]  # fmt: skip


def _each(cost: Callable[[int], blocks.Cost], name: str, counts: list[int]) -> Float[Tensor, " point"]:
    return torch.tensor([getattr(cost(n), name) for n in counts], dtype=torch.float64)


def _fading(chain: Tensor, team: Tensor) -> dict:
    """What a change of the first word still changes."""
    return curves.render(
        "fading", torch.arange(len(chain), dtype=torch.float64),
        [Series("chain", chain, "muted"), Series("attention", team, "query", "dashed")],
        x_name="position", span=6, title="Change the first word", aside="how far each position moves, 1 at position 0",
    )  # fmt: skip
