"""The comparison of one head in several languages: the scores, the words, the links, and the sentence that answers."""

import json
import re
from dataclasses import replace

import pytest
import torch

from attention.core.patterns.agreement import MIN_GAP, NAMES
from attention.core.patterns.ranking import MIN_KAPPA, score_capture
from attention.core.patterns.table import PATTERNS
from attention.errors import SelectionError, TextError
from attention.models import correspondence, languages, loader, parallel, reader
from attention.models.catalog import E5, MINILM
from attention.share import languages_answer, languages_comparison, languages_heads, languages_words
from attention.share.settings.kinds import checked
from attention.share.settings.languages import LANGUAGES, MEANINGS, Languages
from attention.views.coding import decode
from tests.models.bundled_models import needs_e5

pytestmark = pytest.mark.usefixtures("offline")
SETTINGS = Languages(model=MINILM, language1="English", language2="German", language3="", language4="")
FOUR = Languages(model=E5)


def test_the_settings_offer_every_meaning_and_language_of_the_set() -> None:
    assert list(MEANINGS) == [meaning.name for meaning in parallel.meanings()]
    assert list(LANGUAGES) == ["", *parallel.languages()]


def test_a_typed_sentence_takes_the_place_of_the_sets() -> None:
    typed = replace(SETTINGS, text2="Guten Tag.", text4="No language.")
    own = parallel.meanings()[0].sentences["English"]
    assert typed.sentences == (("English", own), ("German", "Guten Tag."), ("", "No language."))
    assert replace(SETTINGS, tokenizers=" a \n\nb\na").models == ("a", "b")


@pytest.mark.parametrize("level", ["token", "word"])
def test_every_column_holds_the_head_s_own_weights_on_one_scale(level: str) -> None:
    value = languages_comparison.comparison(replace(SETTINGS, layer=2, head=3, level=level))
    largest = 0.0
    for column, (_, text) in zip(value["columns"], SETTINGS.sentences, strict=True):
        capture = reader.capture(MINILM, text)
        drawn = decode(column["figure"]["weights"])
        if level == "token":
            torch.testing.assert_close(drawn, capture.weights(2, 3), atol=1e-4, rtol=0)
        largest = max(largest, float(drawn.max()))
        assert len(drawn) == 1 + max(last for _, last in column["words"])
        assert "".join(text for text, _ in column["sentence"]) == text
    assert value["largest"] == pytest.approx(largest, abs=1e-4)


def test_bars_are_the_scores_that_the_explorer_shows() -> None:
    titles = {pattern.title: pattern.name for pattern in PATTERNS}
    compared = 0
    for head in range(12):
        value = languages_comparison.comparison(replace(SETTINGS, layer=3, head=head))
        for at, (_, text) in enumerate(SETTINGS.sentences):
            scores = score_capture(reader.capture(MINILM, text)).scores
            for title, (here, usual) in zip(value["patterns"], value["columns"][at]["bars"], strict=True):
                assert usual is None  # MiniLM has not read the whole set
                if title in titles and here is not None:
                    assert here == pytest.approx(float(scores[titles[title]][3, head]), abs=6e-4)
                    compared += 1
    assert compared > 12


def test_scores_kept_for_all_heads_are_those_of_each_head() -> None:
    languages_comparison.SCORES.clear()
    wanted = [replace(SETTINGS, layer=layer, head=3) for layer in range(6)]
    alone = [languages_comparison.comparison(one) for one in wanted]
    assert len(languages_comparison.SCORES) == 0
    languages_comparison.score_all(SETTINGS)
    assert len(languages_comparison.SCORES) == 2
    for one, before in zip(wanted, alone, strict=True):
        after = languages_comparison.comparison(one)
        assert after["said"] == before["said"]
        for column, other in zip(after["columns"], before["columns"], strict=True):
            for pair, same in zip(column["bars"], other["bars"], strict=True):
                assert pair[0] == pytest.approx(same[0], abs=2e-3)


def test_texts_that_cannot_be_compared_are_refused() -> None:
    none = replace(SETTINGS, language1="", language2="")
    with pytest.raises(SelectionError, match="languages must be"):
        languages_comparison.comparison(none)
    with pytest.raises(TextError, match="compared side by side"):
        languages_comparison.comparison(replace(SETTINGS, text1="word " * 200))
    with pytest.raises(SelectionError, match="Layer 6 does not exist"):
        languages_comparison.comparison(replace(SETTINGS, layer=6))
    with pytest.raises(SelectionError, match="Meaning"):
        checked(Languages, {"meaning": "nothing"})


def test_links_say_which_words_answer_each_other_and_whose_they_are() -> None:
    value, linked = languages_comparison.comparison(SETTINGS), languages_words.links(SETTINGS)
    assert linked["key"] == value["key"] != languages_comparison.key(replace(SETTINGS, text1="Another one."))
    ((one, other, found),) = linked["pairs"]
    assert (one, other) == (0, 1)
    texts = [text for _, text in SETTINGS.sentences]
    expected = correspondence.correspond(MINILM, *texts)
    said = [{word: text for text, word in column["sentence"] if word >= 0} for column in value["columns"]]
    assert [(said[0][first], said[1][second]) for first, second, _ in found] == [
        (link.first.text, link.second.text) for link in expected
    ]
    assert found


def test_words_that_would_turn_the_page_around_are_named() -> None:
    odd = replace(SETTINGS, level="word", text1="abc \u202edef\u2069 ghi", text2="Guten Tag")
    value = languages_comparison.comparison(odd)
    drawn = (
        json.dumps([column["figure"]["queries"] for column in value["columns"]], ensure_ascii=False) + value["caption"]
    )
    assert "⟨U+202E⟩" in drawn
    assert not set("\u202e\u202d\u2066\u2067") & set(drawn)
    assert value["caption"].count("\u2068") == value["caption"].count("\u2069") == 2
    assert "English · “\u2068abc" in value["caption"]


def test_the_caption_says_model_head_measure_and_texts() -> None:
    value = languages_comparison.comparison(replace(SETTINGS, layer=2, head=3, text2="Guten Tag"))
    own = parallel.meaning("pronoun").sentences["English"]
    assert value["caption"] == (
        f"{MINILM} · L2H3 · weights between tokens · “\u2068{own}\u2069” · English · German · “\u2068Guten Tag\u2069”"
    )


@needs_e5
def test_a_piece_that_joins_words_is_said() -> None:
    value = languages_comparison.comparison(FOUR)
    joined = [reader.capture(E5, text).text.words_joined for _, text in FOUR.sentences]
    assert joined == [False, True, False, False]
    assert [
        column["note"].endswith("A piece that holds several words joins them.") for column in value["columns"]
    ] == joined


@needs_e5
def test_japanese_and_arabic_are_answered_with_the_numbers_of_the_whole_set() -> None:
    agreement = languages.find_agreement(E5) or languages.agreement(E5)
    value = languages_comparison.comparison(replace(FOUR, layer=2, head=6))
    kappa = agreement.kappa["next"][:, 2, 6]
    shown = {name: float(kappa[agreement.languages.index(name)]) for name, _ in FOUR.sentences}
    least = min(shown, key=lambda name: shown[name])
    assert value["said"].startswith("The same in all four: “next token”")
    assert f"{shown[least]:.2f} in {least}" in value["said"]
    assert f"{agreement.meanings} meanings" in value["aside"]
    arabic = value["columns"][2]
    assert (arabic["mirrored"], arabic["figure"]["mirrored"], arabic["code"]) == (True, True, "ar")
    assert not value["columns"][1]["mirrored"]
    differs = languages_comparison.comparison(replace(FOUR, layer=0, head=7))
    assert differs["said"].startswith("Not in all of them: “first token”")


@needs_e5
def test_the_pattern_that_is_asked_for_is_answered() -> None:
    asked = languages_comparison.comparison(replace(FOUR, layer=2, head=5, pattern="word_internal"))
    assert "inside the word" in asked["said"]


EVERY = range(len(NAMES))


def scores(*rows: list[float]) -> torch.Tensor:
    """Columns down; the patterns first, next and previous are the first three that are given."""
    found = torch.full((len(rows), len(NAMES)), torch.nan)
    for at, row in enumerate(rows):
        for name, score in zip(("first", "next", "previous"), row, strict=False):
            found[at, NAMES.index(name)] = score
    return found


@pytest.mark.parametrize(
    ("usual", "begins"),
    [
        (([0.9, 0.60], [0.9, 0.60 + 0.9 * MIN_GAP]), "The same in both: “next token”, 0.60 in A, 0.69 in B"),
        (([0.9, 0.60], [0.9, 0.60 + 2 * MIN_GAP]), "The same, not equally strong: “next token”, 0.60 in A, 0.80 in B"),
        (([0.0, MIN_KAPPA - 0.05], [0.0, MIN_KAPPA + 0.02]), "Not in all of them: “next token”, 0.20 in A, 0.27 in B"),
        (([0.1, 0.2], [0.1, 0.1]), "No named pattern reaches 0.25"),
        (([0.9, 0.1], [0.85, 0.1]), "The same in both: “first token”, 0.85 in B, 0.90 in A"),
        (([torch.nan], [torch.nan]), "These sentences are too short"),
    ],
)
def test_the_answer_is_read_off_the_numbers(usual: tuple[list[float], list[float]], begins: str) -> None:
    table = scores(*usual)
    asked = languages_answer.question(table, table, EVERY)
    said = languages_answer.answer(["A", "B"], table, asked)
    assert said.startswith(begins), said


NONE = torch.nan


@pytest.mark.parametrize(
    ("columns", "asked", "begins"),
    [  # first token, next token, previous token
        (([0.9, NONE], [0.9, 0.6], [0.9, 0.6]), "", "The same in the 2 languages that can show it: “next token”, 0.60 in B, 0.60 in C"),
        (([0.9, NONE, 0.5], [0.9, 0.6, 0.5], [0.9, 0.6, 0.5]), "", "The same in all three: “previous token”"),
        (([0.9, 0.8], [0.9, NONE], [0.9, NONE]), "", "The same in all three: “first token”"),
        (([NONE, 0.8], [NONE, NONE], [NONE, 0.0]), "", "Not in all of them: “next token”"),
        (([NONE, 0.8], [NONE, NONE], [NONE, NONE]), "", "Only A can show “next token”: 0.80 on these sentences."),
        (([0.9, 0.8], [0.9, NONE], [0.9, NONE]), "next", "Only A can show “next token”: 0.80"),
    ],
)  # fmt: skip
def test_nothing_is_called_the_same_that_one_language_alone_can_show(
    columns: tuple[list[float], ...], asked: str, begins: str
) -> None:
    here = scores(*columns)
    judged = languages_answer.question(here, torch.full_like(here, NONE), EVERY, asked)
    said = languages_answer.answer(["A", "B", "C"], here, judged)
    assert said.startswith(begins), said
    absent = [name for name, score in zip("ABC", judged.judged.tolist(), strict=True) if score != score]
    assert ("Cannot be shown in: " + ", ".join(absent) in said) == (len(absent) == 1 or "Not in" in said)


@needs_e5
def test_answer_and_basis_speak_of_one_pattern() -> None:
    """A typed sentence of no language: judged on these sentences, while the whole set of the head is another pattern's."""
    loader.load(E5)
    typed = replace(FOUR, text4="The dog saw the dog and the dog ran.", language4="")
    languages_comparison.score_all(typed)
    compared = 0
    for layer in range(0, 12, 2):
        for head in range(0, 12, 3):
            value = languages_comparison.comparison(replace(typed, layer=layer, head=head))
            title = re.findall("“(.*?)”", value["aside"])
            if title:
                assert f"“{title[0].lower()}”" in value["said"].lower()
                compared += 1
    assert compared > 12


@needs_e5
def test_the_lists_are_those_of_the_agreement() -> None:
    reader.capture(E5, "One.")
    value = languages_heads.heads(FOUR)
    assert value is not None
    first = value["rows"][0]
    assert (first["layer"], first["head"], first["name"]) == (2, 6, "next")
    assert min(first["scores"]) == pytest.approx(first["number"], abs=6e-4)
    assert first["low"] <= first["number"] <= first["high"]
    other = languages_heads.heads(replace(FOUR, listed="differs"))
    assert other is not None
    for row in other["rows"]:
        known = [score for score in row["scores"] if score is not None]
        assert row["number"] == pytest.approx(max(known) - min(known), abs=2e-3)
        assert row["low"] > MIN_GAP
    assert languages_heads.heads(replace(FOUR, model=MINILM)) is None
