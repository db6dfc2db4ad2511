"""What is said of all heads at once is what the scores say."""

import base64
import json

import pytest
import torch
from torch import Tensor

from attention.core.patterns import Surprise, find, pool, score_capture, surprising, unexplained
from attention.share import overview
from attention.share.pictures import TITLES
from attention.share.selection import Selection
from attention.views.coding import NO_NUMBER, text_of_bytes
from attention.views.head_grid import thumbnails
from tests.share.made import N, made, weights_of


def next_token(n: int) -> Tensor:
    """Each token looks at the one after it, the last at itself."""
    weights = torch.zeros(n, n)
    weights[range(n), [*range(1, n), n - 1]] = 1.0
    return weights


def test_the_overview_shows_every_head_and_opens_the_best() -> None:
    capture = made(torch.stack([weights_of(1, N, 3)[0], next_token(N)]), weights_of(2, N, 4))
    seen = overview.overview(capture)
    best = seen.findings[0]
    assert (best.layer, best.head, best.title) == (0, 1, "Next token")
    assert seen.grid["selected"] == seen.cards["selected"] == seen.bars["selected"] == [0, 1]
    assert (seen.grid["n_layers"], seen.grid["n_heads"], len(seen.grid["notes"])) == (2, 2, 4)
    assert seen.grid["notes"][1].startswith("next")
    card = seen.cards["cards"][0]
    alone = overview.overview(made(next_token(N)[None])).grid
    assert card["data"] == alone["data"]
    assert card["score"] == pytest.approx(best.score, abs=1e-4)
    for part in (seen.grid, seen.cards, seen.bars):
        json.dumps(part, allow_nan=False)


def test_the_grid_s_thumbnails_are_the_heads() -> None:
    capture = made()
    shown = overview.overview(capture).grid
    expected = torch.stack([thumbnails(capture.weights(layer)) for layer in range(2)])
    assert shown["data"] == text_of_bytes(expected)


def test_a_given_selection_is_the_one_marked() -> None:
    assert overview.overview(made(), Selection(1, 2)).grid["selected"] == [1, 2]


def test_where_nothing_is_found_the_first_head_is_opened_and_that_is_said() -> None:
    uniform = torch.full((2, N, N), 1 / N)
    seen = overview.overview(made(uniform))
    assert seen.findings == ()
    assert overview.first_head(seen.findings) == (0, 0)
    assert "No head follows a named pattern" in seen.cards["footnote"]


def test_short_texts_say_that_they_are_short() -> None:
    words = ("Cats", "sat", ".")
    seen = overview.overview(made(weights_of(2, 5, 0), words=words))
    assert "3 tokens of its own" in seen.cards["footnote"]


def test_one_token_alone_is_still_a_picture() -> None:
    seen = overview.overview(made(weights_of(2, 3, 0), words=("Cats",)))
    for part in (seen.grid, seen.cards, seen.bars):
        json.dumps(part, allow_nan=False)


@pytest.mark.parametrize("causal", [False, True])
def test_the_resting_share_is_what_goes_to_specials_and_the_first_token(causal: bool) -> None:
    capture = made(weights_of(2, N, 5, causal=causal), causal=causal)
    seen = overview.overview(capture).bars
    for head, weights in enumerate(capture.weights(0)):
        rows = [
            at for at, token in enumerate(capture.tokens) if not token.special and at > 0 and (not causal or at >= 2)
        ]
        keys = [at for at, token in enumerate(capture.tokens) if token.special or at == 0]
        share = sum(float(weights[row, key]) for row in rows for key in keys) / len(rows)
        assert seen["readings"][head][2] == pytest.approx(100 * share, abs=0.51)


def coded(text: str, n_names: int) -> Tensor:
    """Percents [head, name]."""
    return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.uint8).view(-1, n_names).int()


def percent(values: Tensor) -> Tensor:
    return (100 * values.flatten()).round().nan_to_num(nan=NO_NUMBER).int()


def test_the_bars_are_every_score_of_every_head_and_the_phrases_its_labels() -> None:
    capture = made(torch.stack([weights_of(1, N, 3)[0], next_token(N)]), weights_of(2, N, 4))
    seen = overview.overview(capture)
    scores = score_capture(capture)
    names = seen.bars["names"]
    assert {name for name, table in scores.scores.items() if not bool(table.isnan().all())} == set(names)
    assert seen.scored == {name: TITLES[name] for name in names}
    for field, tables in (("scores", scores.scores), ("chance", scores.chance)):
        table = coded(seen.bars[field], len(names))
        for at, name in enumerate(names):
            assert torch.equal(table[:, at], percent(tables[name])), (field, name)
            assert seen.bars["rows"][at] == scores.rows(name, 0)
    assert coded(seen.bars["scores"], len(names))[1, names.index("next")] == 100
    for at, (raw, working, _) in enumerate(seen.bars["readings"]):
        layer, head = divmod(at, 2)
        for label, phrase in ((scores.labels[layer][head], raw), (scores.working_labels[layer][head], working)):
            said = overview.CALLED.get(label, f"is “{TITLES.get(label, '').lower()}”")
            assert seen.bars["phrases"][phrase] == said


def test_heads_are_colored_by_the_numbers_of_the_bars() -> None:
    seen = overview.overview(made())
    scores = score_capture(made())
    assert list(seen.grid["tables"]) == seen.bars["names"]
    for name, text in seen.grid["tables"].items():
        assert torch.equal(coded(text, 1).flatten(), percent(scores.scores[name]))


def one_key(n: int) -> Tensor:
    """Sharp, and nothing that has a name."""
    weights = torch.zeros(n, n)
    weights[range(n), torch.randperm(n, generator=torch.Generator().manual_seed(1))] = 1.0
    return weights


def test_heads_that_no_pattern_explains_are_a_section() -> None:
    capture = made(torch.stack([next_token(N), one_key(N)]))
    (section,) = overview.overview(capture).cards["more"]
    assert section["title"] == "Unexplained"
    expected = unexplained(score_capture(capture))
    assert [(row["layer"], row["head"]) for row in section["rows"]] == [(0, 1)] == [head[:2] for head in expected]
    assert section["rows"][0]["text"].startswith(f"sharp by {expected[0][2]:.2f}, ")
    assert section["rows"][0]["name"] == ""
    even = made(torch.full((1, 2, N, N), 1 / N)[0])
    assert overview.overview(even).cards["more"] == []


def test_heads_that_are_unlike_themselves_are_a_section() -> None:
    even = torch.full((N, N), 1 / N)
    card = pool("someone/made", "main", [score_capture(made(torch.stack([even, even])))] * 6, draws=5)
    capture = made(torch.stack([even, next_token(N)]))
    (section,) = overview.overview(capture, None, card).cards["more"]
    assert (section["title"], section["aside"]) == ("Unlike itself", "against 6 other texts")
    (found,) = surprising(score_capture(capture), card, causal=False)
    assert isinstance(found, Surprise)
    assert section["rows"] == [{"layer": 0, "head": 1, "name": "next", "text": found.reason}]
    assert overview.overview(capture).cards["more"] == []
    assert overview.overview(made(torch.stack([even, even])), None, card).cards["more"] == []


def test_findings_say_which_pattern_their_cells_are_of() -> None:
    capture = made(torch.stack([weights_of(1, N, 3)[0], next_token(N)]))
    cards = overview.overview(capture).cards["cards"]
    assert [card["name"] for card in cards] == [one.pattern for one in find(score_capture(capture), causal=False)]
    assert {card["name"] for card in cards} <= set(overview.overview(capture).bars["outlined"])


def test_the_card_beside_the_bars_is_the_model_s() -> None:
    readings = [score_capture(made(weights_of(2, N, seed), weights_of(2, N, 50 + seed))) for seed in range(6)]
    card = pool("someone/made", "main", readings, draws=20)
    usual = overview.usual(card)
    assert usual["texts"] == 6
    for field, tables in (("usual", card.kappa), ("low", card.low), ("high", card.high)):
        table = coded(usual[field], len(usual["names"]))
        for at, name in enumerate(usual["names"]):
            assert torch.equal(table[:, at], percent(tables[name])), (field, name)
    assert usual["rows"] == [card.rows[name] for name in usual["names"]]
    json.dumps(usual, allow_nan=False)
