"""The cards that ship are what the models do now, and say what is known of their heads."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch

from attention.core.patterns import NAMES, Card, rank
from attention.models import bundled, cards, loader, reader
from tests.models.bundled_models import needs_e5

pytestmark = pytest.mark.usefixtures("offline")
MODELS = [pytest.param(bundled.E5, marks=needs_e5), bundled.MINILM]
PLACES = {
    bundled.E5: {"next": (2, 6), "previous": (0, 2)},
    bundled.MINILM: {"previous": (0, 2), "next": (1, 8), "same_token": (2, 9), "punctuation": (3, 11)},
}


@cache
def shipped(model: str) -> Card:
    loader.load(model)
    card = cards.find_card(model)
    assert card is not None
    return card


@pytest.fixture
def nothing_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if no card had ever been computed; those that ship are read before."""
    for model in bundled.available():
        shipped(model)
    monkeypatch.setattr(cards, "SHIPPED", tmp_path / "none")
    monkeypatch.setenv("ATTENTION_CACHE_DIR", str(tmp_path / "kept"))
    yield
    monkeypatch.undo()


@pytest.mark.parametrize("model", MODELS)
def test_the_card_that_ships_is_found_without_computing(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "capture_all", None)
    card = shipped(model)
    assert (card.model, card.texts) == (model, 180)
    assert cards.build_card(model) is card


def test_nothing_ships_that_no_model_has() -> None:
    names = {cards._file_name(model, bundled.revision(model)) for model in bundled.available()}
    assert {file.name for file in cards.SHIPPED.iterdir()} >= names
    assert len(list(cards.SHIPPED.iterdir())) == 2


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("model", MODELS)
def test_it_is_what_the_model_does_now(model: str) -> None:
    kept, built = shipped(model), cards.build_card(model)
    assert built is not kept
    assert (built.texts, built.rows) == (kept.texts, kept.rows)
    for table in ("kappa", "low", "high", "spread"):
        for name in NAMES:
            now, then = getattr(built, table)[name], getattr(kept, table)[name]
            torch.testing.assert_close(now, then, atol=2e-3, rtol=0, equal_nan=True, msg=lambda m, n=name: f"{n}: {m}")
    assert built.labels == kept.labels
    assert built.working_labels == kept.working_labels


@pytest.mark.parametrize("model", MODELS)
def test_scores_lie_inside_their_intervals(model: str) -> None:
    card = shipped(model)
    for name in NAMES:
        kappa, low, high = card.kappa[name], card.low[name], card.high[name]
        known = ~low.isnan()
        assert bool(((low >= 0) & (low <= high) & (high <= 1))[known].all())
        assert float(((low <= kappa + 1e-3) & (kappa <= high + 1e-3))[known].float().mean()) > 0.97, name


def knows(model: str, card: Card) -> None:
    """The heads that are known, where they are and nowhere else."""
    for name, place in PLACES[model].items():
        assert divmod(int(card.kappa[name].argmax()), card.kappa[name].shape[1]) == place, name
    sharpest = "next" if model == bundled.E5 else "previous"
    assert float(card.kappa[sharpest][PLACES[model][sharpest]]) > 0.97
    assert "induction" not in {label for row in card.labels for label in row}


@pytest.mark.parametrize("model", MODELS)
def test_the_known_heads_are_on_the_card(model: str) -> None:
    knows(model, shipped(model))


@pytest.mark.parametrize("model", MODELS)
def test_two_heads_exchanged_would_be_seen(model: str) -> None:
    card = shipped(model)
    for name, (layer, head) in PLACES[model].items():
        swapped = card.kappa[name].clone()
        swapped[layer, [head, 0]] = swapped[layer, [0, head]]
        with pytest.raises(AssertionError):
            knows(model, replace(card, kappa={**card.kappa, name: swapped}))


@needs_e5
def test_where_heads_rest_is_ranked_last_by_a_real_model() -> None:
    text = "The nurse who treated the doctor said that she was tired, and the doctor said nothing."
    patterns = [finding.pattern for finding in rank(reader.capture(bundled.E5, text), 20)]
    sinks = [name in ("first", "separator") for name in patterns]
    assert any(sinks)
    assert not sinks[0]
    assert sinks == sorted(sinks)
