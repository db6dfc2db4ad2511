"""speller, the encoder-decoder of this project: it reads the digits of a number and writes its English words."""

import unicodedata
from pathlib import Path

from attention.errors import TextError, printable
from attention.models import translation
from attention.models.translation import EncoderDecoder, Translated

FOLDER = Path(__file__).parent.parent / "data" / "speller"
MAX_DIGITS = 6
MAX_WORDS = 9
"""The longest spelling there is; the model has read no longer one."""


def spell(number: str, words: str | None = None) -> Translated:
    """The spelling of a number, read live; with `words`, what the model attends to when it is made to write these.

    number: 0 to 999,999 in the decimal digits of any script; blanks between and zeros before them are dropped.
    words: from the model's vocabulary, right or wrong, with blanks or hyphens between; blank counts as none.
    Raises: TextError with one clear sentence.

    >>> spell("407").text
    'four hundred seven'
    """
    digits = read_digits(number)
    model = translation.load("speller", FOLDER)
    forced = _ids(model, words) if words and words.strip() else None
    return translation.read(model, model.tokenizer(digits).input_ids, forced)


def read_digits(number: str) -> str:
    """The number in ASCII digits, most significant first, without leading zeros.

    Raises: TextError for anything but a whole number from 0 to 999,999: nothing is rounded and no sign is dropped.
    """
    if not isinstance(number, str):
        raise TextError("text_not_string", got=type(number).__name__)
    typed = "".join(number.split())
    if not typed:
        raise TextError("empty_number")
    digits = "".join(str(unicodedata.decimal(character, "x")) for character in typed)
    digits = digits.lstrip("0") or "0"
    if len(digits) > MAX_DIGITS or "x" in digits:
        raise TextError("bad_number", got=_echo(number))
    return digits


def _ids(model: EncoderDecoder, words: str) -> list[int]:
    """The tokens of a given spelling and the end mark. Raises: TextError for a word the model does not have, or too many."""
    given = words.lower().replace("-", " ").split()
    vocabulary = model.tokenizer.get_vocab()
    for word in given:
        if word not in vocabulary or not word.isalpha():
            raise TextError("unknown_number_word", got=_echo(word))
    if len(given) > MAX_WORDS:
        raise TextError("too_many_number_words", got=len(given), limit=MAX_WORDS)
    return [*(vocabulary[word] for word in given), model.tokenizer.eos_token_id]


def _echo(typed: str) -> str:
    """What was typed, fit for one line."""
    return printable(typed.strip(), 20) + "…" * (len(typed.strip()) > 20)
