"""Every selector drawn on one small text, and what every row of the table must have."""

import pytest
import torch

from attention.core import masks
from attention.core.patterns import PATTERNS
from attention.core.patterns.layout import layout_of
from attention.core.tokens import Token

TOKENS = (
    Token("[CLS]", 0, 0, 0, -1, special=True),
    Token("a", 5, 0, 1, 0),
    Token("b", 6, 1, 2, 0),
    Token(".", 2, 2, 3, 1, punctuation=True),
    Token("a", 5, 3, 4, 2),
    Token("[SEP]", 1, 0, 0, -1, special=True),
)
# fmt: off
BIDIRECTIONAL = {
    #            [CLS]     a         b         .         a         [SEP]
    "previous": ["......", "......", ".x....", "..x...", "...x..", "....x."],
    "next":     [".x....", "..x...", "...x..", "....x.", "......", "......"],
    "self":     ["......", ".x....", "..x...", "...x..", "....x.", "......"],
    "first":    ["x.....", "x.....", "x.....", "x.....", "x.....", "x....."],
    "separator":["....." "x"] * 6,
    "punctuation": ["...x..", "...x..", "...x..", "......", "...x..", "...x.."],
    "same_token": ["......", "....x.", "......", "......", ".x....", "......"],
    "induction": ["......", "......", "......", "......", "..x...", "......"],
    "word_internal": ["......", "..x...", ".x....", "......", "......", "......"],
}
CAUSAL = {
    "previous": ["......", "......", ".x....", "..x...", "...x..", "....x."],
    "self":     ["......", ".x....", "..x...", "...x..", "....x.", "......"],
    "first":    ["x.....", "x.....", "x.....", "x.....", "x.....", "x....."],
    "separator":["......"] * 5 + [".....x"],
    "punctuation": ["......", "......", "......", "......", "...x..", "...x.."],
    "same_token": ["......", "......", "......", "......", ".x....", "......"],
    "induction": ["......", "......", "......", "......", "..x...", "......"],
    "word_internal": ["......", "......", ".x....", "......", "......", "......"],
}
# fmt: on
EVERY = {pattern.name: pattern for pattern in PATTERNS}


def drawn(name: str, causal: bool) -> list[str]:
    """The selected cells that the mask allows; special rows are left as the selector draws them."""
    allowed = masks.causal(6) if causal else torch.ones(6, 6, dtype=torch.bool)
    text = layout_of(TOKENS, allowed, causal)
    return ["".join(".x"[int(cell)] for cell in row) for row in EVERY[name].select(text) & allowed]


@pytest.mark.parametrize("name", BIDIRECTIONAL)
def test_cells_both_ways(name: str) -> None:
    assert drawn(name, causal=False) == BIDIRECTIONAL[name]


@pytest.mark.parametrize("name", CAUSAL)
def test_cells_looking_back(name: str) -> None:
    assert drawn(name, causal=True) == CAUSAL[name]


def test_every_pattern_is_drawn_above() -> None:
    assert set(BIDIRECTIONAL) == set(EVERY)
    assert set(CAUSAL) == {pattern.name for pattern in PATTERNS if not pattern.both_ways}


def test_a_causal_model_s_first_token_is_never_content() -> None:
    tokens = tuple(Token("a", 5, place, place + 1, 0, punctuation=True) for place in range(4))
    text = layout_of(tokens, masks.causal(4), True)
    for pattern in PATTERNS:
        assert bool((pattern.select(text) & text.allowed)[:, 0].any()) == (pattern.name == "first")


def test_names_and_titles_are_unique() -> None:
    assert len(EVERY) == len(PATTERNS)
    assert len({pattern.title for pattern in PATTERNS}) == len(PATTERNS)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_a_row_says_what_the_numbers_mean_and_where_the_pattern_was_described(pattern) -> None:
    sentence = pattern.reason.format(share="99%", chance="8%")
    assert sentence.endswith(": 99% of its attention, where chance gives 8%.")
    assert sentence[0].isupper()
    assert "token" in sentence or "word" in sentence
    assert pattern.source.split()[-1].isdigit() or "section" in pattern.source
