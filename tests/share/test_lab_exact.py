"""Files of the labs: the very numbers that the mathematics gives, not those that the page gets, and where they come from."""

import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import torch
from torch import Tensor

from attention.core import attention, measures, multihead, positions, scoring, softmax
from attention.core.stack import random_stack, stack
from attention.models import bundled, reader
from attention.models.speller import spell
from attention.share.exports import export
from attention.share.labs import masks_heads, weighted_sum
from attention.share.labs import softmax as softmax_lab
from attention.share.links import TABS, to_query
from attention.share.view_page import picture_of
from attention.views.panels.frame import decode_values
from tests.share.test_data_files import from_csv, number

TEXT, OTHER = "The cat sat on the mat.", "The dog sat."
REAL = {"source": "real", "model": bundled.MINILM, "text": TEXT, "layer": 2, "head": 6}


def file_of(tab: str, kind: str, **settings: Any) -> bytes:
    query = parse_qs(to_query(tab, TABS[tab](**settings)), keep_blank_values=True)
    return export(f"numbers.{kind}", query, "https://example.org/").data


def values_of(file: bytes, kind: str, table: str) -> np.ndarray:
    """A table's numbers, read as anybody would read them."""
    if kind == "npz":
        return np.load(io.BytesIO(file))[table]
    if kind == "json":
        rows = next(one["values"] for one in json.loads(file)["tables"] if one["name"] == table)
    else:
        found = from_csv(file)[1][table]
        first = next(at for at in range(2, len(found["header"])) if found["header"][at] == FIRST_COLUMN[table])
        rows = [row[first:] for row in found["rows"]]
    return np.array([[number(cell) for cell in row] for row in rows], np.float32)


FIRST_COLUMN = {"spread": "value", "row": "weight", "costs": "1 chain"}


def random_softmax(tau: float) -> Tensor:
    return softmax.softmax(softmax_lab.SPREAD * scoring.draw(7, 24, 24, role="softmax lab"), 10.0**tau)


def scored(n: int, d_k: int) -> Tensor:
    query, key = (one[:, :d_k] for one in scoring.query_and_key(n, 256, 3, same=False))
    return attention.weights(attention.scores(query, key, d_k**-0.5))


def values_at(width: int) -> Tensor:
    words = [weighted_sum.SPREAD * scoring.draw(2, width, role=f"word {word}") for word in ("red", "green", "blue")]
    return multihead.multi_head(torch.stack(words), multihead.random_projections(width, 1, seed=2)).value[0]


def heads_at(n: int) -> Tensor:
    layer = multihead.random_projections(512, 8, seed=5)
    return multihead.multi_head(1.5 * scoring.draw(5, n, 512, role="tokens"), layer).attention.weights


def blocked(n: int) -> Tensor:
    hidden = masks_heads.SPREAD**0.5 * scoring.draw(4, n + 1, masks_heads.D_MODEL, role="masks lab")
    layer = multihead.random_projections(masks_heads.D_MODEL, masks_heads.N_HEADS, seed=4)
    scores = multihead.multi_head(hidden, layer).attention.scores[0, :n, :n]
    return scores.masked_fill(torch.ones(n, n).triu(1).bool(), torch.nan)


def lengths_at(count: int) -> Tensor:
    hidden = scoring.draw(0, 10, 64, role="words of a sentence")
    found = stack(hidden, random_stack(count, 64, 4, 0), True)
    return torch.stack([one.lengths["hidden"].mean() for one in found])


MADE: list[tuple[str, dict[str, Any], str, Callable[[], Tensor]]] = [
    ("scoring", {"n": 32, "d_k": 256, "seed": 3}, "chosen", lambda: scored(32, 256)),
    ("softmax", {"n": 24, "seed": 7, "tau": -0.5}, "weights", lambda: random_softmax(-0.5)),
    ("weighted-sum", {"view": "rows", "sentence": "red green blue", "d_head": 64}, "all-values", lambda: values_at(64)),
    ("multi-head", {"heads": "8", "size": "512", "n": 32, "seed": 5}, "small-3", lambda: heads_at(32)[3]),
    ("multi-head", {"heads": "8", "size": "512", "n": 32, "seed": 5, "view": "differ"}, "distances", lambda: measures.head_distances(heads_at(32))),
    ("masks", {"n": 24, "seed": 4}, "masked", lambda: blocked(24)),
    ("positions", {"view": "closeness", "n": 256, "d_model": 128}, "dot", lambda: positions.closeness(positions.sinusoidal(256, 128)).dot),
    ("positions", {"view": "table", "n": 512, "d_model": 128}, "sinusoids", lambda: positions.sinusoidal(512, 128).T),
    ("transformer", {"view": "cross", "typed": "407"}, "cross", lambda: spell("407").cross.mean(dim=(0, 1))),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["json", "npz"])
@pytest.mark.parametrize(("tab", "settings", "table", "core"), MADE, ids=[f"{one[0]} {one[2]}" for one in MADE])
def test_a_file_holds_what_the_mathematics_gives(
    tab: str, settings: dict[str, Any], table: str, core: Callable[[], Tensor], kind: str
) -> None:
    expected = core().float().numpy()
    assert np.array_equal(values_of(file_of(tab, kind, **settings), kind, table), expected, equal_nan=True)
    sent = next(one for one in picture_of(tab, TABS[tab](**settings))["panels"] if one["id"] == table)["values"]
    assert not np.array_equal(decode_values(sent).numpy(), expected, equal_nan=True)  # the page gets fewer digits


@pytest.mark.parametrize("kind", ["csv", "json", "npz"])
def test_bars_curves_numbers_and_tables_are_exact_too(kind: str) -> None:
    weights, spread = random_softmax(-0.5), values_of(file_of("softmax", kind, n=24, seed=7, tau=-0.5), kind, "spread")
    entropy = measures.entropy(weights)
    assert np.array_equal(spread[:3, 0], torch.stack([entropy[0], entropy[0].exp(), entropy.mean()]).numpy())
    assert spread[3, 0] == np.float32((weights[0] < 0.01).float().mean().item())
    row = values_of(file_of("softmax", kind, n=12, seed=7), kind, "row")[:, 0]
    scores = softmax_lab.SPREAD * scoring.draw(7, 12, 12, role="softmax lab")
    assert np.array_equal(row, softmax.softmax(scores)[0].numpy())
    assert values_of(file_of("transformer", kind), kind, "costs").tolist() == [[9, 1], [10, 1], [10, 100]]


def test_curves_are_exact_too() -> None:
    growth = values_of(file_of("transformer", "npz", view="block", blocks=24), "npz", "growth")
    assert np.array_equal(growth[:-1, 1], lengths_at(24).numpy())


def test_a_real_heads_file_is_exact() -> None:
    capture = reader.capture(bundled.MINILM, TEXT)
    layer = capture.layers[2]
    scores = attention.scores(layer.query[6], layer.key[6], layer.scale)
    shown = {
        "scoring": ("chosen", attention.weights(scores)),
        "softmax": ("weights", softmax.softmax(scores)),
        "multi-head": ("head", capture.weights(2)[6]),
    }
    for tab, (table, weights) in shown.items():
        assert np.array_equal(values_of(file_of(tab, "npz", **REAL), "npz", table), weights.numpy()), tab


@pytest.mark.parametrize("tab", [tab for tab in TABS if tab not in ("explore", "languages", "patterns")])
def test_every_real_heads_file_names_model_revision_layer_head_and_texts(tab: str) -> None:
    about = json.loads(file_of(tab, "json", **REAL, other=OTHER))["about"]
    expected = {
        "model": bundled.MINILM,
        "text": TEXT,
        "other_text": OTHER,
        "layer": "2",
        "head": "6",
        "numbers": "float32",
    }
    assert {name: about[name] for name in expected} == expected
    assert about["revision"] == reader.capture(bundled.MINILM, TEXT).revision
    made = json.loads(file_of(tab, "json"))["about"]
    assert not {"model", "layer", "head", "text"} & set(made)


@pytest.mark.parametrize(
    ("tab", "changed", "said", "unsaid"),
    [
        ("positions", {"view": "closeness"}, {"model": bundled.MINILM}, {"text", "layer", "head"}),
        ("positions", {"view": "adding"}, {"text": TEXT}, {"layer", "head"}),
        ("transformer", {"view": "block", "row": 4}, {"layer": "4", "text": TEXT}, {"head"}),
        ("transformer", {"view": "cross", "typed": "407"}, {"model": "speller (ours, trained)", "text": "407"}, {"revision"}),
        ("masks", {"average": True}, {"layer": "2", "head": "mean of all"}, set()),
        ("masks", {"average": True, "view": "peeking"}, {"head": "6"}, set()),
    ],
)  # fmt: skip
def test_a_file_names_no_more_than_its_figure_shows(
    tab: str, changed: dict[str, Any], said: dict[str, str], unsaid: set[str]
) -> None:
    about = json.loads(file_of(tab, "json", **{**REAL, **changed}))["about"]
    assert {name: about[name] for name in said} == said
    assert not unsaid & set(about)
