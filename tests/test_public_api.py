"""What `from attention import capture, head_grid, rank, show` promises."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import attention
from attention import capture, head_grid, rank, show
from attention.core.capture import Capture
from attention.core.tokens import Token
from attention.errors import AttentionError, ModelError, SelectionError, TextError
from attention.models.catalog import E5, MINILM
from tests.models import tiny

ROOT = Path(__file__).parent.parent
TEXT = "The cat that the dog chased sat on the mat."


@pytest.fixture(scope="module")
def read() -> Capture:
    return capture(MINILM, TEXT)


def imported_by(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after a statement."""
    code = f"import sys; {statement}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement", ["import attention", "import attention.errors", "import attention.models.catalog"]
)
def test_importing_costs_nothing(statement: str) -> None:
    assert imported_by(statement).isdisjoint({"torch", "transformers", "gradio", "numpy", "huggingface_hub"})


def test_reading_needs_no_gradio() -> None:
    assert "gradio" not in imported_by("from attention import capture, head_grid, rank, show")


def test_the_names_are_there_and_no_others() -> None:
    assert attention.__all__ == ["capture", "head_grid", "rank", "show"]
    assert attention.__version__.count(".") == 2
    with pytest.raises(AttributeError, match="no attribute 'explain'"):
        attention.explain  # noqa: B018


def test_tokens_say_what_they_are(read: Capture) -> None:
    assert all(isinstance(token, Token) for token in read.tokens)
    first, cat, last = read.tokens[0], read.tokens[2], read.tokens[-2]
    assert (first.text, first.special, first.start, first.end, first.word) == ("[CLS]", True, 0, 0, -1)
    assert (cat.text, cat.word, cat.special, cat.punctuation, cat.segment) == ("cat", 1, False, False, 0)
    assert TEXT[cat.start : cat.end] == "cat"
    assert (last.text, last.punctuation) == (".", True)
    assert all(type(token.id) is int and token.id >= 0 for token in read.tokens)


def test_a_second_text_is_segment_one() -> None:
    both = capture(MINILM, "Who sat?", "The cat did.")
    assert [token.segment for token in both.tokens if token.text in {"Who", "cat"}] == [0, 1]


@pytest.mark.parametrize(("model", "layers", "heads", "note"), [(MINILM, 6, 12, ""), (E5, 12, 12, "4-bit")])
def test_layers_and_heads(model: str, layers: int, heads: int, note: str) -> None:
    read = capture(model, TEXT)
    n = len(read.tokens)
    assert (read.model, read.n_layers, read.n_heads, read.note) == (model, layers, heads, note)
    assert read.weights(0, 0).shape == (n, n)
    assert read.weights(layers - 1).shape == (heads, n, n)
    assert torch.allclose(read.weights(layers - 1).sum(-1), torch.ones(heads, n), atol=1e-5)
    assert torch.equal(read.weights(1, 3), read.weights(1)[3])
    assert read.value_norms.shape == (layers, heads, n)


def test_a_title_is_a_name_too(read: Capture) -> None:
    assert capture("all-MiniLM-L6-v2", TEXT) is read


def test_ranking_gives_findings_best_first(read: Capture) -> None:
    found = rank(read)
    assert found
    assert found[0].reason.endswith(".")
    assert all(0 <= one.layer < 6 and 0 <= one.head < 12 and 0 < one.score <= 1 for one in found)


def test_showing_is_for_notebooks(read: Capture) -> None:
    found = rank(read)
    for shown in (found, show(read, found[0].layer, found[0].head), head_grid(read)):
        assert shown._repr_html_().startswith("<iframe srcdoc=")


def test_a_local_folder_is_a_model(tmp_path: Path) -> None:
    folder = tiny.save("bert", tmp_path / "mine")
    for name in (folder, str(folder)):
        read = capture(name, "w1 w2 w3")
        assert (read.model, read.n_layers, read.n_heads, len(read.tokens)) == ("mine", 3, 4, 5)


@pytest.mark.parametrize("weights", [lambda read: read.weights(6), lambda read: read.weights(0, 12)])
def test_a_head_that_does_not_exist_is_one_sentence(read: Capture, weights: object) -> None:
    with pytest.raises(SelectionError, match="does not exist"):
        weights(read)


@pytest.mark.parametrize(
    ("model", "text", "error"),
    [(MINILM, "", TextError), ("no such model", TEXT, ModelError), ("./nowhere", TEXT, ModelError)],
)
def test_errors_are_sentences(model: str, text: str, error: type[AttentionError]) -> None:
    with pytest.raises(error) as caught:
        capture(model, text)
    assert str(caught.value).endswith(".")
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("call", ["capture(None, 'a')", "capture(3, 'a')", "capture('all-MiniLM-L6-v2', 3)"])
def test_values_of_the_wrong_type_get_a_sentence_too(call: str) -> None:
    code = f"from attention import capture\ntry:\n    {call}\nexcept ValueError as error:\n    print(type(error).__name__, error)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.startswith(("ModelError", "TextError"))
