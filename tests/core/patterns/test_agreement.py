"""Agreement of languages, computed once more in numpy from the reference's parts; and the lists read off it."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from attention.core.capture import Capture
from attention.core.patterns import score_capture
from attention.core.patterns.agreement import NAMES, Agreement, LanguageFinding, agree, differs_most, same_everywhere
from attention.errors import MESSAGES, SelectionError, ShapeError
from tests.core.patterns.specimens import capture_of, follower, layout, text_tokens
from tests.core.patterns.test_card import N_HEADS, SINGLE, Numbers, kappa, noisy, parts
from tests.core.patterns.test_card import flat as flat_of

LANGUAGES = ("one", "two", "three")
MEANINGS = 6
DRAWS = 80


@cache
def captures() -> tuple[tuple[Capture, ...], ...]:
    """By meaning and language. Pairs in the third language, and in all but two meanings of the second."""

    def capture(meaning: int, language: int) -> Capture:
        pair = language == 2 or (language == 1 and meaning < 4)
        return noisy(24 + 3 * language + 2 * (meaning % 3), 10 * meaning + language, pair=pair)

    return tuple(tuple(capture(meaning, language) for language in range(3)) for meaning in range(MEANINGS))


@cache
def found(seed: int = 4) -> Agreement:
    readings = [[score_capture(one).sums()[0] for one in row] for row in captures()]
    return agree("tiny", "main", LANGUAGES, readings, N_HEADS // 2, causal=False, draws=DRAWS, seed=seed)


@cache
def sums(name: str) -> Numbers:
    """Parts of every sentence, [meaning, language, head, part]."""
    return np.array([[parts(name, *flat_of(one)) for one in row] for row in captures()])


def expected(name: str, meanings: Numbers | None = None) -> Numbers:
    """Scores of every language, [language, head]; NaN where fewer than five meanings show the pattern."""
    chosen = sums(name) if meanings is None else sums(name)[meanings]
    few = (sums(name)[:, :, 0, 4] > 0).sum(axis=0) < 5
    return np.where(few[:, None], np.nan, kappa(chosen.sum(axis=0)))


def nothing_found() -> Agreement:
    """Three languages, two layers of two heads, all scores 0."""
    nothing = {name: torch.zeros(3, 2, 2) for name in NAMES}
    ends = {name: torch.zeros(2, 2) for name in NAMES}
    return Agreement(
        "tiny", "main", False, LANGUAGES, 9, nothing, ends, ends, ends, ends, dict.fromkeys(NAMES, (9, 9, 9))
    )


def scoring(*rows: tuple[str, int, int, tuple[float, float, float]], causal: bool = False) -> Agreement:
    """An agreement of these scores (pattern, layer, head, one for each language), sure to a hundredth."""
    made = nothing_found()
    scores = {name: values.clone() for name, values in made.kappa.items()}
    for name, layer, head, values in rows:
        scores[name][:, layer, head] = torch.tensor(values)
    made = replace(made, kappa=scores, causal=causal)
    around = {
        end: {name: (getattr(made, end.split("_")[0])(name) + by).clamp(0, 1) for name in NAMES}
        for end, by in (("weakest_low", -0.01), ("weakest_high", 0.01), ("gap_low", -0.01), ("gap_high", 0.01))
    }
    return replace(made, **around)


@pytest.mark.parametrize("name", SINGLE)
def test_each_language_s_meanings_are_added_up_and_then_scored(name: str) -> None:
    scores = expected(name)
    np.testing.assert_allclose(found().kappa[name].flatten(1).numpy(), scores, atol=2e-4)
    if np.isnan(scores).all():
        return
    weakest = np.nanmin(scores, axis=0)
    np.testing.assert_allclose(found().weakest(name).flatten().numpy(), weakest, atol=2e-4)
    np.testing.assert_allclose(found().gap(name).flatten().numpy(), np.nanmax(scores, axis=0) - weakest, atol=4e-4)
    assert found().rows[name] == tuple(sums(name)[:, :, 0, 4].sum(axis=0).astype(int))


def test_scores_are_not_means_of_scores() -> None:
    mean = np.nanmean(kappa(sums("previous")), axis=0)
    assert np.abs(found().kappa["previous"].flatten(1).numpy() - mean).max() > 1e-3


@pytest.mark.parametrize("name", ["previous", "punctuation", "local", "same_segment"])
def test_intervals_draw_a_meaning_in_all_languages_at_once(name: str) -> None:
    drawn = torch.randint(MEANINGS, (DRAWS, MEANINGS), generator=torch.Generator().manual_seed(4)).numpy()
    scores = np.array([expected(name, meanings) for meanings in drawn])
    weakest, gap = np.nanmin(scores, axis=1), np.nanmax(scores, axis=1) - np.nanmin(scores, axis=1)
    here = expected(name)
    center = np.nanmin(here, axis=0), np.nanmax(here, axis=0) - np.nanmin(here, axis=0)
    ends = (("weakest_low", "weakest_high"), ("gap_low", "gap_high"))
    for (low, high), draws, middle in zip(ends, (weakest, gap), center, strict=True):
        small, large = np.nanquantile(draws, [0.025, 0.975], axis=0)
        for end, value in ((low, 2 * middle - large), (high, 2 * middle - small)):
            table = getattr(found(), end)[name].flatten().numpy()
            np.testing.assert_allclose(table, np.clip(value, 0, 1), atol=1e-3, err_msg=end)


def test_a_language_with_too_few_meanings_is_left_out_and_counted() -> None:
    """All six meanings show it in the third language, four in the second, none in the first."""
    assert found().kappa["same_segment"].isnan().flatten(1).all(dim=1).tolist() == [True, True, False]
    assert found().scored("same_segment", 0, 0) == 1
    assert found().ends("same_segment", 0, 0) == ("three", "three")
    assert float(found().gap("same_segment").max()) == 0
    assert found().scored("previous", 0, 0) == 3


def test_a_pattern_that_no_language_shows_has_no_score() -> None:
    readings = [[score_capture(row[0]).sums()[0]] * 2 for row in captures()]
    one = agree("tiny", "main", ("a", "b"), readings, N_HEADS // 2, causal=False, draws=10)
    assert all(
        bool(table.isnan().all())
        for table in (one.weakest("same_segment"), one.gap("same_segment"), one.gap_low["same_segment"])
    )
    assert float(one.gap("previous").max()) == 0  # the same sentences twice
    assert float(one.gap_high["previous"].max()) == 0


def test_the_same_seed_draws_the_same_meanings() -> None:
    again, other = found.__wrapped__(4), found(5)
    for name in ("kappa", "gap_high"):
        torch.testing.assert_close(getattr(found(), name), getattr(again, name), rtol=0, atol=0, equal_nan=True)
    assert torch.equal(found().kappa["previous"], other.kappa["previous"])
    assert not torch.equal(found().gap_high["previous"], other.gap_high["previous"])


def test_a_meaning_that_lacks_a_language_is_refused() -> None:
    with pytest.raises(ShapeError) as caught:
        agree("tiny", "main", LANGUAGES, [[score_capture(captures()[0][0]).sums()[0]]], N_HEADS // 2, causal=False)
    assert str(caught.value) == MESSAGES["shape"].format(name="readings", got=(1,), expected=(3,))


def test_languages_that_differ_by_chance_have_no_sure_gap() -> None:
    rows = [[score_capture(noisy(40, 100 * m + k)).sums()[0] for k in range(4)] for m in range(8)]
    one = agree("tiny", "main", tuple("abcd"), rows, N_HEADS // 2, causal=False, draws=200)
    assert max(float(one.gap(name).max()) for name in ("previous", "first", "local")) > 0.1
    assert differs_most(one) == []


def test_a_head_that_changes_with_the_language_has_a_sure_gap() -> None:
    texts = [(24 + 2 * m, m) for m in range(6)]
    rows = []
    for n, seed in texts:
        heads = [[follower(layout(n, seed=seed), name, seed)] for name in ("previous", "next")]
        rows.append([score_capture(capture_of(one, tokens=text_tokens(n, seed))).sums()[0] for one in heads])
    one = agree("tiny", "main", ("a", "b"), rows, 1, causal=False, draws=100)
    (listed,) = differs_most(one)
    assert {listed.least_in, listed.most_in} == {"a", "b"}
    assert listed.pattern in ("previous", "next")
    assert 0.8 < listed.low <= listed.gap <= listed.high
    assert same_everywhere(one) == []


def test_a_head_that_follows_everywhere_is_ranked_by_its_weakest_language() -> None:
    one = scoring(
        ("previous", 0, 0, (0.9, 0.3, 0.9)), ("previous", 1, 1, (0.5, 0.6, 0.5)), ("next", 0, 0, (0.4, 0.4, 0.41)),
        ("first", 1, 0, (0.99, 0.98, 0.97)), ("self", 0, 1, (0.9, 0.24, 0.9)),
    )  # fmt: skip
    listed = same_everywhere(one)
    assert [(row.pattern, row.layer, row.head) for row in listed] == [
        ("previous", 1, 1),
        ("next", 0, 0),
        ("first", 1, 0),
    ]
    assert (listed[0].weakest, listed[0].low) == pytest.approx((0.5, 0.49))
    assert (listed[1].least_in, listed[1].most_in, listed[1].languages) == ("one", "three", 3)
    assert listed[1].reason == "Next token: from 0.40 in one to 0.41 in three, of 3 languages."
    assert same_everywhere(one, 1) == listed[:1]


def test_the_largest_sure_gap_comes_first_and_unsure_ones_not_at_all() -> None:
    one = scoring(
        ("previous", 0, 0, (0.9, 0.3, 0.9)), ("next", 1, 1, (0.9, 0.0, 0.9)), ("self", 0, 1, (0.5, 0.4, 0.4)),
        ("punctuation", 1, 0, (0.2, 0.0, 0.0)), ("separator", 1, 0, (1.0, 0.0, 0.0)),
    )  # fmt: skip
    listed = differs_most(one)
    assert [(row.pattern, row.layer, row.head) for row in listed] == [
        ("next", 1, 1),
        ("previous", 0, 0),
        ("separator", 1, 0),
    ]
    assert (listed[0].gap, listed[0].low, listed[0].high) == pytest.approx((0.9, 0.89, 0.91))
    unsure = replace(one, gap_low={**one.gap_low, "next": torch.full((2, 2), 0.1)})
    assert [row.pattern for row in differs_most(unsure)] == ["previous", "separator"]


def test_a_fixed_distance_is_compared_at_one_distance() -> None:
    """Two back in one language and three back in the others is no agreement."""
    one = scoring(("offset -2", 0, 0, (0.9, 0.0, 0.0)), ("offset -3", 0, 0, (0.0, 0.9, 0.9)))
    assert same_everywhere(one) == []
    both = scoring(("offset -3", 0, 0, (0.9, 0.8, 0.9)))
    (row,) = same_everywhere(both)
    assert (row.pattern, row.offset, row.title) == ("offset", -3, "Fixed distance (3 back)")


def test_what_is_not_comparable_is_not_listed() -> None:
    few = scoring(("previous", 0, 0, (0.9, torch.nan, torch.nan)))
    assert same_everywhere(few) == []
    wide = ("local", 0, 0, (0.5, 0.5, 0.5))
    assert [row.pattern for row in same_everywhere(scoring(wide))] == ["local"]
    narrow = scoring(wide, ("previous", 0, 0, (0.6, 0.2, 0.2)))
    assert same_everywhere(narrow) == []
    alike = ("induction", 0, 0, (0.9, 0.9, 0.9))
    assert same_everywhere(scoring(alike)) == []
    assert [row.pattern for row in same_everywhere(scoring(alike, causal=True))] == ["induction"]


@pytest.mark.parametrize("limit", [0, -1, True])
@pytest.mark.parametrize("listed", [same_everywhere, differs_most])
def test_a_limit_that_is_no_number_from_one_up_is_refused(
    listed: Callable[[Agreement, int], list[LanguageFinding]], limit: int
) -> None:
    with pytest.raises(SelectionError, match="the whole numbers from 1 up"):
        listed(nothing_found(), limit)
