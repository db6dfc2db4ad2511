"""The recorded first picture is what the live page would show, and says that it is not live."""

import datetime
import re
from pathlib import Path

import pytest

from attention import capture
from attention.core.capture import Capture
from attention.models.catalog import E5
from attention.share import overview, pictures
from attention.share.selection import Selection
from attention.tabs import _recorded
from attention.tabs._examples import EXAMPLES
from attention.views.coding import decode


@pytest.fixture(scope="module")
def live() -> Capture:
    return capture(E5, EXAMPLES[0].text, EXAMPLES[0].pair)


def test_the_head_is_the_one_the_live_page_opens(live: Capture) -> None:
    recorded = _recorded.recorded()
    assert (recorded["layer"], recorded["head"]) == overview.first_head(overview.overview(live).findings)


def test_the_figure_is_the_live_one(live: Capture) -> None:
    recorded = _recorded.recorded()
    figure = recorded["figure"]
    now = pictures.head_picture(live, Selection(recorded["layer"], recorded["head"]))
    assert set(figure) == set(now)
    assert {**figure, "weights": None, "caption": None} == {**now, "weights": None, "caption": None}
    error = (decode(figure["weights"]) - live.weights(recorded["layer"], recorded["head"])).abs().max().item()
    assert error <= 1e-3


def test_findings_heads_and_bars_are_the_live_ones(live: Capture) -> None:
    recorded, now = _recorded.recorded(), overview.overview(live)
    kinds = [(card["pattern"], card["layer"], card["head"], card["reason"]) for card in recorded["cards"]["cards"]]
    assert kinds == [(card["pattern"], card["layer"], card["head"], card["reason"]) for card in now.cards["cards"]]
    for name in ("names", "n_heads", "selected"):
        assert recorded["bars"][name] == now.bars[name]
    for name in ("n_layers", "n_heads", "rows", "cols", "gamma", "selected", "title"):
        assert recorded["grid"][name] == now.grid[name]


def test_the_caption_says_recorded_when_and_of_what(live: Capture) -> None:
    recorded = _recorded.recorded()
    found = re.fullmatch(r"Recorded (\d{4}-\d\d-\d\d), not live yet: (.+)", recorded["figure"]["caption"])
    assert found is not None
    assert datetime.date.fromisoformat(found[1]) >= datetime.date(2026, 11, 1)
    assert found[2] == pictures.caption(live, Selection(recorded["layer"], recorded["head"]))
    assert E5 in found[2]
    assert recorded["cards"]["footnote"].startswith("Recorded")


def test_the_file_is_small() -> None:
    assert Path(_recorded._FILE).stat().st_size < 150_000
