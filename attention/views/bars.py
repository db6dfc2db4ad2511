"""What each head does, as bars: the selected head's scores, largest first, each with its tick at chance level."""

from collections.abc import Sequence
from os.path import commonprefix

from jaxtyping import Float
from torch import Tensor

from attention.errors import ShapeError


def render(
    names: Sequence[str],
    scores: Float[Tensor, "layer head score"],
    chance: Float[Tensor, "layer head score"],
    notes: Sequence[str],
    selected: tuple[int, int] = (0, 0),
) -> dict:
    """What `mountBars` draws: all heads at once, so that another head is only another `selected`; plain JSON.

    scores, chance: 0 to 1 per head and name; NaN where a name does not apply. notes: one sentence per head, layer by layer.
    Raises: ShapeError when names or notes do not fit the scores.
    """
    n_layers, n_heads, n_scores = scores.shape
    if len(names) != n_scores or len(notes) != n_layers * n_heads or chance.shape != scores.shape:
        raise ShapeError(
            "shape", name="scores", got=tuple(scores.shape), expected=f"{len(notes)} heads of {len(names)} names"
        )
    begin = commonprefix(list(notes))  # sent once, not once per head
    return {
        "names": list(names),
        "scores": _percent(scores),
        "chance": _percent(chance),
        "begin": begin,
        "notes": [note.removeprefix(begin) for note in notes],
        "n_heads": n_heads,
        "selected": list(selected),
    }


def _percent(values: Float[Tensor, "layer head score"]) -> list[list[int | None]]:
    """Per head, whole percents; None where it does not apply."""
    flat = values.flatten(0, 1)
    return [[None if value != value else round(100 * value) for value in head] for head in flat.tolist()]
