"""What the Languages tab can be set to: one meaning in up to four languages, a head, and which tokenizers are compared."""

from dataclasses import dataclass
from typing import Any

from attention.models import catalog, parallel
from attention.share.settings.kinds import choice, number, words

NONE = ""
TYPED = "Typed"
"""What a column without a language is called."""

MOST = 4
"""Languages side by side."""

MOST_TOKENIZERS = 4
MEANINGS = {meaning.name: meaning.sentences["English"] for meaning in parallel.meanings()}
LANGUAGES = {
    NONE: "none",
    **{name: name if one.own == name else f"{name} · {one.own}" for name, one in parallel.languages().items()},
}
LEVELS = {"token": "Tokens", "word": "Words"}
LISTS = {"same": "Same everywhere", "differs": "Differs most"}
PRICES = {
    "pieces": "Pieces",
    "per_word": "Per word",
    "per_character": "Per character",
    "unknown": "Unknown pieces",
}
PLACES = {str(place): f"Sentence {place + 1}" for place in range(MOST)}


def _language(default: str, place: int) -> Any:
    return choice(default, LANGUAGES, label=f"Language {place}")


def _text(place: int) -> Any:
    return words("", 2_000, label=f"Sentence {place}", info="empty: the meaning's own")


@dataclass(frozen=True, slots=True, kw_only=True)
class Languages:
    """language1 to language4: what each column holds, or NONE. text1 to text4: a sentence a person typed, or empty for the
    meaning's in that language.

    pattern: what is asked of the head, or empty for what it does most. listed: which list of heads is open. cut: the column whose sentence the tokenizers cut, from 0. tokenizers: models, one a
    line. price: what the table of all languages shows.
    """

    model: str = words(catalog.default(), 200, label="Model, or any Hub id")
    meaning: str = choice("pronoun", MEANINGS, label="Meaning")
    language1: str = _language("English", 1)
    language2: str = _language("Japanese", 2)
    language3: str = _language("Arabic", 3)
    language4: str = _language("Hindi", 4)
    text1: str = _text(1)
    text2: str = _text(2)
    text3: str = _text(3)
    text4: str = _text(4)
    layer: int = number(2, 0, 199, label="Layer")
    head: int = number(6, 0, 199, label="Head")
    pattern: str = words("", 40, label="Pattern in question")
    level: str = choice("token", LEVELS, label="Between")
    listed: str = choice("same", LISTS, label="Heads to open")
    cut: str = choice("0", PLACES, label="Sentence")
    tokenizers: str = words("\n".join([catalog.E5, catalog.MINILM]), 1_000, label="Tokenizers")
    price: str = choice("per_character", PRICES, label="Showing")

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Language and typed sentence of all four columns; either may be empty."""
        return tuple((getattr(self, f"language{n}"), getattr(self, f"text{n}")) for n in range(1, MOST + 1))

    @property
    def sentences(self) -> tuple[tuple[str, str], ...]:
        """Language and sentence of each column that holds one, in order. A typed sentence needs no language."""
        own = parallel.meaning(self.meaning).sentences
        return tuple((name, text if text.strip() else own[name]) for name, text in self.columns if name or text.strip())

    @property
    def names(self) -> tuple[str, ...]:
        """What each of `sentences` is called: its language, numbered where two columns hold the same."""
        names = [name or TYPED for name, _ in self.sentences]
        return tuple(name if names.count(name) == 1 else f"{name} ({at})" for at, name in enumerate(names, 1))

    @property
    def models(self) -> tuple[str, ...]:
        """The models whose tokenizers are compared, each once."""
        return tuple(dict.fromkeys(line.strip() for line in self.tokenizers.splitlines() if line.strip()))
