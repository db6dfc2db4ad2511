"""What a lab answers: plain methods from what the browser sent to what it gets back, callable from a test."""

from collections.abc import Generator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import gradio as gr

from attention.errors import AttentionError, SelectionError
from attention.share.links import from_query, to_query
from attention.share.settings.kinds import Number, checked, kinds
from attention.share.settings.real_head import RealHead
from attention.tabs import _lines
from attention.tabs._examples import EXAMPLES
from attention.tabs._lab_controls import UNKNOWN, numbered
from attention.tabs._picture import packed
from attention.tabs._progress import loading
from attention.views import line

if TYPE_CHECKING:
    from attention.tabs._lab import Lab, Offer

MOST_QUERY = 200_000
"""Characters of a link that are read."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one lab.

    sent: the settings that were moved so far, by name; the others are as they start. An error is one sentence in the status line;
    the figure stays as it was.
    """

    lab: "Lab"

    def on_move(self, sent: Any) -> dict[str, Any]:
        """The status line and the figure after a control was moved; no figure after an error."""
        from attention.share.exports import at_hand

        try:
            settings = self._settings(sent)
            at_hand(settings)
            return {"status": line.render(), "figure": self._figure(settings)}
        except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
            return {"status": _lines.said(error), "figure": None}

    def on_link(self, query: Any) -> dict[str, Any]:
        """The same for a query that a link brought: `moved` says what differs from the start.

        What cannot be shown is said; the figure is then the one at the start, and the controls are where the link put them.
        """
        from attention.share.exports import at_hand

        settings = start = self.lab.settings()
        try:
            given = str(query)[:MOST_QUERY].removeprefix("?")
            link = from_query(parse_qs(given, keep_blank_values=True, max_num_fields=200))
            settings = link.settings if link.tab == self.lab.tab else start
            at_hand(settings)
            settings, missing = _fitting(settings)
            notices = (*link.notices, *missing)
            status = line.render(" ".join(notices), kind="note") if notices else line.render()
            return {"status": status, "figure": self._figure(settings, _moved(start, settings))}
        except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
            figure = self._figure(start, _moved(start, settings), asked=settings)
            return {"status": _lines.said(error), "figure": figure}

    def on_restore(self, sent: Any) -> tuple[Any, ...]:
        """What the controls say after a link: whether a real head is chosen, then each setting."""
        try:
            return self._shown(self._settings(sent))
        except Exception as error:  # noqa: BLE001 - the figure says what is wrong
            _lines.said(error)
            return (gr.skip(),) * (1 + len(fields(self.lab.settings)))

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
            # with every answer: of those that come fast, a page may read the last one only
            same = (gr.skip(), gr.Group(visible=True), gr.skip(), gr.skip())
            yield line.render("Reading", kind="busy"), *same
            with closing(loading(settings.model)) as steps:
                for status in steps:
                    yield status, *same
            settings, _ = _fitting(settings)
            moved = {name: getattr(settings, name) for name in ("text", "layer", "head")}
            yield line.render(), self._figure(settings, moved), same[1], *_lists(settings).values()
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
        same = (gr.skip(),) * (3 + len(fields(self.lab.settings)))
        if guess is None:
            return gr.skip(), *same
        try:
            found = self.lab.module.reveal(self._settings(sent))
            if type(guess) is not int or not 0 <= guess < found.choices:
                raise SelectionError("bad_choice", name="The answer", choices="those listed", got=str(guess)[:40])
            right = guess == found.right
            verdict = line.render(("Yes. " if right else "Not this time. ", "strong"), found.sentence)
            figure = self._figure(found.settings, asdict(found.settings))
            return verdict, line.render(), figure, *self._shown(found.settings)
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

    def on_offer(self, sent: Any) -> Any:
        """The list of the setting whose options a model decides; as it is where the model cannot say."""
        try:
            return _offered(self.lab.offer, self._settings(sent)) if self.lab.offer else gr.skip()
        except Exception as error:  # noqa: BLE001 - the figure says what is wrong
            _lines.said(error)
            return gr.skip()

    def _shown(self, settings: RealHead) -> tuple[Any, ...]:
        """Whether a real head is chosen, then each control where its setting is."""
        controls: dict[str, Any] = {**asdict(settings), **_lists(settings)}
        if self.lab.offer:
            with suppress(AttentionError):  # the figure says what is wrong
                controls[self.lab.offer.setting] = _offered(self.lab.offer, settings)
        return gr.Group(visible=settings.real), *controls.values()

    def _settings(self, sent: Any) -> RealHead:
        return checked(self.lab.settings, sent if isinstance(sent, dict) else {})

    def _figure(
        self, settings: RealHead, moved: dict[str, Any] | None = None, asked: RealHead | None = None
    ) -> str:  # fmt: skip
        """The picture. moved: settings that the server changed, for the browser to keep. asked: which it stands for, if others."""
        asked = asked or settings
        picture = {**self.lab.module.picture(settings), "picks": bool(self.lab.picks)}
        link = to_query(self.lab.tab, asked)
        return packed({**picture, "moved": moved or {}, "settings": asdict(asked), "address": link})


def _moved(start: RealHead, settings: RealHead) -> dict[str, Any]:
    """What differs from the start."""
    return {name: value for name, value in asdict(settings).items() if value != getattr(start, name)}


def _fitting(settings: RealHead) -> tuple[RealHead, tuple[str, ...]]:
    """The settings with a layer and a head that the model has, its last where it has not, and a sentence where it has not.

    Raises: AttentionError for a sentence that cannot be read.
    """
    from attention.models import reader

    if not settings.real:
        return settings, ()
    if not settings.text.strip():
        raise AttentionError("empty_text")
    capture = reader.capture(settings.model, settings.text, folders=False)
    try:
        capture.check(settings.layer, settings.head)
    except SelectionError as error:
        layer, head = min(settings.layer, capture.n_layers - 1), min(settings.head, capture.n_heads - 1)
        return replace(settings, layer=layer, head=head), (str(error),)
    return settings, ()


def _lists(settings: RealHead) -> dict[str, gr.Dropdown]:
    """The layers and heads of the model, as far as it is loaded or known, and the chosen ones."""
    from attention.models import catalog, loader

    counts = {"layer": UNKNOWN, "head": UNKNOWN}
    row = catalog.row(settings.model)
    if row and row.layers:
        counts = {"layer": row.layers, "head": row.heads}
    with suppress(AttentionError):  # no model is called so
        loaded = loader.MODELS.peek(loader.resolve(settings.model))
        counts = {"layer": loaded.n_layers, "head": loaded.n_heads} if loaded else counts
    chosen = {name: getattr(settings, name) for name in counts}
    return {
        name: gr.Dropdown(choices=numbered(max(count, chosen[name] + 1)), value=chosen[name])
        for name, count in counts.items()
    }


def _offered(offer: "Offer", settings: RealHead) -> gr.Dropdown:
    """The list of a setting whose options a model decides; what is chosen stays while the model has it, or gives way to the first.

    Raises: AttentionError where the model cannot say.
    """
    options = offer.options(settings)
    chosen = getattr(settings, offer.setting)
    choices: list[tuple[str, str | int | float]] = [(title, key) for key, title in options.items()]
    return gr.Dropdown(choices=choices, value=chosen if chosen in options else choices[0][1])


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
