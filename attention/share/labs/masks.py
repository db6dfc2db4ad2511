"""The Masks lab: who may look at whom, what a blocked key costs, and what a row does that has nothing to look at."""

from dataclasses import replace
from functools import partial

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core import attention, masks, measures
from attention.share.labs import real
from attention.share.labs.masks_heads import Heads, made_up, of_model
from attention.share.labs.revealed import Revealed
from attention.share.settings.masks import KINDS, Masks
from attention.views import lab
from attention.views.labels import isolated
from attention.views.panels import matrix, numbers, swatches, table, token_bars
from attention.views.panels.frame import directed
from attention.views.panels.numbers import Number

BLOCKED = "−∞"


def picture(settings: Masks) -> dict:
    """The figure, for one set of heads or, with a second sentence, for two below each other."""
    settings = replace(settings, average=settings.average and settings.view == "weights")
    if settings.real:
        found = real.heads(settings)
        every, texts = [of_model(settings, head) for head in found], [head.text for head in found]
        part = f"layer {settings.layer}" if settings.average else found[0].name
        source = " / ".join(real.caption_of(head.capture, part) for head in found)
    else:
        every, texts = [made_up(settings)], [""]
        source = f"Untrained heads on random vectors, seed {settings.seed}"
    shown = [
        panel
        for at, heads in enumerate(every)
        for panel in directed(
            _PARTS[settings.view](settings, heads, "-2" if at else "", short=len(every) > 1), texts[at]
        )
    ]
    note = "" if settings.view != "empty" or any(_empty(settings, heads) for heads in every) else NO_EMPTY_ROW
    return lab.render(shown, caption=f"{source} · {described(settings, every[0])}", note=note)


NO_EMPTY_ROW = "Under this mask every row has a key. Choose a mask with padding, and silence the padding rows."


def reveal(settings: Masks) -> Revealed:
    """Whose outputs move when one token changes under a causal mask? Measured."""
    n = max(settings.n, 4)
    row = min(max(settings.row, 1), n - 2)
    asked = replace(settings, source="made", view="peeking", kind="causal", n=n, row=row, tau=0.0, average=False)
    heads = made_up(asked)
    change = heads.change(heads.vectors(), heads.mask(asked, asked.kind), asked.temperature, row)
    moved = (change > 0).tolist()
    answers = ([True] * n, [at >= row for at in range(n)], [at == row for at in range(n)])
    right = answers.index(moved) if moved in answers else len(answers)
    earlier = "output 0" if row == 1 else f"outputs 0 to {row - 1}"
    leak = change[:row].max().item()
    sentence = (
        f"With token {row} changed, outputs {row} to {n - 1} move by up to {change[row:].max():.2f}; "
        f"{earlier} {f'by up to {leak:.2g}' if leak else 'by exactly 0'}."
    )
    return Revealed(asked, right, len(answers), sentence)


def described(settings: Masks, heads: Heads) -> str:
    """Which heads, under which mask, at which temperature."""
    title = KINDS[settings.kind].lower()
    mask = "no mask" if settings.kind == "none" else f"{title} mask"
    if settings.padded:
        tokens = "1 padding token" if settings.pads == 1 else f"{settings.pads} padding tokens"
        mask += f", {tokens}" + (", their rows silenced" if settings.silence else "")
    if "window" in settings.kind:
        mask += f" of width {settings.width}"
    own = " and the model's own" if heads.own is not None else ""
    name = "" if settings.real and not settings.average else f"{heads.name} · "
    return f"{name}{mask}{own} · temperature {settings.temperature:.2g}"


def _row(settings: Masks, heads: Heads) -> int:
    return min(settings.row, len(heads.labels) - 1)


def _empty(settings: Masks, heads: Heads) -> list[int]:
    """The rows with no allowed key."""
    return (~heads.mask(settings, settings.kind).any(dim=-1)).nonzero().flatten().tolist()


def _weights_part(settings: Masks, heads: Heads, mark: str, *, short: bool) -> list[dict]:
    """Scores, masked scores and weights side by side, and one row of them; short: of one of two sentences."""
    mask, row = heads.mask(settings, settings.kind), _row(settings, heads)
    raw = heads.scores.mean(dim=0)
    reach = raw.abs().max().item() or 1.0
    weights = heads.weights(mask, settings.temperature)
    without = heads.weights(torch.ones_like(mask), settings.temperature)
    square = partial(matrix.render, rows=heads.labels, columns=heads.labels, span=4, selected=row)
    signed = partial(square, ramp="signed", high=reach, measure="score", digits=1)
    blocked = attention.masked(raw, mask)
    several = len(heads.scores) > 1  # the mean of softmaxes is not the softmax of the mean
    of_scores, of_weights = ("mean of the heads", "mean of the heads' weights") if several else ("", "")
    three = [
        signed(f"scores{mark}", raw, title="Scores", aside=of_scores),
        signed(f"masked{mark}", blocked, title="Masked scores", aside=of_scores, allowed=mask, blocked_text=BLOCKED),
        square(f"weights{mark}", weights, title="Weights", aside=of_weights, allowed=mask),
    ]
    bars = token_bars.render(
        f"row{mark}", weights[row], labels=heads.labels, title=_title(heads, row), span=4 if short else 6,
        compare=without[row], names=("weight", "without the mask"), largest=1.0, allowed=mask[row],
        blocked_note="masked",
    )  # fmt: skip
    if short:
        return [*three[1:], bars]
    paint = swatches.render(
        f"paint{mark}", weights[row], labels=heads.labels, title="The same row as paint", span=6, allowed=mask[row],
        blocked_note="masked", output_name=f"output {row}",
    )  # fmt: skip
    return [*three, bars, paint, _row_numbers(mark, weights[row], without[row], mask, row)]


def _title(heads: Heads, row: int) -> str:
    text = heads.labels[row].text
    return f"Row {row}" if text == str(row) else f"Row {row}: {isolated(text)}"


def _row_numbers(
    mark: str, weights: Float[Tensor, " key_pos"], without: Float[Tensor, " key_pos"],
    mask: Bool[Tensor, "query_pos key_pos"], row: int,
) -> dict:  # fmt: skip
    keys = int(mask[row].sum())
    taken = without[~mask[row]].sum().item()
    return numbers.render(
        f"numbers{mark}",
        [
            Number(f"row {row} may look at", keys, "keys", f"of {len(weights)}"),
            Number("the mask takes away", taken, "", "of the weight this row gave without it", form="percent"),
            Number("the row then sums to", weights.sum().item(), "", "shared among the keys that are left"),
            Number("looks at as many as", measures.effective_tokens(weights).item() if keys else 0.0, "equal keys"),
            Number("rows with no key", int((~mask.any(dim=-1)).sum()), "", f"of {len(mask)}"),
        ],
    )


def _peeking_part(settings: Masks, heads: Heads, mark: str, *, short: bool) -> list[dict]:
    """One token changes; whose output moves?"""
    row, mask = _row(settings, heads), heads.mask(settings, settings.kind)
    vectors = heads.vectors()
    moved = {
        kind: heads.change(vectors, heads.mask(settings, kind), settings.temperature, row).double() for kind in KINDS
    }
    bare = heads.change(vectors, torch.ones_like(mask), settings.temperature, row).double()
    return [
        token_bars.render(
            f"moved{mark}", moved[settings.kind], labels=heads.labels, title=f"Token {row} changes: how far each output moves", span=7,
            compare=bare, names=("under this mask", "without any mask"), digits=3, linked="query", selected=row,
        ),
        matrix.render(
            f"weights{mark}", heads.weights(mask, settings.temperature), title="Weights before the change", span=5,
            rows=heads.labels, columns=heads.labels, allowed=mask, selected=row,
        ),
        table.render(
            f"kinds{mark}", ["mask", f"largest change before {row}", f"from {row} on"],
            [[title, _largest(moved[kind][:row]), _largest(moved[kind][row:])] for kind, title in KINDS.items()],
            title="The same change under every mask", span=12, digits=4, selected=list(KINDS).index(settings.kind),
        ),
    ]  # fmt: skip


def _largest(changes: Float[Tensor, " position"]) -> float | str:
    """The largest change; words where there is no such position."""
    return changes.max().item() if len(changes) else "no output"


def _empty_part(settings: Masks, heads: Heads, mark: str, *, short: bool) -> list[dict]:
    """The three answers to a row with nothing to look at."""
    mask, row = heads.mask(settings, settings.kind), _row(settings, heads)
    masked = attention.masked(heads.scores, mask) / settings.temperature
    ours = heads.weights(mask, settings.temperature)
    plain, fused = masks.torch_answers(masked[0])
    square = partial(matrix.render, rows=heads.labels, columns=heads.labels, span=4, selected=row)
    output = heads.output(heads.vectors(), mask, settings.temperature)
    return [
        square(f"ours{mark}", ours, title="Weights here", allowed=mask),
        square(f"plain{mark}", plain, title="torch.softmax"),
        square(f"fused{mark}", fused, title="scaled_dot_product_attention (sdpa)"),
        table.render(
            f"answers{mark}", ["answer", "sum of an empty row", "other rows"],
            [
                [name, *_compared(weights, ours, mask)]
                for name, weights in (("here", ours), ("softmax", plain), ("sdpa", fused))
            ],
            title="What an empty row sums to, and how far the other rows lie from those here", span=8,
        ),
        numbers.render(
            f"output{mark}", [Number(f"output {row} is as long as", output[row].norm().item(), "", "0 with no key")],
            span=4,
        ),
    ]  # fmt: skip


def _compared(weights: Tensor, ours: Tensor, mask: Bool[Tensor, "query_pos key_pos"]) -> list[str | float]:
    """What the first row without keys sums to, and how far the others lie from ours."""
    some = mask.any(dim=-1)
    nothing = weights[~some].sum(dim=-1)
    return [
        nothing[0].item() if len(nothing) else "none",
        (weights - ours)[some].abs().max().item() if bool(some.any()) else "none",
    ]


_PARTS = {"weights": _weights_part, "peeking": _peeking_part, "empty": _empty_part}
