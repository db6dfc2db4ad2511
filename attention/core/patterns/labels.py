"""One name per head: the most specific pattern among those that are as strong as the strongest, else its shape."""

import torch
from jaxtyping import Float
from torch import Tensor

ORDER = (
    "induction", "same_token", "word_internal", "previous", "next", "self", "offset", "first", "separator",
    "punctuation", "local", "same_segment", "long_range",
)  # fmt: skip
"""From the most specific to the least."""

TIE = 0.05
MIN_NAMED = 0.2
MIN_BROAD = 0.6
ONE_KEY = 0.7
MIN_Z = 3.0
MIN_Z_OFFSET = 3.7
"""An offset is the best of ten: 3.7 is to ten draws what 3.0 is to one."""


def certain(
    kappa: dict[str, Float[Tensor, "*sample head"]], z: dict[str, Float[Tensor, "*sample head"]]
) -> Float[Tensor, "name *sample head"]:
    """Scores that may name a head, in the order of ORDER: those whose share stands far enough above chance, else 0."""
    rows = []
    for name in ORDER:
        enough = z[name] >= (MIN_Z_OFFSET if name == "offset" else MIN_Z)
        rows.append(torch.where(enough, kappa[name].nan_to_num(nan=0.0), 0.0))
    return torch.stack(rows)


def label_heads(
    named: Float[Tensor, "name head"], broad: Float[Tensor, " head"], unstructured: Float[Tensor, " head"]
) -> list[str]:
    """A name of ORDER, "broad", "unstructured" or "none" for each head.

    named: see certain. 1 - broad is how far the head is from uniform, unstructured how much of a row sits on its largest
    weight: where the one is nearly all of the other, the head is a single key per row and something even.
    """
    best = named.max(dim=0).values
    close = named >= torch.maximum(best - TIE, torch.full_like(best, MIN_NAMED))
    first = close.int().argmax(dim=0).tolist()
    labels = []
    for name, strongest, even, sharp in zip(first, best.tolist(), broad.tolist(), unstructured.tolist(), strict=True):
        if strongest >= MIN_NAMED:
            labels.append(ORDER[name])
        elif sharp >= MIN_NAMED and sharp >= ONE_KEY * (1.0 - even):
            labels.append("unstructured")
        elif even >= MIN_BROAD:
            labels.append("broad")
        else:
            labels.append("unstructured" if sharp >= MIN_NAMED else "none")
    return labels
