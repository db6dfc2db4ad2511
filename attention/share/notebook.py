"""Pictures that a notebook shows by themselves: one self-contained frame each, no server, nothing fetched."""

import html
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, SupportsIndex, overload

from attention.core import patterns
from attention.core.capture import Capture
from attention.core.names import head_name
from attention.core.patterns import Finding
from attention.errors import SelectionError, printable
from attention.share import figures, standalone
from attention.share.origin import revised
from attention.share.overview import overview
from attention.share.pictures import caption, checked, grid_picture, head_picture
from attention.share.selection import Selection
from attention.share.standalone import Frame

SUFFIXES = (".html", ".svg", ".png")
WIDE = 1120  # of a frame with two pictures side by side
BESIDE = 530  # room of a matrix beside a grid or cards


class Figure:
    """A picture that notebooks display, and `save` writes.

    page: the whole document. height, width: of its frame, in CSS pixels. values: what the views draw, for files that are no page.
    about: said below them there.
    """

    def __init__(
        self, page: str, values: dict[str, Any] | Sequence[dict[str, Any]], name: str, *, height: int, width: int = 760,
        mode: str = "matrix", theme: str = "auto", about: str = "",
    ) -> None:  # fmt: skip
        self.page, self.values, self.name, self.about = page, values, name, about
        self.height, self.width, self.mode, self.theme = height, width, mode, theme

    def _repr_html_(self) -> str:
        source = html.escape(self.page, quote=True)
        return (
            f'<iframe srcdoc="{source}" sandbox="allow-scripts allow-popups" title="{html.escape(self.name)}" '
            f'style="width:100%;max-width:{self.width}px;height:{self.height}px;border:0"></iframe>'
        )

    def save(self, file: str | os.PathLike[str]) -> Path:
        """Where it was written: the interactive page (.html), or the picture for print (.svg, .png).

        Raises: SelectionError for another ending, or where there is no picture; OSError as writing does.
        """
        path = Path(file)
        kind = path.suffix.lower()
        if kind not in SUFFIXES:
            raise SelectionError("bad_file_type", got=printable(path.name, 80), choices=", ".join(SUFFIXES))
        if kind == ".html":
            path.write_text(self.page, encoding="utf-8")
            return path
        if not self.values:
            raise SelectionError("nothing_to_draw")
        path.write_bytes(figures.drawn(self.values, kind[1:], mode=self.mode, theme=self.theme, about=self.about))
        return path


class Ranking(list[Finding]):
    """The heads worth a look, best first; a notebook shows them as cards, each of which opens its head. A part of it is one too."""

    def __init__(self, found: Sequence[Finding], capture: Capture) -> None:
        super().__init__(found)
        self.capture = capture

    @overload
    def __getitem__(self, at: SupportsIndex) -> Finding: ...
    @overload
    def __getitem__(self, at: slice) -> "Ranking": ...
    def __getitem__(self, at: SupportsIndex | slice) -> "Finding | Ranking":
        found = super().__getitem__(at)
        return Ranking(found, self.capture) if isinstance(found, list) else found

    def _repr_html_(self) -> str:
        return self._figure(theme="auto")._repr_html_()

    def save(self, file: str | os.PathLike[str], *, theme: str = "auto") -> Path:
        """Where it was written: the cards, each of which opens its head (.html), or the heads side by side (.svg, .png).

        Raises: SelectionError for another ending or theme, or where no head is worth a look; OSError as writing does.
        """
        return self._figure(theme).save(file)

    def _figure(self, theme: str) -> Figure:
        """The cards and the first head; for print all heads, each with its pattern, score and reason."""
        capture = self.capture
        name = f"Heads of {capture.model} worth a look"
        cards = overview(capture, findings=tuple(self)).cards
        look = figures.check_look("matrix", theme)
        frame = Frame(name, about=standalone.facts(capture), theme=look, furniture=False)
        if not self:
            return Figure(standalone.sentence_page(cards["footnote"], frame), [], name, height=100)
        views = {head_name(one.layer, one.head): Selection(one.layer, one.head, pattern=one.pattern) for one in self}
        heads = {at: head_picture(capture, view) for at, view in views.items()}
        page = standalone.findings_page(cards | {"more": []}, heads, frame)
        printed = [
            heads[at] | {"title": f"{at} · {one.title} {one.score:.2f}", "caption": one.reason}
            for at, one in zip(heads, self, strict=True)
        ]
        about = f"{caption(capture, Selection(), 'heads worth a look')} · {revised(capture.revision)}"
        height = max(125 * len(self) + 150, page_height(printed[0], BESIDE))
        return Figure(page, printed, name, height=height, width=WIDE, theme=theme, about=about)


def rank(capture: Capture, limit: int = 5) -> Ranking:
    """The heads worth a look on this text, best first: one head per pattern, one pattern per head.

    A list of findings. One text, so there is no interval: `rows` says how much a score rests on.
    Raises: SelectionError when limit is not a whole number from 1 up.
    """
    return Ranking(patterns.rank(capture, limit), capture)


def show(
    capture: Capture, layer: int = 0, head: int | None = 0, *, mode: str = "matrix", theme: str = "auto", **view: Any
) -> Figure:
    """One head as the explorer draws it; the last line of a notebook cell is enough to see it.

    head: None for the average over the layer. mode: "matrix", or "arcs" for short texts. theme: "light", "dark" or the system's.
    view: `level`, `measure`, `query`, `pattern` of share.selection.Selection.
    Raises: SelectionError for a head, row, view, mode or theme that does not exist.
    """
    look = figures.check_look(mode, theme)
    selection = checked(capture, Selection(layer=layer, head=head, **view))
    value = head_picture(capture, selection)
    page = standalone.head_page(capture, selection, mode=mode, theme=look, furniture=False)
    name, about = f"{value['title']} of {capture.model}", revised(capture.revision)
    return Figure(page, value, name, height=page_height(value), mode=mode, theme=theme, about=about)


def head_grid(capture: Capture, *, theme: str = "auto", measure: str = "raw") -> Figure:
    """All heads as small pictures, layers down; picking one opens it beside them.

    Raises: SelectionError for a measure or theme that does not exist, and for a text so long that one page should not hold all
    its weights: `show` draws one head of any.
    """
    look = figures.check_look("matrix", theme)
    layer, head = overview(capture).grid["selected"]
    selection = Selection(layer, head, measure=measure).checked(capture)
    page = standalone.head_page(capture, selection, theme=look, all_heads=True, furniture=False)
    height, about = page_height(head_picture(capture, selection), BESIDE), revised(capture.revision)
    grid, name = grid_picture(capture, selection), f"All heads of {capture.model}"
    return Figure(page, grid, name, height=height, width=WIDE, theme=theme, about=about)


def page_height(value: dict[str, Any], widest: int = 620) -> int:
    """About how tall a head's bare page is in CSS pixels. widest: room of the matrix, less where something stands beside it."""
    rows = len(value["queries"]["texts"])
    longest = max(len(text) for text in (value["keys"] or value["queries"])["texts"])
    return round(min(40 * rows, widest) + min(7.2 * longest, 112) + 250)
