"""The head figure in a notebook: one self-contained frame, no server, nothing fetched."""

import html
import json
from typing import Any

from attention.core.capture import Capture
from attention.share.pictures import head_picture
from attention.share.selection import Selection
from attention.views.palette import css_variables
from attention.views.static_files import HEAD_FIGURE


class Figure:
    """A picture that notebooks display by themselves."""

    def __init__(self, page: str, height: int) -> None:
        self.page = page
        self.height = height

    def _repr_html_(self) -> str:
        source = html.escape(self.page, quote=True)
        return (
            f'<iframe srcdoc="{source}" sandbox="allow-scripts" title="attention head" '
            f'style="width:100%;max-width:720px;height:{self.height}px;border:0"></iframe>'
        )


def show(capture: Capture, layer: int = 0, head: int | None = 0, **view: Any) -> Figure:
    """One head as the explorer draws it; the last line of a notebook cell is enough to see it.

    head: None for the average over the layer. view: `level`, `measure`, `query` of share.selection.Selection.
    Raises: SelectionError for a head or view that does not exist.
    """
    value = head_picture(capture, Selection(layer=layer, head=head, **view))
    data = json.dumps(value).replace("<", "\\u003c")
    page = (
        f"<!doctype html><meta charset=utf-8><style>{css_variables()}{HEAD_FIGURE.style()}"
        "body{margin:0;background:var(--paper);color:var(--ink)}</style>"
        f"<div class=hl-figure></div><script type=application/json id=value>{data}</script><script>"
        f"{HEAD_FIGURE.script(compact=True)}\n"
        f"{HEAD_FIGURE.mount}(document.querySelector('.hl-figure'), "
        "() => ({value: JSON.parse(document.getElementById('value').textContent)}), () => {}).draw();</script>"
    )
    return Figure(page, height=760)
