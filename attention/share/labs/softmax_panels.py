"""The Softmax lab's panels: the weights, one row of them, its entropy, and what else the row could be."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core import measures, softmax
from attention.models.next_tokens import NextTokens
from attention.share.labs.largest import largest, row_title
from attention.share.settings.softmax import KINDS, Softmax
from attention.views.labels import Label
from attention.views.panels import curves, matrix, numbers, token_bars
from attention.views.panels.curves import Series
from attention.views.panels.numbers import Number

TEMPERATURES = torch.logspace(-2, 1, 61, dtype=torch.float64)


def weights_of(
    settings: Softmax, scores: Float[Tensor, "query_pos key_pos"], temperature: float, kind: str = ""
) -> Float[Tensor, "query_pos key_pos"]:
    """The chosen alternative, or `kind`, at a temperature."""
    kind = kind or settings.kind
    if kind == "softmax":
        return softmax.softmax(scores, temperature)
    cooled = _below_top(scores) / temperature
    if kind == "top_k":
        return softmax.top_k(cooled, settings.k).to(scores.dtype)
    return (softmax.sparsemax if kind == "sparsemax" else softmax.entmax15)(cooled).to(scores.dtype)


def _below_top(scores: Float[Tensor, "query_pos key_pos"]) -> Float[Tensor, "query_pos key_pos"]:
    """Scores less the largest of their row in float64, which no temperature makes overflow upwards."""
    return (scores.double() - scores.amax(dim=-1, keepdim=True)).masked_fill(scores == -math.inf, -math.inf)


def described(settings: Softmax) -> str:
    """What is done to the scores."""
    k = f" (k = {settings.k})" if settings.kind == "top_k" else ""
    return f"{KINDS[settings.kind]}{k} at temperature {settings.temperature:.2g}"


def panels(
    settings: Softmax, labels: tuple[Label, ...], scores: Float[Tensor, "query_pos key_pos"],
    allowed: Bool[Tensor, "query_pos key_pos"] | None, *, second: bool = False,
) -> list[dict]:  # fmt: skip
    """The panels of one set of scores; a sentence to compare with has only what is worth comparing."""
    if allowed is not None:
        scores = scores.masked_fill(~allowed, -torch.inf)
    weights = weights_of(settings, scores, settings.temperature)
    row = min(settings.row, len(scores) - 1)
    mark, aside = ("-2", "other sentence") if second else ("", described(settings))
    rows = labels if len(scores) > 1 else (Label("scores"),)
    open_keys = torch.ones(len(labels), dtype=torch.bool) if allowed is None else allowed[row]
    shown = [
        matrix.render(
            f"weights{mark}", weights, title="Weights", aside=aside, span=5, rows=rows, columns=labels,
            allowed=allowed, selected=row,
        ),
        _row(f"row{mark}", weights[row], softmax.softmax(scores)[row], labels, open_keys, row_title("Row", row, rows[row], len(labels))),
        _entropies(f"row-entropy{mark}", weights, rows, allowed, row),
        _spread(f"spread{mark}", weights, row, open_keys),
    ]  # fmt: skip
    if second:
        return shown
    return [*shown, _against_temperature(settings, scores[row]), _otherwise(settings, scores[row], labels, open_keys)]


def _row(
    panel: str, weights: Float[Tensor, " token"], at_one: Float[Tensor, " token"], labels: tuple[Label, ...],
    allowed: Bool[Tensor, " token"], title: str,
) -> dict:  # fmt: skip
    """One row's weights, beside softmax at temperature 1."""
    at = largest(weights.masked_fill(~allowed, -math.inf))
    return token_bars.render(
        panel, weights[at], labels=[labels[one] for one in at], title=title, span=7, compare=at_one[at],
        names=("weight", "softmax at 1"), largest=1.0, allowed=allowed[at], linked="key" if len(at) == len(labels) else "",
    )  # fmt: skip


def _spread(panel: str, weights: Tensor, row: int, allowed: Bool[Tensor, " token"]) -> dict:
    entropy, keys = measures.entropy(weights), int(allowed.sum())
    small = softmax.share_below(weights[row][allowed][None])[0].item() if keys else 0.0
    return numbers.render(
        panel,
        [
            Number(
                "entropy of the row",
                entropy[row].item(),
                "nats",
                f"0 to ln {keys} = {math.log(max(keys, 1)):.2f}",
                form="fixed",
            ),
            Number("effective tokens", entropy[row].exp().item(), note=f"exp(entropy), 1 to {max(keys, 1)}"),
            Number("mean entropy", entropy.mean().item(), "nats", "over all rows", form="fixed"),
            Number("weights below 0.01", small, note=f"of {keys} in the row", form="percent"),
            Number("90% of the row", int(softmax.keys_holding(weights)[row]), note="tokens hold it"),
        ],
        span=7,
    )


def _entropies(
    panel: str, weights: Tensor, rows: tuple[Label, ...], allowed: Bool[Tensor, "query_pos key_pos"] | None, row: int
) -> dict:
    """Every row's entropy between its bounds: 0 and ln n or, under a mask, the ln of how many keys the row has."""
    entropy, n = measures.entropy(weights), weights.shape[-1]
    at, most = largest(entropy), math.log(n)
    bound = None if allowed is None or bool(allowed.all()) else allowed[at].sum(dim=-1).clamp(min=1).log()
    cut = f"its {len(at)} largest of {len(rows)}" if len(at) < len(rows) else ""
    return token_bars.render(
        panel, entropy[at], labels=[rows[one] for one in at], title="Entropy of each row", aside=cut, span=5,
        compare=bound, names=("entropy in nats", "" if bound is None else "ln of its keys"), largest=most or 1.0, lines=[(f"ln {n} = {most:.2f}", most)],
        linked="" if cut else "query", selected=at.index(row) if row in at else None,
    )  # fmt: skip


def _against_temperature(settings: Softmax, scores: Float[Tensor, " key_pos"]) -> dict:
    every = weights_of(settings, _below_top(scores[None]) / TEMPERATURES[:, None], 1.0)
    keys = int((scores > -torch.inf).sum())
    share = measures.entropy(every) / math.log(max(keys, 2))
    return curves.render(
        "entropy", TEMPERATURES,
        [Series(f"entropy / ln {max(keys, 2)}", share, "query"), Series("largest weight", every.amax(dim=-1), "key", "dashed")],
        x_name="temperature", x_log=True, y_range=(0.0, 1.0), present=settings.temperature, span=6,
        title="One row while it cools and warms", lines=[("even", 1 / max(keys, 1))],
    )  # fmt: skip


def _otherwise(
    settings: Softmax, scores: Float[Tensor, " key_pos"], labels: tuple[Label, ...], allowed: Bool[Tensor, " token"]
) -> dict:
    """The row at both ends of temperature, computed there and not near there, and under each alternative."""
    row, now = scores[None], settings.temperature
    found = [
        ("τ = 0", softmax.softmax(row, 0.0)),
        ("τ = ∞", softmax.softmax(row, math.inf)),
        *((f"top {settings.k}" if kind == "top_k" else KINDS[kind].lower(), weights_of(settings, row, now, kind)) for kind in KINDS),
    ]  # fmt: skip
    weights = torch.cat([one for _, one in found])
    return matrix.render(
        "otherwise", weights, title="The same row otherwise", aside=f"alternatives at τ = {now:.2g}", span=6,
        rows=[Label(name) for name, _ in found], columns=labels, axes=("", "looked at: key"), linked=("", "key"),
        allowed=None if bool(allowed.all()) else allowed.expand(len(weights), -1), digits=2,
    )  # fmt: skip


def next_panels(settings: Softmax, expected: NextTokens) -> list[dict]:
    """The same temperature and alternative on what a model says comes next."""
    scores = expected.scores[None].float()
    at_one, now = softmax.softmax(scores)[0], weights_of(settings, scores, settings.temperature)[0]
    ids, count = list(expected.ids), len(expected.ids)
    bars = token_bars.render(
        "next", now[ids], labels=[Label(text) for text in expected.texts], title="What the model expects after the sentence",
        aside=f"the {count} highest of {len(now):,} tokens", span=7, compare=at_one[ids],
        names=("share", "softmax at 1"), largest=1.0, linked="", digits=3,
    )  # fmt: skip
    before, after = (measures.effective_tokens(one[None]).item() for one in (at_one, now))
    items = [
        Number("effective candidates", after, note=f"{before:.2f} for softmax at 1"),
        Number("above 0", int((now > 0).sum()), note="tokens could be drawn"),
        Number(
            f"these {count} hold",
            now[ids].sum().item(),
            note=f"{at_one[ids].sum().item():.0%} for softmax at 1",
            form="percent",
        ),
    ]
    return [
        bars,
        numbers.render("next-numbers", items, title="If the next token were drawn", aside=described(settings), span=5),
    ]
