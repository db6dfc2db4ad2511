"""Pictures that a notebook shows by themselves: one self-contained frame each, no server, nothing fetched."""

import html
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from attention.core import patterns
from attention.core.capture import Capture
from attention.core.names import head_name
from attention.core.patterns import Finding
from attention.errors import SelectionError
from attention.share import standalone
from attention.share.overview import Overview, overview
from attention.share.pictures import head_picture
from attention.share.selection import Selection
from attention.share.standalone import Frame, Theme

SUFFIXES = (".html", ".svg", ".png")
WIDE = 1120  # of a frame with two pictures side by side
BESIDE = 530  # room of a matrix beside a grid or cards


class Figure:
    """A picture that notebooks display, and `save` writes.

    page: the whole document. height, width: of its frame, in CSS pixels. value: what the view draws, for files that are no page.
    """

    def __init__(
        self, page: str, value: dict[str, Any], name: str, *, height: int, width: int = 760, mode: str = "matrix",
        theme: Theme = "auto",
    ) -> None:  # fmt: skip
        self.page, self.value, self.name, self.mode, self.theme = page, value, name, mode, theme
        self.height, self.width = height, width

    def _repr_html_(self) -> str:
        source = html.escape(self.page, quote=True)
        return (
            f'<iframe srcdoc="{source}" sandbox="allow-scripts allow-popups" title="{html.escape(self.name)}" '
            f'style="width:100%;max-width:{self.width}px;height:{self.height}px;border:0"></iframe>'
        )

    def save(self, file: str | os.PathLike[str]) -> Path:
        """Where it was written: the interactive page (.html), or the picture for print (.svg, .png).

        Raises: SelectionError for another ending; OSError as writing does.
        """
        path = Path(file)
        kind = path.suffix.lower()
        if kind not in SUFFIXES:
            raise SelectionError("bad_file_type", got=path.name, choices=", ".join(SUFFIXES))
        if kind == ".html":
            path.write_text(self.page, encoding="utf-8")
        else:
            from attention.share import figures

            path.write_bytes(figures.drawn(self.value, kind[1:], mode=self.mode, theme=self.theme))
        return path


class Ranking(list[Finding]):
    """The heads worth a look, best first; a notebook shows them as cards, each of which opens its head."""

    def __init__(self, found: list[Finding], capture: Capture) -> None:
        super().__init__(found)
        self.capture = capture

    def _repr_html_(self) -> str:
        name = f"Heads of {self.capture.model} worth a look"
        seen = overview(self.capture)
        frame = Frame(name, about=standalone.facts(self.capture), furniture=False)
        if not self:
            return Figure(standalone.sentence_page(seen.cards["footnote"], frame), {}, name, height=100)._repr_html_()
        page, value = _cards_page(self, seen, frame)
        height = max(125 * len(self) + 150, page_height(value, BESIDE))
        return Figure(page, value, name, height=height, width=WIDE)._repr_html_()


def rank(capture: Capture, limit: int = 5) -> Ranking:
    """The heads worth a look on this text, best first: one head per pattern, one pattern per head.

    A list of findings. One text, so there is no interval: `rows` says how much a score rests on.
    Raises: SelectionError when limit is not a whole number from 1 up.
    """
    return Ranking(patterns.rank(capture, limit), capture)


def show(
    capture: Capture, layer: int = 0, head: int | None = 0, *, mode: str = "matrix", theme: Theme = "auto", **view: Any
) -> Figure:
    """One head as the explorer draws it; the last line of a notebook cell is enough to see it.

    head: None for the average over the layer. mode: "matrix", or "arcs" for short texts. theme: "light", "dark" or the system's.
    view: `level`, `measure`, `query`, `pattern` of share.selection.Selection.
    Raises: SelectionError for a head or view that does not exist.
    """
    selection = Selection(layer=layer, head=head, **view).checked(capture)
    value = head_picture(capture, selection)
    page = standalone.head_page(capture, selection, mode=mode, theme=theme, furniture=False)
    name = f"{value['title']} of {capture.model}"
    return Figure(page, value, name, height=page_height(value), mode=mode, theme=theme)


def head_grid(capture: Capture, *, theme: Theme = "auto", measure: str = "raw") -> Figure:
    """All heads as small pictures, layers down; picking one opens it beside them.

    Raises: SelectionError for a text so long that one page should not hold all its weights: `show` draws one head of any.
    """
    best = overview(capture).grid
    layer, head = best["selected"]
    selection = Selection(layer, head, measure=measure).checked(capture)
    page = standalone.head_page(capture, selection, theme=theme, all_heads=True, furniture=False)
    height = page_height(head_picture(capture, selection), BESIDE)
    return Figure(page, best, f"All heads of {capture.model}", height=height, width=WIDE, theme=theme)


def page_height(value: dict[str, Any], widest: int = 620) -> int:
    """About how tall a head's bare page is in CSS pixels. widest: room of the matrix, less where something stands beside it."""
    rows = len(value["queries"]["texts"])
    longest = max(len(text) for text in (value["keys"] or value["queries"])["texts"])
    return round(min(40 * rows, widest) + min(7.2 * longest, 112) + 250)


def _cards_page(found: Ranking, seen: Overview, frame: Frame) -> tuple[str, dict[str, Any]]:
    """The page of the findings in this list, and the picture of the first."""
    names = [head_name(one.layer, one.head) for one in found]
    cards = [card for card in seen.cards["cards"] if head_name(card["layer"], card["head"]) in names]
    capture = found.capture
    heads = {
        name: head_picture(capture, replace(Selection(one.layer, one.head), pattern=one.pattern))
        for name, one in zip(names, found, strict=True)
    }
    shown = seen.cards | {"cards": cards, "more": [], "selected": [found[0].layer, found[0].head]}
    return standalone.findings_page(shown, heads, frame), heads[names[0]]
