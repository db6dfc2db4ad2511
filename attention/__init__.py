"""Headlight: open the attention heads of real models, in any language.

>>> from attention import capture, head_grid, rank, show
>>> c = capture("sentence-transformers/all-MiniLM-L6-v2", "The cat sat on the mat.")
>>> rank(c)[0].pattern

Everything is loaded when it is first used, so importing this costs nothing.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["capture", "head_grid", "rank", "show"]

if TYPE_CHECKING:
    from attention.models.reader import capture
    from attention.share.notebook import head_grid, rank, show

_HOMES = {
    "capture": "attention.models.reader",
    "head_grid": "attention.share.notebook",
    "rank": "attention.share.notebook",
    "show": "attention.share.notebook",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'attention' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
