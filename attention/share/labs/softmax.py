"""The Softmax lab: temperature, entropy, what takes softmax's place, and the same on a model's next token."""

import math
import re
from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core import measures, scoring, softmax
from attention.errors import SelectionError
from attention.models.next_tokens import next_tokens
from attention.share.labs import real, softmax_panels
from attention.share.labs.revealed import Revealed
from attention.share.settings.softmax import Softmax
from attention.views import lab
from attention.views.labels import Label
from attention.views.panels.frame import directed

SPREAD = 2.0
"""Random scores are this many times as wide as scaled scores: wide enough to see a temperature work."""
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
LARGEST = 1e6


def picture(settings: Softmax) -> dict:
    """The figure, for one set of scores or, with a second sentence, for two below each other."""
    described = softmax_panels.described(settings)
    if not settings.real:
        labels, scores = made_up(settings)
        source = "Typed scores" if settings.typed.strip() else f"Random scores, seed {settings.seed}"
        return lab.render(softmax_panels.panels(settings, labels, scores, None), caption=f"{source} · {described}")
    found = real.heads(settings)
    shown, note = _panels(settings, found[0]), ""
    expected = next_tokens(settings.model, settings.text, folders=False)
    if expected is None:
        note = NO_NEXT
    else:
        shown += directed(softmax_panels.next_panels(settings, expected), found[0].text)
    for head in found[1:]:
        shown += _panels(settings, head, second=True)
    caption = " / ".join(real.caption(head) for head in found)
    return lab.render(shown, caption=f"{caption} · {described}", note=note)


NO_NEXT = "This model says nothing about a next token. Choose a decoder, such as induction-2l or gpt2, to see the same temperature there."


def _panels(settings: Softmax, head: real.Head, *, second: bool = False) -> list[dict]:
    panels = softmax_panels.panels(settings, head.labels, head.scores, head.allowed, second=second)
    return directed(panels, head.text)


def reveal(settings: Softmax) -> Revealed:
    """Does halving the temperature do what doubling every score does? Read off both."""
    asked = replace(settings, source="made", kind="softmax", typed="1 2 3", tau=math.log10(0.5), row=0)
    _, scores = made_up(asked)
    halved, doubled = softmax.softmax(scores, 0.5), softmax.softmax(2 * scores, 1.0)
    off = (halved - doubled).abs().max().item()
    cooler = measures.entropy(halved).item() < measures.entropy(softmax.softmax(scores)).item()
    right = 0 if off < 1e-6 and cooler else 1 if cooler else 2
    before, after = (
        ", ".join(f"{weight:.2f}" for weight in row[0].tolist()) for row in (softmax.softmax(scores), halved)
    )
    return Revealed(
        asked, right, 3, f"The weights go from {before} to {after}; doubling the scores gives {_compared(off)}."
    )


def _compared(off: float) -> str:
    """Weights that are `off` away from others, in words."""
    if off == 0:
        return "the same weights, to the last digit"
    if off < 1e-6:
        return f"the same weights, to 1 part in {10 ** math.floor(-math.log10(off)):,}"
    return f"weights up to {off:.2g} away"


def made_up(settings: Softmax) -> tuple[tuple[Label, ...], Float[Tensor, "query_pos key_pos"]]:
    """Labels and scores: one typed row, or random ones. Raises: SelectionError for scores that are not numbers."""
    if settings.typed.strip():
        row = typed(settings.typed)
        return tuple(Label(str(at)) for at in range(len(row))), row[None]
    scores = SPREAD * scoring.draw(settings.seed, settings.n, settings.n, role="softmax lab")
    return tuple(Label(str(at)) for at in range(settings.n)), scores


def typed(text: str) -> Float[Tensor, " key_pos"]:
    """Numbers from what was typed, with either minus. Raises: SelectionError with the word that is none, or is too large."""
    found = []
    for word in re.split(r"[\s,;]+", text.strip(" ,;[]()\n\t")):
        plain = word.replace("−", "-")  # as numbers are printed here
        if not NUMBER.fullmatch(plain):
            raise SelectionError("bad_scores", got=word[:20])
        if abs(float(plain)) > LARGEST:
            raise SelectionError("score_too_large", got=word[:20])
        found.append(float(plain))
    if not 2 <= len(found) <= 32:
        raise SelectionError("too_many_scores", low=2, high=32, got=len(found))
    return torch.tensor(found)
