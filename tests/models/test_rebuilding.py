"""Every text is rebuilt from its tokens, in every script and by every kind of tokenizer."""

import json
import random
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from attention.core.tokens import Text
from attention.errors import TextError
from attention.models.spans import MARKS, shown
from attention.models.tokens import read_text
from attention.models.words import GRAPHEMES
from tests.models.bundled_models import e5, needs_e5
from tests.models.sentencepieces import sentencepiece_ids
from tests.models.test_spans import SNIPPETS
from tests.models.tiny_tokenizers import EVERY_KIND, tokenizer_of

GENERATED = 2_000
SCRIPTS = (
    (0x41, 0x7A), (0xC0, 0x17F), (0x391, 0x3C9), (0x410, 0x44F), (0x5D0, 0x5EA), (0x620, 0x652), (0x904, 0x94D), (0x985, 0x9CD),
    (0xB85, 0xBCD), (0xE01, 0xE4E), (0xE81, 0xECD), (0xF40, 0xF7C), (0x1000, 0x103F), (0x1780, 0x17D3), (0x3041, 0x30FC),
    (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0x300, 0x36F), (0x1F300, 0x1F64F), (0x1F1E6, 0x1F1FF), (0x2010, 0x206F), (0x10400, 0x1044F),
)  # fmt: skip
"""First and last code points; some of them are not assigned."""
TYPED_SPECIALS = ("[MASK]", "[SEP]", "<mask>", "<s>", "</s>", "<unk>", "<|endoftext|>")


@cache
def parallel() -> tuple[str, ...]:
    """Every sentence of the parallel set."""
    path = Path(__file__).parents[2] / "attention" / "data" / "parallel.json"
    return tuple(text for row in json.loads(path.read_text("utf-8")) for text in row["sentences"].values())


@cache
def generated() -> tuple[str, ...]:
    """2,000 strings of several scripts each, with blanks, marks, emoji, controls and typed specials between; always the same."""
    draw = random.Random(20_26)

    def run() -> str:
        low, high = draw.choice(SCRIPTS)
        return "".join(chr(draw.randint(low, high)) for _ in range(draw.randint(1, 6)))

    parts = (run, run, run, lambda: draw.choice(SNIPPETS), lambda: draw.choice((" ", " ", "  ", ". ", "\n")))
    found: dict[str, None] = {}
    while len(found) < GENERATED:
        found["".join(draw.choice(parts)() for _ in range(draw.randint(1, 10)))] = None
    return tuple(found)


def rebuilt(read: Text) -> str:
    """The text out of the slices of its tokens and the gaps between them, pieces of one character counted once."""
    slices = {(token.start, token.end) for token in read.tokens if token.start < token.end}
    out, reached = "", 0
    for start, end in sorted(slices | {(start, end) for _, start, end in read.gaps}):
        assert start <= reached, "a hole"
        out += read.text[max(start, reached) : end]
        reached = max(reached, end)
    return out


def marked(kind: str, read: Text) -> list[str]:
    """The slices of the pieces that are nothing but a tokenizer's mark."""
    spellings = tokenizer_of(kind).convert_ids_to_tokens([token.id for token in read.tokens])
    marks = [token for token, spelling in zip(read.tokens, spellings, strict=True) if spelling in MARKS]
    return [read.text[mark.start : mark.end] for mark in marks]


def check(kind: str, text: str) -> bool:
    """Whether there was something to read; the claims about it."""
    try:
        read = read_text(tokenizer_of(kind), text)
    except TextError as error:
        if error.key not in {"empty_text", "no_tokens"}:
            raise
        return False
    assert rebuilt(read) == text
    written = [token for token in read.tokens if not token.special]
    assert all(token.text == shown(text[token.start : token.end]) for token in written)
    letters = set("".join(marked(kind, read))) - set(MARKS)  # a mark may have been typed
    assert not any(map(str.isalnum, letters))
    overlapping = [t for t in written if t.part is None and t.start < t.end]
    assert all(one.end <= other.start for one, other in pairwise(overlapping))
    return True


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_sentence_of_the_parallel_set_is_rebuilt(kind: str) -> None:
    assert len(parallel()) >= 15 * 15
    assert all(check(kind, text) for text in parallel())


@pytest.mark.parametrize(
    "kind",
    [pytest.param("unigram", marks=needs_e5), "byte level", "byte level, blanks kept", "byte fallback", "metaspace"],
)
def test_a_mark_in_front_of_a_word_has_an_empty_slice(kind: str) -> None:
    """No sentence of the set has two blanks in a row, so that every mark alone stands in front of a word."""
    slices = [each for text in parallel() for each in marked(kind, read_text(tokenizer_of(kind), text))]
    assert len(slices) > 20
    assert set(slices) == {""}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_two_thousand_strings_of_mixed_scripts_are_rebuilt(kind: str) -> None:
    assert sum(check(kind, text) for text in generated()) > 0.97 * GENERATED


def normalized_otherwise(text: str) -> bool:
    """Whether a Rust tokenizer may normalize it in another way, as it takes one visible character at a time (models/e5.py)."""
    return "\x85" in text or any(
        len(one) > 1 and unicodedata.normalize("NFKC", part) != part
        for one in GRAPHEMES.findall(text)
        for part in ((one,) if len(one) > 2 else one[0])
    )


@needs_e5
def test_pieces_of_the_parallel_set_equal_sentencepieces() -> None:
    tokenizer = e5()[1]
    for text in parallel():
        assert tokenizer(text, add_special_tokens=False).input_ids == sentencepiece_ids(text), text


@needs_e5
def test_pieces_of_mixed_scripts_equal_sentencepieces() -> None:
    """Typed specials are left out: to sentencepiece they are letters."""
    tokenizer = e5()[1]
    texts = [text for text in generated() if not any(special in text for special in TYPED_SPECIALS)]
    same = [
        tokenizer(text, add_special_tokens=False, verbose=False).input_ids == sentencepiece_ids(text) for text in texts
    ]
    assert [text for text, equal in zip(texts, same, strict=True) if not equal and not normalized_otherwise(text)] == []
    assert sum(same) > 0.95 * len(texts) > 1_500
