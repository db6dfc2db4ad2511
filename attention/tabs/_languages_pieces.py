"""What the Languages tab answers about tokenizers: no weights are loaded for any of it.

`ready` are the models whose tokenizers are there, and None before the first of them are: what is chosen may still be on its way.
"""

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


def on_pieces(cut: Any, ready: Any, shown: Any) -> tuple[Any, Any]:
    """The pieces of the sentence, after it or the tokenizers became others: status only where it fails, pieces."""
    if not isinstance(shown, Languages) or not isinstance(ready, tuple):
        return gr.skip(), gr.skip()  # drawn when both are there
    try:
        from attention.share import languages_pieces

        settings = checked(Languages, {**asdict(shown), "cut": cut, "tokenizers": "\n".join(ready)})
        return gr.skip(), packed(languages_pieces.cut(settings))
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return _lines.said(error), gr.skip()


def on_cut(cut: Any, ready: Any, shown: Any) -> tuple[Any, Any]:
    """Another sentence: status, pieces."""
    status, pieces = on_pieces(cut, ready, shown)
    return (line.render() if status == gr.skip() else status), pieces


def on_tokenizers(chosen: Any) -> Generator[tuple[Any, Any, Any], None, None]:
    """The tokenizers that are chosen, told while they are read: status, table, which are ready."""
    try:
        if not isinstance(chosen, list) or not all(isinstance(one, str) for one in chosen):
            choices = "names of models"
            raise SelectionError("bad_choice", name="tokenizers", choices=choices, got=str(chosen)[:40])
        yield from _read(checked(Languages, {"tokenizers": "\n".join(chosen)}))
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        yield _lines.said(error), gr.skip(), gr.skip()


def on_price(price: Any) -> tuple[Any, Any]:
    """Another measure in the table, which has the numbers of all: status, table."""
    try:
        return line.render(), gr.HTML(price=checked(Languages, {"price": price}).price)
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return _lines.said(error), gr.skip()


def _read(settings: Languages) -> Generator[tuple[Any, Any, Any], None, None]:
    from attention.models import tokenizers
    from attention.share import languages_pieces

    for model in languages_pieces.checked(settings):

        def load(tell: Tell, stop: threading.Event, name: str = model) -> object:
            return tokenizers.load_tokenizer(name, progress=tell, cancel=stop)

        with closing(told(load)) as steps:
            for doing, share in steps:
                said = line.render((languages_pieces.title(model), "strong"), doing, kind="busy", share=share)
                yield said, gr.skip(), gr.skip()
    yield line.render(), packed(languages_pieces.table(settings)), settings.models
