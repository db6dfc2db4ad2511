"""What the Explore tab answers: plain functions from what the browser sent to what it gets back, callable from a test."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from attention.errors import SelectionError, TextError
from attention.models import catalog
from attention.share.selection import Selection
from attention.share.settings.explorer import MEAN, MODES
from attention.tabs import _background, _lines, _recorded
from attention.tabs._examples import EXAMPLES
from attention.tabs._opened import linked
from attention.tabs._progress import in_memory, loading, progress, told
from attention.tabs._updates import (
    Answer,
    Asked,
    Look,
    Reading,
    Wanted,
    compared,
    look,
    rows,
    selectors,
    skip,
    view,
)
from attention.views import line

if TYPE_CHECKING:  # a page is served before torch is there
    import attention.core.capture


def on_load(request: gr.Request) -> Answer:
    """The first picture: live if the default model is ready, else the recorded one, captioned as such.

    A link brings its own picture.
    """
    if linked(request) is not None:
        return Answer(line.render("Opening the link", kind="busy"))
    if _background.state() == "ready":
        return _first_live()
    recorded = _recorded.recorded()
    selection = Selection(recorded["layer"], recorded["head"])
    grid, bars = recorded["grid"], recorded["bars"]
    scored = dict(zip(bars["names"], bars["titles"], strict=True))
    chosen = selectors(selection, grid["n_layers"], grid["n_heads"], scored, bars["outlined"])
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
    model: Any, text: Any, pair: Any, reading: Reading | None, selection: Selection, asked: Asked, hint: str = ""
) -> Answer:
    """Reads a text with a model: the complete view, or, where the model has to be loaded, a line that says so; on_wanted goes on.
    An error leaves everything as it was.

    One answer and not several, because the page reads several one over the other where they come fast.
    """
    asked.times, asked.wanted = asked.times + 1, None
    try:
        model, text, pair = _lines.named(model), _lines.typed(text), _lines.typed(pair)
        if not text.strip():
            raise TextError("empty_text")
        wanted = Wanted(Reading(model, text, pair or None), hint)
        if in_memory(model):
            return _viewed(wanted, reading, selection)
        asked.wanted = wanted
        return Answer(status=progress(model))
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        asked.failed += 1
        return Answer(status=_lines.said(error))


def on_wanted(reading: Reading | None, selection: Selection, asked: Asked) -> Generator[Answer, None, None]:
    """Goes on with a reading that waits for its model: progress, then the complete view; nothing once another is asked for."""
    wanted = asked.wanted
    if wanted is None:
        yield Answer()
        return
    answer, read, last = Answer(), False, False
    try:
        with closing(loading(wanted.reading.model)) as steps:
            for status in steps:
                if asked.wanted is not wanted:
                    break
                yield Answer(status=status)
            else:
                answer, read = _viewed(wanted, reading, selection), True
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        answer = Answer(status=_lines.said(error))
    finally:
        last = asked.wanted is wanted
        asked.wanted = None if last else asked.wanted
        asked.failed += not (read and last)
    yield answer if last else Answer()


def _viewed(wanted: Wanted, reading: Reading | None, selection: Selection) -> Answer:
    """The view of a reading. reading: what was read before. Raises: AttentionError."""
    same_model = reading is not None and reading.model == wanted.reading.model
    answer = view(wanted.reading, selection, same_model=same_model)
    return answer._replace(status=line.render(wanted.hint, kind="note")) if wanted.hint else answer


def on_find(reading: Reading | None, selection: Selection, event: gr.EventData) -> Look:
    """A finding clicked: its head, with the cells of its pattern outlined."""

    def choose(capture: "attention.core.capture.Capture") -> Selection:
        picked = selection.pick(capture, _lines.sent(event, "layer"), _lines.sent(event, "head"))
        return picked.outlining(_lines.sent(event, "pattern"))

    return look(reading, selection, choose)


def on_outline(reading: Reading | None, selection: Selection, event: gr.EventData) -> Look:
    """A score clicked: its pattern's cells are outlined, or no longer."""
    pattern = _lines.sent(event, "pattern")
    return look(reading, selection, lambda _: selection.outlining(None if pattern == selection.pattern else pattern))


def on_outline_choice(pattern: Any, reading: Reading | None, selection: Selection) -> Look:
    """A pattern chosen in the selector; an empty name for none."""
    return look(reading, selection, lambda _: selection.outlining(pattern or None))


def on_color(color: Any) -> tuple[Any, Any]:
    """The grid colored by a score, or small pictures again: it already has the numbers of both."""
    from attention.share.pictures import TITLES

    if isinstance(color, str) and (not color or color in TITLES):
        return skip(), gr.HTML(color=color)
    error = SelectionError("bad_choice", name="color", choices=", ".join(TITLES), got=str(color)[:40])
    return _lines.said(error), skip()


def on_card(reading: Reading | None) -> Generator[dict, None, None]:
    """Computes the model's card, text by text."""
    try:
        if reading is None:
            raise SelectionError("nothing_read")
        from attention.models import cards

        work = told(lambda tell, stop: cards.build_card(reading.model, progress=tell, cancel=stop))
        for doing, share in work:
            yield line.render(doing, kind="busy", share=share)
        yield line.render()
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        yield _lines.said(error)


def on_compared(reading: Reading | None, selection: Selection) -> tuple[Any, Any, Any]:
    """What the heads usually do beside what they do here, on the text that is shown by now."""
    try:
        return compared(reading, selection) if reading is not None else (skip(),) * 3
    except Exception as error:  # noqa: BLE001 - what is on the page stays
        _lines.said(error)
        return (skip(),) * 3


def on_pick(reading: Reading | None, selection: Selection, event: gr.EventData) -> Look:
    """A head clicked in the grid or among the findings; the browser's event is checked like any input."""
    return look(
        reading,
        selection,
        lambda capture: selection.pick(capture, _lines.sent(event, "layer"), _lines.sent(event, "head")),
    )


def on_select(layer: Any, head: Any, reading: Reading | None, selection: Selection) -> Look:
    """A layer or head chosen in the selectors; -1 is the average over the layer's heads."""
    return look(reading, selection, lambda capture: selection.pick(capture, layer, None if head == MEAN else head))


def on_option(level: Any, measure: Any, reading: Reading | None, selection: Selection) -> Look:
    """Tokens or words, and which measure."""
    return look(reading, selection, lambda _: selection.shown(level, measure))


def on_pin(reading: Reading | None, selection: Selection, event: gr.EventData) -> tuple[Any, Any]:
    """A row pinned or released in the figure: remembered in the session, nothing is drawn again."""
    row = _lines.sent(event, "query")
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


def on_stop() -> dict:
    """The card's computing was cancelled."""
    return line.render("Cancelled; nothing of it was kept.", kind="note")


def on_example(index: Any, model: Any, reading: Reading | None, selection: Selection, asked: Asked) -> tuple[Any, ...]:
    """Fills in the texts of an example and reads them; the line that says what to look for stays.

    The list forgets what was chosen: it would tell of it again whenever it is left.
    """
    if index is None:
        return (skip(),) * 3 + Answer()
    if type(index) is not int or not 0 <= index < len(EXAMPLES):
        return None, skip(), skip(), *Answer(_lines.said(SelectionError("no_example")))
    example = EXAMPLES[index]
    answer = on_read(model, example.text, example.pair, reading, selection, asked, example.look)
    return None, example.text, example.pair or "", *answer


def on_count(model: Any, text: Any, pair: Any) -> Any:
    """The live counter in the model's own tokens."""
    return _lines.counter(model, text, pair)


def _first_live() -> Answer:
    example = EXAMPLES[0]
    try:
        # The session has read nothing itself yet: its first own reading opens its own best head.
        return view(Reading(catalog.default(), example.text, example.pair), Selection(), same_model=False)
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return Answer(status=_lines.said(error))
