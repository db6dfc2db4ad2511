"""The same text through several models' tokenizers: what each cuts it into, and at what price in pieces. No weights are loaded."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import regex

from attention.core.tokens import Token
from attention.errors import TextError
from attention.models import loader
from attention.models.cache import BoundedCache
from attention.models.loaded import LoadedModel
from attention.models.parallel import languages, meanings
from attention.models.tokenizers import ReadyTokenizer, load_tokenizer
from attention.models.tokens import read_text
from attention.models.words import is_wordless, word_edges

_SPOKEN = regex.compile(r"[\p{L}\p{N}]")
_VISIBLE = regex.compile(r"(?=\S)\X", regex.V1)
_UNSEEN = regex.compile(r"\p{Default_Ignorable_Code_Point}+")


@dataclass(frozen=True, slots=True)
class Price:
    """What a text costs in pieces, added specials not counted.

    words: with a letter or digit in them, the same for every tokenizer; None where neither blanks nor a dictionary tell words apart.
    characters: as a person sees them (Unicode's annex 29), without blanks and what is invisible by itself. unknown: pieces the model has no row for.
    """

    pieces: int
    words: int | None
    characters: int
    unknown: int

    @property
    def per_word(self) -> float | None:
        """Pieces per word; None where there is no word, or none can be told."""
        return self.pieces / self.words if self.words else None

    @property
    def per_character(self) -> float | None:
        """Pieces per visible character; None where there is none."""
        return self.pieces / self.characters if self.characters else None

    def __add__(self, other: "Price") -> "Price":
        words = None if self.words is None or other.words is None else self.words + other.words
        return Price(
            self.pieces + other.pieces, words, self.characters + other.characters, self.unknown + other.unknown
        )


@dataclass(frozen=True, slots=True)
class Cut:
    """A text as one model's tokenizer cuts it.

    pieces: in order, each with its slice of the text; a piece that means structure because it was typed ("[SEP]") is special.
    specials: how many the tokenizer adds. gaps: slices that belong to no piece. limit: tokens the model reads, specials
    included; a text may be longer, as nothing is read here. kind: of tokenizer, as its makers call it ("WordPiece").
    """

    model: str
    pieces: tuple[Token, ...]
    specials: int
    gaps: tuple[tuple[int, int], ...]
    price: Price
    limit: int
    kind: str

    def rebuilt(self, text: str) -> str:
        """The text put together again from the slices of the pieces and the gaps alone; those that share a character overlap."""
        slices = sorted([*((piece.start, piece.end) for piece in self.pieces), *self.gaps])
        parts, reached = [], 0
        for start, end in slices:
            if start > reached:  # a character that is in no slice is missing here too
                reached = start
            parts.append(text[reached:end])
            reached = max(reached, end)
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Prices:
    """What the whole parallel set costs with one tokenizer, by language."""

    by_language: Mapping[str, Price]

    @property
    def nbytes(self) -> int:
        """About what it holds."""
        return 256 * len(self.by_language)


PRICES: BoundedCache[tuple[str, str], Prices] = BoundedCache(1 << 20)
"""By model and revision: the set is the same for everybody."""


def compare(models: Sequence[str | os.PathLike[str]], text: str, *, folders: bool = False) -> tuple[Cut, ...]:
    """The text as each of these models cuts it; a tokenizer that ignores all of it has no piece and one gap.

    Raises: ModelError for a model that cannot be loaded; TextError empty_text, too_many_characters, half_character,
    unreadable_text.
    """
    return tuple(_cut(load_tokenizer(model, folders=folders), text) for model in models)


def over_set(models: Sequence[str | os.PathLike[str]], *, folders: bool = False) -> dict[str, dict[str, Price]]:
    """What the whole parallel set costs, by model and language: the same meanings, so languages may be compared too.

    Raises: as compare. Source: Petrov et al. 2023, "Language Model Tokenizers Introduce Unfairness Between Languages".
    """
    table: dict[str, dict[str, Price]] = {}
    for model in models:
        loaded = load_tokenizer(model, folders=folders)
        name = (loader.resolve(model, folders=folders), loaded.revision)
        table[loaded.id] = dict(PRICES.get(name, partial(_prices, loaded)).by_language)
    return table


def _prices(model: LoadedModel | ReadyTokenizer) -> Prices:
    free = Price(0, 0, 0, 0)
    return Prices(
        {
            language: sum((_cut(model, meaning.sentences[language]).price for meaning in meanings()), start=free)
            for language in languages()
        }
    )


def _cut(model: LoadedModel | ReadyTokenizer, text: str) -> Cut:
    kind = type(model.tokenizer.backend_tokenizer.model).__name__
    try:
        read = read_text(model.tokenizer, text, name=model.id)
    except TextError as error:
        if error.key != "no_tokens":
            raise
        return Cut(model.id, (), 0, ((0, len(text)),), _price(text, ()), model.limit, kind)
    pieces = tuple(token for token in read.tokens if not token.special or token.start < token.end)
    gaps = tuple((start, end) for _, start, end in read.gaps)
    return Cut(model.id, pieces, len(read.tokens) - len(pieces), gaps, _price(text, pieces), model.limit, kind)


def _price(text: str, pieces: Sequence[Token]) -> Price:
    characters = sum(_UNSEEN.fullmatch(one) is None for one in _VISIBLE.findall(text))
    return Price(len(pieces), _words(text), characters, sum(piece.unknown for piece in pieces))


def _words(text: str) -> int | None:
    """How many words have a letter or digit in them; None where neither blanks nor a dictionary tell."""
    if is_wordless(text):
        return None
    return sum(_SPOKEN.search(text, start, end) is not None for start, end in pairwise(word_edges(text)))
