"""The same text cut by several tokenizers: nothing is lost, and prices are counted by one ruler."""

import random
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from attention.errors import ModelError, TextError
from attention.models import bundled, catalog, compare_tokens, languages
from attention.models.compare_tokens import Cut, Price, compare, over_set
from tests.models import tiny
from tests.models.bundled_models import minilm, needs_e5

pytestmark = pytest.mark.usefixtures("offline", "one_thread")
MODELS = [pytest.param(bundled.E5, marks=needs_e5), bundled.MINILM, catalog.INDUCTION]
SNIPPETS = [
    "the quick", "didn't", "3.14", "été", "e\u0301te\u0301", "ﬁne", "½", "ﷺ", "你好", "世界", "カタカナー", "ひらがな", "กำลังไป", "नमस्ते",
    "שָׁלוֹם", "مرحبا", "می‌خواهم", "한국어", "\u1112\u1161\u11ab", "👨‍👩‍👧", "👩🏽‍🚒", "🇫🇷", "❤️", "\u200d", "\u202e", "\u2067", "\u2069", "\u200f", " ", "  ",
    "\n", "\u3000", "\u0301", "\u0e33", "▁", "Ġ", "##", "[SEP]", "</s>", "<unk>", "\u0378", "\U0002fe0f", "\U000e0080", "\ue000",
]  # fmt: skip


def random_text(seed: int) -> str:
    """Up to ten snippets and single characters of any plane, half characters excepted."""
    draw = random.Random(seed)

    def character() -> str:
        code = draw.randrange(0x110000 if draw.random() < 0.5 else 0x3000)
        return chr(code) if not 0xD800 <= code < 0xE000 else "x"

    return "".join(draw.choice(SNIPPETS) if draw.random() < 0.8 else character() for _ in range(draw.randint(1, 10)))


def rebuilt(cut: Cut, text: str) -> str:
    """The text from slices and gaps alone; only pieces that share a character may overlap."""
    slices = [(piece.start, piece.end, piece.part is not None) for piece in cut.pieces if piece.start < piece.end]
    parts, reached = [], 0
    for start, end, shares in sorted([*slices, *((start, end, False) for start, end in cut.gaps)]):
        assert start == reached or (shares and start < reached)
        parts.append(text[max(start, reached) : end])
        reached = max(reached, end)
    return "".join(parts)


@pytest.mark.parametrize("model", MODELS)
def test_every_sentence_of_the_set_is_rebuilt(model: str) -> None:
    texts = [text for meaning in languages.meanings() for text in meaning.sentences.values()]
    assert len(texts) > 200
    for text in texts:
        (cut,) = compare([model], text)
        assert rebuilt(cut, text) == text


@pytest.mark.parametrize("model", MODELS)
def test_two_thousand_mixed_texts_are_rebuilt(model: str) -> None:
    read, unassigned = 0, 0
    for seed in range(2000):
        text = random_text(seed)
        if not text.strip():
            continue
        (cut,) = compare([model], text)
        assert rebuilt(cut, text) == text, repr(text)
        read += 1
        unassigned += any(unicodedata.category(each) == "Cn" for each in text)
    assert read > 1900
    assert unassigned > 200


def test_pieces_are_those_of_the_tokenizer_with_their_own_letters() -> None:
    text = "Unbelievably, Ångström!"
    (cut,) = compare([bundled.MINILM], text)
    assert [piece.id for piece in cut.pieces] == minilm()[1](text, add_special_tokens=False).input_ids
    assert "".join(text[piece.start : piece.end] for piece in cut.pieces) == text.replace(" ", "")
    assert (cut.specials, cut.gaps, cut.limit) == (2, ((13, 14),), 512)


@pytest.mark.parametrize(
    ("text", "words", "characters"),
    [
        ("It's 3.14, été!", 3, 13),
        ("e\u0301te\u0301", 1, 3),
        ("👨‍👩‍👧 🇫🇷", 0, 2),
        ("नमस्ते दोस्त", 2, 5),
        ("안녕 세상", 2, 4),
        ("你好 world", 2, 7),
        ("ไปไหน", 2, 5),
        ("བོད་ཡིག", None, 5),
        ("...", 0, 3),
        ("a\u200bb", 2, 2),
        ("\u00ada\u2060b \ufeff", 1, 2),
        ("ab\u202ecd", 1, 4),
        ("e" + "\u0301" * 10_000, 1, 1),
    ],
)
def test_words_and_characters_are_the_same_for_every_tokenizer(text: str, words: int | None, characters: int) -> None:
    for cut in compare([bundled.MINILM, catalog.INDUCTION], text):
        assert (cut.price.words, cut.price.characters) == (words, characters)
        assert cut.price.pieces == len(cut.pieces)


def test_pieces_per_word_and_per_character() -> None:
    price = Price(6, 3, 12, 1) + Price(2, 1, 4, 0)
    assert (price.per_word, price.per_character) == (2.0, 0.5)
    assert price == Price(8, 4, 16, 1)
    assert (Price(6, 3, 12, 1) + Price(1, None, 1, 0)).per_word is None
    assert (Price(1, 0, 0, 0).per_word, Price(1, 0, 0, 0).per_character) == (None, None)


def test_unknown_pieces_are_counted() -> None:
    english, chinese = (compare([bundled.MINILM], text)[0] for text in ("a teapot", "茶壶在哪里"))
    assert english.price.unknown == 0
    unknown = minilm()[1].unk_token_id
    assert chinese.price.unknown == minilm()[1]("茶壶在哪里").input_ids.count(unknown) > 0


def test_a_text_that_a_tokenizer_ignores_is_one_gap() -> None:
    assert minilm()[1]("\u200d", add_special_tokens=False).input_ids == []
    (cut,) = compare([bundled.MINILM], "\u200d")
    assert (cut.pieces, cut.gaps, cut.price.pieces) == ((), ((0, 1),), 0)
    assert (cut.price.characters, cut.price.per_character) == (0, None)


def test_a_mark_of_structure_that_was_typed_is_a_piece() -> None:
    (cut,) = compare([bundled.MINILM], "a [SEP] b")
    assert [(piece.text, piece.special) for piece in cut.pieces] == [("a", False), ("[SEP]", True), ("b", False)]
    assert cut.specials == 2


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="nothing to read"):
        compare([bundled.MINILM], "  ")
    with pytest.raises(ModelError):
        compare(["someone/nothing"], "a")
    with pytest.raises(ModelError):
        compare([tmp_path], "a")


def test_a_local_model_may_be_compared(folder_of: Callable[[str], Path]) -> None:
    text = tiny.text_of(50)  # longer than it reads
    (cut,) = compare([folder_of("bert")], text, folders=True)
    assert (cut.price, cut.limit) == (Price(50, 50, 50, 0), tiny.ROOM)


def test_the_set_is_cut_once_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    first = over_set([bundled.MINILM])
    monkeypatch.setattr(compare_tokens, "_cut", lambda *given: pytest.fail("cut again"))
    assert over_set([bundled.MINILM]) == first


@needs_e5
def test_the_table_adds_up_every_sentence_of_a_language() -> None:
    table = over_set([bundled.E5, bundled.MINILM])
    assert list(table) == [bundled.E5, bundled.MINILM]
    for model, name in ((bundled.E5, "Swahili"), (bundled.MINILM, "Thai")):
        cuts = [compare([model], meaning.sentences[name])[0] for meaning in languages.meanings()]
        assert table[model][name].pieces == sum(len(cut.pieces) for cut in cuts)
        assert table[model][name].unknown == sum(piece.unknown for cut in cuts for piece in cut.pieces)
    assert list(table[bundled.E5]) == list(languages.languages())
    assert {name for name, price in table[bundled.E5].items() if price.words is None} == set()
    assert sum(price.unknown for price in table[bundled.E5].values()) == 0
    assert all(
        table[bundled.MINILM][name].pieces > table[bundled.MINILM]["English"].pieces for name in ("Hindi", "Korean")
    )
