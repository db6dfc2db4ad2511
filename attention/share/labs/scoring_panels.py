"""The Scoring lab's panels: two matrices side by side, then one of three looks at them."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core import scoring
from attention.core.softmax import gradient_size
from attention.share.labs.largest import largest, row_title
from attention.share.labs.scoring_pairs import SCALED, Pairs, made_up
from attention.share.settings.scoring import KINDS, LONGEST, Scoring
from attention.views.panels import curves, matrix, numbers, table, token_bars
from attention.views.panels.curves import Series
from attention.views.panels.numbers import Number

LENGTHS = (4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, LONGEST)
FACTORS = torch.logspace(-4, 4, 33, base=2, dtype=torch.float64)
CLOSE = 1e-5
"""Differences up to this are rounding in float32."""

Scores = Float[Tensor, "query_pos key_pos"]


def matrices(settings: Scoring, pairs: Pairs, plain: Scores, chosen: Scores, mark: str) -> list[dict]:
    """Weights of unscaled and of the chosen scores, on one color range."""
    row = min(settings.row, len(plain) - 1)
    where = "other sentence" if mark else ""
    return [
        matrix.render(
            f"{name}{mark}", pairs.weights(scores), title=title, aside=where or aside, span=6, rows=pairs.labels,
            columns=pairs.labels, allowed=pairs.allowed, selected=row,
        )
        for name, scores, title, aside in (
            ("plain", plain, "Without scaling", "softmax of q·k"),
            ("chosen", chosen, *_named(settings.kind, pairs)),
        )
    ]  # fmt: skip


def _named(kind: str, pairs: Pairs) -> tuple[str, str]:
    """The right-hand matrix's title, and what it is the softmax of."""
    if kind == SCALED:
        root = math.isclose(pairs.scale, pairs.d_k**-0.5, rel_tol=1e-5)
        how = f"√{pairs.d_k}" if root else f"{1 / pairs.scale:.3g}"
        return f"Divided by {how}", f"softmax of q·k / {pairs.d_k**0.5:.2f}" if root else f"softmax of q·k / {how}"
    inside = {"cosine": "cos(q, k)", "bilinear": "q·Wk", "additive": "w·tanh(W₁q + W₂k)"}
    return KINDS[kind], f"softmax of {inside[kind]}"


def spreads(settings: Scoring, pairs: Pairs, plain: Scores, chosen: Scores, mark: str) -> list[dict]:
    """How far the scores lie apart, beside what the scaling law expects of random vectors."""
    if len(plain) < 2:
        return []
    items = []
    for name, scores, scale in (("unscaled", plain, 1.0), (_short(settings.kind), chosen, pairs.scale)):
        seen, law = scoring.spread(scores), scoring.expected_spread(pairs.d_k, settings.same, scale)
        lawful = not settings.real and (name == "unscaled" or settings.kind == SCALED)
        off, on = ("", "")
        if lawful:
            off = f"expected {'√' + str(pairs.d_k) + ' = ' if scale == 1 else ''}{law.off_diagonal:.2f}"
            on = f"expected {law.diagonal:.2f}"
        elif settings.real and scale == 1:
            off, on = f"random vectors: {law.off_diagonal:.2f}", "random vectors: 0"
        items += [
            Number(f"spread, {name}", seen.off_diagonal, note=off, form="fixed"),
            Number(f"diagonal, {name}", seen.diagonal, note=on, form="fixed"),
        ]
    if settings.same and not settings.real:
        items.append(Number("all, unscaled", plain.std().item(), note="diagonal and rest mixed"))
    aside = "standard deviation off the diagonal, mean on it" + (
        "; before the mask" if pairs.allowed is not None else ""
    )
    return [numbers.render(f"spread{mark}", items, title="How far the scores spread", aside=aside)]


def _short(kind: str) -> str:
    return "scaled" if kind == SCALED else kind


def by_length(settings: Scoring) -> list[dict]:
    """Spread, largest weight and gradient while the vectors grow."""
    lengths = sorted({*LENGTHS, settings.d_k})
    longest, name = made_up(settings, LONGEST), _short(settings.kind)
    every = [longest.first(length) for length in lengths]
    plain = [scoring.saturation(pairs.scores("dot product", settings.seed)) for pairs in every]
    chosen = [scoring.saturation(pairs.scores(settings.kind, settings.seed)) for pairs in every]
    x = torch.tensor(lengths, dtype=torch.float64)
    law = Series("√d_k", x.sqrt(), "muted", "dotted")
    shown: tuple[tuple[str, str, float, list[Series], list[tuple[str, float]]], ...] = (
        ("spread", "Spread of the scores", 20.0, [law], []),
        ("largest", "Largest weight, mean of rows", 1.0, [], [("even", 1 / settings.n)]),
        ("gradient", "Gradient through softmax", 0.5, [], []),
    )
    panels = []
    for read, title, top, more, lines in shown:
        without, scaled = (torch.tensor([_read(one, read) for one in every]) for every in (plain, chosen))
        series = [Series("unscaled", without, "ink"), Series(name, scaled, "key", "dashed"), *more]
        high = max(top, without.max().item(), scaled.max().item())
        panels.append(
            curves.render(
                f"{read}-by-length", x, series, x_name="d_k", x_log=True, title=title, span=4, y_range=(0.0, high),
                present=settings.d_k, lines=lines,
            )
        )  # fmt: skip
    return panels


def _read(found: scoring.Saturation, name: str) -> float:
    return found.spread.off_diagonal if name == "spread" else getattr(found, name)


def by_size(pairs: Pairs, chosen: Scores) -> list[dict]:
    """A real head's largest weight and gradient, had all of its scores been smaller or larger."""
    every = torch.stack([pairs.weights(chosen.double() * factor) for factor in FACTORS])
    shown = (
        ("largest-by-size", "Largest weight, mean of rows", every.amax(dim=-1).mean(dim=-1), (0.0, 1.0)),
        ("gradient-by-size", "Gradient through softmax, mean of rows", gradient_size(every).mean(dim=-1), (0.0, 0.5)),
    )
    return [
        curves.render(
            panel, FACTORS, [Series("this head", values, "ink")], x_name="all scores multiplied by", x_log=True,
            y_range=ends, present=1.0, span=6, title=title,
        )
        for panel, title, values, ends in shown
    ]  # fmt: skip


def formats(settings: Scoring, pairs: Pairs, plain: Scores, chosen: Scores) -> list[dict]:
    """Softmax as it is written and with the largest score taken off first, in three number formats."""
    row = min(settings.row, len(plain) - 1)
    exact = pairs.weights(plain.double())
    found = [
        (scoring.stability(pairs.masked(plain), dtype), scoring.stability(pairs.masked(chosen), dtype))
        for dtype in scoring.DTYPES
    ]
    rows = [
        (_format(left), left.limit, _broken(left), _broken(right), (left.shifted.double() - exact).abs().max().item())
        for left, right in found
    ]
    header = ("format", "exp up to", "unscaled", _short(settings.kind), "error if shifted")
    return [
        _scores_of_row(settings, pairs, plain, chosen, found[0][0].limit),
        table.render(
            "formats", header, rows, title=f"exp(x) / sum as written: rows that break, of {len(plain)}",
            aside="overflow, or only zeros", span=6,
        ),
        *(_naive(left, pairs, row, _shown(pairs, plain, row)) for left, _ in found),
    ]  # fmt: skip


def _shown(pairs: Pairs, plain: Scores, row: int) -> list[int]:
    """Which keys of a row have a bar: the allowed ones first, where there is no room for all."""
    return largest(pairs.masked(plain)[row])


def _scores_of_row(settings: Scoring, pairs: Pairs, plain: Scores, chosen: Scores, reach: float) -> dict:
    """One row before softmax, and where float16's exp ends."""
    row = min(settings.row, len(plain) - 1)
    at = _shown(pairs, plain, row)
    return token_bars.render(
        "row-scores", plain[row][at], labels=[pairs.labels[one] for one in at], span=6, compare=chosen[row][at],
        title=row_title("Scores of row", row, pairs.labels[row], len(plain)), names=("unscaled", _short(settings.kind)),
        lines=[("float16 overflows", reach)], allowed=None if pairs.allowed is None else pairs.allowed[row][at],
        linked="key" if len(at) == len(plain) else "",
    )  # fmt: skip


def _naive(found: scoring.Stability, pairs: Pairs, row: int, at: list[int]) -> dict:
    """One row of unscaled scores through softmax as it is written, in one format; NaN is what comes out, and shown."""
    return token_bars.render(
        f"naive-{_format(found)}", found.naive[row][at].float(), labels=[pairs.labels[one] for one in at], span=4,
        title=f"Row {row} unscaled, in {_format(found)}", compare=found.shifted[row][at].float(),
        names=("as written", "shifted"), largest=1.0,
        allowed=None if pairs.allowed is None else pairs.allowed[row][at],
        linked="key" if len(at) == len(pairs.labels) else "",
    )  # fmt: skip


def _format(found: scoring.Stability) -> str:
    return str(found.dtype).removeprefix("torch.")


def _broken(found: scoring.Stability) -> int:
    return int((found.overflow | found.underflow).sum())


def against_torch(settings: Scoring, pairs: Pairs) -> list[dict]:
    """The largest difference between our weights and torch's two functions, on these very queries and keys."""
    found = (
        ("scaled_dot_product_attention", "scale = 1", scoring.difference_from_torch(pairs.query, pairs.key, 1.0)),
        ("scaled_dot_product_attention", f"scale = {pairs.scale:.4g}", scoring.difference_from_torch(pairs.query, pairs.key, pairs.scale)),
        ("nn.MultiheadAttention", f"always 1/√{pairs.d_k}", scoring.difference_from_module(pairs.query, pairs.key)),
    )  # fmt: skip
    items = [
        Number(name, difference, note=note, state="agrees" if difference <= CLOSE else "differs")
        for name, note, difference in found
    ]
    aside = "dot products of the same queries and keys" + ("; before the mask" if settings.real else "")
    return [numbers.render("torch", items, title="Largest difference between our weights and PyTorch's", aside=aside)]
