"""What the Languages tab answers about tokenizers: no weights are loaded for any of it."""

import threading
from collections.abc import Generator
from contextlib import closing
from dataclasses import asdict
from typing import Any

import gradio as gr

from attention.errors import SelectionError
from attention.share.settings.kinds import checked
from attention.share.settings.languages import Languages
from attention.tabs import _lines
from attention.tabs._picture import packed
from attention.tabs._progress import Tell, told
from attention.views import line


def pieces(settings: Languages) -> str:
    """The figure of one sentence's pieces. Raises: as languages_pieces.cut."""
    from attention.share import languages_pieces

    return packed(languages_pieces.cut(settings))


def on_cut(cut: Any, shown: Any) -> tuple[Any, Any, Any]:
    """Another sentence: status, pieces, what is shown."""
    try:
        settings = _changed(shown, {"cut": cut})
        return line.render(), pieces(settings), settings
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return _lines.said(error), gr.skip(), gr.skip()


def on_tokenizers(chosen: Any, shown: Any) -> Generator[tuple[Any, Any, Any, Any], None, None]:
    """Other tokenizers, told while they are read: status, pieces, table, what is shown."""
    try:
        if not isinstance(chosen, list) or not all(isinstance(one, str) for one in chosen):
            choices = "names of models"
            raise SelectionError("bad_choice", name="tokenizers", choices=choices, got=str(chosen)[:40])
        settings = _changed(shown, {"tokenizers": "\n".join(chosen)})
        yield from _told(settings)
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        yield _lines.said(error), gr.skip(), gr.skip(), gr.skip()


def on_table(shown: Any) -> tuple[Any, Any]:
    """The table of all languages, with the first view."""
    try:
        from attention.share import languages_pieces

        return line.render(), packed(languages_pieces.table(_changed(shown, {})))
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return _lines.said(error), gr.skip()


def on_price(price: Any, shown: Any) -> tuple[Any, Any, Any]:
    """Another measure in the table, which has the numbers of all: status, table, what is shown."""
    try:
        settings = _changed(shown, {"price": price})
        return line.render(), gr.HTML(price=settings.price), settings
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return _lines.said(error), gr.skip(), gr.skip()


def _told(settings: Languages) -> Generator[tuple[Any, Any, Any, Any], None, None]:
    from attention.models import tokenizers
    from attention.share import languages_pieces

    for model in languages_pieces.checked(settings):

        def load(tell: Tell, stop: threading.Event, name: str = model) -> object:
            return tokenizers.load_tokenizer(name, progress=tell, cancel=stop)

        with closing(told(load)) as steps:
            for doing, share in steps:
                said = line.render((languages_pieces.title(model), "strong"), doing, kind="busy", share=share)
                yield said, gr.skip(), gr.skip(), gr.skip()
    yield line.render(), pieces(settings), packed(languages_pieces.table(settings)), settings
    yield (gr.skip(),) * 4  # gradio sends the last answer of a generator a second time, in full


def _changed(shown: Any, changes: dict[str, Any]) -> Languages:
    """What is shown, with these settings; before anything was read, the first view. Raises: SelectionError."""
    before = shown if isinstance(shown, Languages) else Languages()
    return checked(Languages, {**asdict(before), **changes})
