"""A figure with a panel of every kind, as tests and people look at it."""

import itertools

import torch
from torch import Tensor

from attention.views import lab
from attention.views.labels import Label
from attention.views.panels import curves, flow, graph, matrix, numbers, stack, swatches, table, token_bars
from attention.views.static_files import LAB
from tests.views.pages import Mounted

WORDS = ["The", "animal", "didn't", "cross", "because", "it", "was", "too", "tired", "."]
HOSTILE = [
    "</script><b>x</b>",
    "<img src=x onerror=alert(1)>",
    "القط",
    "東京",
    "👩‍👩‍👧",
    "Donaudampfschifffahrtsgesellschaft",
]
KINDS = ("matrix", "bars", "curves", "numbers", "table", "stack", "swatches", "flow", "graph")


def labels_of(words: list[str]) -> list[Label]:
    return [Label(word, special=word.startswith("[")) for word in words]


def scores_of(tokens: int, seed: int = 0) -> Tensor:
    return 2 * torch.randn(tokens, tokens, generator=torch.Generator().manual_seed(tokens + seed))


def matrices(tokens: int = 10, words: list[str] | None = None, query: int = 5) -> list[dict]:
    """Scores, masked scores and weights under a causal mask: lab 5's three matrices."""
    words = words or [WORDS[i % len(WORDS)] for i in range(tokens)]
    scores = scores_of(len(words))
    allowed = torch.ones_like(scores).bool().tril()
    weights = scores.masked_fill(~allowed, -torch.inf).softmax(-1)
    named = {"rows": labels_of(words), "columns": labels_of(words), "span": 4, "selected": query}
    largest = scores.abs().max().item()
    signed = {"ramp": "signed", "high": largest, "measure": "score", "digits": 1}
    return [
        matrix.render("scores", scores, title="Scores", **named, **signed),
        matrix.render("masked", scores, title="Masked", allowed=allowed, blocked_text="−inf", **named, **signed),
        matrix.render("weights", weights, title="Weights", aside="each row sums to 1", allowed=allowed, **named),
    ]


def rows(words: list[str], query: int = 5) -> list[dict]:
    """The chosen row as bars, as stacked values and as paint."""
    allowed = torch.arange(len(words)) <= query
    scores = scores_of(len(words))[query]
    weights = scores.masked_fill(~allowed, -torch.inf).softmax(-1)
    values = torch.randn(len(words), 8, generator=torch.Generator().manual_seed(3))
    named = {"labels": labels_of(words), "span": 4}
    lines = [("even: 0.17", 1 / (query + 1))]
    return [
        token_bars.render("row", weights, title=f"Row {words[query]}", aside="sum 1.000", allowed=allowed, lines=lines, selected=query, **named),
        stack.render("sum", weights[:, None] * values, title="Weighted values, added up", **named),
        swatches.render("paint", weights, title="The same as paint", allowed=allowed, selected=query, **named),
    ]  # fmt: skip


def plots() -> list[dict]:
    x = torch.logspace(-2, 1, 80)
    weights = (scores_of(10)[5] / x[:, None]).softmax(-1)
    entropy = -torch.special.xlogy(weights, weights).sum(-1) / torch.tensor(10.0).log()
    series = [
        curves.Series("entropy / ln T", entropy),
        curves.Series("largest weight", weights.max(-1).values, "query", "dashed"),
        curves.Series("second largest", weights.sort(-1).values[:, -2], "key", "dotted"),
    ]
    position, dimension = torch.arange(512.0), torch.arange(128)
    angle = position[:, None] / 10000 ** ((dimension - dimension % 2) / 128)
    table_of_positions = torch.where(dimension % 2 == 0, angle.sin(), angle.cos()).T
    return [
        curves.render("curves", x, series, x_name="temperature", title="Entropy and largest weight over temperature", x_log=True, present=0.42, lines=[("uniform", 1.0)], y_range=(0, 1)),
        matrix.render("positions", table_of_positions, title="Sinusoidal positions", axes=("dimension", "position"), linked=("", "query"), ramp="signed", measure="value"),
    ]  # fmt: skip


def words_and_numbers() -> list[dict]:
    items = [
        numbers.Number("Spread, unscaled", 4.07, note="expected 4.00", state="agrees"),
        numbers.Number("Spread, scaled", 1.02, note="expected 1.00", state="agrees"),
        numbers.Number("Largest difference from torch", 1.2e-7, note="expected below 1e-6", state="agrees"),
        numbers.Number("Naive softmax, float16", "overflow", note="expected 0.78", state="differs"),
    ]
    body = [["softmax", 2.3, 10], ["entmax 1.5", 1.72, 6], ["sparsemax", 1.1, 3]]
    return [
        numbers.render("numbers", items),
        table.render("table", ["weights by", "entropy", "tokens kept"], body, title="Three ways to weigh", selected=0),
    ]


def machine() -> list[dict]:
    boxes = [
        flow.Box("x", "X", 0, 1, "10 × 64"),
        flow.Box("q", "Q", 1, 0, "10 × 64", role="query"),
        flow.Box("k", "K", 1, 1, "10 × 64", role="key"),
        flow.Box("v", "V", 1, 2, "10 × 64", role="value"),
        flow.Box("w", "weights", 2, 0.5, "4 × 10 × 10"),
        flow.Box("o", "concat", 3, 1, "10 × 64"),
        flow.Box("out", "add & norm", 4, 1, "10 × 64", "norm 8.00"),
    ]
    arrows = [("x", "q"), ("x", "k"), ("x", "v"), ("q", "w"), ("k", "w"), ("w", "o"), ("v", "o"), ("o", "out")]
    steps = [flow.Arrow(*pair) for pair in arrows] + [flow.Arrow("x", "out", "residual", "after")]
    words = WORDS[:5]
    nodes = [graph.Node(word, i / 4, 0.5, "query") for i, word in enumerate(words)]
    weights = scores_of(5).softmax(-1)
    edges = [graph.Edge(i, j, weights[i, j].item()) for i in range(5) for j in range(5)]
    vectors = [
        graph.Vector("E", (0.1, 0.1), (0.6, 0.45), "key"),
        graph.Vector("P", (0.6, 0.45), (0.75, 0.9), "query", dashed=True),
        graph.Vector("E + P", (0.1, 0.1), (0.75, 0.9)),
    ]
    group = [flow.Group("four heads", ("q", "k", "v", "w", "o"))]
    return [
        flow.render("flow", boxes, steps, groups=group, title="Shapes through one layer", selected="w"),
        graph.render("chain", nodes, [graph.Edge(i, i + 1) for i in range(4)], title="A chain of hidden states", span=4, linked="key"),
        graph.render("all", nodes, edges, title="All to all", span=4, linked="key", height=0.8),
        graph.render("arrows", title="Adding a position", vectors=vectors, span=4, height=0.8),
    ]  # fmt: skip


def figure(words: list[str] | None = None) -> dict:
    words = words or WORDS
    query = min(5, len(words) - 1)
    panels = [*matrices(words=words, query=query), *rows(words, query), *plots(), *words_and_numbers(), *machine()]
    return lab.render(panels, caption="Random scores, seed 0, ten tokens", note="Every kind of panel, once.")


def mounted(value: dict | None = None) -> Mounted:
    return Mounted("lab", LAB, {"value": value or figure()})


def odd() -> dict:
    """What seldom comes together: small multiples, numbers that are none, empty rows, long words, upright boxes."""
    strange = scores_of(6)
    strange[0, 1], strange[2, 2], strange[3, 0] = torch.nan, torch.inf, -torch.inf
    allowed = torch.ones(6, 6).bool().tril()
    allowed[4] = False
    labels = labels_of(HOSTILE)
    heads = [
        matrix.render(
            f"L0H{i}", scores_of(10, i).softmax(-1), title=f"L0H{i}", span=3, small=True, selected=2 if i == 1 else None
        )
        for i in range(4)
    ]
    long = [Label(WORDS[i % 10]) for i in range(64)]
    names = ("X", "attention", "add & norm", "feed-forward", "add & norm ", "out")
    boxes = [flow.Box(name, name.strip(), 0, row, "10 × 64", f"norm {row + 1}.00") for row, name in enumerate(names)]
    arrows = [flow.Arrow(*pair) for pair in itertools.pairwise(names)]
    arrows += [
        flow.Arrow("X", "add & norm", "residual", "before"),
        flow.Arrow("add & norm", "add & norm ", "residual", "before"),
    ]
    sides = [
        graph.Node(word, x, 1 - i / 4, role)
        for x, role in ((0.0, "query"), (1.0, "key"))
        for i, word in enumerate(WORDS[:5])
    ]
    weights = scores_of(5).softmax(-1)
    edges = [graph.Edge(i, 5 + j, weights[i, j].item()) for i in range(5) for j in range(5)]
    panels = [
        *heads,
        matrix.render("strange", strange, title="Numbers that are none", rows=labels, columns=labels, ramp="signed", span=4, digits=1, measure="score"),
        matrix.render("empty", strange.nan_to_num(0, 0, 0).softmax(-1), title="A row with nothing allowed", rows=labels, columns=labels, allowed=allowed, span=4),
        token_bars.render("signed", strange[1], labels=labels, title="Scores", compare=strange[1] / 2, names=("unscaled", "scaled"), span=4, lines=[("zero point five", 0.5), ("one", 1)]),
        matrix.render("long", scores_of(64).softmax(-1), title="64 tokens", rows=long, columns=long, selected=20),
        token_bars.render("many", scores_of(30)[3].softmax(-1), labels=long[:30], title="30 tokens", linked="query"),
        flow.render("block", boxes, arrows, groups=[flow.Group("one block", names[1:5])], title="One block", span=4),
        graph.render("sides", sides, edges, title="Looking and looked at", span=8),
        swatches.render("none", torch.zeros(6), labels=labels, allowed=torch.zeros(6).bool(), title="No paint", span=6),
        stack.render("many-dimensions", torch.randn(10, 64, generator=torch.Generator().manual_seed(1)), labels=labels_of(WORDS), title="64 dimensions", span=6),
    ]  # fmt: skip
    return lab.render(panels, caption="Odd cases")
