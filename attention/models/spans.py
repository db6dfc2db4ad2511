"""Which slice of the original text each token stands for, and how that slice is shown.

Tokenizers report offsets, but with habits: a prefix mark (▁, Ġ) claims the first letter of the next piece or the blank before
it; byte-level ones cut blanks off, even off a token that is nothing else; a combining mark that was composed away or dropped
belongs to no token. Here every slice is one a person would point at.
"""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import regex

from attention.models.words import GRAPHEMES, Span, grapheme_ends

MARKS = "▁Ġ"
"""How sentencepiece and byte-level tokenizers write a blank."""

BLANK = "␣"
_LINE_ENDS = dict.fromkeys("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", "↵")
_SIGNS = {**_LINE_ENDS, "\t": "⇥"}

_JOINERS = "\u200c\u200d"
_KEPT = rf"{_JOINERS}\uFE00-\uFE0F\U000E0020-\U000E007F\U000E0100-\U000E01EF"
"""Invisible, but they shape their neighbors: joiners, variation selectors, the tags of some flags."""
_DIRECTING = r"\u202A-\u202E\u2066-\u2069"
"""Embeddings, overrides and isolates: they would turn their neighbors around."""
_INVISIBLE = regex.compile(rf"[\p{{Default_Ignorable_Code_Point}}--[{_KEPT}{_DIRECTING}]]", regex.V1)
_NAMED = regex.compile(rf"[{_DIRECTING}\x80-\x9F\p{{Cn}}\p{{Co}}\p{{Cs}}--\p{{Emoji}}]", regex.V1)
_IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}")
_LEADING = regex.compile(rf"^[{_KEPT}]+", regex.V1)
_TOWER = regex.compile(r"(\p{M}{8})\p{M}+", regex.V1)


class Piece(NamedTuple):
    """A token as its tokenizer reports it: its own spelling, and offsets in characters of the original text."""

    id: int
    spelling: str
    offsets: Span


def true_spans(text: str, pieces: Sequence[Piece]) -> list[Span]:
    """The slice of each token of one text, without blanks at its ends.

    A mark in front of a word has an empty slice where the word starts; a token of blanks keeps them. Combining marks and
    joiners that no token claims go with the character they follow.
    """
    spans: list[Span] = []
    reached = 0
    for index, piece in enumerate(pieces):
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        spans.append(_true_span(text, piece, following, reached))
        reached = max(reached, spans[-1][1])
    return _with_marks(text, spans)


def parts_of(spans: Sequence[Span]) -> list[tuple[int, int] | None]:
    """(2, 4) for the second of four tokens whose slices overlap, because they share one character; None for the others."""
    parts: list[tuple[int, int] | None] = [None] * len(spans)
    sharing: list[int] = []
    reached = 0
    for index, (start, end) in enumerate(spans):
        if start == end:
            continue
        if start >= reached:
            sharing = []
        sharing.append(index)
        reached = max(reached, end)
        if len(sharing) > 1:
            for rank, member in enumerate(sharing, start=1):
                parts[member] = (rank, len(sharing))
    return parts


def gaps_of(text: str, spans: Sequence[Span]) -> list[Span]:
    """The longest slices that belong to no token, in order."""
    gaps = []
    reached = 0
    for start, end in sorted(spans):
        if start > reached:
            gaps.append((reached, start))
        reached = max(reached, end)
    if reached < len(text):
        gaps.append((reached, len(text)))
    return gaps


def shown(piece: str) -> str:
    """How a slice is displayed: as typed, except for what cannot be seen or would disturb its neighbors.

    Blanks alone become ␣ ↵ ⇥, an empty slice ␣. Control characters become their pictures (␀); those that turn the direction
    of writing, and code points without a character, are named (⟨U+202E⟩). Other invisible characters are left out, or named
    (U+200B) when there is nothing else. A combining mark at the start sits on ◌, and at most eight marks stand on one letter.
    """
    if not piece.strip():
        return "".join(_SIGNS.get(character, BLANK) for character in piece) or BLANK
    visible = _LEADING.sub("", _INVISIBLE.sub("", piece)).rstrip(_JOINERS)
    if all(_IGNORABLE.match(character) for character in visible) or (len(piece) == 1 and _NAMED.match(piece)):
        return f"U+{ord(piece[0]):04X}" + ("…" if len(piece) > 1 else "")
    visible = "".join(_drawn(character) for character in _TOWER.sub(r"\1", visible))
    return "◌" + visible if unicodedata.category(visible[0]).startswith("M") else visible


def quoted(text: str, most: int = 90) -> str:
    """A text as it stands inside a sentence: in quotation marks, shown, isolated from the direction around it.

    most: how many of its visible characters are kept; never part of one.
    """
    characters = GRAPHEMES.findall(text)
    cut = len(characters) > most
    kept = "".join(characters[: most - cut])
    return f"“\u2068{shown(kept) if kept else ''}{'…' * cut}\u2069”"


def is_punctuation(piece: str) -> bool:
    """Whether all of a slice that can be seen is Unicode P* or S* (an emoji is, with its selectors and joiners)."""
    visible = [character for character in piece if not _IGNORABLE.match(character)]
    return bool(visible) and all(unicodedata.category(character)[0] in "PS" for character in visible)


def _drawn(character: str) -> str:
    if character in _SIGNS:
        return _SIGNS[character]
    if _NAMED.match(character):
        return f"⟨U+{ord(character):04X}⟩"
    if unicodedata.category(character) == "Cc":
        return chr(0x2400 + ord(character)) if ord(character) < 32 else "␡"
    return " " if character.isspace() else character


def _true_span(text: str, piece: Piece, following: Piece | None, reached: int) -> Span:
    """reached: where the text read so far ends."""
    start, end = piece.offsets
    slice_ = text[start:end]
    blank = not slice_.strip()
    overlapping = following is not None and following.offsets[0] < end
    if piece.spelling and not piece.spelling.strip(MARKS) and (blank or overlapping):
        word = _word_after(text, piece, following)
        if word is not None:
            return word, word
        if start == end:  # its blanks were cut off
            start, end = reached, reached + len(piece.spelling)
        whole = end <= len(text) and text[start:end].isspace()
        return (start, end) if whole else (reached, reached)
    if blank:
        return start, end
    return end - len(slice_.lstrip()), start + len(slice_.rstrip())


def _word_after(text: str, mark: Piece, following: Piece | None) -> int | None:
    """Where the word starts that a lone mark stands in front of; None when it stands for blanks and nothing else."""
    if len(mark.spelling) > 1 or following is None or following.spelling[:1] in MARKS:
        return None
    start, end = following.offsets
    word = text[start:end]
    start = end - len(word.lstrip())
    between = text[min(mark.offsets[1], start) : start]
    return start if word.strip() and not between.strip() else None


def _with_marks(text: str, spans: list[Span]) -> list[Span]:
    ends = grapheme_ends(text)
    claimed = bytearray(len(text))
    for start, end in spans:
        claimed[start:end] = b"\1" * (end - start)
    grown = []
    for start, end in spans:
        if text[start:end].strip():
            while end not in ends and not claimed[end]:
                end += 1
        grown.append((start, end))
    return grown
