"""The Positions lab: what its figure shows, read back and computed again without it."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from attention.core import multihead, scoring
from attention.core import positions as core_positions
from attention.errors import AttentionError, SelectionError
from attention.share.labs import positions as lab
from attention.share.labs import positions_order, positions_table
from attention.share.labs.positions_order import SENTENCES as PAIR_WORDS
from attention.share.settings.kinds import Choice, checked, kinds
from attention.share.settings.positions import PAIRS, VIEWS, WAYS, Positions
from attention.views.coding import decode_mask
from tests.share.lab_numbers import matrix
from tests.share.lab_positions import START, check_figure, items, panels, series, sinusoid


def by_hand(settings: Positions, words: tuple[str, ...], way: str) -> tuple[np.ndarray, np.ndarray]:
    """Weights of head 0 and outputs in numpy, with rotation as complex numbers."""
    n, wide, heads = len(words), positions_order.D_MODEL, positions_order.N_HEADS
    x = np.stack([scoring.draw(settings.seed, wide, role=f"the word {one.lower()}").double().numpy() for one in words])
    if way == "sinusoidal":
        x = x + sinusoid(n, wide)
    made = multihead.random_projections(wide, heads, seed=settings.seed)
    width = wide // heads
    query, key, value = (
        (x @ one.double().numpy()).reshape(n, heads, width).swapaxes(0, 1)
        for one in (made.w_query, made.w_key, made.w_value)
    )
    scores = query @ key.swapaxes(1, 2)
    if way == "rotary":
        turn = np.exp(1j * np.arange(n)[:, None] * 10_000.0 ** (-np.arange(0, width, 2) / width))
        turned = [(each[..., : width // 2] + 1j * each[..., width // 2 :]) * turn for each in (query, key)]
        scores = (turned[0] @ turned[1].conj().swapaxes(1, 2)).real
    scores = scores / math.sqrt(width)
    if way == "alibi":
        distance = np.abs(np.arange(n)[:, None] - np.arange(n)[None, :])
        scores = (
            scores - np.array([2.0 ** (-8 * (head + 1) / heads) for head in range(heads)])[:, None, None] * distance
        )
    weights = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    return weights[0], (weights @ value).swapaxes(0, 1).reshape(n, wide) @ made.w_output.double().numpy()


@pytest.mark.parametrize(("pair", "way", "seed"), [*((pair, "sinusoidal", 3) for pair in PAIRS), *(("scope", way, 0) for way in WAYS)])  # fmt: skip
def test_two_orders_are_those_of_numpy(pair: str, way: str, seed: int) -> None:
    settings = replace(START, pair=pair, way=way, seed=seed)
    first, second = PAIR_WORDS[pair]
    shown = panels(settings)
    for panel, words in (("read-0", first), ("read-1", second)):
        assert shown[panel]["rows"]["texts"] == list(words)
        np.testing.assert_allclose(matrix(shown[panel]), by_hand(settings, words, way)[0], atol=1e-3)

    def moved(each: str) -> list[float]:
        one, other = by_hand(settings, first, each)[1], by_hand(settings, second, each)[1]
        return [np.abs(other[at] - one[first.index(word)]).max() for at, word in enumerate(second) if word in first]

    np.testing.assert_allclose(shown["moves"]["values"], moved(way), atol=1e-4)
    np.testing.assert_allclose(shown["moves"]["compare"], moved("none"), atol=1e-4)
    assert shown["moves"]["labels"]["texts"] == [word for word in second if word in first]
    said = items(shown["gaps"])
    for each, title in WAYS.items():
        if max(moved(each)) > 1e-6:
            assert said[title][0] == f"{max(moved(each)):.2f}"
        else:
            assert "×10⁻" in said[title][0] or said[title][0] == "0.00"


def test_pairs_are_permutations_but_for_the_last() -> None:
    assert list(PAIR_WORDS) == list(PAIRS)
    permuted = {pair: positions_order.order_of(*both) is not None for pair, both in PAIR_WORDS.items()}
    assert permuted == {pair: pair != "senses" for pair in PAIRS}
    assert "Not a permutation" in lab.picture(replace(START, pair="senses"))["note"]
    order = positions_order.order_of("abca", "acba")
    assert order is not None
    assert order.tolist() == [0, 2, 1, 3]
    assert positions_order.order_of("ab", "abb") is None
    assert positions_order.order_of("abb", "aab") is None


def test_only_words_told_their_places_know_them() -> None:
    for pair in ("roles", "scope", "negation", "question"):
        said = items(panels(replace(START, pair=pair))["gaps"])
        assert said[WAYS["none"]][1] == "same outputs, permuted"
        assert said[WAYS["sinusoidal"]][1] == said[WAYS["rotary"]][1] == "other outputs"
    assert items(panels(START)["gaps"])[WAYS["alibi"]][1] == "a mirror image keeps every distance"
    assert items(panels(replace(START, pair="scope"))["gaps"])[WAYS["alibi"]][1] == "other outputs"


@pytest.mark.parametrize(("n", "width", "waves"), [(128, 64, 4), (8, 4, 8), (24, 128, 1), (512, 12, 8)])
def test_the_table_and_its_curves_are_the_formula(n: int, width: int, waves: int) -> None:
    shown = panels(replace(START, view="table", n=n, d_model=width, waves=waves, chosen="0 3, 511"))
    expected = sinusoid(512, width)
    np.testing.assert_allclose(matrix(shown["sinusoids"]), expected[:n].T, atol=0.005)
    assert shown["sinusoids"]["axes"] == ["dimension", "position"]
    curves = series(shown["chosen"])
    assert list(curves) == ["position 0", "position 3", "position 511"]
    for place in (0, 3, 511):
        np.testing.assert_allclose(curves[f"position {place}"], expected[place, ::2], atol=1e-5)
    assert shown["chosen"]["x"] == list(range(0, width, 2))
    wave = series(shown["waves"])
    for dim in range(min(waves, width)):
        np.testing.assert_allclose(wave[f"dimension {dim}"], expected[: min(n, 64), dim], atol=1e-5)
    assert (f"dimension {width - 1}, the last" in wave) == (waves < width)
    said = items(shown["turns"])
    assert said["sinusoids 0 and 1 repeat every"][0] == "6.28"
    assert float(said[f"sinusoids {width - 2} and {width - 1} every"][0]) == pytest.approx(
        2 * math.pi * 10_000 ** ((width - 2) / width), abs=0.5
    )


def test_arrows_go_from_a_word_to_the_word_plus_its_position() -> None:
    shown = panels(replace(START, view="adding", pair="question", seed=5))
    first, second = PAIR_WORDS["question"]
    rows = {word: cells for word, *cells in shown["words"]["rows"]}
    said = {}
    for word in first:
        drawn = scoring.draw(5, 2, role=f"the word {word} in two dimensions").numpy()
        ends = [drawn + np.array([math.sin(text.index(word)), math.cos(text.index(word))]) for text in (first, second)]
        said[word] = [f"({x:.2f}, {y:.2f})".replace("-", "−") for x, y in (drawn, *ends)]
    assert rows == said
    nodes = {node["label"]: node["at"] for node in shown["arrows"]["nodes"]}
    arrows = shown["arrows"]["vectors"]
    lengths = [math.dist(one["start"], one["end"]) for one in arrows]
    assert lengths == pytest.approx([lengths[0]] * len(arrows), abs=1e-4)  # what is added lies on a circle
    assert [one["start"] for one in arrows] == [nodes[word] for word in (*first, *second)]
    assert [one["dashed"] for one in arrows] == [False] * 3 + [True] * 3


@pytest.mark.parametrize(("n", "width"), [(32, 64), (512, 8)])
def test_closeness_is_dot_and_cosine_of_each_two(n: int, width: int) -> None:
    shown = panels(replace(START, view="closeness", n=n, d_model=width))
    table = sinusoid(min(n, 256), width)
    dots = table @ table.T
    np.testing.assert_allclose(matrix(shown["dot"]), dots, atol=0.005 * width)
    np.testing.assert_allclose(matrix(shown["cosine"]), dots / (width / 2), atol=0.01)
    decay = [np.diagonal(dots, distance).mean() / (width / 2) for distance in range(len(table))]
    curves = series(shown["decay"])
    np.testing.assert_allclose(curves["cosine"], decay, atol=1e-4)
    np.testing.assert_allclose(curves["dot product, of its mean at 0"], decay, atol=1e-4)
    assert items(shown["near"])["one step apart"][0] == f"{decay[1]:.2f}"
    assert items(shown["near"])["a vector is as long as"][0] == f"{math.sqrt(width / 2):.2f}"


def test_four_kinds_stand_on_the_same_axes() -> None:
    settings = replace(START, view="kinds", n=16, d_model=32, seed=4)
    shown = panels(settings)
    distance = np.abs(np.arange(16)[:, None] - np.arange(16)[None, :])
    speeds = 10_000.0 ** (-np.arange(0, 32, 2) / 32)
    factor = np.cos(np.arange(16)[:, None] * speeds).mean(axis=1)
    for panel in ("sinusoid", "rotary"):
        np.testing.assert_allclose(matrix(shown[panel]), factor[distance], atol=1e-3)
    np.testing.assert_allclose(matrix(shown["alibi"]), -0.5 * distance, atol=1e-3)
    assert len({tuple(shown[panel]["axes"]) for panel in ("sinusoid", "rotary", "alibi")}) == 1
    curves = series(shown["decay"])
    np.testing.assert_allclose(curves["sinusoids, cosine"], factor, atol=1e-5)
    np.testing.assert_allclose(curves["rotary, equal pairs"], factor, atol=1e-5)
    np.testing.assert_allclose(curves["ALiBi, steepest head"], np.exp(-np.arange(16) / 2), atol=1e-5)
    np.testing.assert_allclose(curves["ALiBi, gentlest head"], np.exp(-np.arange(16) / 256), atol=1e-5)
    vector = scoring.draw(4, 1, 32, role="a turned vector")[0].double().numpy()
    pairs = vector[:16] ** 2 + vector[16:] ** 2
    turned = (np.cos(np.arange(16)[:, None] * speeds) * pairs).sum(axis=1) / pairs.sum()
    np.testing.assert_allclose(curves["rotary, a random vector"], turned, atol=1e-5)


def test_beyond_training_a_learned_table_ends_and_the_others_differ() -> None:
    shown = panels(replace(START, view="length", n=40, d_model=16))
    there = decode_mask(shown["ends"]["allowed"], 16, 80).numpy()
    assert there[:, :40].all()
    assert not there[:, 40:].any()
    np.testing.assert_allclose(matrix(shown["continues"]), sinusoid(80, 16).T, atol=0.005)
    curves = series(shown["known"])
    table = sinusoid(80, 16)
    np.testing.assert_allclose(curves["sinusoids"], (table @ table[:40].T / 8).max(axis=1), atol=1e-4)
    assert curves["learned"] == [1.0] * 40 + [0.0] * 40
    speeds = 10_000.0 ** (-np.arange(0, 16, 2) / 16)
    met = np.fmod(np.arange(80)[:, None] * speeds, 2 * math.pi) <= 39 * speeds + 1e-9
    np.testing.assert_allclose(curves["rotary"], met.mean(axis=1), atol=1e-5)
    fall = np.exp(-0.5 * np.arange(80))
    assert curves["ALiBi"][79] == pytest.approx(fall[:40].sum() / fall.sum(), abs=1e-6)
    assert [row[2] for row in shown["meaning"]["rows"]] == [
        f"{curves[row[0]][-1]:.2f}" for row in shown["meaning"]["rows"]
    ]


def ends(setting: str) -> list:
    kind = kinds(Positions)[setting]
    return list(kind.options) if isinstance(kind, Choice) else [kind.low, kind.high]


@pytest.mark.parametrize("view", VIEWS)
def test_every_control_at_both_ends_gives_a_figure(view: str) -> None:
    names = {"order": ("pair", "way"), "adding": ("pair",), "table": ("n", "d_model", "waves")}.get(
        view, ("n", "d_model")
    )
    for chosen, seed in itertools.product(itertools.product(*(ends(name) for name in names)), (0, 99)):
        settings = checked(Positions, {"view": view, "seed": seed, **dict(zip(names, chosen, strict=True))})
        check_figure(settings)


def test_the_answer_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for pair in PAIRS:
        found = lab.reveal(replace(START, pair=pair, seed=7))
        assert found.right == 0
        assert lab.picture(found.settings)
    told = positions_order.read_words
    monkeypatch.setattr(
        positions_order, "read_words", lambda settings, words, _way: told(settings, words, "sinusoidal")
    )
    assert lab.reveal(START).right == 1
    monkeypatch.setattr(core_positions, "sinusoidal", lambda n, d_model: torch.zeros(n, d_model))
    assert lab.reveal(START).right == 0


@pytest.mark.parametrize(
    "typed", ["a", "1, two", "NaN", "inf", "-1", "1.5", "512", "9" * 30, "1e2", "٣", "🙂", ",", "0x1"]
)
def test_what_is_no_position_is_refused(typed: str) -> None:
    with pytest.raises(SelectionError, match="is not a position"):
        lab.picture(replace(START, view="table", chosen=typed))


def test_a_list_of_positions_may_be_written_in_many_ways() -> None:
    for typed in ("3 1 1", "[1, 3]", "1;3", " 1,\n3 "):
        assert positions_table.chosen(typed) == [1, 3]
    assert positions_table.chosen("  ") == []
    assert lab.picture(replace(START, view="table", chosen=""))
    with pytest.raises(SelectionError, match="Between 1 and 8"):
        positions_table.chosen("1 2 3 4 5 6 7 8 9")


@pytest.mark.parametrize(
    "wrong", [{"view": "magic"}, {"n": 4096}, {"d_model": math.nan}, {"pair": None}, {"way": 1}, {"waves": 0}]
)
def test_what_no_control_can_send_is_refused(wrong: dict) -> None:
    with pytest.raises(AttentionError, match="must be one of"):
        checked(Positions, wrong)
