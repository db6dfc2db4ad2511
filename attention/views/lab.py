"""A lab's figure: panels side by side that share one focus."""

from collections.abc import Sequence

from attention.errors import SelectionError


def render(panels: Sequence[dict], *, caption: str, note: str = "") -> dict:
    """What `mountLab` draws; plain JSON. panels: answers of attention.views.panels.*.render, in reading order.

    A panel whose id and kind are as in the figure before is redrawn in place. note: a sentence above the panels.
    Raises: SelectionError: two panels with one id.
    """
    names = [panel["id"] for panel in panels]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SelectionError("bad_choice", name="panels", choices="panels with different ids", got=", ".join(twice))
    return {"caption": caption, "note": note, "panels": list(panels)}


def picking(panel: dict, picked: int | None) -> dict:
    """The panel, of which every click picks the whole: `picked` arrives as a box does; None: nothing is picked."""
    return panel | {"picks": picked}
