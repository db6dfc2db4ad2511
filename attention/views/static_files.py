"""The scripts and style sheets of the pictures: real files in static/, put together by name."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture's front end.

    mount: the function `mount(root, read, emit)` that `script()` defines; it returns `{draw}`. `read()` gives the
    properties as they are now, `emit(event, data)` sends an event, `draw()` shows the properties as they are now.
    """

    mount: str
    scripts: tuple[str, ...]
    styles: tuple[str, ...]

    def script(self, *, compact: bool = False) -> str:
        """The picture's JavaScript: functions only, for the inside of a function body."""
        return script(*self.scripts, compact=compact)

    def style(self) -> str:
        """The picture's style sheet, without the palette."""
        return style(*self.styles)


HEAD_FIGURE = Picture(
    mount="mountHeadFigure",
    scripts=(
        "draw.js",
        "text.js",
        "head_model.js",
        "readout.js",
        "heatmap_layout.js",
        "heatmap.js",
        "heatmap_labels.js",
        "heatmap_input.js",
        "arcs.js",
        "figure.js",
    ),
    styles=("figure.css", "heatmap.css", "arcs.css"),
)
HEAD_GRID = Picture(
    mount="mountHeadGrid", scripts=("draw.js", "thumbs.js", "head_grid.js"), styles=("figure.css", "head_grid.css")
)
FINDING_CARDS = Picture(
    mount="mountFindingCards",
    scripts=("draw.js", "thumbs.js", "finding_cards.js"),
    styles=("figure.css", "finding_cards.css"),
)

# The files of each kind of panel besides those all labs have; a script may stand in several.
PANELS = {
    "matrix": ("heatmap.js", "panel_matrix_layout.js", "panel_matrix_words.js", "panel_matrix.js"),
    "bars": ("panel_rows.js", "panel_bars.js"),
    "curves": ("panel_curves.js",),
    "numbers": ("panel_numbers.js",),
    "table": ("panel_table.js",),
    "stack": ("panel_matrix_layout.js", "panel_stack.js"),
    "swatches": ("panel_rows.js", "panel_swatches.js"),
    "flow": ("panel_flow.js",),
    "graph": ("panel_graph.js",),
}


def lab_picture(*kinds: str) -> Picture:
    """A lab figure's front end for these kinds of panels only: a page with many labs stays small."""
    scripts = ("draw.js", "text.js", "lab.js", "panel_frame.js", *(name for kind in kinds for name in PANELS[kind]))
    return Picture(
        mount="mountLab",
        scripts=tuple(dict.fromkeys(scripts)),
        styles=("figure.css", "lab.css", "panel_rows.css", "panel_plot.css"),
    )


LAB = lab_picture(*PANELS)

SIDE_BY_SIDE = Picture(
    mount="mountSideBySide",
    scripts=(*HEAD_FIGURE.scripts, "side_column.js", "side_by_side.js"),
    styles=(*HEAD_FIGURE.styles, "side_by_side.css"),
)
LANGUAGE_HEADS = Picture(
    mount="mountLanguageHeads", scripts=("draw.js", "language_heads.js"), styles=("figure.css", "language_heads.css")
)
PIECES = Picture(mount="mountPieces", scripts=("draw.js", "pieces.js"), styles=("figure.css", "pieces.css"))
LANGUAGE_TABLE = Picture(
    mount="mountLanguageTable", scripts=("draw.js", "language_table.js"), styles=("figure.css", "language_table.css")
)
LANGUAGES = (SIDE_BY_SIDE, LANGUAGE_HEADS, PIECES, LANGUAGE_TABLE)
"""The pictures of the Languages tab."""

LINE = Picture(mount="mountLine", scripts=("line.js",), styles=("line.css",))
BARS = Picture(mount="mountBars", scripts=("draw.js", "bars.js"), styles=("figure.css", "bars.css"))


def script(*names: str, compact: bool = False) -> str:
    """The named scripts of static/ one after another; `compact` drops whole-line comments and indentation."""
    text = "\n".join(_read(name) for name in names)
    if not compact:
        return text
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def style(*names: str) -> str:
    """The named style sheets of static/ one after another."""
    return "\n".join(_read(name) for name in names)


@cache
def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")
