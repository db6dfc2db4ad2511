"""What each command does: its arguments in, the lines for stdout out."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attention.command import tables
from attention.command.files import check_output, shown, text_of, write
from attention.command.parser import FIGURES, SCORES

if TYPE_CHECKING:  # help is there before torch is
    from attention.core.capture import Capture
    from attention.share.selection import Selection


def figure(given: Namespace) -> str:
    """Writes one head as its file's ending says; says what was written."""
    return _written(given, FIGURES, all_heads=False)


def page(given: Namespace) -> str:
    """Writes one head, or all, as one interactive file; says what was written."""
    return _written(given, (".html",), all_heads=given.all_heads)


def rank(given: Namespace) -> str:
    """The heads worth a look, or a file of all scores."""
    from attention.share.endpoint_rows import patterns_of

    path = None if given.output is None else check_output(given.output, SCORES, force=given.force)
    capture = _read(given)
    if path is not None:
        from attention.share import data_files

        write(path, data_files.scores(capture, path.suffix[1:].lower()))
        return f"{shown(path)}\n"
    found = patterns_of(capture, given.limit)
    return _json(found) if given.json else tables.of_patterns(found)


def tokenize(given: Namespace) -> str:
    """The tokens of a text."""
    from attention.models import loader
    from attention.share.endpoint_rows import tokens_of

    text = text_of(given.text)
    found = tokens_of(loader.load(given.model, progress=_progress(), folders=True), text, given.pair)
    return _json(found) if given.json else tables.of_tokens(found)


def models(given: Namespace) -> str:
    """The models that can be read."""
    from attention.share import endpoints

    found = endpoints.models()
    return _json(found) if given.json else tables.of_models(found)


COMMANDS: Mapping[str, Callable[[Namespace], str]] = {
    "figure": figure, "page": page, "rank": rank, "tokenize": tokenize, "models": models,
}  # fmt: skip


def _written(given: Namespace, endings: tuple[str, ...], *, all_heads: bool) -> str:
    path = check_output(given.output, endings, force=given.force)
    capture = _read(given)
    selection = _selection(given, capture)
    write(path, _content(capture, selection, given, path, all_heads))
    return f"{shown(path)}\n"


def _content(capture: "Capture", selection: "Selection", given: Namespace, path: Path, all_heads: bool) -> str | bytes:
    ending = path.suffix.lower()
    if ending == ".html":
        from attention.share import standalone

        return standalone.head_page(capture, selection, mode=given.mode, theme=given.theme, all_heads=all_heads)
    if ending in SCORES:
        from attention.share import data_files

        return data_files.weights(capture, selection, ending[1:])
    from attention.share import figures

    return figures.save(capture, selection, ending[1:], mode=given.mode, theme=given.theme)


def _read(given: Namespace) -> "Capture":
    from attention.models import reader

    return reader.capture(given.model, text_of(given.text), given.pair, progress=_progress())


def _selection(given: Namespace, capture: "Capture") -> "Selection":
    """Raises: SelectionError for a head, row or view that is not there."""
    from attention.share.pictures import checked
    from attention.share.selection import Selection

    head = None if given.head == "mean" else given.head
    return checked(capture, Selection(given.layer, head, given.query, given.level, given.measure))


def _json(found: Any) -> str:
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _progress() -> Callable[[str, float], None]:
    """Tells a person at a terminal what is being waited for; tells a script nothing."""

    def tell(doing: str, _share: float) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{doing}" if doing != "checking its attention" else "\r\033[K")
            sys.stderr.flush()

    return tell
