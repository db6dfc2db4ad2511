"""What a token is to everything above the tokenizer."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a text as a person reads it.

    text: the slice of the original text it stands for, never a tokenizer's own marks.
    id: its row in the model's vocabulary.
    start, end: half-open slice of its text (of the second text where segment is 1); empty for specials.
    word: zero-based word number, unique over both texts; -1 for specials.
    special: added by the tokenizer ([CLS], </s>), not written by the person.
    punctuation: every character is Unicode P* or S*.
    segment: 0 for the first text and specials, 1 for the second text.
    part: (2, 4) for the second of four pieces that share one character; None for whole characters.
    unknown: the model has no piece for it.
    """

    text: str
    id: int
    start: int
    end: int
    word: int
    special: bool = False
    punctuation: bool = False
    segment: int = 0
    part: tuple[int, int] | None = None
    unknown: bool = False

    @property
    def note(self) -> str:
        """What the label alone cannot say, in a few words; empty when there is nothing."""
        notes = []
        if self.part is not None:
            notes.append(f"piece {self.part[0]} of {self.part[1]} of one character")
        if self.unknown:
            notes.append("unknown to this model")
        if self.start == self.end and not self.special:
            notes.append("marks the start of a word")
        return ", ".join(notes)


@dataclass(frozen=True, slots=True)
class Text:
    """A text, or a pair, cut into tokens by one tokenizer.

    text, pair: as typed.
    tokens: in model order, specials included.
    inputs: what the model is fed, by argument name (input_ids, token_type_ids), each of length len(tokens).
    gaps: (segment, start, end) slices that belong to no token (blanks, ignored characters).
    pieces_as_words: some word is a tokenizer's piece, because its script writes no blanks and has no dictionary here.
    words_joined: some piece holds several words, which therefore count as one.
    """

    text: str
    pair: str | None
    tokens: tuple[Token, ...]
    inputs: dict[str, tuple[int, ...]]
    gaps: tuple[tuple[int, int, int], ...] = ()
    pieces_as_words: bool = False
    words_joined: bool = False


def right_to_left(text: str) -> bool:
    """Whether a text is read from right to left: its first letter with a direction decides, isolated stretches left out.

    A text without such a letter is read from left to right.
    Source: Unicode's annex 9, rules P2 and P3.
    """
    isolates = 0
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("LRI", "RLI", "FSI"):
            isolates += 1
        elif kind == "PDI":
            isolates = max(0, isolates - 1)
        elif kind == "B":  # a new paragraph
            isolates = 0
        elif not isolates and kind in ("L", "R", "AL"):
            return kind != "L"
    return False
