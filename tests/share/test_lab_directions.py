"""A sentence read from right to left is drawn that way in every lab; one beside it keeps its own direction."""

from types import ModuleType

import pytest

from attention.models import bundled
from attention.share.labs import masks, multi_head, positions, scoring, softmax, transformer, weighted_sum
from attention.share.settings.masks import Masks
from attention.share.settings.multi_head import MultiHead
from attention.share.settings.positions import Positions
from attention.share.settings.scoring import Scoring
from attention.share.settings.softmax import Softmax
from attention.share.settings.transformer import Transformer
from attention.share.settings.weighted_sum import WeightedSum
from tests.models.bundled_models import needs_e5

REAL = {"source": "real", "model": bundled.E5, "layer": 2, "head": 6}
ARABIC, ENGLISH = "نامت القطة \u202eلأنها متعبة.", "The cat slept, قطة."
ALONE = {"growth", "fading", "costs"}
"""Panels about a number of tokens, not about a sentence."""


@needs_e5
@pytest.mark.parametrize("arabic_first", [True, False])
@pytest.mark.parametrize(
    ("lab", "settings", "view"),
    [
        (scoring, Scoring, "spread"), (softmax, Softmax, None), (weighted_sum, WeightedSum, "steps"),
        (weighted_sum, WeightedSum, "paint"), (weighted_sum, WeightedSum, "rows"), (multi_head, MultiHead, "heads"),
        (multi_head, MultiHead, "differ"), (multi_head, MultiHead, "torch"), (masks, Masks, "weights"),
        (masks, Masks, "peeking"), (positions, Positions, "order"), (transformer, Transformer, "paths"),
        (transformer, Transformer, "block"),
    ],
)  # fmt: skip
def test_each_sentence_has_its_own_direction(
    lab: ModuleType, settings: type, view: str | None, arabic_first: bool
) -> None:
    texts = {"text": ARABIC, "other": ENGLISH} if arabic_first else {"text": ENGLISH, "other": ARABIC}
    figure = lab.picture(settings(**REAL, **texts, **({} if view is None else {"view": view})))
    about = {panel["id"]: panel["mirrored"] for panel in figure["panels"] if panel["id"] not in ALONE}
    of_other = {name for name in about if name.endswith("-2") and name != "small-2"}  # head 2, not sentence 2
    assert {about[name] for name in about.keys() - of_other} == {arabic_first}
    assert {about[name] for name in of_other} == {not arabic_first}
    assert figure["caption"].count("\u2068") == figure["caption"].count("\u2069") == 2
    assert "\u202e" not in str(figure)


def test_a_typed_sentence_has_its_direction_and_nothing_in_it_acts() -> None:
    text = "نامت \u202eالقطة\u202c \u0378"
    panels = weighted_sum.picture(WeightedSum(sentence=text))["panels"]
    assert all(panel["mirrored"] for panel in panels)
    assert not set(str(panels)) & set("\u202e\u202c\u0378")
    assert "U+202E" in str(panels)
    assert not any(panel["mirrored"] for panel in weighted_sum.picture(WeightedSum(sentence="a قطة"))["panels"])


def test_words_of_a_typed_sentence_are_the_languages() -> None:
    assert weighted_sum.words_of("図書館で本を読む。") == ["図書館", "で", "本", "を", "読む", "。"]
    assert weighted_sum.words_of("แมวกินปลา") == ["แมว", "กิน", "ปลา"]
    assert weighted_sum.words_of("e\u0301 é \u200d") == ["e\u0301", "é", "\u200d"]


def test_ten_thousand_marks_are_one_word_with_eight_of_them() -> None:
    labels = weighted_sum.made_up(WeightedSum(sentence="k" + "\u0301" * 10_000 + " b")).labels
    assert [label.text for label in labels] == ["k" + "\u0301" * 8, "b"]
