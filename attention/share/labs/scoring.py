"""The Scoring lab: how dot products grow with the vectors, what softmax makes of that, and other ways to score."""

import math
from dataclasses import replace

from attention.core import attention, scoring
from attention.share.labs import real, scoring_panels
from attention.share.labs.revealed import Revealed
from attention.share.labs.scoring_pairs import SCALED, Pairs, made_up, of_head
from attention.share.settings.scoring import KINDS, Scoring
from attention.views import lab
from attention.views.panels.frame import directed

SHORT, LONG = 16, 64
"""The two lengths of the question."""


def picture(settings: Scoring) -> dict:
    """The figure, for random vectors, for a real head, or for a head on two sentences below each other."""
    if not settings.real:
        pairs = made_up(settings)
        keys = "K = Q" if settings.same else "independent queries and keys"
        caption = f"Random unit-variance vectors, seed {settings.seed} · d_k = {settings.d_k} · {keys} · {described(settings)}"
        return lab.render(panels(settings, pairs), caption=caption)
    found = real.heads(settings)
    shown = [
        panel
        for at, head in enumerate(found)
        for panel in directed(panels(settings, of_head(head), second=at == 1), head.text)
    ]
    caption = " / ".join(real.caption(head) for head in found)
    return lab.render(shown, caption=f"{caption} · {described(settings)}")


def described(settings: Scoring) -> str:
    """What stands on the right, and what of it is random."""
    return KINDS[settings.kind] + {
        "bilinear": f" with a random, untrained matrix, seed {settings.seed}",
        "additive": f" with random, untrained matrices, seed {settings.seed}",
    }.get(settings.kind, "")


def panels(settings: Scoring, pairs: Pairs, *, second: bool = False) -> list[dict]:
    """The panels of one set of vectors; a sentence to compare with has only what is worth comparing."""
    plain, chosen = pairs.scores("dot product", settings.seed), pairs.scores(settings.kind, settings.seed)
    both = scoring_panels.matrices(settings, pairs, plain, chosen, "-2" if second else "")
    if second or settings.view == "spread":
        both += scoring_panels.spreads(settings, pairs, plain, chosen, "-2" if second else "")
    if second:
        return both
    if settings.view == "formats":
        return both + scoring_panels.formats(settings, pairs, plain, chosen)
    if settings.view == "torch":
        return both + scoring_panels.against_torch(settings, pairs)
    return both + (scoring_panels.by_size(pairs, chosen) if settings.real else scoring_panels.by_length(settings))


def reveal(settings: Scoring) -> Revealed:
    """By what factor does the spread of unscaled scores grow as vectors get four times as long? Measured on both."""
    asked = replace(settings, source="made", kind=SCALED, view="spread", same=False, n=32, d_k=LONG)
    spreads = []
    for length in (SHORT, LONG):
        pairs = made_up(asked, length)
        spreads.append(scoring.spread(attention.scores(pairs.query, pairs.key, scale=1.0)).off_diagonal)
    factor = spreads[1] / spreads[0]
    # among the factors offered, the nearest as a ratio
    right = min(range(3), key=lambda at: abs(math.log(factor / (4.0, 2.0, 1.0)[at])))
    sentence = (
        f"The standard deviation goes from {spreads[0]:.2f} at d_k = {SHORT} to {spreads[1]:.2f} at d_k = {LONG}: "
        f"{factor:.2f} times, where {math.sqrt(LONG / SHORT):g} is expected. Divided by √d_k it is "
        f"{spreads[0] / math.sqrt(SHORT):.2f} and {spreads[1] / math.sqrt(LONG):.2f}."
    )
    return Revealed(asked, right, 3, sentence)
