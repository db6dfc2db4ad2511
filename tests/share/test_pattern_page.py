"""The pictures of the patterns are what the patterns select, and every word beside them is about that pattern."""

from pathlib import Path

import pytest
import torch

from attention import tabs
from attention.core.patterns import LISTED, score_heads
from attention.share import pattern_page
from attention.share.pattern_page import SHAPES, example, perfect_head, pictures
from attention.share.pictures import TITLES
from attention.tabs.patterns import sections
from attention.views.panels.frame import decode_values

NAMES = [row.name for row in LISTED]
WORDS = [token.text for token in example()]


@pytest.fixture(scope="module")
def figure() -> dict:
    return pictures(sections("###"))


def looks(name: str, query_pos: int) -> list[str]:
    return [f"{WORDS[at]} {at}" for at in perfect_head(name)[query_pos].nonzero().flatten().tolist()]


def test_the_example_repeats_words_cuts_one_and_has_marks() -> None:
    assert WORDS == [
        "<s>",
        "the",
        "un",
        "happi",
        "est",
        "dog",
        "saw",
        "the",
        "cat",
        ".",
        "</s>",
        "the",
        "cat",
        "ran",
        "home",
        ".",
        "</s>",
    ]
    tokens = example()
    assert tokens[1].id == tokens[7].id == tokens[11].id != tokens[8].id
    assert tokens[2].word == tokens[3].word == tokens[4].word != tokens[5].word
    assert [at for at, token in enumerate(tokens) if token.punctuation] == [9, 15]
    assert [at for at, token in enumerate(tokens) if token.segment] == [11, 12, 13, 14, 15]


def test_cells_are_those_one_can_count_by_hand() -> None:
    assert looks("previous", 5) == ["est 4"]
    assert looks("next", 5) == ["saw 6"]
    assert looks("self", 5) == ["dog 5"]
    assert looks("first", 5) == ["<s> 0"]
    assert looks("separator", 5) == ["</s> 10", "</s> 16"]
    assert looks("punctuation", 9) == [". 15"]
    assert looks("same_token", 7) == ["the 1", "the 11"]
    assert looks("induction", 11) == ["un 2", "cat 8"]
    assert looks("induction", 7) == ["un 2"]
    assert looks("word_internal", 3) == ["un 2", "est 4"]
    assert looks("local", 13) == ["the 11", "cat 12", "ran 13", "home 14", ". 15"]
    assert looks("long_range", 13) == [f"{WORDS[at]} {at}" for at in range(1, 8)]
    assert looks("same_segment", 15) == ["the 11", "cat 12"]
    assert looks("offset", 5) == ["happi 3"]


@pytest.mark.parametrize("name", NAMES)
def test_a_head_drawn_like_this_has_this_pattern(name: str) -> None:
    """Rows that have no cell are filled evenly, as a head must; over the others its score is all there is."""
    weights, tokens = perfect_head(name), example()
    causal = next(row for row in LISTED if row.name == name).causal_only
    allowed = torch.ones_like(weights).tril() if causal else torch.ones_like(weights)
    filled = torch.where(weights.sum(-1, keepdim=True) > 0, weights, allowed / allowed.sum(-1, keepdim=True))
    scored = score_heads(
        filled[None],
        token_ids=[token.id for token in tokens], special=[token.special for token in tokens],
        punctuation=[token.punctuation for token in tokens], word_ids=[token.word for token in tokens],
        segment_ids=[token.segment for token in tokens], causal=causal,
    )  # fmt: skip
    assert scored.share[name].item() == pytest.approx(1.0, abs=1e-5)
    assert scored.scores[name].item() > 0.5


def test_the_shapes_are_what_their_names_say() -> None:
    assert torch.equal(perfect_head("broad"), torch.full((17, 17), 1 / 17))
    sharp = perfect_head("unstructured")
    assert torch.equal(sharp.sum(-1), torch.ones(17))
    assert set(sharp.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(sharp, perfect_head("unstructured"))


def test_every_pattern_and_shape_is_drawn_once_with_its_numbers(figure: dict) -> None:
    panels = figure["panels"]
    assert [panel["id"] for panel in panels] == [*NAMES, *SHAPES]
    for panel in panels:
        torch.testing.assert_close(decode_values(panel["values"]), perfect_head(panel["id"]), atol=1e-4, rtol=0)
        assert panel["rows"]["texts"] == panel["columns"]["texts"] == WORDS
    assert [panel["id"] for panel in panels if panel["allowed"]] == ["induction"]


def test_every_pattern_has_exactly_one_definition_of_one_sentence(figure: dict) -> None:
    prose = Path(tabs.__path__[0], "patterns.md").read_text(encoding="utf-8")
    definitions = sections("###")
    assert set(definitions) == {TITLES[name] for name in (*NAMES, *SHAPES)}
    for panel in figure["panels"]:
        title, definition = panel["title"].split("\n")
        assert prose.count(f"\n### {title}\n") == 1
        assert definition == definitions[title]
        assert definition.endswith(".")
        assert definition.count(". ") == 0


def test_what_stands_below_a_picture_is_read_off_the_table(figure: dict) -> None:
    below = {panel["id"]: panel["aside"].split("\n") for panel in figure["panels"]}
    for row in LISTED:
        said, source = below[row.name]
        assert source == row.source
        assert pattern_page.CHANCE[row.null] in said
        assert ("one distance or one key" in said) == row.wide
        assert ("Listed, and drawn" in said) == row.causal_only
    cannot = [name for name in NAMES if "Not for models that cannot look ahead" in below[name][0]]
    assert cannot == ["next"]
    assert [name for name in NAMES if "Only with two texts" in below[name][0]] == ["same_segment"]


def test_a_missing_definition_is_an_error_not_a_gap() -> None:
    with pytest.raises(KeyError, match="Previous token"):
        pictures({})
