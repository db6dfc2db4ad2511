"""What the Explore tab answers: plain functions from what the browser sent to what it gets back, callable from a test."""

import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import gradio as gr

from attention.errors import SelectionError, TextError
from attention.models import catalog
from attention.share.selection import Selection
from attention.tabs import _background, _lines, _recorded
from attention.tabs._examples import EXAMPLES
from attention.tabs._updates import MEAN, MODES, Answer, Asked, Look, Reading, look, rows, selectors, skip, view
from attention.views import line


def on_load() -> Answer:
    """The first picture: live if the default model is ready, else the recorded one, captioned as such."""
    if _background.state() == "ready":
        return _first_live()
    recorded = _recorded.recorded()
    selection = Selection(recorded["layer"], recorded["head"])
    chosen = selectors(selection, recorded["grid"]["n_layers"], recorded["grid"]["n_heads"])
    return Answer(_lines.waiting(), **_recorded.pictures(), **chosen)


def on_tick(reading: Reading | None, asked: Asked) -> tuple[Any, ...]:
    """Replaces the recorded picture once the model is ready; then the clock stops. Never touches a person's own reading."""
    state = _background.state()
    if reading is not None:
        return (*Answer(), gr.Timer(active=False))
    if state == "loading" or asked.waiting:
        return (*Answer(), skip())
    answer = _first_live() if state == "ready" else Answer(line.render(state, kind="error"))
    if asked.waiting:  # meanwhile
        return (*Answer(), skip())
    return (*answer, gr.Timer(active=False))


def on_read(
    model: Any, text: Any, pair: Any, reading: Reading | None, selection: Selection, asked: Asked
) -> Generator[Answer, None, None]:
    """Reads a text with a model: progress while it loads, then the complete view. An error leaves everything as it was."""
    cancel = threading.Event()
    asked.times += 1
    try:
        model, text, pair = _lines.named(model), _lines.typed(text), _lines.typed(pair)
        if not text.strip():
            raise TextError("empty_text")
        yield from _until_loaded(model, cancel)
        same_model = reading is not None and reading.model == model
        yield view(Reading(model, text, pair or None), selection, same_head=same_model)
    except GeneratorExit:
        asked.failed += 1
        cancel.set()
        raise
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        asked.failed += 1
        yield Answer(status=_lines.said(error))


def on_pick(reading: Reading | None, selection: Selection, event: gr.EventData) -> Look:
    """A head clicked in the grid or among the findings; the browser's event is checked like any input."""
    return look(
        reading, selection, lambda capture: selection.pick(capture, _sent(event, "layer"), _sent(event, "head"))
    )


def on_select(layer: Any, head: Any, reading: Reading | None, selection: Selection) -> Look:
    """A layer or head chosen in the selectors; -1 is the average over the layer's heads."""
    return look(reading, selection, lambda capture: selection.pick(capture, layer, None if head == MEAN else head))


def on_option(level: Any, measure: Any, reading: Reading | None, selection: Selection) -> Look:
    """Tokens or words, and which measure."""
    return look(reading, selection, lambda _: selection.shown(level, measure))


def on_pin(reading: Reading | None, selection: Selection, event: gr.EventData) -> tuple[Any, Any]:
    """A row pinned or released in the figure: remembered in the session, nothing is drawn again."""
    row = _sent(event, "query")
    try:
        if reading is None:  # a row of the recorded picture
            return skip(), skip()
        if row is not None:
            count = rows(reading, selection)
            if type(row) is not int or not 0 <= row < count:
                raise SelectionError("bad_query", got=str(row)[:40], last=count - 1)
        return skip(), replace(selection, query=row)
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return _lines.said(error), skip()


def on_mode(mode: Any) -> tuple[Any, Any]:
    """Matrix or arcs: the figure already has the numbers of both."""
    if mode in list(MODES):
        return skip(), gr.HTML(mode=mode)
    return _lines.said(
        SelectionError("bad_choice", name="picture", choices=", ".join(MODES), got=str(mode)[:40])
    ), skip()


def on_cancel() -> dict:
    """Loading was cancelled; what was on the page stays."""
    return line.render("Cancelled; the last picture stays.", kind="note")


def on_example(
    index: Any, model: Any, reading: Reading | None, selection: Selection, asked: Asked
) -> Generator[tuple[Any, ...], None, None]:
    """Fills in the texts of an example and reads them; the line that says what to look for stays.

    The list forgets what was chosen: it would tell of it again whenever it is left.
    """
    kept = (skip(),) * 3
    if index is None:
        yield *kept, *Answer()
        return
    if type(index) is not int or not 0 <= index < len(EXAMPLES):
        yield None, skip(), skip(), *Answer(_lines.said(SelectionError("no_example")))
        return
    example = EXAMPLES[index]
    hint = line.render(example.look, kind="note")
    yield None, example.text, example.pair or "", *Answer(hint)
    with closing(on_read(model, example.text, example.pair, reading, selection, asked)) as answers:
        for answer in answers:
            read = answer.reading == Reading(model, example.text, example.pair)
            yield *kept, *(answer._replace(status=hint) if read else answer)


def on_count(model: Any, text: Any, pair: Any) -> Any:
    """The live counter in the model's own tokens."""
    return _lines.counter(model, text, pair)


def _sent(event: gr.EventData, name: str) -> Any:
    """What the browser's event says under this name; None where it says nothing, whatever its shape."""
    try:
        return getattr(event, name)
    except (AttributeError, TypeError):
        return None


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
