"""Words of a text, and which tokens make up each.

Words are Unicode's (annex 29, version of the `regex` package), found in the original text and never in blanks or in a
tokenizer's opinion: "didn't" and "3.14" are one word, "tired," is two, "e-mail" three, a family emoji one. Scripts that write
no blanks between words would need a dictionary: there every piece of the tokenizer counts as a word.
"""

from bisect import bisect_left
from collections.abc import Sequence

import regex

_EDGES = regex.compile(r"\b", regex.V1 | regex.WORD)
_GRAPHEMES = regex.compile(r"\X", regex.V1)
_SCRIPTS = ("Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar", "Tibetan")
_UNSPACED = regex.compile(
    # the second half: letters that several of these share, such as the long vowel mark ー
    "".join(rf"\p{{Script={script}}}|(?=\p{{L}})\p{{Script_Extensions={script}}}|" for script in _SCRIPTS).rstrip("|"),
    regex.V1,
)

Span = tuple[int, int]


def grapheme_ends(text: str) -> frozenset[int]:
    """Where the characters a person sees end (annex 29): a letter with its marks, an emoji sequence, a flag."""
    return frozenset(match.end() for match in _GRAPHEMES.finditer(text))


def is_unspaced(text: str) -> bool:
    """Whether some character belongs to a script that writes no blanks between words."""
    return _UNSPACED.search(text) is not None


def word_edges(text: str) -> list[int]:
    """Sorted positions where a word may start or end, never inside a visible character.

    In scripts without blanks that is around every visible character, so that pieces decide.
    """
    ends = grapheme_ends(text)
    edges = {match.start() for match in _EDGES.finditer(text)} & ends
    for match in _GRAPHEMES.finditer(text):
        if _UNSPACED.match(text, match.start()):
            edges.update(match.span())
    return sorted(edges | {0, len(text)})


def number_words(text: str, spans: Sequence[Span | None], first: int = 0) -> list[int]:
    """The word number of every token of one text: -1 for specials (span None), else counted from `first` in text order.

    Tokens share a word when no word starts or ends between them; a token over several words joins them. A token with an
    empty span (the mark in front of a word) belongs to the word that follows it, or is a word of its own before a special.
    """
    edges = word_edges(text)
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
