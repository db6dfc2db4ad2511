"""From a tokenizer's encoding to tokens as a person reads them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import regex

from attention.core.tokens import Text, Token
from attention.errors import TextError
from attention.models.spans import Piece, gaps_of, is_punctuation, parts_of, shown, true_spans
from attention.models.words import is_wordless, joins_words, number_words

if TYPE_CHECKING:
    import transformers

MAX_CHARACTERS = 20_000
"""Of both texts together: more is refused before any tokenizer sees it."""

_HALF_CHARACTER = regex.compile(r"[\ud800-\udfff]")
_STRUCTURE = ("bos_token_id", "eos_token_id", "sep_token_id", "cls_token_id", "pad_token_id")


def read_text(
    tokenizer: "transformers.PreTrainedTokenizerBase", text: str, pair: str | None = None, *, name: str = "This model"
) -> Text:
    """The tokens of a text, or of a pair, with everything the tokenizer adds. Nothing is cut or padded.

    Special are the tokens that the tokenizer added, and those that a person typed and that mean structure to the model
    ("[SEP]", "<s>"): these keep their slice, but belong to no word. A typed "[MASK]" is an ordinary token.
    pair: a second text; blank counts as none. name: the model's, for messages.
    Raises: TextError empty_text, too_many_characters, half_character, no_tokens, unreadable_text.
    """
    pair = _checked(text, pair)
    if not text.strip():
        raise TextError("empty_text")
    encoding, inputs = _encode(tokenizer, text, pair, name)
    ids, spellings, segments = encoding.ids, encoding.tokens, encoding.sequence_ids  # each read copies the whole list
    raw = [Piece(*found) for found in zip(ids, spellings, encoding.offsets, strict=True)]
    tokens = [Token(piece.spelling, piece.id, 0, 0, -1, special=True) for piece in raw]
    gaps: list[tuple[int, int, int]] = []
    words, joined = 0, False
    for segment, source in enumerate([text] if pair is None else [text, pair]):
        members = [index for index, found in enumerate(segments) if found == segment]
        read = _read_segment(tokenizer, source, segment, [raw[index] for index in members], words)
        for index, token in zip(members, read, strict=True):
            tokens[index] = token
        words = max([words, *(token.word + 1 for token in read)])
        gaps += [(segment, start, end) for start, end in gaps_of(source, [(t.start, t.end) for t in read])]
        joined |= joins_words(source, [(t.start, t.end) for t in read if not t.special])
    written = [token for token in tokens if not token.special]
    if not written:
        raise TextError("no_tokens", model=name)
    wordless = is_wordless(text + (pair or "")) and any(
        is_wordless((pair or "" if t.segment else text)[t.start : t.end]) for t in written
    )
    return Text(text, pair, tuple(tokens), inputs, tuple(gaps), wordless, joined)


def count_tokens(
    tokenizer: "transformers.PreTrainedTokenizerBase", text: str, pair: str | None = None, *, name: str = "This model"
) -> int:
    """How many tokens read_text would find, specials included; 0 for a blank text, which is never read.

    Raises: TextError too_many_characters, half_character, unreadable_text.
    """
    pair = _checked(text, pair)
    return len(_encode(tokenizer, text, pair, name)[0].ids) if text.strip() else 0


def _checked(text: str, pair: str | None) -> str | None:
    """The second text, or None where it is blank."""
    length = len(text) + len(pair or "")
    if length > MAX_CHARACTERS:
        raise TextError("too_many_characters", got=length, limit=MAX_CHARACTERS)
    for which, source in (("text", text), ("second text", pair or "")):
        half = _HALF_CHARACTER.search(source)
        if half is not None:
            raise TextError("half_character", position=half.start(), which=which)
    return pair if pair and pair.strip() else None


def _encode(tokenizer: Any, text: str, pair: str | None, name: str) -> tuple[Any, dict[str, tuple[int, ...]]]:
    """The backend's encoding, and what the model is fed."""
    try:
        batch = tokenizer(text, pair, truncation=False, padding=False, verbose=False)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic in the tokenizer's native code is not an Exception
        reason = (str(error).splitlines() or [type(error).__name__])[0][:80]
        raise TextError("unreadable_text", model=name, reason=reason) from error
    if not batch.encodings:
        raise TextError("unreadable_text", model=name, reason="it does not say where its pieces come from")
    encoding = batch.encodings[0]
    inputs = {"input_ids": tuple(encoding.ids)}
    if "token_type_ids" in tokenizer.model_input_names:
        inputs["token_type_ids"] = tuple(encoding.type_ids)
    return encoding, inputs


def _read_segment(
    tokenizer: Any, text: str, segment: int, pieces: Sequence[Piece], first_word: int
) -> list[Token]:  # fmt: skip
    """The tokens of one text, in order."""
    structure = {getattr(tokenizer, role, None) for role in _STRUCTURE} - {tokenizer.mask_token_id}
    unknown = tokenizer.unk_token_id
    special = [piece.id in structure for piece in pieces]
    spans = true_spans(text, pieces)
    words = number_words(text, [None if s else span for s, span in zip(special, spans, strict=True)], first_word)
    parts = parts_of(spans)
    return [
        Token(
            text=shown(text[start:end]),
            id=piece.id,
            start=start,
            end=end,
            word=words[index],
            special=special[index],
            punctuation=not special[index] and is_punctuation(text[start:end]),
            segment=segment,
            part=parts[index],
            unknown=piece.id == unknown and not special[index],
        )
        for index, (piece, (start, end)) in enumerate(zip(pieces, spans, strict=True))
    ]
