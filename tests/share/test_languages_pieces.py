"""Pieces above each other: nothing is lost, what shares letters shares a column, and the table counts what compare counts."""

from dataclasses import replace
from itertools import pairwise

import pytest

from attention.core.tokens import Token
from attention.errors import SelectionError
from attention.models import compare_tokens, loader, parallel
from attention.models.catalog import E5, INDUCTION, MINILM
from attention.share import languages_pieces
from attention.share.languages_pieces import blocks_of, grouped
from attention.share.settings.languages import Languages
from tests.models.bundled_models import needs_e5

pytestmark = pytest.mark.usefixtures("offline")
TWO = Languages(tokenizers=f"{MINILM}\n{INDUCTION}")


def piece(text: str, start: int, part: tuple[int, int] | None = None) -> Token:
    return Token(text, 7, start, start + len(text), 0, part=part)


def test_pieces_of_one_character_and_marks_stand_together() -> None:
    tokens = [piece("", 0), piece("ab", 0), piece("é", 2, (1, 2)), piece("é", 2, (2, 2)), piece("", 3)]
    assert [(start, end, len(members)) for start, end, members in grouped(tokens)] == [(0, 2, 2), (2, 3, 3)]


def test_blocks_end_where_every_tokenizer_cuts() -> None:
    text = "ab cd!"
    price = compare_tokens.Price(0, None, 0, 0)
    one = compare_tokens.Cut("one", (piece("ab", 0), piece("cd!", 3)), 0, ((2, 3),), price, 9, "")
    two = compare_tokens.Cut("two", (piece("a", 0), piece("b", 1), piece("cd", 3)), 0, ((2, 3), (5, 6)), price, 9, "")
    first, second = blocks_of([one, two], text)
    assert (first.columns, first.spaced, second.columns, second.spaced) == (2, False, 2, True)
    assert [(cell.first, cell.last) for cell in first.rows[0]] == [(0, 2)]
    assert [(cell.first, cell.last) for cell in first.rows[1]] == [(0, 1), (1, 2)]
    assert [(cell.first, cell.last, cell.left_out) for cell in second.rows[1]] == [(0, 1, ""), (1, 2, "!")]


@pytest.mark.parametrize("language", list(parallel.languages()))
def test_all_pieces_of_every_language_are_drawn_in_order(language: str) -> None:
    for meaning in parallel.meanings()[:6]:
        text = meaning.sentences[language]
        cuts = compare_tokens.compare([MINILM, INDUCTION], text)
        blocks = blocks_of(cuts, text)
        for at, cut in enumerate(cuts):
            drawn = [one.id for block in blocks for cell in block.rows[at] for one in cell.pieces]
            assert drawn == [one.id for one in cut.pieces]
            for block in blocks:
                places = [(cell.first, cell.last) for cell in block.rows[at]]
                assert all(0 <= first < last <= block.columns for first, last in places)
                assert all(one[1] <= other[0] for one, other in pairwise(places))


def test_cuts_inside_an_arabic_word_keep_its_letters_joined() -> None:
    value = languages_pieces.cut(replace(TWO, cut="2"))
    texts = [piece[0] for block in value["blocks"] for cell in block["rows"][0] for piece in cell[2]]
    assert value["mirrored"]
    assert any(text.endswith("\u200d") for text in texts)
    assert not texts[0].startswith("\u200d")


def test_a_text_that_turns_its_surroundings_is_quoted_safely() -> None:
    value = languages_pieces.cut(replace(TWO, text1="abc \u202edef\u2069 ghi"))
    assert value["caption"] == "English · “\u2068abc ⟨U+202E⟩def⟨U+2069⟩ ghi\u2069”"


def test_the_facts_are_counted_and_the_text_is_rebuilt(monkeypatch: pytest.MonkeyPatch) -> None:
    value = languages_pieces.cut(TWO)
    text = parallel.meanings()[0].sentences["English"]
    (mini, ours) = compare_tokens.compare([MINILM, INDUCTION], text)
    assert [line["pieces"] for line in value["lines"]] == [len(mini.pieces), len(ours.pieces)]
    assert [line["kind"] for line in value["lines"]] == ["WordPiece", "BPE"]
    assert all(line["rebuilt"] for line in value["lines"])
    monkeypatch.setattr(compare_tokens.Cut, "rebuilt", lambda self, text: text[1:])
    assert not any(line["rebuilt"] for line in languages_pieces.cut(TWO)["lines"])


def test_a_lost_piece_is_a_text_that_is_not_rebuilt() -> None:
    text = parallel.meanings()[0].sentences["English"]
    (cut,) = compare_tokens.compare([MINILM], text)
    assert cut.rebuilt(text) == text
    assert replace(cut, pieces=cut.pieces[1:]).rebuilt(text) != text


@needs_e5
def test_no_weights_are_loaded_and_the_tokenizer_is_the_model_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    text = parallel.meanings()[0].sentences["Hebrew"]
    loader.load(E5)
    (own,) = compare_tokens.compare([E5], text)
    loader.MODELS.drop(E5)
    monkeypatch.setattr(loader, "build", lambda *given: pytest.fail("weights are loaded"))
    (alone,) = compare_tokens.compare([E5], text)
    assert alone == own
    assert loader.MODELS.peek(E5) is None


def test_the_table_has_every_language_and_what_cannot_be_counted_is_a_gap() -> None:
    value = languages_pieces.table(TWO)
    prices = compare_tokens.over_set([MINILM, INDUCTION])
    assert [row["name"] for row in value["languages"]] == list(parallel.languages())
    assert value["columns"] == ["all-MiniLM-L6-v2", "induction-2l (ours)"]
    for at, language in enumerate(parallel.languages()):
        row = [prices[model][language] for model in (MINILM, INDUCTION)]
        assert value["numbers"]["pieces"][at] == [price.pieces for price in row]
        assert value["numbers"]["unknown"][at] == [price.unknown for price in row]
        expected = [None if price.per_word is None else pytest.approx(price.per_word, abs=6e-4) for price in row]
        assert value["numbers"]["per_word"][at] == expected


@pytest.mark.parametrize("tokenizers", ["", "a\nb\nc\nd\ne"])
def test_none_or_too_many_tokenizers_are_refused(tokenizers: str) -> None:
    with pytest.raises(SelectionError, match="one to 4 models"):
        languages_pieces.cut(replace(TWO, tokenizers=tokenizers))
