"""The Multi-head lab: several heads side by side, how their arrays travel, how they differ, and torch's own answer."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core import attention, multihead, scoring
from attention.core.capture import QueryKeyLayer
from attention.core.multihead import Projections
from attention.models import loader
from attention.share.labs import multi_head_panels as panels
from attention.share.labs import real
from attention.share.labs.multi_head_panels import Compared, Layer
from attention.share.labs.revealed import Revealed
from attention.share.settings import multi_head as made
from attention.views import lab
from attention.views.labels import Label
from attention.views.panels.frame import directed

SPREAD = 1.5
"""Random vectors are this many times as wide as unit ones: wide enough for heads to have favorites."""


def picture(settings: made.MultiHead) -> dict:
    """The figure, for one sentence or, with a second one, for two below each other."""
    if settings.real:
        found = real.heads(settings)
        texts = (settings.text, settings.other)
        shown = [
            panel
            for at, head in enumerate(found)
            for panel in directed(_of_model(settings, head, texts[at], second=at == 1), texts[at])
        ]
        return lab.render(shown, caption=" / ".join(real.caption(head) for head in found))
    kv_heads = f" ({settings.n_kv_heads} for keys and values)" if settings.n_kv_heads < settings.n_heads else ""
    sizes = f"{panels.counted(settings.n_heads)}{kv_heads}, d_model = {settings.d_model}"
    return lab.render(_of_made_up(settings), caption=f"Random vectors and projections, seed {settings.seed} · {sizes}")


def reveal(settings: made.MultiHead) -> Revealed:
    """Are there more numbers to learn with twice as many heads? Both layers are made and counted."""
    few = min(settings.n_heads, max(map(int, made.HEADS)) // 2)
    before = replace(settings, source="made", view="shapes", heads=str(few), shared=max(made.SHARED, key=int))
    after = replace(before, heads=str(2 * few))
    first, second = (made_up(one)[1] for one in (before, after))
    right = 0 if second.size == first.size else 1 if second.size > first.size else 2
    counted = "1 head has" if few == 1 else f"{few} heads have"
    sentence = (
        f"{counted} {first.size:,} numbers to learn, {2 * few} heads {second.size:,}; a head's vectors have "
        f"{first.d_head} numbers before and {second.d_head} after."
    )
    return Revealed(after, right, 3, sentence)


def made_up(settings: made.MultiHead) -> tuple[Float[Tensor, "position d_model"], Projections]:
    """Random token vectors and an untrained layer."""
    hidden = SPREAD * scoring.draw(settings.seed, settings.n, settings.d_model, role="tokens")
    n_heads, n_kv_heads = settings.n_heads, settings.n_kv_heads
    return hidden, multihead.random_projections(settings.d_model, n_heads, n_kv_heads, settings.seed)


def _of_made_up(settings: made.MultiHead) -> list[dict]:
    hidden, projections = made_up(settings)
    seen = multihead.multi_head(hidden, projections)
    labels = tuple(Label(str(at)) for at in range(settings.n))
    layer = Layer(labels, seen.attention.weights, None, min(settings.head, settings.n_heads - 1))
    if settings.view == "shapes":
        return panels.shapes(seen.shapes)
    if settings.view == "torch":
        output, weights = multihead.torch_layer(hidden, projections)
        ours = (seen.output, layer.weights)
        return panels.against_torch(layer, _compared(layer, ours, (output, weights), "nn.MultiheadAttention"))
    return panels.differ(layer) if settings.view == "differ" else panels.heads(layer)


def _of_model(settings: made.MultiHead, head: real.Head, text: str, *, second: bool) -> list[dict]:
    mark = "-2" if second else ""
    layer = Layer(head.labels, head.capture.weights(settings.layer), head.allowed, settings.head, settings.layer)
    if settings.view == "shapes":
        return panels.shapes(_shapes_of(settings, head), mark)
    if settings.view == "torch":
        value = real.values(settings, text)
        ours = (attention.output(head.weights, value), head.weights[None])
        arrays = (head.allowed, head.bias, head.scale)
        output, weights = (
            multihead.torch_head(head.query, head.key, one, *arrays) for one in (value, torch.eye(len(value)))
        )
        compared = _compared(layer, ours, (output, weights[None]), "scaled_dot_product_attention")
        return panels.against_torch(layer, compared, mark)
    return panels.differ(layer, mark) if settings.view == "differ" else panels.heads(layer, mark)


def _compared(layer: Layer, ours: tuple[Tensor, Tensor], theirs: tuple[Tensor, Tensor], by: str) -> Compared:
    """From output and weights of all heads, or of the enlarged one alone."""
    output, weights = ((one - other).abs().max().item() for one, other in zip(ours, theirs, strict=True))
    at = layer.shown if len(ours[1]) > 1 else 0
    return Compared(ours[1][at], theirs[1][at], weights, output, len(ours[1]), by)


def _shapes_of(settings: made.MultiHead, head: real.Head) -> dict[str, tuple[int, ...]]:
    """As MultiHead.shapes, of a model's layer; d_model and the values' width are its own."""
    arrays = head.capture.layers[settings.layer]
    assert isinstance(arrays, QueryKeyLayer)  # real.heads refused the others
    n_heads, n, _ = arrays.query.shape
    loaded = loader.load(settings.model, folders=False)
    hidden, d_value = (n, loaded.config.hidden_size), next(iter(loaded.grams.values())).shape[-1]
    return {
        "hidden": hidden,
        "query": tuple(arrays.query.shape),
        "key": tuple(arrays.key.shape),
        "value": (len(arrays.key), n, d_value),
        "weights": (n_heads, n, n),
        "head outputs": (n_heads, n, d_value),
        "merged": (n, n_heads * d_value),
        "output": hidden,
    }
