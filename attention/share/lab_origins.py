"""Where the numbers of a lab's figure come from, for its files."""

from attention.share.data_tables import origin
from attention.share.labs import real, transformer_cross
from attention.share.settings.masks import Masks
from attention.share.settings.positions import Positions
from attention.share.settings.real_head import RealHead
from attention.share.settings.transformer import Transformer

TABLES = ("table", "closeness", "kinds", "length")
"""Views of the Positions lab that show what no sentence changes."""


def origin_of(settings: object) -> dict[str, str]:
    """Name and text of what the figure was computed from: model, revision, sentences, and which layer and head where one is shown.

    Empty where nothing but made-up numbers is shown. Raises: as the figure.
    """
    if isinstance(settings, Transformer) and settings.translates:
        return {"model": transformer_cross.name_of(settings), "text": settings.typed, "written": settings.written}
    if not isinstance(settings, RealHead) or not settings.real:
        return {}
    captures = [real.read(settings.model, text) for text in real.texts(settings)]
    said = origin(captures[0])
    if isinstance(settings, Positions) and settings.view in TABLES:
        return {name: said[name] for name in ("model", "revision", "note")}
    others = {"other_text": captures[1].text.text} if len(captures) > 1 else {}
    return said | others | _part(settings, captures[0].n_layers)


def _part(settings: RealHead, n_layers: int) -> dict[str, str]:
    if isinstance(settings, Transformer) and settings.view == "block":
        return {"layer": str(min(settings.row, n_layers - 1))}
    if isinstance(settings, Positions) and settings.view == "adding":
        return {}
    averaged = isinstance(settings, Masks) and settings.average and settings.view == "weights"
    return {"layer": str(settings.layer), "head": "mean of all" if averaged else str(settings.head)}
