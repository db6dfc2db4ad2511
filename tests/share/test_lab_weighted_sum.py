"""The Weighted sum lab: what its figure shows, read back and computed again without it."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from attention.core import multihead, scoring
from attention.errors import AttentionError
from attention.share.labs import weighted_sum as lab
from attention.share.settings.kinds import Choice, Number, checked, kinds
from attention.share.settings.weighted_sum import VIEWS, WeightedSum
from attention.views.labels import isolated
from attention.views.panels.frame import decode_values
from attention.views.panels.paint import hexes, paints

START = WeightedSum()
WORDS = ["The", "animal", "didn't", "cross", "the", "street", "because", "it", "was", "too", "tired", "."]
SERIES = {"values", "output", "weights", "compare"}
SENTENCES = {
    "English": START.text,
    "Arabic": "لم تعبر القطة الشارع لأنها كانت متعبة جدا.",
    "Japanese": "猫は疲れすぎていたので道を渡らず、朝まで待ちました。",
}


def panels(settings: WeightedSum) -> dict[str, dict]:
    return {panel["id"]: panel for panel in lab.picture(settings)["panels"]}


def items(panel: dict) -> dict[str, tuple[str, str]]:
    return {item["name"]: (item["text"], item["note"]) for item in panel["items"]}


def by_hand(settings: WeightedSum, words: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Scores, weights, values and output in numpy, from the same vectors and matrices."""
    width = settings.d_head
    drawn = [scoring.draw(settings.seed, width, role=f"word {word.lower()}").double().numpy() for word in words]
    hidden = lab.SPREAD * np.stack(drawn)
    made = multihead.random_projections(width, 1, seed=settings.seed)
    query, key, value = (hidden @ one.double().numpy() for one in (made.w_query, made.w_key, made.w_value))
    scores = query @ key.T / np.sqrt(width)
    shares = np.exp((scores - scores.max(axis=1, keepdims=True)) / settings.temperature)
    weights = shares / shares.sum(axis=1, keepdims=True)
    return scores, weights, value, weights @ value


@pytest.mark.parametrize(("focus", "tau", "d_head", "seed"), [(7, 0.0, 8, 2), (0, -1.0, 2, 99), (63, 1.0, 64, 0)])
def test_the_three_steps_are_those_of_numpy(focus: int, tau: float, d_head: int, seed: int) -> None:
    settings = replace(START, focus=focus, tau=tau, d_head=d_head, seed=seed)
    row = min(focus, len(WORDS) - 1)
    scores, weights, value, output = by_hand(settings, WORDS)
    shown = panels(settings)
    assert list(shown) == ["scores", "weights", "sum", "sizes"]
    assert shown["scores"]["labels"]["texts"] == WORDS
    np.testing.assert_allclose(shown["scores"]["values"], scores[row], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(shown["weights"]["values"], weights[row], rtol=1e-3, atol=1e-5)
    assert shown["weights"]["aside"] == "sum 1.000"
    assert shown["scores"]["selected"] == shown["weights"]["selected"] == row
    parts, width = weights[row][:, None] * value, min(d_head, lab.MAX_DIMENSIONS)
    stacked = decode_values(shown["sum"]["values"]).numpy()
    np.testing.assert_allclose(stacked, parts[:, :width], atol=1e-4 * np.abs(parts).max())
    np.testing.assert_allclose(shown["sum"]["output"], output[row, :width], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(stacked.sum(axis=0), output[row, :width], atol=1e-3 * np.abs(parts).max())


def test_the_numbers_below_are_those_of_numpy() -> None:
    _, weights, value, output = by_hand(START, WORDS)
    row, sizes = weights[START.focus], np.linalg.norm(value, axis=1)
    given = row * sizes
    seen = items(panels(START)["sizes"])
    assert seen["looks at as many as"][0] == f"{np.exp(-(row * np.log(row)).sum()):.2f}"
    assert seen["largest weight"] == (f"{row.max():.2f}", isolated(WORDS[row.argmax()]))
    assert seen["largest weight × length of v"] == (f"{given.max():.2f}", isolated(WORDS[given.argmax()]))
    assert seen["length of the output"][0] == f"{np.linalg.norm(output[START.focus]):.2f}"
    assert seen["length of the output"][1] == f"values of length {row @ sizes:.2f}, weighted"


def test_the_largest_contribution_need_not_be_the_largest_weight() -> None:
    """And it is a length, not a share: in the start view 1.34, where the share would be 0.41."""
    assert items(panels(START)["sizes"])["largest weight × length of v"][0] == "1.34"


def test_paint_is_mixed_as_values_are() -> None:
    _, weights, _, _ = by_hand(START, WORDS)
    shown = panels(replace(START, view="paint"))
    row = weights[START.focus]
    np.testing.assert_allclose(shown["paint"]["weights"], row, rtol=1e-3, atol=1e-5)
    paint = paints(len(WORDS) - 1)[[0, 1, 2, 3, 0, *range(4, 11)]]  # “The” and “the” are one word
    assert shown["paint"]["colors"] == hexes(paint)
    assert shown["paint"]["mixed"] == hexes(torch.tensor(row).float()[None] @ paint)[0]
    np.testing.assert_allclose(shown["even"]["weights"], 1 / len(WORDS), rtol=1e-5)
    cold = panels(replace(START, view="paint", tau=-2.0, focus=0))
    assert cold["paint"]["colors"] == shown["paint"]["colors"]
    assert cold["paint"]["mixed"] != shown["paint"]["mixed"]


@pytest.mark.parametrize("sentence", ["red green blue", "The the THE", "a"])
def test_copies_change_neither_paint_nor_values(sentence: str) -> None:
    once = replace(START, view="paint", sentence=sentence, focus=0)
    before, after = (panels(one) for one in (once, replace(once, sentence=f"{sentence} {sentence.upper()}")))
    for name in ("paint", "even"):
        assert after[name]["colors"] == before[name]["colors"] * 2
        assert after[name]["mixed"] == before[name]["mixed"]
    stacked = panels(replace(once, view="steps", sentence=f"{sentence} {sentence}"))["sum"]
    assert stacked["colors"] == after["paint"]["colors"]


def test_all_words_at_once_are_a_matrix_product() -> None:
    _, weights, value, output = by_hand(START, WORDS)
    shown = panels(replace(START, view="rows"))
    for name, expected in (("all-weights", weights), ("all-values", value), ("all-outputs", output)):
        np.testing.assert_allclose(decode_values(shown[name]["values"]).numpy(), expected, atol=2e-4)
    np.testing.assert_allclose(shown["lengths"]["values"], np.linalg.norm(output, axis=1), rtol=1e-4)
    np.testing.assert_allclose(shown["lengths"]["compare"], np.linalg.norm(value, axis=1), rtol=1e-4)
    assert shown["all-values"]["high"] == shown["all-outputs"]["high"] == pytest.approx(np.abs(value).max(), rel=1e-5)


def test_the_same_word_has_the_same_vector_and_another_seed_another_one() -> None:
    shown = panels(replace(START, view="rows"))
    value = decode_values(shown["all-values"]["values"])
    assert torch.equal(value[WORDS.index("The")], value[WORDS.index("the")])
    other = decode_values(panels(replace(START, view="rows", seed=1))["all-values"]["values"])
    assert (other - value).abs().max() > 0.1


def test_at_the_lowest_temperature_the_output_is_one_value() -> None:
    settings = replace(START, tau=-2.0)
    scores, _, value, _ = by_hand(settings, WORDS)
    best = scores[START.focus].argmax()
    np.testing.assert_allclose(panels(settings)["sum"]["output"], value[best], rtol=1e-3, atol=1e-4)


def numbers_of(value: object, series: bool = False) -> list[object]:
    """Everything below a value that is read as a number, codes decoded."""
    if isinstance(value, dict):
        if "bits" in value:
            return decode_values(value).flatten().tolist()
        return [found for name, part in value.items() for found in numbers_of(part, name in SERIES)]
    if isinstance(value, list):
        return [found for part in value for found in (numbers_of(part) or ([part] if series else []))]
    return [value] if isinstance(value, float) else []


def test_every_extreme_gives_numbers() -> None:
    ends = {
        name: [kind.low, kind.high] if isinstance(kind, Number) else list(kind.options)
        for name, kind in kinds(WeightedSum).items()
        if isinstance(kind, Number | Choice) and name not in {"layer", "head", "source"}
    }
    sentences = ["a", "a b " * 16, "👩‍👩‍👧 🦊", SENTENCES["Arabic"]]
    for values in itertools.product(*ends.values(), sentences):
        settings = checked(WeightedSum, dict(zip([*ends, "sentence"], values, strict=True)))
        picture = lab.picture(settings)
        found = numbers_of(picture["panels"])
        assert all(isinstance(one, int | float) and np.isfinite(one) for one in found), settings
        said = [item["text"] for panel in picture["panels"] for item in panel.get("items", ())]
        assert not {"NaN", "∞", "−∞"} & set(said), settings


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sentence": ""}, "no word"),
        ({"sentence": " \n "}, "no word"),
        ({"sentence": "word " * 70}, "70 words and at most 32"),
        ({"sentence": "word " * 500}, "characters"),
        ({"sentence": "a \ud800"}, "half a character"),
        ({"sentence": 3}, "must be a string"),
        ({"d_head": float("nan")}, "d_k"),
        ({"tau": float("inf")}, "Temperature"),
        ({"focus": 64}, "from 0 to 63"),
        ({"view": "all"}, "must be one of"),
        ({"source": "real", "text": ""}, "nothing to read"),
        ({"source": "real", "text": "word " * 500}, "tokens"),
        ({"source": "real", "layer": 199}, "Layer 199"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(values: dict, said: str) -> None:
    with pytest.raises(AttentionError, match=said):
        lab.picture(checked(WeightedSum, values))


@pytest.mark.parametrize("sentence", ["one", "🦊", "猫は疲れた", "</script><b>x</b>"])
def test_any_word_is_a_word(sentence: str) -> None:
    texts = panels(replace(START, sentence=sentence))["scores"]["labels"]["texts"]
    assert "".join(texts) == sentence.replace(" ", "")


def test_the_question_is_answered_by_the_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    found = lab.reveal(START)
    assert (found.right, found.choices) == (0, 3)
    assert found.settings.sentence.split() == WORDS * 2
    assert lab.reveal(found.settings) == found
    before = panels(replace(found.settings, sentence=" ".join(WORDS)))["sum"]["output"]
    np.testing.assert_allclose(panels(found.settings)["sum"]["output"], before, atol=1e-5)
    output = lab.attention.output
    monkeypatch.setattr(lab.attention, "output", lambda weights, value: output(weights, value) * len(value))
    assert lab.reveal(START).right == 1
    monkeypatch.setattr(lab.attention, "output", lambda weights, value: output(weights, value) * len(value) ** 2)
    assert lab.reveal(START).right == 2


def test_the_question_can_be_asked_of_any_sentence_and_view() -> None:
    for sentence in ("one", "word " * 32, SENTENCES["Japanese"]):
        found = lab.reveal(replace(START, sentence=sentence, view="paint", focus=31, source="real"))
        assert found.right == 0
        assert lab.picture(found.settings)["panels"][0]["id"] == "scores"


def test_every_view_of_the_largest_figure_is_small_to_send() -> None:
    large = replace(START, source="real", text="word " * 30, other="wort " * 20)
    assert [len(json.dumps(lab.picture(replace(large, view=view)))) < 300_000 for view in VIEWS] == [True] * 3
