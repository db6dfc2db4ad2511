"""A model without a card: it is offered, computed while the page tells how far it is, and shown; or cancelled."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from attention.core.capture import Capture
from attention.core.patterns import CaptureScores, score_capture
from attention.models import cards, kept
from attention.models.catalog import INDUCTION
from attention.share import overview
from attention.share.selection import Selection
from tests.ui.explorer import E5, Explorer, best_head, captured
from tests.ui.test_panel import card_of, check_bars

pytestmark = pytest.mark.ui
Explore = Callable[..., Explorer]

TEXT = "The cat sat on the mat. The dog lay on the rug. The cat sat on the mat."
LATER = "One, two, three, four. One, two, three, four. One, two, three, four."
OFFER = "Compare with 180 other texts"


@pytest.fixture
def no_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing was ever computed on this machine."""
    monkeypatch.setenv("ATTENTION_CACHE_DIR", str(tmp_path))
    card_of.cache_clear()
    return tmp_path / "cards"


def offered(explorer: Explorer) -> None:
    """Reads with the model that ships no card; the button is there."""
    explorer.choose_model("induction-2l (ours)")
    explorer.read(TEXT)
    capture = captured(INDUCTION, TEXT)
    explorer.shows(capture, Selection(*best_head(capture)))
    explorer.page.get_by_role("button", name=OFFER).wait_for()
    assert (
        explorer.page.locator("#hl-bars .hl-usual").all_inner_texts()
        == [""] * explorer.page.locator("#hl-bars .hl-usual").count()
    )


def press(explorer: Explorer) -> None:
    """Asks for the card; the page says that it is being computed."""
    explorer.page.get_by_role("button", name=OFFER).click()
    explorer.page.locator("#hl-usual progress").wait_for()
    assert not explorer.page.get_by_role("button", name=OFFER).is_visible()


def test_a_card_is_computed_and_then_stands_beside_the_scores(explore: Explore, no_card: Path) -> None:
    explorer = explore()
    offered(explorer)
    press(explorer)
    explorer.page.get_by_text("reading the card's texts").wait_for()
    explorer.pick(0, 1, n_heads=4)  # the page goes on meanwhile
    explorer.shows(captured(INDUCTION, TEXT), Selection(0, 1))
    explorer.page.get_by_text("in 15 languages read as one").wait_for(timeout=120_000)
    assert explorer.page.locator("#hl-usual").inner_text().strip() == ""
    assert not explorer.page.get_by_role("button", name=OFFER).is_visible()
    card = card_of(INDUCTION)
    check_bars(explorer, captured(INDUCTION, TEXT), card, 0, 1)
    assert len(list(no_card.iterdir())) == 1
    explorer.pick(1, 2, n_heads=4)
    check_bars(explorer, captured(INDUCTION, TEXT), card, 1, 2)


def test_a_cancelled_card_is_offered_again(explore: Explore, no_card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(capture: Capture) -> CaptureScores:  # or so small a model is done before a hand can cancel
        time.sleep(0.05)
        return score_capture(capture)

    monkeypatch.setattr(cards, "score_capture", slowly)
    explorer = explore()
    offered(explorer)
    press(explorer)
    explorer.page.locator("#hl-stop").click()
    explorer.page.get_by_text("Cancelled; nothing of it was kept.").wait_for()
    explorer.page.get_by_role("button", name=OFFER).wait_for()
    with kept.ONE_AT_A_TIME:  # free again: the computing ended
        assert not no_card.exists()
    assert explorer.page.locator("#hl-usual progress").count() == 0
    explorer.pick(1, 1, n_heads=4)
    explorer.shows(captured(INDUCTION, TEXT), Selection(1, 1))


def test_a_text_read_meanwhile_is_not_overwritten(explore: Explore, no_card: Path) -> None:
    explorer = explore()
    offered(explorer)
    press(explorer)
    explorer.read(LATER)
    capture = captured(INDUCTION, LATER)
    explorer.page.get_by_text("in 15 languages read as one").wait_for(timeout=120_000)
    expected = best_head(captured(INDUCTION, TEXT))
    explorer.shows(capture, Selection(*expected))
    check_bars(explorer, capture, card_of(INDUCTION), *expected)
    seen = overview.overview(capture, None, card_of(INDUCTION)).cards
    explorer.settle()
    assert explorer.cards.locator(".hl-card-reason").all_inner_texts() == [card["reason"] for card in seen["cards"]]


def test_another_model_read_meanwhile_keeps_its_own_card(explore: Explore, no_card: Path) -> None:
    explorer = explore()
    offered(explorer)
    press(explorer)
    explorer.choose_model("multilingual-e5-small")
    explorer.read(LATER)
    capture = captured(E5, LATER)
    explorer.shows(capture, Selection(*best_head(capture)))
    with kept.ONE_AT_A_TIME:
        pass
    explorer.pick(3, 3)  # a round trip later
    explorer.shows(capture, Selection(3, 3))
    check_bars(explorer, capture, card_of(E5), 3, 3)
