"""What the Explore tab answers: plain functions from what the browser sent to what it gets back, callable from a test."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import gradio as gr

from attention.errors import SelectionError, TextError
from attention.models import catalog
from attention.share.selection import Selection
from attention.tabs import _background, _lines, _recorded
from attention.tabs._examples import EXAMPLES
from attention.views import line

MEAN = -1


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
    reading: Any = _skip()
    selection: Any = _skip()


def on_load() -> Answer:
    """The first picture: live if the default model is ready, else the recorded one, captioned as such."""
    if _background.state() == "ready":
        return _first_live()
    return _recorded.answer(Answer, _lines.waiting())


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


def on_read(model: str, text: str, pair: str | None, reading: Reading | None, selection: Selection) -> Iterator[Answer]:
    """Reads a text with a model: progress while it loads, then the complete view. An error leaves everything as it was."""
    cancel = threading.Event()
    try:
        if not (text or "").strip():
            raise TextError("empty_text")
        yield from _until_loaded(model, cancel)
        wanted = Reading(model, text, pair or None)
        same_model = reading is not None and reading.model == model
        yield view(wanted, keep=selection if same_model else None)
    except GeneratorExit:
        cancel.set()
        raise
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        yield Answer(status=_lines.said(error))


def on_pick(reading: Reading | None, selection: Selection, event: gr.EventData) -> Answer:
    """A head clicked in the grid or among the findings; the browser's event is checked like any input."""
    return _look(reading, lambda: selection.pick(getattr(event, "layer", None), getattr(event, "head", None)))


def on_select(layer: int, head: int, reading: Reading | None, selection: Selection) -> Answer:
    """A layer or head chosen in the selectors; -1 is the average over the layer's heads."""
    return _look(reading, lambda: selection.pick(layer, None if head == MEAN else head))


def on_option(level: str, measure: str, reading: Reading | None, selection: Selection) -> Answer:
    """Tokens or words, and which measure. Row numbers mean something else between words, so the pinned row is let go."""
    query = selection.query if level == selection.level else None
    return _look(reading, lambda: replace(selection, level=level, measure=measure, query=query))


def on_pin(reading: Reading | None, selection: Selection, event: gr.EventData) -> tuple[Any, Any]:
    """A row pinned or released in the figure: remembered in the session, nothing is drawn again."""
    row = getattr(event, "query", None)
    if row is not None and (type(row) is not int or not 0 <= row < 4096):
        return _lines.said(SelectionError("bad_query", got=str(row)[:40], last="the last token")), _skip()
    return _skip(), replace(selection, query=row)


def on_mode(mode: str) -> Any:
    """Matrix or arcs: the figure already has the numbers of both."""
    return gr.HTML(mode=mode) if mode in {"matrix", "arcs"} else _skip()


def on_cancel() -> dict:
    """Loading was cancelled; what was on the page stays."""
    return line.render("Cancelled; the last picture stays.", kind="note")


def on_example(index: int | None) -> tuple[Any, Any, Any]:
    """The texts of an example, and the line that says what to look for."""
    if type(index) is not int or not 0 <= index < len(EXAMPLES):
        return _skip(), _skip(), _lines.said(SelectionError("no_example")) if index is not None else _skip()
    example = EXAMPLES[index]
    return example.text, example.pair or "", line.render(example.look, kind="note")


def on_count(model: str, text: str, pair: str | None) -> Any:
    """The live counter in the model's own tokens."""
    return _lines.counter(model, text, pair)


def view(wanted: Reading, keep: Selection | None = None) -> Answer:
    """The complete view of a reading: findings, all heads, the selected head.

    keep: a selection whose level, measure and (where it exists) head stay; the best finding is opened without one.
    """
    from attention.models import reader
    from attention.share import pictures

    capture = reader.capture(wanted.model, wanted.text, wanted.pair, folders=False)
    seen = pictures.overview(capture, keep)
    selection = Selection(*pictures.first_head(seen.findings)) if keep is None else replace(keep, query=None)
    shown = None if selection.head is None else [selection.layer, selection.head]
    return Answer(
        status=_lines.unread(capture.text.text, capture.text.pair, capture.text.gaps),
        counter=_lines.counted(len(capture.tokens), capture.model, capture.note),
        cards=gr.HTML(seen.cards, selected=shown),
        grid=gr.HTML(seen.grid, selected=shown),
        bars=gr.HTML(seen.bars, selected=shown),
        figure=gr.HTML(pictures.head_picture(capture, selection), query=None),
        about=line.render((pictures.explained(capture, selection), "muted")),
        layer=gr.Dropdown(choices=[(str(n), n) for n in range(capture.n_layers)], value=selection.layer),
        head=gr.Dropdown(
            choices=head_choices(capture.n_heads), value=MEAN if selection.head is None else selection.head
        ),
        reading=wanted,
        selection=selection,
    )


def head_choices(n_heads: int) -> list[tuple[str, int]]:
    """Head numbers, then the average."""
    return [*((str(n), n) for n in range(n_heads)), ("mean", MEAN)]


def _look(reading: Reading | None, choose: Callable[[], Selection]) -> Answer:
    """Another view of what was read: no forward pass, unless the capture was set aside meanwhile, which is said."""
    from attention.models import reader
    from attention.share import pictures

    try:
        if reading is None:
            raise SelectionError("nothing_read")
        kept = reader.kept(reading.model, reading.text, reading.pair)
        capture = reader.capture(reading.model, reading.text, reading.pair, folders=False)
        selection = choose().checked(capture)
        figure = pictures.head_picture(capture, selection)
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return Answer(status=_lines.said(error))
    shown = None if selection.head is None else [selection.layer, selection.head]
    return Answer(
        status=_lines.QUIET
        if kept
        else line.render("This text had been set aside; it was read once more.", kind="note"),
        cards=gr.HTML(selected=shown),
        grid=gr.HTML(selected=shown),
        bars=gr.HTML(selected=shown) if shown else _skip(),
        figure=gr.HTML(figure, query=selection.query),
        about=line.render((pictures.explained(capture, selection), "muted")),
        layer=selection.layer,
        head=MEAN if selection.head is None else selection.head,
        selection=selection,
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
        return view(Reading(catalog.default(), example.text, example.pair))
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return Answer(status=_lines.said(error))
