"""One head as lines between two columns of tokens, as static/arcs.js draws it; for short texts."""

from matplotlib.path import Path

from attention.views.figure.heatmap import LABELS_TO, head_of
from attention.views.figure.pen import Kind
from attention.views.figure.real import Real
from attention.views.figure.sheet import Align, Sheet
from attention.views.figure.spoken import say_short

TOP = 28
NUMBERS = 46
FAINTEST = 0.01  # weights below are not drawn as lines
STEP = 24


def draw_arcs(sheet: Sheet, value: dict, width: Real) -> tuple[Real, Real]:
    """Draws the lines from the sheet's corner on; returns how wide and how high. Of a kept row, that row's lines alone."""
    head, pen = head_of(value), sheet.pen
    full = min(width, 560)
    texts = (*head.queries.texts, *head.keys.texts)
    room = min(max(pen.width(text, 12, "mono") for text in texts), full * 0.24, LABELS_TO)
    ends = NUMBERS + room + 8, full - NUMBERS - room - 8
    if head.mirrored:
        ends = ends[::-1]
    tones, kept, last = head.tones(head.largest), value["query"], head.weights.shape[1] - 1
    for row in range(len(head.weights)):
        for column in range(last + 1):
            weight = 0.0 if head.blocked[row, column] else float(head.weights[row, column])
            if weight >= FAINTEST and kept in (None, row):
                key = last - column if head.mirrored else column
                path = _bow(ends, _middle(row), _middle(key))
                alpha = 0.9 * float(tones[row, column]) ** 1.5
                sheet.path(path, sheet.colors.palette.ramp[-1], 0.5 + 4 * weight, alpha=alpha)
    _side(sheet, head.queries.texts, head.queries.special, ends[0], room, "query", kept, left=not head.mirrored)
    keys, special = head.keys.texts, head.keys.special
    if head.mirrored:
        keys, special = keys[::-1], frozenset(last - i for i in special)
    _side(sheet, keys, special, ends[1], room, "key", None, left=head.mirrored)
    if kept is not None:
        for key in range(last + 1):
            column = last - key if head.mirrored else key
            weight = float(head.weights[kept, column])
            if weight >= 0.005 and not head.blocked[kept, column]:
                x = 0 if head.mirrored else full
                align: Align = "left" if head.mirrored else "right"
                sheet.text(x, _middle(key), say_short(weight), 12, "muted", align=align, kind="mono")
    return full, TOP + max(len(head.queries.texts), len(keys)) * STEP


def _middle(index: int) -> Real:
    return TOP + (index + 0.5) * STEP


def _bow(ends: tuple[Real, Real], start: Real, end: Real) -> Path:
    middle = sum(ends) / 2
    points = [(ends[0], start), (middle, start), (middle, end), (ends[1], end)]
    return Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])


def _side(
    sheet: Sheet, texts: tuple[str, ...], special: frozenset[int], x: Real, room: Real, role: str, kept: int | None, *,
    left: bool,
) -> None:  # fmt: skip
    """One column of tokens with its name above."""
    x = x - 8 if left else x + 8
    align: Align = "right" if left else "left"
    sheet.text(x, 9, "looking: query" if role == "query" else "looked at: key", 12, role, align=align)
    for at, text in enumerate(texts):
        color = role if at == kept else "muted" if at in special else "ink"
        kind: Kind = "bold" if at == kept else "mono"
        sheet.text(x, _middle(at), text, 12, color, align=align, kind=kind, room=room)
