"""From what was read to what is sent: the rows of the endpoints' answers, and of the command line's."""

from attention.core.capture import Capture
from attention.core.names import head_name
from attention.core.patterns import rank
from attention.errors import TextError
from attention.models.loaded import LoadedModel
from attention.models.tokens import read_text
from attention.share.endpoint_results import VERSION, PatternRow, Patterns, Place, Source, TokenRow, Tokens, View, five
from attention.share.pictures import explained, places, title
from attention.share.selection import Selection


def source_of(capture: Capture) -> Source:
    """What was read."""
    return Source(version=VERSION, model=capture.model, revision=capture.revision, note=capture.note)


def tokens_of(model: LoadedModel, text: str, pair: str | None = None) -> Tokens:
    """The tokens of a text. Raises: TextError as reading it would."""
    tokens = read_text(model.tokenizer, text, pair, name=model.id).tokens
    if len(tokens) > model.limit:
        raise TextError("too_many_tokens", got=len(tokens), model=model.id, limit=model.limit)
    rows = [
        TokenRow(
            pos=pos, text=token.text, id=token.id, start=token.start, end=token.end, word=token.word,
            special=token.special, segment=token.segment, unknown=token.unknown,
        )
        for pos, token in enumerate(tokens)
    ]  # fmt: skip
    found = Source(version=VERSION, model=model.id, revision=model.revision, note=model.note)
    return Tokens(**found, tokens=rows, limit=model.limit)


def patterns_of(capture: Capture, limit: int) -> Patterns:
    """The heads worth a look, best first. Raises: SelectionError when limit is not a whole number from 1 up."""
    rows = [
        PatternRow(
            layer=one.layer, head=one.head, name=head_name(one.layer, one.head), pattern=one.pattern, title=one.title,
            score=five(one.score), share=five(one.share), chance=five(one.chance), rows=one.rows, reason=one.reason,
        )
        for one in rank(capture, limit)
    ]  # fmt: skip
    return Patterns(**source_of(capture), tokens=len(capture.tokens), patterns=rows)


def view_of(capture: Capture, selection: Selection) -> View:
    """What is shown of which head."""
    return View(
        **source_of(capture), name=title(selection), level=selection.level, measure=selection.measure,
        explained=explained(capture, selection),
    )  # fmt: skip


def places_of(capture: Capture, selection: Selection) -> list[Place]:
    """The rows and columns of a view: tokens or words."""
    found = places(capture, selection)
    return [Place(pos=pos, text=one.text, special=one.special, segment=one.segment) for pos, one in enumerate(found)]
