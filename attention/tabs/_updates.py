"""What the page gets back: updates of the Explore tab's components, by name."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr

from attention.errors import SelectionError
from attention.share.links import to_query
from attention.share.selection import Selection
from attention.share.settings import explorer
from attention.share.settings.explorer import MEAN
from attention.tabs import _lines
from attention.tabs._picture import packed
from attention.views import line

if TYPE_CHECKING:  # a page is served before torch is there
    import attention.core.capture

PICTURES = "small pictures"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read last in this session: the key of its capture, not the capture."""

    model: str
    text: str
    pair: str | None


@dataclass(frozen=True, eq=False, slots=True)
class Wanted:
    """A reading that waits for its model. hint: what the page says of it once it is there."""

    reading: Reading
    hint: str = ""


@dataclass(slots=True)
class Asked:
    """How often this session has asked for a reading, and how often it got none. Shared by the session's listeners.

    wanted: the reading whose model is being loaded; a later one takes its place.
    """

    times: int = 0
    failed: int = 0
    wanted: Wanted | None = None

    @property
    def waiting(self) -> bool:
        """A reading of the person's own is there or on its way."""
        return self.times > self.failed


def skip() -> Any:
    """What stays as it is."""
    return gr.skip()


class Answer(NamedTuple):
    """One update of the tab; what is not named stays as it is. Order is that of explore.py's outputs."""

    status: Any = skip()
    counter: Any = skip()
    cards: Any = skip()
    grid: Any = skip()
    bars: Any = skip()
    figure: Any = skip()
    about: Any = skip()
    layer: Any = skip()
    head: Any = skip()
    level: Any = skip()
    measure: Any = skip()
    outline: Any = skip()
    color: Any = skip()
    usual: Any = skip()
    build: Any = skip()
    reading: Any = skip()
    selection: Any = skip()


class Look(NamedTuple):
    """Another view of the same text. The pictures around the figure follow it in the page."""

    status: Any = skip()
    figure: Any = skip()
    about: Any = skip()
    layer: Any = skip()
    head: Any = skip()
    level: Any = skip()
    measure: Any = skip()
    outline: Any = skip()
    selection: Any = skip()


def view(
    wanted: Reading, keep: Selection, same_model: bool = True, same_text: bool = False, **shown: str
) -> Answer:  # fmt: skip
    """The complete view of a reading: findings, all heads, the selected head.

    keep: the selection whose level, measure and (with `same_model`) head and pattern stay; else the best finding is opened.
    same_text: the kept row stays too. shown: the figure's `mode` and the grid's `color`, where they are to change.
    Raises: AttentionError, also for a selection that the text does not have.
    """
    from attention.models import cards, reader
    from attention.share import overview, pictures

    capture = reader.capture(wanted.model, wanted.text, wanted.pair, folders=False)
    card = cards.find_card(wanted.model)
    seen = overview.overview(capture, keep if same_model else None, card)
    selection = keep if same_text else replace(keep, query=None)
    if not same_model:
        selection = replace(selection.pick(capture, *overview.first_head(seen.findings)), pattern=None)
    if selection.pattern not in seen.scored:  # this text cannot show it
        selection = replace(selection, pattern=None)
    figure = pictures.head_picture(capture, selection)
    around = {"selected": figure["selected"]}
    drawn = packed(figure | {"address": link(wanted, selection)})
    color = shown.get("color", "") if shown.get("color") in seen.scored else ""
    return Answer(
        status=_lines.unread(capture.text.text, capture.text.pair, capture.text.gaps),
        counter=_lines.counted(len(capture.tokens), capture.model, capture.note),
        cards=packed(seen.cards | around),
        grid=gr.HTML(packed(seen.grid | around), color=color) if shown else packed(seen.grid | around),
        bars=gr.HTML(packed(seen.bars | around), card=packed(overview.usual(card)) if card else ""),
        figure=gr.HTML(drawn, mode=shown["mode"]) if shown else drawn,
        about=line.render((pictures.explained(capture, selection), "muted")),
        usual=line.render(),
        build=gr.Button(visible=card is None),
        reading=wanted,
        **selectors(
            selection, capture.n_layers, capture.n_heads, seen.scored, seen.bars["outlined"], color if shown else None
        ),
    )


def compared(reading: Reading, selection: Selection) -> tuple[Any, Any, Any]:
    """The bars, the findings and the button once the model's card is there."""
    from attention.models import cards, reader
    from attention.share import overview

    capture = reader.capture(reading.model, reading.text, reading.pair, folders=False)
    card = cards.find_card(reading.model)
    if card is None:
        return skip(), skip(), skip()
    shown = None if selection.head is None else [selection.layer, selection.head]
    found = overview.overview(capture, selection, card).cards | {"selected": shown}
    return gr.HTML(card=packed(overview.usual(card))), packed(found), gr.Button(visible=False)


def head_choices(n_heads: int) -> list[tuple[str, int]]:
    """Head numbers, then the average."""
    return [*((str(n), n) for n in range(n_heads)), ("mean", MEAN)]


def values(selection: Selection) -> dict[str, Any]:
    """The selection, and the selectors saying the same."""
    head = MEAN if selection.head is None else selection.head
    return {
        "layer": selection.layer,
        "head": head,
        "level": selection.level,
        "measure": selection.measure,
        "outline": selection.pattern or "",
        "selection": selection,
    }


def selectors(
    selection: Selection,
    n_layers: int,
    n_heads: int,
    scored: dict[str, str],
    outlined: list[str],
    color: str | None = None,
) -> dict[str, Any]:
    """The selection, and the selectors offering what this model and text have.

    scored: titles of the scores by name. outlined: names of those with cells. color: of the grid; None leaves it.
    """
    shown = values(selection)
    cells = [("none", ""), *((title, name) for name, title in scored.items() if name in outlined)]
    names = [name for _, name in cells]
    colors = [(PICTURES, ""), *((title, name) for name, title in scored.items())]
    return {
        **shown,
        "layer": gr.Dropdown(choices=[(str(n), n) for n in range(n_layers)], value=shown["layer"]),
        "head": gr.Dropdown(choices=head_choices(n_heads), value=shown["head"]),
        "outline": gr.Dropdown(choices=cells, value=shown["outline"] if shown["outline"] in names else ""),
        "color": gr.Dropdown(choices=colors) if color is None else gr.Dropdown(choices=colors, value=color),
    }


def look(
    reading: Reading | None,
    selection: Selection,
    choose: "Callable[[attention.core.capture.Capture], Selection]",
) -> Look:
    """Another view of what was read: no forward pass, unless the capture was set aside meanwhile, which is said.

    What stays as it was is not sent: each component that is costs the browser a millisecond or two. After an error the selectors
    say again what the picture shows.
    """
    from attention.models import reader
    from attention.share import pictures

    try:
        if reading is None:
            raise SelectionError("nothing_read")
        kept = reader.kept(reading.model, reading.text, reading.pair)
        capture = reader.capture(reading.model, reading.text, reading.pair, folders=False)
        chosen = choose(capture)
        figure = packed(pictures.head_picture(capture, chosen) | {"address": link(reading, chosen)})
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return Look(_lines.said(error), **values(selection))
    again = line.render("This text had been set aside; it was read once more.", kind="note")
    before, about = values(selection), pictures.explained(capture, chosen)
    changed = {name: value for name, value in values(chosen).items() if value != before[name]}
    if about != pictures.explained(capture, selection):
        changed["about"] = line.render((about, "muted"))
    return Look(status=_lines.QUIET if kept else again, figure=figure, **changed)


def link(reading: Reading, selection: Selection) -> str:
    """The query that shows this again; the page adds what it changes by itself (picture, color, kept row)."""
    return to_query("explore", explorer.of(reading.model, reading.text, reading.pair, selection))


def rows(reading: Reading, selection: Selection) -> int:
    """How many rows the picture of this selection has."""
    from attention.core.words import words_of
    from attention.models import reader

    text = reader.capture(reading.model, reading.text, reading.pair, folders=False).text
    return len(text.tokens if selection.level == "token" else words_of(text.tokens, text.text, text.pair))
