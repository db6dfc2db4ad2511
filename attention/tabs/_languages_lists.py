"""What the Languages tab answers about its lists of heads, and about reading the whole set."""

import threading
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import asdict
from typing import Any

import gradio as gr

from attention.errors import SelectionError
from attention.models import catalog, parallel
from attention.share.links import to_query
from attention.share.settings.kinds import checked
from attention.share.settings.languages import Languages
from attention.tabs import _lines
from attention.tabs._picture import packed
from attention.tabs._progress import told
from attention.views import line


def skip() -> Any:
    """What stays as it is."""
    return gr.skip()


def changed(shown: Any, changes: Mapping[str, Any]) -> Languages:
    """What is shown, with these settings. Raises: SelectionError, whatever a browser may send."""
    if not isinstance(shown, Languages):
        raise SelectionError("nothing_read")
    return checked(Languages, {**asdict(shown), **changes})


def on_list(listed: Any, shown: Any) -> tuple[Any, Any]:
    """The other list of heads: status, list."""
    try:
        settings = changed(shown, {"listed": listed})
        return line.render(), lists(settings)[0]
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return _lines.said(error), skip()


def on_build(shown: Any) -> Generator[Any, None, None]:
    """Reads the whole set with the model that is shown: the status of the list."""
    try:
        from attention.models import languages

        settings = changed(shown, {})

        def work(tell: Any, stop: threading.Event) -> Any:
            return languages.agreement(settings.model, progress=tell, cancel=stop)

        with closing(told(work)) as steps:
            for doing, share in steps:
                yield line.render(doing, kind="busy", share=share)
        yield line.render()
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        yield _lines.said(error)


def on_built(listed: Any, shown: Any) -> tuple[Any, Any, Any]:
    """What is on the page now, after the whole set was read: list, button, figure."""
    try:
        settings = changed(shown, {"listed": listed})
        return *lists(settings), drawn(settings)
    except Exception as error:  # noqa: BLE001 - the status has said what is wrong
        _lines.said(error)
        return skip(), skip(), skip()


def on_stop() -> dict:
    """Reading the whole set was cancelled."""
    return line.render("Cancelled; nothing of it was kept.", kind="note")


def drawn(settings: Languages) -> str:
    """The comparison, and the query that shows it again. Raises: AttentionError."""
    from attention.share import languages_comparison

    return packed(languages_comparison.comparison(settings) | {"address": to_query("languages", settings)})


def lists(settings: Languages) -> tuple[Any, Any]:
    """The list of heads, or the button that fills it."""
    from attention.share import languages_heads

    listed = languages_heads.heads(settings)
    empty: dict[str, Any] = {
        "rows": [],
        "languages": [],
        "measure": "",
        "note": _unread(settings.model),
        "selected": None,
    }
    return packed(listed or empty), gr.Button(visible=listed is None)


def _unread(model: str) -> str:
    row = catalog.row(model)
    count = sum(len(meaning.sentences) for meaning in parallel.meanings())
    return f"{row.title if row else model} has not read the whole set yet: {count} sentences, some seconds for a small model."
