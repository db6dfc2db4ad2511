"""What the Explore tab answers: plain functions from what the browser sent to what it gets back, callable from a test."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr

from attention.errors import SelectionError, TextError
from attention.models import catalog
from attention.share.selection import Selection
from attention.tabs import _background, _lines, _recorded
from attention.tabs._examples import EXAMPLES
from attention.tabs._picture import packed
from attention.views import line

if TYPE_CHECKING:  # a page is served before torch is there
    import attention.core.capture

MEAN = -1
MODES = {"matrix": "Matrix", "arcs": "Arcs"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read last in this session: the key of its capture, not the capture."""

    model: str
    text: str
    pair: str | None


def _skip() -> Any:
    return gr.skip()


class Answer(NamedTuple):
    """One update of the tab; what is not named stays as it is. Order is that of explore.py's outputs."""

    status: Any = _skip()
    counter: Any = _skip()
    cards: Any = _skip()
    grid: Any = _skip()
    bars: Any = _skip()
    figure: Any = _skip()
    about: Any = _skip()
    layer: Any = _skip()
    head: Any = _skip()
    level: Any = _skip()
    measure: Any = _skip()
    reading: Any = _skip()
    selection: Any = _skip()


class Look(NamedTuple):
    """Another view of the same text. The pictures around the figure follow it in the page."""

    status: Any = _skip()
    figure: Any = _skip()
    about: Any = _skip()
    layer: Any = _skip()
    head: Any = _skip()
    level: Any = _skip()
    measure: Any = _skip()
    selection: Any = _skip()


def on_load() -> Answer:
    """The first picture: live if the default model is ready, else the recorded one, captioned as such."""
    if _background.state() == "ready":
        return _first_live()
    recorded = _recorded.recorded()
    selection = Selection(recorded["layer"], recorded["head"])
    chosen = _selectors(selection, recorded["grid"]["n_layers"], recorded["grid"]["n_heads"])
    return Answer(_lines.waiting(), **_recorded.pictures(), **chosen)


def on_tick(reading: Reading | None) -> tuple[Any, ...]:
    """Replaces the recorded picture once the model is ready; then the clock stops. Never touches a person's own reading."""
    state = _background.state()
    if reading is not None:
        return (*Answer(), gr.Timer(active=False))
    if state == "loading":
        return (*Answer(), _skip())
    if state == "ready":
        return (*_first_live(), gr.Timer(active=False))
    return (*Answer(status=line.render(state, kind="error")), gr.Timer(active=False))


def on_read(model: Any, text: Any, pair: Any, reading: Reading | None, selection: Selection) -> Generator[Answer, None, None]:
    """Reads a text with a model: progress while it loads, then the complete view. An error leaves everything as it was."""
    cancel = threading.Event()
    try:
        model, text, pair = _lines.named(model), _lines.typed(text), _lines.typed(pair)
        if not text.strip():
            raise TextError("empty_text")
        yield from _until_loaded(model, cancel)
        same_model = reading is not None and reading.model == model
        yield view(Reading(model, text, pair or None), selection, same_head=same_model)
    except GeneratorExit:
        cancel.set()
        raise
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        yield Answer(status=_lines.said(error))


def on_answered(reading: Reading | None) -> gr.Timer:
    """The clock for the first live picture goes on only where an error or Cancel left the session with nothing read."""
    return gr.Timer(active=reading is None)


def on_pick(reading: Reading | None, selection: Selection, event: gr.EventData) -> Look:
    """A head clicked in the grid or among the findings; the browser's event is checked like any input."""
    return _look(
        reading, selection, lambda capture: selection.pick(capture, _sent(event, "layer"), _sent(event, "head"))
    )


def on_select(layer: Any, head: Any, reading: Reading | None, selection: Selection) -> Look:
    """A layer or head chosen in the selectors; -1 is the average over the layer's heads."""
    return _look(reading, selection, lambda capture: selection.pick(capture, layer, None if head == MEAN else head))


def on_option(level: Any, measure: Any, reading: Reading | None, selection: Selection) -> Look:
    """Tokens or words, and which measure."""
    return _look(reading, selection, lambda _: selection.shown(level, measure))


def on_pin(reading: Reading | None, selection: Selection, event: gr.EventData) -> tuple[Any, Any]:
    """A row pinned or released in the figure: remembered in the session, nothing is drawn again."""
    row = _sent(event, "query")
    try:
        if reading is None:  # a row of the recorded picture
            return _skip(), _skip()
        if row is not None:
            rows = _rows(reading, selection)
            if type(row) is not int or not 0 <= row < rows:
                raise SelectionError("bad_query", got=str(row)[:40], last=rows - 1)
        return _skip(), replace(selection, query=row)
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return _lines.said(error), _skip()


def on_mode(mode: Any) -> tuple[Any, Any]:
    """Matrix or arcs: the figure already has the numbers of both."""
    if mode in list(MODES):
        return _skip(), gr.HTML(mode=mode)
    return _lines.said(
        SelectionError("bad_choice", name="picture", choices=", ".join(MODES), got=str(mode)[:40])
    ), _skip()


def on_cancel() -> dict:
    """Loading was cancelled; what was on the page stays."""
    return line.render("Cancelled; the last picture stays.", kind="note")


def on_example(index: Any, model: Any, reading: Reading | None, selection: Selection) -> Iterator[tuple[Any, ...]]:
    """Fills in the texts of an example and reads them; the line that says what to look for stays."""
    untyped = (_skip(), _skip())
    if type(index) is not int or not 0 <= index < len(EXAMPLES):
        yield *untyped, *Answer(_lines.QUIET if index is None else _lines.said(SelectionError("no_example")))
        return
    example = EXAMPLES[index]
    look = line.render(example.look, kind="note")
    yield example.text, example.pair or "", *Answer(look)
    with closing(on_read(model, example.text, example.pair, reading, selection)) as answers:
        for answer in answers:
            read = answer.reading == Reading(model, example.text, example.pair)
            yield *untyped, *(answer._replace(status=look) if read else answer)


def on_count(model: Any, text: Any, pair: Any) -> Any:
    """The live counter in the model's own tokens."""
    return _lines.counter(model, text, pair)


def view(wanted: Reading, keep: Selection, same_head: bool = True) -> Answer:
    """The complete view of a reading: findings, all heads, the selected head.

    keep: the selection whose level, measure and (with `same_head`) head stay; else the best finding is opened.
    """
    from attention.models import reader
    from attention.share import pictures

    capture = reader.capture(wanted.model, wanted.text, wanted.pair, folders=False)
    seen = pictures.overview(capture, keep if same_head else None)
    selection = replace(keep, query=None)
    if not same_head:
        selection = selection.pick(capture, *pictures.first_head(seen.findings))
    figure = pictures.head_picture(capture, selection)
    around = {"selected": figure["selected"]}
    return Answer(
        status=_lines.unread(capture.text.text, capture.text.pair, capture.text.gaps),
        counter=_lines.counted(len(capture.tokens), capture.model, capture.note),
        cards=packed(seen.cards | around),
        grid=packed(seen.grid | around),
        bars=packed(seen.bars | around),
        figure=packed(figure),
        about=line.render((pictures.explained(capture, selection), "muted")),
        reading=wanted,
        **_selectors(selection, capture.n_layers, capture.n_heads),
    )


def head_choices(n_heads: int) -> list[tuple[str, int]]:
    """Head numbers, then the average."""
    return [*((str(n), n) for n in range(n_heads)), ("mean", MEAN)]


def _values(selection: Selection) -> dict[str, Any]:
    """The selection, and the selectors saying the same."""
    head = MEAN if selection.head is None else selection.head
    return {
        "layer": selection.layer,
        "head": head,
        "level": selection.level,
        "measure": selection.measure,
        "selection": selection,
    }


def _selectors(selection: Selection, n_layers: int, n_heads: int) -> dict[str, Any]:
    """The selection, and the selectors offering what this model has."""
    values = _values(selection)
    return {
        **values,
        "layer": gr.Dropdown(choices=[(str(n), n) for n in range(n_layers)], value=values["layer"]),
        "head": gr.Dropdown(choices=head_choices(n_heads), value=values["head"]),
    }


def _sent(event: gr.EventData, name: str) -> Any:
    """What the browser's event says under this name; None where it says nothing, whatever its shape."""
    try:
        return getattr(event, name)
    except (AttributeError, TypeError):
        return None


def _rows(reading: Reading, selection: Selection) -> int:
    """How many rows the picture of this selection has."""
    from attention.core.words import words_of
    from attention.models import reader

    text = reader.capture(reading.model, reading.text, reading.pair, folders=False).text
    return len(text.tokens if selection.level == "token" else words_of(text.tokens, text.text, text.pair))


def _look(
    reading: Reading | None,
    selection: Selection,
    choose: "Callable[[attention.core.capture.Capture], Selection]",
) -> Look:
    """Another view of what was read: no forward pass, unless the capture was set aside meanwhile, which is said.

    After an error the selectors say again what the picture shows.
    """
    from attention.models import reader
    from attention.share import pictures

    try:
        if reading is None:
            raise SelectionError("nothing_read")
        kept = reader.kept(reading.model, reading.text, reading.pair)
        capture = reader.capture(reading.model, reading.text, reading.pair, folders=False)
        chosen = choose(capture)
        figure = packed(pictures.head_picture(capture, chosen))
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return Look(_lines.said(error), **_values(selection))
    again = line.render("This text had been set aside; it was read once more.", kind="note")
    return Look(
        status=_lines.QUIET if kept else again,
        figure=figure,
        about=line.render((pictures.explained(capture, chosen), "muted")),
        **_values(chosen),
    )


def _until_loaded(model: str, cancel: threading.Event) -> Iterator[Answer]:
    """Progress lines until the model is in memory. Raises what loading raised."""
    from attention.models import loader

    if loader.MODELS.peek(loader.resolve(model)) is not None:
        return
    latest: list[tuple[str, float]] = [("loading", 0.0)]
    outcome: list[BaseException] = []

    def work() -> None:
        try:
            loader.load(model, progress=lambda doing, share: latest.append((doing, share)), cancel=cancel)
        except BaseException as error:  # noqa: BLE001 - handed to the waiting thread
            outcome.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while thread.is_alive():
        doing, share = latest[-1]
        yield Answer(status=line.render((model, "strong"), doing, kind="busy", share=share))
        thread.join(timeout=0.25)
    if outcome:
        raise outcome[0]


def _first_live() -> Answer:
    example = EXAMPLES[0]
    try:
        # The session has read nothing itself yet: its first own reading opens its own best head.
        return view(Reading(catalog.default(), example.text, example.pair), Selection(), same_head=False)
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return Answer(status=_lines.said(error))
