"""The lines of text the Explore tab keeps up to date: the counter, the status, what a tokenizer left out."""

import logging
from typing import Any

import gradio as gr

from attention.errors import MESSAGES, AttentionError, ModelError, TextError
from attention.models import catalog
from attention.views import line

QUIET = line.render()
_log = logging.getLogger(__name__)


def said(error: BaseException) -> dict:
    """The status line for an error: its sentence, or the last-resort sentence for one nobody planned."""
    if isinstance(error, AttentionError):
        return line.render(str(error), kind="error")
    _log.error("unexpected error", exc_info=error)
    return line.render(MESSAGES["unexpected"], kind="error")


def named(model: object) -> str:
    """What stands in the model picker. Raises: ModelError for what no picker holds."""
    if not isinstance(model, str):
        raise ModelError("bad_model_id", got=str(model)[:60])
    return model


def sent(event: gr.EventData, name: str) -> Any:
    """What the browser's event says under this name; None where it says nothing, whatever its shape."""
    try:
        return getattr(event, name)
    except (AttributeError, TypeError):
        return None


def typed(text: object) -> str:
    """What stands in a text box, empty for nothing. Raises: TextError for what no text box holds."""
    if text is not None and not isinstance(text, str):
        raise TextError("text_not_string", got=type(text).__name__)
    return text or ""


def counter(model: object, text: object, pair: object) -> dict:
    """The counter's line, or the sentence that says why a text cannot be read. Counting never loads a model."""
    from attention.models import reader

    try:
        name, first, second = named(model), typed(text), typed(pair)
        row = catalog.row(name)
        found = reader.count(name, first, second or None) if first.strip() else (0, 0)
    except AttentionError as error:
        return line.render((str(error), "strong"))
    if found is None:
        return line.render("Tokens are counted once the model is loaded", *facts(row))
    return counted(found[0], name, row.note if row else "", found[1])


def counted(n: int, model: str, note: str, limit: int | None = None) -> dict:
    """The counter of a text of n tokens."""
    from attention.models import loader

    row = catalog.row(model)
    if not limit:
        loaded = loader.MODELS.peek(loader.resolve(model))
        limit = loaded.limit if loaded else 0
    over = ((f"{n - limit:,} too many", "accent"),) if limit and n > limit else ()
    return line.render((f"{n:,} of {limit:,} tokens", "strong"), *over, *facts(row), f"{note} weights" if note else "")


def unread(text: str, pair: str | None, gaps: tuple[tuple[int, int, int], ...]) -> dict:
    """A quiet line, or how many characters other than blanks the tokenizer left out: nothing is dropped unsaid."""
    slices = ((pair or "") if segment else text for segment, _, _ in gaps)
    left_out = [
        c for source, (_, start, end) in zip(slices, gaps, strict=True) for c in source[start:end] if not c.isspace()
    ]
    if not left_out:
        return QUIET
    kinds = ", ".join(
        dict.fromkeys(f"U+{ord(c):04X}" for c in left_out[:200]).keys() if len(set(left_out)) <= 3 else ()
    )
    which = f" ({kinds})" if kinds else ""
    return line.render(
        f"This model's tokenizer leaves out {len(left_out):,} characters of this text{which}.", kind="note"
    )


def waiting() -> dict:
    """What the page is waiting for until its first live picture."""
    row = catalog.row(catalog.default())
    return line.render(
        (row.title if row else catalog.default(), "strong"), "is loading; the picture below is recorded", kind="busy"
    )


def facts(row: catalog.Row | None) -> list[str]:
    """What a person wants to know of a model before reading with it."""
    if row is None or row.source == "local":
        return []
    return [f"{row.family}, {row.layers} × {row.heads} heads", row.languages, f"{row.megabytes:,} MB", row.license]
