"""The Positions lab: which positions are alike, what distance does in each kind, and what is met beyond training."""

from dataclasses import replace
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core import lengths, positions
from attention.core.scoring import draw
from attention.models.positions import Positions as Own
from attention.models.positions import positions_of
from attention.share.labs import real
from attention.share.labs.positions_order import Part
from attention.share.labs.positions_table import reach
from attention.share.settings.positions import Positions
from attention.views.panels import curves, matrix, numbers, table
from attention.views.panels.curves import Series
from attention.views.panels.numbers import Number

MOST_ALIKE, MOST_PAIRS, MOST_CELLS = 256, 48, 65_536
LONGEST = 2048
"""Training lengths above it are cut to it: its square is computed."""
AXES = ("position", "other position")
ALIBI_HEADS = 8


def closeness(settings: Positions, heads: list[real.Head]) -> Part:
    """Dot product and cosine of each two positions, and how both fall with distance."""
    own = _learned(settings) if heads else None
    if own is not None:
        shown, name = own, "this model's table"
    else:
        shown, name = positions.sinusoidal(settings.n, settings.d_model), "sinusoids"
    n = min(settings.n, MOST_ALIKE, len(shown))
    alike = positions.closeness(shown[:n])
    decay = positions.by_distance(alike.cosine)
    dots = positions.by_distance(alike.dot)
    series = [
        Series("cosine", decay, "query"),
        Series("dot product, of its mean at 0", dots / dots[0], "key", "dashed"),
    ]
    if own is not None:
        sinusoids = positions.closeness(positions.sinusoidal(n, settings.d_model)).cosine
        series.append(Series("cosine of sinusoids", positions.by_distance(sinusoids), "muted", "dotted"))
    limit = alike.dot.abs().max().item() if own is None else reach(alike.dot)
    square = partial(matrix.render, axes=AXES, ramp="signed", span=6)
    panels = [
        square("cosine", alike.cosine, title=f"Cosine, {name}", high=1.0, measure="cosine"),
        square("dot", alike.dot, title=f"Dot product, {name}", measure="dot product", high=limit),
        curves.render(
            "decay",
            torch.arange(n).float(),
            series,
            x_name="distance",
            title="The mean over all pairs that far apart",
            span=12,
        ),
        numbers.render(
            "near",
            [
                Number("one step apart", decay[1].item(), "cosine"),
                Number("half way apart", decay[n // 2].item(), "cosine", f"{n // 2} steps"),
                Number("a vector is as long as", alike.dot.diagonal().sqrt().mean().item(), "", "on average"),
            ],
        ),
    ]
    width = shown.shape[1]
    note = _turning_note(settings) if heads and own is None else _cut_note(settings, MOST_ALIKE)
    return panels, f"{name}, first {n} positions, {width} dimensions", note


def kinds(settings: Positions, heads: list[real.Head]) -> Part:
    """What positions alone say about each pair, four ways on the same axes."""
    own = positions_of(settings.model) if heads else None
    n = min(settings.n, MOST_PAIRS, own.length if own else MOST_PAIRS)
    place = torch.arange(n)
    distance = (place[:, None] - place[None, :]).abs()
    width = settings.d_model
    turning = _rotary(settings, own, distance)
    slopes = positions.alibi_slopes(ALIBI_HEADS)
    bias = positions.alibi_bias(n, ALIBI_HEADS)[0]
    sinusoid = positions.closeness(positions.sinusoidal(n, width)).cosine
    squares = [
        ("sinusoid", "Sinusoids: cosine", sinusoid, 1.0),
        ("rotary", "Rotary: what is left of q·k", turning, 1.0),
    ]
    squares.append(("alibi", "ALiBi: added to the score", bias, bias.abs().max().item()))
    series = [
        Series("sinusoids, cosine", positions.by_distance(sinusoid), "query"),
        Series("rotary, equal pairs", turning[0], "key", "dashed"),
        Series("rotary, a random vector", _turned_vector(settings, n), "muted", "dotted"),
        Series("ALiBi, steepest head", (-slopes[0] * place).exp(), "value"),
        Series("ALiBi, gentlest head", (-slopes[-1] * place).exp(), "value", "dashed"),
    ]
    if own is not None and own.table is not None:
        learned = positions.closeness(own.table[:n]).cosine
        squares.insert(0, ("learned", "This model's own: cosine", learned, 1.0))
        series.insert(0, Series("this model, cosine", positions.by_distance(learned), "ink"))
    panels = [
        matrix.render(
            panel,
            square,
            title=title,
            span=12 // len(squares),
            ramp="signed",
            high=high,
            measure="value",
            axes=PAIR_AXES,
        )
        for panel, title, square, high in squares
    ]
    panels.append(
        curves.render(
            "decay", place.float(), series, x_name="distance", span=12, lines=[("", 0.0)],
            title="What is left at each distance; for ALiBi, the factor on the weight before rows are scaled to 1",
        )
    )  # fmt: skip
    whose = (
        "s of this model for equal pairs, 10,000 for the vector"
        if own is not None and own.frequencies is not None
        else ""
    )
    return (
        panels,
        f"{n} positions, {width} dimensions, rotary base{whose or ' 10,000'}, ALiBi of {ALIBI_HEADS} heads",
        _cut_note(settings, MOST_PAIRS),
    )


PAIR_AXES = ("looking: query", "looked at: key")


def length(settings: Positions, heads: list[real.Head]) -> Part:
    """Twice the training length: what still exists there, and how much of it was met in training."""
    own = positions_of(settings.model) if heads else None
    trained = min(own.length, LONGEST) if own else settings.n
    n, width = 2 * trained, settings.d_model
    sinusoid = positions.sinusoidal(n, width)
    learned = own.table[:, :width] if own and own.table is not None else None
    name = "This model's table"
    if learned is None:
        learned, name = (
            draw(settings.seed, trained, width, role="a learned table"),
            "A learned table (random numbers here)",
        )
    frequencies = positions.frequencies(width) if own is None or own.frequencies is None else own.frequencies
    slope = positions.alibi_slopes(ALIBI_HEADS)[0].item()
    series = [
        Series("learned", (torch.arange(n) < trained).float(), "ink"),
        Series("sinusoids", lengths.nearest_known(sinusoid, trained), "query", "dashed"),
        Series("rotary", lengths.known_turns(n, frequencies, trained), "key"),
        Series("ALiBi", lengths.known_weight(n, slope, trained), "value", "dotted"),
    ]
    points = torch.arange(0, n, max(1, n // 512))  # more than pixels say nothing
    series = [replace(one, values=one.values[points]) for one in series]
    return [
        curves.render(
            "known", points.float(), series, x_name="position, or distance", y_range=(0.0, 1.05), present=float(trained),
            title="How much of it was met in training, 0 to 1", span=12,
        ),
        *_ends(sinusoid, learned, name),
        table.render(
            "meaning", ["kind", "what the curve is", f"at {int(points[-1])}"],
            [[one.name, _MEANING[one.name], one.values[-1].item()] for one in series],
            title="What each curve measures", span=12,
        ),
    ], f"as if trained on all {trained} positions{' there is room for' if own else ''}, shown to {n}; {width} dimensions", ""  # fmt: skip


_MEANING = {
    "learned": "whether there is a row for this position",
    "sinusoids": "largest cosine between this position's vector and any from training",
    "rotary": "share of pairs whose angle at this distance was met in training",
    "ALiBi": "share of a row's weight at distances met in training, if scores are alike; steepest head",
}


def _ends(
    sinusoid: Float[Tensor, "position d_model"], learned: Float[Tensor, "trained d_learned"], name: str
) -> list[dict]:
    """Both tables as far as they go, with fewer dimensions where there are many positions; one without a row is hatched."""
    n, trained = len(sinusoid), min(len(learned), len(sinusoid))
    width = min(sinusoid.shape[1], learned.shape[1], MOST_CELLS // n)
    shown = torch.zeros(n, width)
    shown[:trained] = learned[:trained, :width]
    there = (torch.arange(n) < trained)[:, None].expand_as(shown)
    wide = partial(
        matrix.render, axes=("dimension", "position"), linked=("", ""), span=12, ramp="signed", measure="value"
    )
    return [
        wide("continues", sinusoid[:, :width].mT.contiguous(), title="Sinusoids go on", high=1.0),
        wide(
            "ends", shown.mT.contiguous(), title=f"{name} ends at position {trained - 1}", high=reach(shown[:trained]),
            allowed=there.mT.contiguous(), blocked_text="no row",
        ),
    ]  # fmt: skip


def _learned(settings: Positions) -> Float[Tensor, "position d_model"] | None:
    return positions_of(settings.model).table


def _cut_note(settings: Positions, most: int) -> str:
    """Why the slider goes further than the picture."""
    return f"This view shows at most {most} positions; more cells could not be told apart." if settings.n > most else ""


def _turning_note(settings: Positions) -> str:
    return f"{settings.model} keeps no table: it turns queries and keys. Shown are sinusoids; see “Four kinds on the same axes”."


def _rotary(settings: Positions, own: Own | None, distance: Tensor) -> Float[Tensor, "position position"]:
    """What rotation leaves of q.k where all pairs are equally long, with the model's own frequencies where it turns."""
    if own is None or own.frequencies is None:
        return positions.rotary_factor(distance, settings.d_model)
    return (distance[..., None].double() * own.frequencies.double()).cos().mean(dim=-1).float()


def _turned_vector(settings: Positions, n: int) -> Float[Tensor, " distance"]:
    """The cosine between a random vector and itself turned by each distance."""
    vector = draw(settings.seed, 1, settings.d_model, role="a turned vector").expand(n, -1)
    turned = positions.rotate(vector, torch.arange(n))
    return (turned @ vector[0]) / vector[0].square().sum()
