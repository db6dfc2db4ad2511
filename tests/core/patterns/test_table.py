"""Every selector drawn on one small text, and what every row of the table must have."""

import pytest
import torch

from attention.core import masks
from attention.core.patterns import LISTED, PATTERNS
from attention.core.patterns.layout import band, layout_of
from attention.core.patterns.table import ANY_OFFSET, FAR_OFFSETS, NEAR, OFFSETS
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
    "local":    [".xx...", ".xxx..", ".xxxx.", ".xxxx.", "..xxx.", "...xx."],
    "long_range":["...xx.", "....x.", "......", "......", ".x....", ".xx..."],
    "same_segment":["...xx.", "....x.", "......", "......", ".x....", ".xx..."],
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
    "local":    ["......", ".x....", ".xx...", ".xxx..", "..xxx.", "...xx."],
    "long_range":["......", "......", "......", "......", ".x....", ".xx..."],
    "same_segment":["......", "......", "......", "......", ".x....", ".xx..."],
}
# fmt: on
EVERY = {pattern.name: pattern for pattern in PATTERNS}


def drawn(name: str, causal: bool) -> list[str]:
    """The selected cells that the mask allows; special rows are left as the selector draws them."""
    allowed = masks.causal(6) if causal else torch.ones(6, 6, dtype=torch.bool)
    text = layout_of(TOKENS, allowed, causal)
    return ["".join(".x"[int(cell)] for cell in row) for row in EVERY[name].select(band(text, 0, 6)) & allowed]


@pytest.mark.parametrize("name", BIDIRECTIONAL)
def test_cells_both_ways(name: str) -> None:
    assert drawn(name, causal=False) == BIDIRECTIONAL[name]


@pytest.mark.parametrize("name", CAUSAL)
def test_cells_looking_back(name: str) -> None:
    assert drawn(name, causal=True) == CAUSAL[name]


def test_every_pattern_is_drawn_above() -> None:
    assert set(BIDIRECTIONAL) == set(EVERY)
    assert set(CAUSAL) == set(EVERY) - {"next"}


@pytest.mark.parametrize("causal", [False, True])
def test_a_pattern_applies_where_it_can_occur(causal: bool) -> None:
    """Nothing stands ahead of a causal row, and one text has no other to stay out of."""
    allowed = masks.causal(6) if causal else torch.ones(6, 6, dtype=torch.bool)
    text = layout_of(TOKENS, allowed, causal)
    absent = {pattern.name for pattern in (*PATTERNS, *OFFSETS) if not pattern.applies(text)}
    ahead = {"next", *(f"offset +{size}" for size in FAR_OFFSETS)} if causal else set()
    assert absent == {"same_segment"} | ahead


def test_same_segment_stays_in_its_text() -> None:
    """Two texts of four: the fourth token of each is the only one further than two steps from the first."""
    tokens = tuple(Token("a", place, 0, 1, place, segment=place // 4) for place in range(8))
    text = layout_of(tokens, torch.ones(8, 8, dtype=torch.bool), False)
    expected = torch.zeros(8, 8, dtype=torch.bool)
    for query, key in ((0, 3), (3, 0), (4, 7), (7, 4)):
        expected[query, key] = True
    assert torch.equal(EVERY["same_segment"].select(band(text, 0, 8)), expected)


def test_the_single_distances_are_those_no_other_row_has() -> None:
    assert sorted(pattern.offset for pattern in OFFSETS) == [-6, -5, -4, -3, -2, 2, 3, 4, 5, 6]
    text = layout_of(TOKENS, torch.ones(6, 6, dtype=torch.bool), False)
    for pattern in OFFSETS:
        part = band(text, 0, 6)
        assert torch.equal(pattern.select(part), (part.distance == pattern.offset) & text.content)
    assert (*PATTERNS, ANY_OFFSET) == LISTED
    assert NEAR == 2


def test_a_causal_model_s_first_token_is_never_content() -> None:
    tokens = tuple(Token("a", 5, place, place + 1, 0, punctuation=True) for place in range(4))
    text = layout_of(tokens, masks.causal(4), True)
    for pattern in PATTERNS:
        assert bool((pattern.select(band(text, 0, 4)) & text.allowed)[:, 0].any()) == (pattern.name == "first")


def test_names_and_titles_are_unique() -> None:
    assert len(EVERY) == len(PATTERNS)
    assert len({pattern.title for pattern in LISTED}) == len({pattern.name for pattern in LISTED}) == len(LISTED)


@pytest.mark.parametrize("pattern", LISTED, ids=lambda pattern: pattern.name)
def test_a_row_says_what_the_numbers_mean_and_where_the_pattern_was_described(pattern) -> None:
    sentence = pattern.reason.format(share="99%", chance="8%", offset="3 back")
    assert sentence.endswith(": 99% of its attention, where chance gives 8%.")
    assert sentence[0].isupper()
    assert "token" in sentence or "word" in sentence
    assert pattern.source.split()[-1].isdigit() or "section" in pattern.source
