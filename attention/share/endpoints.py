"""What programs and agents may ask: plain typed functions, one short JSON answer each. Docstrings are read by the API page and by agents.

Names, parameters and fields of a version stay as they are; what one call takes is limited, and says so in a sentence.
"""

from typing import TYPE_CHECKING, Literal

from attention.errors import SelectionError, TextError
from attention.models import catalog
from attention.share.endpoint_results import (
    VERSION,
    Attended,
    Languages,
    ModelRow,
    Models,
    Patterns,
    Tokens,
    TopAttended,
    Weights,
    five,
)
from attention.share.selection import Selection

if TYPE_CHECKING:  # a page is served before torch is there
    from attention.core.capture import Capture

Level = Literal["token", "word"]
Measure = Literal["raw", "content", "value", "rollout"]

MAX_ROWS = 128
MAX_LISTED = 20
MAX_NAME = 40
LIMITS = {"characters": 20_000, "tokens": 1024, "rows": MAX_ROWS, "listed": MAX_LISTED, "texts": 15}


def models() -> Models:
    """Lists the models whose attention can be read, bundled ones first, and the limits of one call.

    Any public Hub id of a supported family may be used as well.
    """
    listed = [
        ModelRow(
            id=row.id, title=row.title, source=row.source, family=row.family, layers=row.layers, heads=row.heads,
            languages=row.languages, license=row.license, megabytes=row.megabytes, note=row.note,
        )
        for row in catalog.rows()
    ]  # fmt: skip
    return Models(version=VERSION, default=catalog.default(), models=listed, limits=dict(LIMITS))


def tokenize(model: str, text: str, pair: str | None = None) -> Tokens:
    """Cuts a text into the model's tokens, with the marks the model adds.

    Args:
        model: An id of the list of models, or a public Hub id.
        text: The text, at most 20,000 characters and as many tokens as the model reads.
        pair: A second text, for models that read two.
    """
    from attention.models import loader
    from attention.share.endpoint_rows import tokens_of

    _check_text(text)
    return tokens_of(loader.load(model), text, pair)


def top_patterns(model: str, text: str, pair: str | None = None, limit: int = 5) -> Patterns:
    """Finds the heads worth a look on this text: one head per named pattern, with its score above chance and a sentence.

    Args:
        model: An id of the list of models, or a public Hub id.
        text: The text to read, best five words or more.
        pair: A second text, for models that read two.
        limit: How many heads to list, 1 to 20.
    """
    from attention.share.endpoint_rows import patterns_of

    _check_limit(limit)
    return patterns_of(_read(model, text, pair), limit)


def head_weights(
    model: str, text: str, layer: int, head: int, pair: str | None = None, level: Level = "token",
    measure: Measure = "raw",
) -> Weights:  # fmt: skip
    """Gives the attention weights of one head: rows look, columns are looked at, each row sums to 1.

    A row without any weight left, such as one that rests on special tokens only, is all 0. "blocked" lists the columns that a
    row may not look at, such as the later tokens in a decoder.

    Args:
        model: An id of the list of models, or a public Hub id.
        text: The text to read; at most 128 rows are sent.
        layer: The layer, from 0.
        head: The head of that layer, from 0.
        pair: A second text, for models that read two.
        level: Between "token"s, or between "word"s (summed over a word's tokens when looked at, averaged when looking).
        measure: "raw" weights, "content" without special tokens, "value" times value length, or "rollout" up to this layer.
    """
    from attention.share.endpoint_rows import places_of, view_of
    from attention.share.pictures import cells

    capture = _read(model, text, pair)
    selection = Selection(layer, head, level=level, measure=measure).checked(capture)
    places = places_of(capture, selection)
    if len(places) > MAX_ROWS:
        raise SelectionError("too_many_rows", got=len(places), what=f"{level}s", limit=MAX_ROWS)
    weights, allowed = cells(capture, selection)
    rows = [[five(weight) for weight in row] for row in weights.tolist()]
    blocked = [(~row).nonzero().flatten().tolist() for row in allowed]
    return Weights(**view_of(capture, selection), positions=places, weights=rows, blocked=blocked)


def top_attended(
    model: str, text: str, layer: int, head: int, query: int, limit: int = 5, pair: str | None = None,
    level: Level = "token", measure: Measure = "raw",
) -> TopAttended:  # fmt: skip
    """Lists what one token (or word) looks at most in one head, strongest first; what it gives nothing to is not listed.

    Args:
        model: An id of the list of models, or a public Hub id.
        text: The text to read.
        layer: The layer, from 0.
        head: The head of that layer, from 0.
        query: The position that looks, from 0, as tokenize numbers tokens; between words, the word's position.
        limit: How many to list, 1 to 20.
        pair: A second text, for models that read two.
        level: Between "token"s, or between "word"s.
        measure: "raw" weights, "content" without special tokens, "value" times value length, or "rollout" up to this layer.
    """
    from attention.share.endpoint_rows import places_of, view_of
    from attention.share.pictures import cells

    _check_limit(limit)
    capture = _read(model, text, pair)
    selection = Selection(layer, head, query, level, measure).checked(capture)
    places = places_of(capture, selection)
    if not 0 <= query < len(places):
        raise SelectionError("bad_query", got=str(query)[:40], last=len(places) - 1)
    row = cells(capture, selection)[0][query].tolist()
    best = sorted((pos for pos, weight in enumerate(row) if weight > 0), key=lambda pos: -row[pos])[:limit]
    attended = [Attended(**places[pos], weight=five(row[pos])) for pos in best]
    rest = five(max(0.0, sum(row) - sum(row[pos] for pos in best)))
    return TopAttended(**view_of(capture, selection), query=places[query], attended=attended, rest=rest)


def compare_languages(
    model: str, layer: int, head: int, meaning: str = "pronoun", languages: list[str] | None = None,
    texts: dict[str, str] | None = None,
) -> Languages:  # fmt: skip
    """Compares what one head does in several languages: its pattern scores in each, and which of them stay the same.

    Args:
        model: An id of the list of models, or a public Hub id.
        layer: The layer, from 0.
        head: The head of that layer, from 0.
        meaning: Which built-in meaning is read in every language, such as "pronoun", "negation" or "question".
        languages: English names of 2 to 15 of its languages, such as "English" and "Japanese"; all 15 when left out.
        texts: Texts of your own instead, 2 to 15, by language.
    """
    from attention.share.endpoint_rows import source_of
    from attention.share.language_scores import compared, parallel

    given = texts if texts is not None else parallel(meaning, languages)
    if not 2 <= len(given) <= LIMITS["texts"]:
        raise SelectionError("bad_text_count", got=len(given), limit=LIMITS["texts"])
    _check_sizes(given)
    captures = {name: _read(model, text) for name, text in given.items()}
    one = next(iter(captures.values()))
    one.check(layer, head)
    return Languages(**source_of(one), **compared(captures, layer, head))


def _read(model: str, text: str, pair: str | None = None) -> "Capture":
    from attention.models import reader

    _check_text(text)
    return reader.capture(model, text, pair, folders=False)


def _check_text(text: str) -> None:
    if not text.strip():
        raise TextError("no_text")


def _check_sizes(texts: dict[str, str]) -> None:
    """As much together as one text may have; names fit for a table."""
    length, limit = sum(map(len, texts.values())), LIMITS["characters"]
    if length > limit:
        raise TextError("too_many_characters", got=length, limit=limit)
    longest = max(map(len, texts))
    if longest > MAX_NAME:
        raise SelectionError(
            "bad_argument", name="texts", expected=f"by names of at most {MAX_NAME} characters", got=f"{longest:,}"
        )


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_LISTED:
        choices = f"the whole numbers 1 to {MAX_LISTED}"
        raise SelectionError("bad_choice", name="limit", choices=choices, got=str(limit)[:40])


ENDPOINTS = (models, tokenize, top_patterns, head_weights, top_attended, compare_languages)
"""Everything that may be asked, in the order people meet it."""
