"""What a lab answers: plain methods from what the browser sent to what it gets back, callable from a test."""

import threading
from collections.abc import Generator
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import gradio as gr

from attention.errors import AttentionError, SelectionError
from attention.models import catalog
from attention.share.links import from_query, to_query
from attention.share.settings.kinds import Number, checked, kinds
from attention.share.settings.real_head import RealHead
from attention.tabs import _lines
from attention.tabs._examples import EXAMPLES
from attention.tabs._picture import packed
from attention.tabs._progress import told
from attention.views import line

if TYPE_CHECKING:
    from attention.tabs._lab import Lab

MOST_QUERY = 200_000
"""Characters of a link that are read."""

_FEW = threading.BoundedSemaphore(2)
"""Moves that may run a model at one time: they do not wait in gradio's queue."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one lab.

    sent: the settings that were moved so far, by name; the others are as they start. An error is one sentence in the status line;
    the figure stays as it was.
    """

    lab: "Lab"

    def on_move(self, sent: Any) -> dict[str, Any]:
        """The status line and the figure after a control was moved; no figure after an error."""
        try:
            return {"status": line.render(), "figure": self._moved(self._settings(sent))}
        except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
            return {"status": _lines.said(error), "figure": None}

    def on_link(self, query: Any) -> dict[str, Any]:
        """The same for a query that a link brought: `moved` says what differs from the start."""
        try:
            link = from_query(
                parse_qs(str(query)[:MOST_QUERY].removeprefix("?"), keep_blank_values=True, max_num_fields=200)
            )
            settings = link.settings if link.tab == self.lab.tab else self.lab.settings()
            start = asdict(self.lab.settings())
            moved = {name: value for name, value in asdict(settings).items() if value != start[name]}
            status = line.render(" ".join(link.notices), kind="note") if link.notices else line.render()
            return {"status": status, "figure": self._moved(settings, moved)}
        except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
            return {"status": _lines.said(error), "figure": None}

    def on_restore(self, sent: Any) -> tuple[Any, ...]:
        """What the controls say after a link: whether a real head is chosen, then each setting."""
        try:
            settings = self._settings(sent)
            return gr.Group(visible=settings.real), *asdict(settings).values()
        except Exception as error:  # noqa: BLE001 - the figure says what is wrong
            _lines.said(error)
            return (gr.skip(),) * (1 + len(fields(self.lab.settings)))

    def _moved(self, settings: RealHead, moved: dict[str, Any] | None = None) -> str:
        """The figure, without waiting for a model that is not here."""
        if not settings.real:
            return self._figure(settings, moved)
        with _FEW:
            _check_loaded(settings.model)
            return self._figure(settings, moved)

    def on_real(self, sent: Any, *_: Any) -> Generator[tuple[Any, ...], None, None]:
        """Made-up numbers or a model's own; loading the model and reading the sentences are told as they go.

        A layer or head the model does not have becomes its last.
        """
        same = (gr.skip(),) * 4
        try:
            settings = self._settings(sent)
            if not settings.real:
                yield line.render(), self._figure(settings), gr.Group(visible=False), gr.skip(), gr.skip()
                return
            yield line.render("Reading", kind="busy"), gr.skip(), gr.Group(visible=True), gr.skip(), gr.skip()
            yield from self._read(settings)
        except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
            yield _lines.said(error), *same

    def on_example(self, sent: Any, index: Any) -> Generator[tuple[Any, ...], None, None]:
        """Fills in an example's text and reads it; the list forgets what was chosen."""
        if type(index) is not int or not 0 <= index < len(EXAMPLES):
            status = line.render() if index is None else _lines.said(SelectionError("no_example"))
            yield None, gr.skip(), status, *((gr.skip(),) * 4)
            return
        text = EXAMPLES[index].text
        for answer in self.on_real({**(sent if isinstance(sent, dict) else {}), "text": text}):
            yield None, text, *answer

    def on_guess(self, sent: Any, guess: Any) -> tuple[Any, ...]:
        """What the learner said and what the figure says; the controls move to where it can be seen."""
        same = (gr.skip(),) * (2 + len(fields(self.lab.settings)))
        if guess is None:
            return gr.skip(), *same
        try:
            found = self.lab.module.reveal(self._settings(sent))
            if type(guess) is not int or not 0 <= guess < found.choices:
                raise SelectionError("bad_choice", name="The answer", choices="those listed", got=str(guess)[:40])
            right = guess == found.right
            verdict = line.render(("Yes. " if right else "Not this time. ", "strong"), found.sentence)
            moved = asdict(found.settings)
            return verdict, line.render(), self._figure(found.settings, moved), *moved.values()
        except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
            return _lines.said(error), *same

    def on_pick(self, sent: Any, event: gr.EventData) -> tuple[Any, Any, Any]:
        """A row, token or box clicked in the figure; the browser's event is checked like any input."""
        try:
            picked = _picked(event)
            boxed = isinstance(picked, str) and isinstance(kinds(self.lab.settings)[self.lab.picks], Number)
            if picked is None or boxed:  # the name of a box is no row
                return gr.skip(), gr.skip(), gr.skip()
            change = {self.lab.picks: picked}
            settings = checked(self.lab.settings, {**asdict(self._settings(sent)), **change})
            return line.render(), self._figure(settings, change), picked
        except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
            return _lines.said(error), gr.skip(), gr.skip()

    def _settings(self, sent: Any) -> RealHead:
        return checked(self.lab.settings, sent if isinstance(sent, dict) else {})

    def _figure(self, settings: RealHead, moved: dict[str, Any] | None = None) -> str:
        """The picture. moved: settings that the server changed, for the browser to keep."""
        link = to_query(self.lab.tab, settings)
        return packed({**self.lab.module.picture(settings), "moved": moved or {}, "address": link})

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
        moved = {"text": settings.text, "layer": layer, "head": head}
        yield line.render(), self._figure(settings, moved), gr.skip(), layers, heads


def _check_loaded(model: str) -> None:
    """Raises: SelectionError for a model that a move would have to fetch first; reading it tells how far it is."""
    from attention.models import loader

    row = catalog.row(model)
    if loader.MODELS.peek(loader.resolve(model)) is None and (row is None or row.source == "hub"):
        raise SelectionError("nothing_read")


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
