"""The next token's scores against transformers' own language models."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from attention.errors import TextError
from attention.models import catalog
from attention.models.next_tokens import next_tokens
from tests.models import tiny
from tests.models.decoders import OURS, save_speaking

pytestmark = pytest.mark.usefixtures("one_thread")

TEXT = "The cat sat on the mat. The cat"


def logits_of(folder: Path, text: str) -> torch.Tensor:
    """transformers alone, with its own eager attention."""
    module = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    given = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
    with torch.no_grad():
        return module(input_ids=given["input_ids"], use_cache=False).logits[0, -1]


@pytest.mark.parametrize("text", [TEXT, "猫は猫", "قط قط", "a"])
def test_the_shipped_decoder_expects_what_transformers_says(text: str) -> None:
    found = next_tokens(catalog.INDUCTION, text)
    assert found is not None
    expected = logits_of(OURS, text)
    torch.testing.assert_close(found.scores, expected, atol=1e-4, rtol=1e-4)
    assert list(found.ids) == expected.topk(10).indices.tolist()


@pytest.mark.parametrize("model_type", tiny.CAUSAL)
def test_every_family_of_decoders_expects_what_transformers_says(model_type: str, tmp_path: Path) -> None:
    folder = save_speaking(model_type, tmp_path / model_type)
    found = next_tokens(folder, "a b c a b", count=5)
    assert found is not None
    torch.testing.assert_close(found.scores, logits_of(folder, "a b c a b"), atol=1e-4, rtol=1e-4)
    assert len(found.ids) == len(found.texts) == 5


def test_after_a_repeated_start_the_shipped_decoder_goes_on_as_before() -> None:
    found = next_tokens(catalog.INDUCTION, "mat rug dog cat mat rug dog")
    assert found is not None
    assert found.texts[0] == "␣c"  # its tokens for cat are c and at


def test_texts_are_what_the_tokenizer_reads_and_never_half_a_character() -> None:
    tokenizer = AutoTokenizer.from_pretrained(OURS)
    found = next_tokens(catalog.INDUCTION, "猫は猫", count=768)
    assert found is not None
    for token, text in zip(found.ids, found.texts, strict=True):
        read = tokenizer.decode([token])
        if "\ufffd" in read:
            assert text == f"piece {token}"
        assert text.strip()
        assert "\ufffd" not in text
    assert len(set(found.texts)) > 700


@pytest.mark.parametrize("model_type", ["bert", "llama"])
def test_models_that_do_not_say_what_comes_next_have_no_answer(
    model_type: str, folder_of: Callable[[str], Path]
) -> None:
    assert next_tokens(folder_of(model_type), "a b") is None


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(TextError, match="nothing to read"):
        next_tokens(catalog.INDUCTION, "  ")
