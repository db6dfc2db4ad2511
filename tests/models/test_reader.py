"""One text, one forward pass, one capture; and no text ever gets another's."""

import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch

from attention.core.capture import Capture
from attention.errors import AttentionError, ModelError, TextError
from attention.models import forward, loader, reader
from attention.models.reader import CAPTURES, capture, count, kept
from tests.models import tiny
from tests.models.tiny import ROOM, text_of

pytestmark = pytest.mark.usefixtures("one_thread", "empty_caches", "offline")

FolderOf = Callable[[str], Path]


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Grows by one with every forward pass of a text."""
    seen: list[Any] = []
    run = forward.run

    def counted(model: Any, inputs: Any, **options: Any) -> forward.RawCapture:
        seen.append(inputs)
        return run(model, inputs, **options)

    monkeypatch.setattr(reader, "run", counted)
    return seen


def test_a_capture_says_what_was_read(folder_of: FolderOf) -> None:
    found = capture(folder_of("bert"), "a b", "c")
    assert (found.model, found.note, found.causal) == ("tiny-bert", "", False)
    assert found.revision.startswith("local-")
    assert [token.text for token in found.tokens] == ["[CLS]", "a", "b", "[SEP]", "c", "[SEP]"]
    assert found.text.inputs["token_type_ids"] == (0, 0, 0, 0, 1, 1)
    assert found.weights(0).shape == (4, 6, 6)
    assert found.weights(2, 3).dtype == found.value_norms.dtype == torch.float32


def test_a_text_is_read_once(folder_of: FolderOf, passes: list[Any]) -> None:
    first = capture(folder_of("bert"), text_of(5))
    assert capture(str(folder_of("bert")), text_of(5)) is first
    assert capture(folder_of("bert"), text_of(5), "  ") is first
    assert len(passes) == 1
    assert capture(folder_of("bert"), text_of(5), "a") is not first
    assert capture(folder_of("electra"), text_of(5)) is not first
    assert len(passes) == 3


def test_eight_requests_for_a_text_make_one_pass(folder_of: FolderOf, passes: list[Any]) -> None:
    start = threading.Barrier(8)

    def work(_number: int) -> Capture:
        start.wait()
        return capture(folder_of("bert"), text_of(6))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(8)))
    assert len(passes) == 1
    assert all(one is found[0] for one in found)


@pytest.mark.parametrize("model_type", ["bert", "mistral", "albert", "deberta-v2", "mpnet"])
def test_threads_do_not_mix_texts(model_type: str, folder_of: FolderOf) -> None:
    folder = folder_of(model_type)
    texts = [text_of(3 + number % 9, seed=number) for number in range(24)]
    alone = [capture(folder, text) for text in texts]
    CAPTURES.clear()
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: capture(folder, text), texts))
    for one, other in zip(alone, together, strict=True):
        assert one is not other
        assert one.text == other.text
        torch.testing.assert_close(other.value_norms, one.value_norms)
        for layer in range(one.n_layers):
            torch.testing.assert_close(other.weights(layer), one.weights(layer))


def test_the_oldest_capture_goes_when_bytes_run_out(
    folder_of: FolderOf, passes: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of("bert")
    first = capture(folder, text_of(20, seed=0))
    monkeypatch.setattr(CAPTURES, "limit", first.nbytes * 2)
    for seed in (1, 2):
        capture(folder, text_of(20, seed=seed))
    assert len(CAPTURES) == 2
    assert CAPTURES.nbytes <= CAPTURES.limit
    again = capture(folder, text_of(20, seed=0))
    assert again is not first
    assert len(passes) == 4
    torch.testing.assert_close(again.weights(1), first.weights(1))


def test_whether_a_capture_is_kept_can_be_asked(
    folder_of: FolderOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").symlink_to(folder_of("bert"))
    monkeypatch.setenv("ATTENTION_MODEL_DIR", str(tmp_path))
    assert not kept("mine", "a b")
    capture("mine", "a b", folders=False)
    assert kept("mine", "a b")
    assert kept("mine", "a b", " ")
    assert not kept("mine", "a b", "c")
    CAPTURES.clear()
    assert not kept("mine", "a b")


@pytest.mark.parametrize("model_type", ["bert", "roberta", "gpt2", "mpnet"])
def test_a_text_at_the_limit_is_read_and_one_more_token_is_refused(model_type: str, folder_of: FolderOf) -> None:
    folder = folder_of(model_type)
    added = len(loader.load(folder, folders=True).tokenizer("a")["input_ids"]) - 1
    assert len(capture(folder, text_of(ROOM - added)).tokens) == ROOM
    with pytest.raises(TextError) as caught:
        capture(folder, text_of(ROOM - added + 1))
    expected = f"This text is {ROOM + 1} tokens and tiny-{model_type} reads at most {ROOM}; shorten it and read again."
    assert str(caught.value) == expected


def test_our_own_limit_is_reached_by_models_with_more_room(tmp_path: Path) -> None:
    folder = tiny.save("llama", tmp_path / "roomy", limit=None, max_position_embeddings=4096)
    found = capture(folder, text_of(1024))
    assert len(found.tokens) == 1024
    weights = found.weights(2, 3)
    torch.testing.assert_close(weights.sum(-1), torch.ones(1024))
    assert not weights.triu(1).any()
    with pytest.raises(TextError, match=r"1,025 tokens and roomy reads at most 1,024"):
        capture(folder, text_of(1025))


@pytest.mark.parametrize(
    ("text", "pair", "key"),
    [("", None, "empty_text"), (" \n", None, "empty_text"), ("a" * 20_001, None, "too_many_characters")],
)
def test_what_the_tokenizer_refuses_is_refused(text: str, pair: str | None, key: str, folder_of: FolderOf) -> None:
    with pytest.raises(AttentionError) as caught:
        capture(folder_of("bert"), text, pair)
    assert caught.value.key == key
    assert len(CAPTURES) == 0


def test_a_token_the_model_has_no_row_for_is_refused(tmp_path: Path) -> None:
    folder = tiny.save("bert", tmp_path / "small", vocab_size=20)
    assert len(capture(folder, "a b c").tokens) == 5
    with pytest.raises(TextError, match="“Z” is not in its vocabulary"):
        capture(folder, "a Z c")


def test_token_types_go_only_to_models_that_have_them(tmp_path: Path) -> None:
    plain = tiny.save("gpt2", tmp_path / "plain")
    typed = tiny.save("gpt2", tmp_path / "typed")
    tokenizer = tiny.build_tokenizer("gpt2")
    tokenizer.model_input_names = ["input_ids", "token_type_ids", "attention_mask"]
    tokenizer.save_pretrained(typed)
    found = capture(typed, "a b c")
    assert "token_type_ids" in found.text.inputs
    torch.testing.assert_close(found.weights(0), capture(plain, "a b c").weights(0))


def test_a_failed_pass_keeps_nothing(folder_of: FolderOf, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> forward.RawCapture:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(reader, "run", fail)
        with pytest.raises(MemoryError):
            capture(folder_of("bert"), "a b")
    assert len(CAPTURES) == 0
    assert len(capture(folder_of("bert"), "a b").tokens) == 4


def test_counting_never_loads_a_model(folder_of: FolderOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").symlink_to(folder_of("bert"))
    monkeypatch.setenv("ATTENTION_MODEL_DIR", str(tmp_path))
    assert count("mine", "a b c") is None
    loader.load("mine")
    assert count("mine", "a b c") == (5, ROOM)
    assert count("mine", "a b c", "d") == (7, ROOM)
    assert count("mine", text_of(100)) == (102, ROOM)
    with pytest.raises(ModelError, match="not a model id"):
        count("../mine", "a b c")


@pytest.mark.parametrize("model_type", ["bert", "mistral", "deberta-v2"])
def test_what_a_pass_leaves_can_be_sent_between_processes(model_type: str, folder_of: FolderOf) -> None:
    model = loader.load(folder_of(model_type), folders=True)
    found = capture(folder_of(model_type), text_of(12))
    raw = pickle.loads(pickle.dumps(forward.run(model, found.text.inputs, values_of=1)))
    torch.testing.assert_close(raw.value_norms, found.value_norms)
    for layer in range(found.n_layers):
        torch.testing.assert_close(raw.layers[layer].weights(slice(None)), found.weights(layer))


def test_nothing_is_recorded_outside_a_capture(folder_of: FolderOf, passes: list[Any]) -> None:
    for model_type in ("bert", "deberta-v2"):
        model = loader.load(folder_of(model_type), folders=True)
        with torch.no_grad():
            model.module(**forward.arguments(model, {"input_ids": (1, 2, 3)}))
    assert passes == []
    assert len(CAPTURES) == 0


def test_a_model_and_a_capture_set_aside_are_read_again(folder_of: FolderOf, passes: list[Any]) -> None:
    first = capture(folder_of("gpt2"), "a b c")
    loader.MODELS.clear()
    assert capture(folder_of("gpt2"), "a b c") is first
    loader.MODELS.clear()
    CAPTURES.clear()
    torch.testing.assert_close(capture(folder_of("gpt2"), "a b c").weights(0), first.weights(0))
    assert len(passes) == 2
