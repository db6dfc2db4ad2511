"""Words that answer each other: from the model's own hidden states, against numpy and against what people marked."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel

from attention.errors import SelectionError
from attention.models import bundled, languages, loader, reader
from attention.models.correspondence import answers, correspond, hidden_states
from benchmarks.evaluate_correspondence import Counts, evaluate, judge, plain, rows
from tests.models import tiny
from tests.models.bundled_models import e5, needs_e5

pytestmark = pytest.mark.usefixtures("offline", "one_thread")
FolderOf = Callable[[str], Path]


@pytest.mark.parametrize("family", sorted(tiny.CONFIGS))
def test_hidden_states_are_those_of_the_model_by_itself(folder_of: FolderOf, family: str) -> None:
    """Those halfway come with the capture."""
    text, folder = tiny.text_of(12), folder_of(family)
    capture = reader.capture(folder, text)
    read = capture.text
    module = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    with torch.no_grad():
        expected = module(torch.tensor([read.inputs["input_ids"]]), output_hidden_states=True).hidden_states
    model = loader.load(folder, folders=True)
    assert len(expected) == model.n_layers + 1
    for layer, states in enumerate(expected):
        torch.testing.assert_close(hidden_states(model, read, layer), states[0], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(capture.halfway, expected[model.n_layers // 2][0], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("layer", [-1, 4])
def test_a_layer_that_is_not_there_is_refused(folder_of: FolderOf, layer: int) -> None:
    with pytest.raises(SelectionError, match="Layer"):
        correspond(folder_of("bert"), "a b c", "d e f", layer=layer)


def test_a_text_answers_itself_word_by_word(folder_of: FolderOf) -> None:
    links = correspond(folder_of("bert"), "a b c d e", "a b c d e")
    assert [(link.first.text, link.second.text) for link in links] == [(each, each) for each in "abcde"]
    assert [link.similarity for link in links] == pytest.approx([1.0] * 5, abs=1e-5)


@pytest.mark.parametrize("text", ["a", "a b"])
def test_a_very_short_text_has_answers_and_no_nan(folder_of: FolderOf, text: str) -> None:
    links = correspond(folder_of("bert"), text, "a b c d")
    assert 1 <= len(links) <= 2
    assert all(-1.001 <= link.similarity <= 1.001 for link in links)


SIMILAR = torch.tensor([[0.9, 0.1, 0.2, 0.1, 0.0], [0.3, 0.2, 0.8, 0.7, 0.6], [0.8, 0.3, 0.1, 0.0, 0.1]])


def test_nearest_on_both_sides_answer_each_other() -> None:
    """Rows 0 and 2 both want column 0; column 0 wants row 0. Columns 3 and 4 want row 1, which wants column 2."""
    assert answers(SIMILAR, [False] * 3, [False] * 5) == {(0, 0), (1, 2)}


def test_pieces_beside_an_answer_join_it_from_both_sides_and_in_rows() -> None:
    assert answers(SIMILAR, [False] * 3, [True] * 5) == {(0, 0), (1, 2), (1, 3), (1, 4)}
    assert answers(SIMILAR, [False] * 3, [True, True, True, False, True]) == {(0, 0), (1, 2)}
    assert answers(SIMILAR.T, [True] * 5, [False] * 3) == {(0, 0), (2, 1), (3, 1), (4, 1)}
    assert answers(SIMILAR.flip(1), [False] * 3, [True] * 5) == {(0, 4), (1, 2), (1, 1), (1, 0)}


@needs_e5
def test_similarities_are_cosines_of_means_of_pieces() -> None:
    """Once more in numpy, with each word's pieces found by its letters."""
    first, second = "Unbelievably, my grandmother sleeps.", "Meine Großmutter schläft unglaublich."
    links = correspond(bundled.E5, first, second)
    module, tokenizer = e5()

    def vectors(text: str) -> dict[str, np.ndarray]:
        encoded = tokenizer(text, return_offsets_mapping=True, return_tensors="pt")
        offsets = encoded.pop("offset_mapping")[0].tolist()
        with torch.no_grad():
            states = module(**encoded, output_hidden_states=True).hidden_states[6][0].double().numpy()
        found, begin = {}, 0
        for word in text.replace(",", " ,").replace(".", " .").split():
            begin = text.index(word, begin)
            inside = [at for at, (low, high) in enumerate(offsets) if begin <= low < high <= begin + len(word)]
            found[word] = states[inside].mean(axis=0)
        mean = np.mean(list(found.values()), axis=0)
        return {word: (v - mean) / np.linalg.norm(v - mean) for word, v in found.items()}

    one, two = vectors(first), vectors(second)
    assert {(link.first.text, link.second.text) for link in links} == {
        ("Unbelievably", "unglaublich"), ("my", "Meine"), ("grandmother", "Großmutter"), ("sleeps", "schläft"), (".", "."),
    }  # fmt: skip
    for link in links:
        assert link.similarity == pytest.approx(float(one[link.first.text] @ two[link.second.text]), abs=1e-3)


@needs_e5
def test_punctuation_answers_punctuation_only() -> None:
    links = correspond(bundled.E5, "Where is the teapot?", "茶壶在哪里？")
    pairs = {(link.first.text, link.second.text) for link in links}
    assert ("?", "？") in pairs
    assert all((one == "?") == (two == "？") for one, two in pairs)


@needs_e5
def test_words_that_people_paired_are_paired() -> None:
    """Two sentences in each of ten languages."""
    some = [row for row in rows() if row["meaning"] in ("two-names", "agreement")]
    assert len({row["language"] for row in some}) == 10
    counts = sum((judge(bundled.E5, row, 6) for row in some), Counts(0, 0, 0))
    assert counts.marked > 90
    precision, recall, _ = counts.scores
    assert precision > 0.9
    assert recall > 0.8


@needs_e5
def test_the_published_accuracy_is_what_comes_out() -> None:
    published = json.loads((languages.DATA / "correspondence.json").read_text(encoding="utf-8"))
    assert published["layer"] == loader.load(bundled.E5).n_layers // 2
    assert published == plain(bundled.E5, published["layer"], evaluate(bundled.E5, published["layer"]))


@needs_e5
def test_captures_that_are_there_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ("A cup of tea.", "Eine Tasse Tee.")
    for text in texts:
        reader.capture(bundled.E5, text)
    loaded = loader.load(bundled.E5)
    expected = [hidden_states(loaded, reader.capture(bundled.E5, text).text, 6) for text in texts]
    for text, states in zip(texts, expected, strict=True):
        torch.testing.assert_close(reader.capture(bundled.E5, text).halfway, states, atol=1e-5, rtol=1e-5)
    monkeypatch.setattr(loaded.module, "forward", lambda *given, **named: pytest.fail("the model ran"))
    assert correspond(bundled.E5, *texts) == correspond(bundled.E5, *texts, layer=6)
    with pytest.raises(pytest.fail.Exception):
        correspond(bundled.E5, *texts, layer=1)


def test_precision_and_recall_are_counted_over_links() -> None:
    assert (Counts(3, 4, 6) + Counts(0, 0, 0)).scores == pytest.approx((0.75, 0.5, 0.6))
    assert Counts(0, 0, 0).scores == (0.0, 0.0, 0.0)
