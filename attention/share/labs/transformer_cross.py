"""An encoder and a decoder at work: who supplies queries, keys and values, where the decoder looks, what it would write."""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core import masks
from attention.core.names import head_name
from attention.errors import ModelError
from attention.models import catalog
from attention.models.spans import quoted
from attention.models.speller import spell
from attention.models.translation import Translated, translate
from attention.share.settings.transformer import Transformer
from attention.views.labels import Label, visible
from attention.views.panels import flow, matrix, numbers, table, token_bars
from attention.views.panels.flow import Arrow, Box, Group
from attention.views.panels.frame import directed
from attention.views.panels.numbers import Number


def read(settings: Transformer) -> Translated:
    """What is read, written and looked at. Raises: TextError, ModelError with one sentence."""
    if not settings.translator.strip():
        return spell(settings.typed, settings.written or None)
    name = settings.translator.strip()
    if name not in catalog.local_models():
        raise ModelError("no_translator", got=name[:60])
    return translate(name, settings.typed, settings.written or None)


def name_of(settings: Transformer) -> str:
    """The model that reads and writes."""
    return settings.translator.strip() or "speller (ours, trained)"


def weights_of(every: Float[Tensor, "layer head query_pos key_pos"], chosen: str) -> Float[Tensor, "query_pos key_pos"]:
    """One head's weights, or the mean of all; a layer or head beyond the last is the last."""
    if chosen == "mean":
        return every.mean(dim=(0, 1))
    layer, head = (int(part) for part in chosen.split("."))
    return every[min(layer, len(every) - 1), min(head, every.shape[1] - 1)]


def cross(settings: Transformer) -> tuple[list[dict], str]:
    """Where each written word looked, what else it could have been, and both self-attentions."""
    found = read(settings)
    at = min(settings.row, len(found.written) - 1)
    source, fed, written = _labels(found)
    weights = weights_of(found.cross, settings.cross_head)
    head = _name(found, settings.cross_head)
    looking = [
        matrix.render(
            "cross", weights, title="Cross-attention", aside=head, span=7, rows=written, columns=source,
            axes=("writing: query", "looked at in the source: key"), selected=at,
        ),
        token_bars.render(
            "row", weights[at], labels=source, title=f"Writing {written[at].quoted}: where it looks", span=5, largest=1.0, linked="",
        ),
    ]  # fmt: skip
    own = [
        matrix.render(
            "encoder", weights_of(found.encoder, settings.cross_head), title="Encoder: self-attention",
            aside=head, span=6, rows=source, columns=source, linked=("", ""),
        ),
        matrix.render(
            "decoder", weights_of(found.decoder, settings.cross_head), title="Decoder: masked self-attention",
            aside=head, span=6, rows=fed, columns=fed, allowed=masks.causal(len(fed)), linked=("", ""),
        ),
    ]  # fmt: skip
    return [
        *directed(looking, settings.typed),
        _candidates(found, at, span=5),
        token_bars.render(
            "probability", found.probability, labels=written, title="Final softmax: each word as it was written", span=7,
            largest=1.0, digits=3, linked="query", selected=at,
        ),
        numbers.render(
            "written",
            [
                Number("it wrote" if not found.forced else "it was made to write", found.text or "nothing"),
                Number("probability of all of it", found.probability.double().prod().item(), "", "product over the rows", digits=4),
            ],
        ),
        *directed(own[:1], settings.typed),
        *directed(own[1:], found.text),
    ], _caption(settings, found, head)  # fmt: skip


def stacks(settings: Transformer) -> tuple[list[dict], str]:
    """Both stacks with the shapes of this text, who supplies what, and the decoder's last step."""
    found = read(settings)
    at = min(settings.row, len(found.written) - 1)
    n, m = len(found.source), len(found.written)
    width = found.d_model
    floors = (len(found.encoder), len(found.decoder))
    boxes = [
        Box("source", "source", 0, 0, f"{n} tokens"), Box("embedded", "embedding", 1, 0, f"{n} × {width}"),
        Box("encoder self", "self-attention", 2, 0, f"{n} × {width}", role="query"),
        Box("encoder part", "feed-forward", 3, 0, f"{n} × {width}", role="value"),
        Box("fed", "written so far", 0, 1.5, f"{m} tokens"), Box("embedded too", "embedding", 1, 1.5, f"{m} × {width}"),
        Box("decoder self", "masked self", 2, 1.5, f"{m} × {width}", role="query"),
        Box("cross", "cross-attention", 3, 1.5, f"{m} × {width}", role="key"),
        Box("decoder part", "feed-forward", 4, 1.5, f"{m} × {width}", role="value"),
        Box("linear", "linear", 5, 1.5, f"{m} × {found.n_vocabulary}"), Box("softmax", "softmax", 6, 1.5, f"{m} × {found.n_vocabulary}"),
    ]  # fmt: skip
    up, down = [box.name for box in boxes[:4]], [box.name for box in boxes[4:]]
    arrows = [Arrow(start, end) for line in (up, down) for start, end in pairwise(line)]
    arrows.append(Arrow("encoder part", "cross", "key, value"))
    ahead = _above(found.decoder)
    return [
        flow.render(
            "stacks", boxes, arrows, title="Encoder and decoder",
            groups=[
                Group(f"encoder, {floors[0]} blocks", ("encoder self", "encoder part")),
                Group(f"decoder, {floors[1]} blocks", ("decoder self", "cross", "decoder part")),
            ],
            aside="norms and ways around not drawn",
        ),
        _supply(found),
        _candidates(found, at, span=6),
        numbers.render(
            "peek",
            [
                Number(
                    "weight on later words", ahead, "", "masked self-attention, largest of all heads",
                    "differs" if ahead else "agrees",
                ),
                Number("weight on later source tokens", _above(found.encoder), "", "encoder, largest of all heads"),
            ],
            span=6, title="Who may look ahead",
        ),
    ], _caption(settings, found, "all heads")  # fmt: skip


def _supply(found: Translated) -> dict:
    """One row per attention: whose queries, whose keys and values, and the shape of its weights."""

    def shape(every: Tensor) -> str:
        return f"{len(every)} × {' × '.join(str(size) for size in every.shape[1:])}"

    rows = [
        ["Encoder self-attention", "source", "source", "every token", shape(found.encoder)],
        ["Masked self-attention", "words so far", "words so far", "itself and earlier", shape(found.decoder)],
        ["Cross-attention", "words so far", "encoder's output", "every source token", shape(found.cross)],
    ]
    header = ["", "queries from", "keys and values from", "may look at", "weights"]
    return table.render(
        "supply", header, rows, title="Who supplies what", aside="blocks × heads × queries × keys", span=12
    )


def _above(every: Float[Tensor, "layer head query_pos key_pos"]) -> float:
    """The largest weight on a later token, of all heads."""
    return every.triu(diagonal=1).max().item()


def _candidates(found: Translated, at: int, *, span: int) -> dict:
    """The final softmax of one row: what else could have been written."""
    best = found.candidates[at]
    labels = [Label(visible(one.token)) for one in best]
    return token_bars.render(
        "candidates", torch.tensor([one.probability for one in best]), labels=labels, largest=1.0, span=span, digits=3,
        title="Final softmax: the next word", aside=f"row {at}, best {len(best)}", linked="",
    )  # fmt: skip


def _labels(found: Translated) -> tuple[list[Label], list[Label], list[Label]]:
    """Source, fed and written tokens."""
    return _labeled(found.source), _labeled(found.fed), _labeled(found.written)


def _labeled(tokens: tuple[str, ...]) -> list[Label]:
    return [Label(visible(token), special=token.startswith("<") and token.endswith(">")) for token in tokens]


def _name(found: Translated, chosen: str) -> str:
    """The head that is shown, by the size of the model."""
    if chosen == "mean":
        return "mean of all heads"
    layer, head = (int(part) for part in chosen.split("."))
    return head_name(min(layer, len(found.cross) - 1), min(head, found.cross.shape[1] - 1))


def _caption(settings: Transformer, found: Translated, what: str) -> str:
    read = quoted("".join(found.source[:-1]) if not settings.translator.strip() else settings.typed.strip())
    wrote = "is made to write" if found.forced else "writes"
    return f"{name_of(settings)} reads {read} and {wrote} {quoted(found.text)} · {what}"
