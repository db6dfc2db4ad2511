"""What a lab answers: plain methods from what the browser sent to what it gets back, callable from a test."""

from collections.abc import Generator
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from attention.errors import AttentionError, SelectionError
from attention.share.settings.kinds import Number, checked, kinds
from attention.share.settings.real_head import RealHead
from attention.tabs import _lines
from attention.tabs._examples import EXAMPLES
from attention.tabs._picture import packed
from attention.tabs._progress import told
from attention.views import line

if TYPE_CHECKING:
    from attention.tabs._lab import Lab


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one lab. names: its settings in the order in which their values arrive.

    An error is one sentence in the status line; the figure stays as it was.
    """

    lab: "Lab"
    names: tuple[str, ...]

    def on_open(self, *values: Any) -> tuple[Any, Any, Any]:
        """The figure as the controls say, and the code that made it."""
        return *self.on_change(*values), self.lab.code()

    def on_change(self, *values: Any) -> tuple[Any, Any]:
        """The figure after a control was moved."""
        try:
            return line.render(), self._figure(self._settings(values))
        except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
            return _lines.said(error), gr.skip()

    def on_real(self, *values: Any) -> Generator[tuple[Any, ...], None, None]:
        """Made-up numbers or a model's own; loading the model and reading the sentences are told as they go.

        A layer or head the model does not have becomes its last.
        """
        same = (gr.skip(),) * 4
        try:
            settings = self._settings(values)
            if not settings.real:
                yield line.render(), self._figure(settings), gr.Group(visible=False), gr.skip(), gr.skip()
                return
            yield line.render("Reading", kind="busy"), gr.skip(), gr.Group(visible=True), gr.skip(), gr.skip()
            yield from self._read(settings)
        except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
            yield _lines.said(error), *same

    def on_example(self, index: Any, *values: Any) -> Generator[tuple[Any, ...], None, None]:
        """Fills in an example's text and reads it; the list forgets what was chosen."""
        if type(index) is not int or not 0 <= index < len(EXAMPLES):
            status = line.render() if index is None else _lines.said(SelectionError("no_example"))
            yield None, gr.skip(), status, *((gr.skip(),) * 4)
            return
        text = EXAMPLES[index].text
        given = [text if name == "text" else value for name, value in zip(self.names, values, strict=True)]
        for answer in self.on_real(*given):
            yield None, text, *answer

    def on_guess(self, guess: Any, *values: Any) -> tuple[Any, ...]:
        """What the learner said and what the figure says; the controls move to where it can be seen."""
        same = (gr.skip(),) * (2 + len(self.names))
        if guess is None:
            return gr.skip(), *same
        try:
            found = self.lab.module.reveal(self._settings(values))
            if type(guess) is not int or not 0 <= guess < found.choices:
                raise SelectionError("bad_choice", name="The answer", choices="those listed", got=str(guess)[:40])
            right = guess == found.right
            verdict = line.render(("Yes. " if right else "Not this time. ", "strong"), found.sentence)
            moved = [getattr(found.settings, name) for name in self.names]
            return verdict, line.render(), self._figure(found.settings), *moved
        except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
            return _lines.said(error), *same

    def on_pick(self, event: gr.EventData, *values: Any) -> tuple[Any, Any, Any]:
        """A row, token or box clicked in the figure; the browser's event is checked like any input."""
        try:
            picked = _picked(event)
            boxed = isinstance(picked, str) and isinstance(kinds(self.lab.settings)[self.lab.picks], Number)
            if picked is None or boxed:  # the name of a box is no row
                return gr.skip(), gr.skip(), gr.skip()
            settings = self._settings(values)
            moved = checked(type(settings), {**_as_dict(settings), self.lab.picks: picked})
            return line.render(), self._figure(moved), picked
        except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
            return _lines.said(error), gr.skip(), gr.skip()

    def _settings(self, values: Any) -> RealHead:
        return checked(self.lab.settings, dict(zip(self.names, values, strict=True)))

    def _figure(self, settings: RealHead) -> str:
        return packed(self.lab.module.picture(settings))

    def _read(self, settings: RealHead) -> Generator[tuple[Any, ...], None, None]:
        """The figure of a real head, once its model is there."""
        from attention.models import loader, reader

        if loader.MODELS.peek(loader.resolve(settings.model)) is None:
            for doing, share in told(lambda tell, stop: loader.load(settings.model, progress=tell, cancel=stop)):
                status = line.render((settings.model, "strong"), doing, kind="busy", share=share)
                yield status, *((gr.skip(),) * 4)
        if not settings.text.strip():
            raise AttentionError("empty_text")
        capture = reader.capture(settings.model, settings.text, folders=False)
        layer, head = min(settings.layer, capture.n_layers - 1), min(settings.head, capture.n_heads - 1)
        settings = replace(settings, layer=layer, head=head)
        layers = gr.Dropdown(choices=[(str(n), n) for n in range(capture.n_layers)], value=layer)
        heads = gr.Dropdown(choices=[(str(n), n) for n in range(capture.n_heads)], value=head)
        yield line.render(), self._figure(settings), gr.skip(), layers, heads


def _picked(event: gr.EventData) -> Any:
    """The row, else the column, else the box that was clicked; None where the event says nothing of the kind."""
    for name in ("query", "key", "box"):
        try:
            found = getattr(event, name)
        except (AttributeError, TypeError):
            continue
        if found is not None:
            return found
    return None


def _as_dict(settings: RealHead) -> dict[str, Any]:
    return {one.name: getattr(settings, one.name) for one in fields(settings)}
