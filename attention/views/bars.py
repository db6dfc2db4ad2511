"""What each head does, as bars: the selected head's scores, largest first, each with its tick at chance level."""

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor

from attention.errors import ShapeError

SHOWN = 5


def render(
    names: Sequence[str],
    scores: Float[Tensor, "layer head score"],
    chance: Float[Tensor, "layer head score"],
    *,
    phrases: Sequence[str],
    readings: Sequence[tuple[int, int, int | None]],
    selected: tuple[int, int] = (0, 0),
) -> dict:
    """What `mountBars` draws: all heads at once, so that another head is only another `selected`; plain JSON.

    scores, chance: 0 to 1 per head and name; NaN where a name or a chance level does not apply. phrases: what a head can be
    said to do. readings: per head, layer by layer, the phrase for it as it is, the one over content alone, and how many percent
    rest (None where it cannot be told).
    Raises: ShapeError when names or readings do not fit the scores.
    """
    n_layers, n_heads, n_scores = scores.shape
    if len(names) != n_scores or len(readings) != n_layers * n_heads or chance.shape != scores.shape:
        expected = f"{len(readings)} heads of {len(names)} names"
        raise ShapeError("shape", name="scores", got=tuple(scores.shape), expected=expected)
    return {
        "names": list(names),
        "bars": [
            _largest(head, by_chance)
            for head, by_chance in zip(scores.flatten(0, 1).tolist(), chance.flatten(0, 1).tolist(), strict=True)
        ],
        "phrases": list(phrases),
        "readings": [list(reading) for reading in readings],
        "n_heads": n_heads,
        "selected": list(selected),
    }


def _largest(scores: list[float], chance: list[float]) -> list[list[int | None]]:
    """[name, score, chance] of a head's largest scores, in whole percents; scores that round to 0 only where nothing else is."""
    known = sorted((at for at, score in enumerate(scores) if score == score), key=lambda at: -scores[at])[:SHOWN]
    above = [at for at in known if round(100 * scores[at])] or known[:1]
    return [
        [at, round(100 * scores[at]), None if chance[at] != chance[at] else round(100 * chance[at])] for at in above
    ]
