"""The Positions lab: why attention must be told where a token stands, and the ways of telling it."""

from dataclasses import replace

from attention.share.labs import positions_distance, positions_order, positions_table, real
from attention.share.labs.revealed import Revealed
from attention.share.settings.positions import Positions
from attention.views import lab

_PARTS = {
    "order": positions_order.order,
    "table": positions_table.table,
    "adding": positions_table.adding,
    "closeness": positions_distance.closeness,
    "kinds": positions_distance.kinds,
    "length": positions_distance.length,
}

SAME = 1e-4
"""Differences below it are rounding."""


def picture(settings: Positions) -> dict:
    """The figure of the chosen view."""
    heads = real.heads(settings) if settings.real else []
    panels, caption, note = _PARTS[settings.view](settings, heads)
    source = " / ".join(real.caption(head) for head in heads)
    if settings.real and settings.view not in ("order", "adding"):
        source = settings.model  # its table or its turns, which no head or sentence changes
    return lab.render(panels, caption=" · ".join(part for part in (source, caption) if part), note=note)


def reveal(settings: Positions) -> Revealed:
    """What becomes of the outputs when words change places and nobody tells the places? Measured."""
    pair = "roles" if settings.pair == "senses" else settings.pair
    asked = replace(settings, source="made", view="order", way="none", pair=pair)
    first, second = positions_order.SENTENCES[pair]
    outputs = [positions_order.read_words(asked, words, "none").output for words in (first, second)]
    order = positions_order.order_of(first, second)
    moved = (outputs[1] - outputs[0][order]).abs().max().item()
    in_place = (outputs[1] - outputs[0]).abs().max().item()
    apart = (outputs[0] - outputs[0][:1]).abs().max().item()
    right = 2 if apart < SAME else 0 if moved < SAME < in_place else 1
    told = max(positions_order.moves(asked, "sinusoidal").values())
    sentence = (
        f"Word by word the outputs of “{' '.join(first)}” and “{' '.join(second)}” differ by {_size(moved)}; "
        f"with sinusoids added, by up to {told:.2f}."
    )
    return Revealed(asked, right, 3, sentence)


def _size(difference: float) -> str:
    return f"up to {difference:.2g}" if difference >= SAME else f"less than {SAME:.4f}, which is rounding"
