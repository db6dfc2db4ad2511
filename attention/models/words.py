"""Words of a text, and which tokens make up each.

Words are Unicode's (annex 29) as ICU finds them, in the original text and never in blanks or in a tokenizer's opinion: "didn't"
and "3.14" are one word, "tired," is two, "e-mail" three, a family emoji one. Chinese, Japanese, Thai, Lao, Khmer and Burmese
write no blanks between words: there ICU's dictionaries decide. A few more scripts write none and have no dictionary: there
every piece of the tokenizer counts as a word.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

import regex
from icu4py.breakers import WordBreaker

GRAPHEMES = regex.compile(r"\X", regex.V1)
"""One character as a person sees it."""
_SPOKEN = regex.compile(r"[\p{L}\p{N}]")


def _letters_of(*scripts: str) -> "regex.Pattern[str]":
    """The second half: letters that several scripts share, such as the long vowel mark ー."""
    return regex.compile(
        "|".join(rf"\p{{Script={script}}}|(?=\p{{L}})\p{{Script_Extensions={script}}}" for script in scripts), regex.V1
    )


_UNKNOWN = ("Tibetan", "Javanese", "Balinese", "Tai_Tham", "Tai_Le", "New_Tai_Lue", "Tai_Viet", "Ahom")
_WORDLESS = _letters_of(*_UNKNOWN)
_UNSPACED = _letters_of("Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar", *_UNKNOWN)

Span = tuple[int, int]


@lru_cache(maxsize=2)  # a text and its pair: whoever asks for one of them asks again at once
def grapheme_ends(text: str) -> frozenset[int]:
    """Where the characters a person sees end (annex 29): a letter with its marks, an emoji sequence, a flag."""
    return frozenset(match.end() for match in GRAPHEMES.finditer(text))


def is_unspaced(text: str) -> bool:
    """Whether some character belongs to a script that writes no blanks between words."""
    return _UNSPACED.search(text) is not None


def is_wordless(text: str) -> bool:
    """Whether some character belongs to a script that writes no blanks between words and has no dictionary here."""
    return _WORDLESS.search(text) is not None


def word_edges(text: str) -> list[int]:
    """Sorted positions where a word may start or end, never inside a visible character.

    In a script whose words cannot be found that is around every visible character, so that pieces decide.
    Raises: UnicodeEncodeError for half a character (a lone surrogate).
    """
    return list(_edges(text))


@lru_cache(maxsize=2)
def _edges(text: str) -> tuple[int, ...]:
    edges = set(accumulate(map(len, WordBreaker(text, "root")))) & grapheme_ends(text)
    if is_wordless(text):
        for match in GRAPHEMES.finditer(text):
            if _WORDLESS.match(text, match.start()):
                edges.update(match.span())
    return tuple(sorted(edges | {0, len(text)}))


def joins_words(text: str, spans: Sequence[Span]) -> bool:
    """Whether some slice reaches over several words with a letter or digit in them."""
    words = [(start, end) for start, end in pairwise(_edges(text)) if _SPOKEN.search(text, start, end)]
    starts = [start for start, _ in words]
    ends = [end for _, end in words]
    return any(bisect_left(starts, end) - bisect_left(ends, start + 1) > 1 for start, end in spans if start < end)


def number_words(text: str, spans: Sequence[Span | None], first: int = 0) -> list[int]:
    """The word number of every token of one text: -1 for specials (span None), else counted from `first` in text order.

    Tokens share a word when no word starts or ends between them; a token over several words joins them. A token with an
    empty span (the mark in front of a word) belongs to the word that follows it, or is a word of its own before a special.
    """
    edges = _edges(text)
    numbers: list[int] = []
    word, reached, waiting = first - 1, -1, 0
    for span in [*spans, None]:
        if span is not None and span[0] == span[1]:
            waiting += 1
            continue
        if span is None:
            word += bool(waiting)
            numbers += [word] * waiting + [-1]
            reached = -1
        else:
            apart = reached < 0 or bisect_left(edges, reached) < bisect_left(edges, span[0] + 1)
            word += apart
            numbers += [word] * (waiting + 1)
            reached = max(reached, span[1])
        waiting = 0
    return numbers[:-1]
