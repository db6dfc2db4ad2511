"""speller, the encoder-decoder of this project: it spells numbers it never saw, and what is shown of it is what it computed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from attention.core import attention, masks
from attention.core.heads import split_heads
from attention.errors import TextError
from attention.models import speller, translation
from attention.models.speller import FOLDER, spell
from attention.models.translation import EncoderDecoder, Translated
from benchmarks import train_speller

UNSEEN = [number for number in range(1_000_000) if train_speller.held_out(number)]
PROBES = ("0", "7", "21", "407", "90017", "472305", "777777", "1000", "500000")


@pytest.fixture(scope="module")
def model() -> EncoderDecoder:
    return translation.load("speller", FOLDER)


def test_it_is_a_small_folder_in_half_precision() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 2_000_000
    kept = load_file(FOLDER / "model.safetensors")
    assert {part.dtype for part in kept.values()} == {torch.float16}


def test_a_tenth_of_the_numbers_is_kept_from_training() -> None:
    assert 0.099 < len(UNSEEN) / 1_000_000 < 0.101
    seen = train_speller.sample(5000, torch.Generator().manual_seed(1))
    assert not set(seen) & set(UNSEEN)
    assert {len(str(number)) for number in seen} == {1, 2, 3, 4, 5, 6}


def test_it_spells_numbers_it_never_saw(model: EncoderDecoder) -> None:
    small = [number for number in UNSEEN if number < 10_000]
    fixed = [*small[:: len(small) // 150], *UNSEEN[:: len(UNSEEN) // 150]]
    assert len(fixed) >= 300
    assert train_speller.exact_match(model.module, fixed) >= 0.99
    torch.manual_seed(0)
    assert train_speller.exact_match(train_speller.build_model().eval(), fixed) == 0


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("0", "zero"),
        ("21", "twenty-one"),
        ("407", "four hundred seven"),
        ("90017", "ninety thousand seventeen"),
        ("472305", "four hundred seventy-two thousand three hundred five"),
    ],
)
def test_it_writes_english(number: str, words: str) -> None:
    assert spell(number).text == words


@pytest.mark.parametrize("number", PROBES)
def test_rows_sum_to_one_and_the_decoder_never_looks_ahead(number: str) -> None:
    found = spell(number)
    for weights in (found.encoder, found.decoder, found.cross):
        torch.testing.assert_close(weights.sum(dim=-1), torch.ones(weights.shape[:-1]))
    assert not bool(found.decoder.triu(1).any())
    layers, heads, rows, columns = found.cross.shape
    assert (layers, heads) == (2, 4)
    assert (rows, columns) == (len(found.written), len(found.source))


@pytest.mark.parametrize("words", [None, "nine thousand"])
def test_weights_are_the_softmax_of_its_own_queries_and_keys(model: EncoderDecoder, words: str | None) -> None:
    greedy = spell("472305", words)
    forced, heard = listened(model, "472305", greedy.text)
    for side, name, mask in (
        (forced.encoder, "encoder.layers.{}.self_attn", None),
        (forced.decoder, "decoder.layers.{}.self_attn", masks.causal(len(forced.fed))),
        (forced.cross, "decoder.layers.{}.encoder_attn", None),
    ):
        for layer, weights in enumerate(side):
            query, key = (split_heads(heard[f"{name.format(layer)}.{part}_proj"][0], 4) for part in "qk")
            expected = attention.weights(attention.masked(attention.scores(query, key), mask))
            torch.testing.assert_close(weights, expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(forced.cross, greedy.cross)


def listened(model: EncoderDecoder, number: str, words: str) -> tuple[Translated, dict[str, Tensor]]:
    """A forced spelling and what each query and key projection gave out during its one pass."""
    heard: dict[str, Tensor] = {}

    def keep(name: str) -> torch.utils.hooks.RemovableHandle:
        projection: nn.Module = model.module.model.get_submodule(name)
        return projection.register_forward_hook(lambda _module, _inputs, output: heard.update({name: output}))

    names = [name for name, _ in model.module.model.named_modules() if name.endswith(("q_proj", "k_proj"))]
    handles = [keep(name) for name in names]
    try:
        return spell(number, words), heard
    finally:
        for handle in handles:
            handle.remove()


@pytest.mark.parametrize("number", PROBES)
def test_greedy_is_the_most_probable_word_at_every_step(model: EncoderDecoder, number: str) -> None:
    found = spell(number)
    ids = model.tokenizer(number, return_tensors="pt").input_ids
    fed = [model.tokenizer.bos_token_id]
    while fed[-1] != model.tokenizer.eos_token_id and len(fed) < 12:
        with torch.inference_mode():
            logits = model.module(input_ids=ids, decoder_input_ids=torch.tensor([fed])).logits
        fed.append(int(logits[0, -1].argmax()))
    generated = model.module.generate(input_ids=ids, do_sample=False, num_beams=1)[0].tolist()
    assert generated == fed
    assert found.written == tuple(model.tokenizer.convert_ids_to_tokens(fed[1:]))
    assert found.fed == ("<s>", *found.written[:-1])
    assert tuple(row[0].token for row in found.candidates) == found.written
    assert not found.forced


def test_candidates_are_the_best_of_one_distribution() -> None:
    for row, probability in zip(spell("407").candidates, spell("407").probability.tolist(), strict=True):
        shares = [candidate.probability for candidate in row]
        assert len(row) == 5
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) <= 1 + 1e-6
        assert shares[0] == pytest.approx(probability)


def test_made_to_write_another_number_it_says_how_unlikely_that_is() -> None:
    found = spell("407", "four hundred Ninety-nine")
    assert found.written == ("four", "hundred", "ninety", "nine", "</s>")
    assert found.forced
    assert found.candidates[2][0].token == "seven"
    assert float(found.probability[2]) < 0.01
    torch.testing.assert_close(found.cross[:, :, :2], spell("407").cross[:, :, :2])


def test_its_last_layer_looks_at_the_digit_it_names(model: EncoderDecoder) -> None:
    own = train_speller.on_named_digit(model.module, UNSEEN[::600])
    assert float(own[-1].max()) > 0.7


@pytest.mark.parametrize("typed", ["407", " 4 0 7 ", "000407", "٤٠٧", "४०७", "４０７", "0" * 50 + "407"])
def test_digits_of_any_script_are_read(typed: str) -> None:
    assert spell(typed).source == ("4", "0", "7", "</s>")


@pytest.mark.parametrize("typed", ["", "  ", "\n"])
def test_nothing_typed_is_said_to_be_nothing(typed: str) -> None:
    with pytest.raises(TextError) as caught:
        spell(typed)
    assert caught.value.key == "empty_number"


@pytest.mark.parametrize(
    "typed",
    ["four", "-4", "−4", "+4", "4.5", "1,000", "1e3", "0x1f", "½", "²", "Ⅳ", "四", "</s>", "1000000", "9" * 40,
     "9" * 100_000, "4\x007", "\ud800"],
)  # fmt: skip
def test_what_is_no_number_is_refused_in_one_short_sentence(typed: str) -> None:
    with pytest.raises(TextError) as caught:
        spell(typed)
    assert caught.value.key == "bad_number"
    assert len(str(caught.value)) < 120
    assert "\n" not in str(caught.value)
    str(caught.value).encode()


@pytest.mark.parametrize(
    "words", ["four hundred and seven", "4", "</s>", "<pad>", "vier", "quatre-vingts", "x" * 10_000]
)
def test_words_it_does_not_have_are_refused(words: str) -> None:
    with pytest.raises(TextError) as caught:
        spell("407", words)
    assert caught.value.key == "unknown_number_word"
    assert len(str(caught.value)) < 150


def test_ten_words_are_too_many_and_nine_are_not() -> None:
    assert len(spell("4", "four " * 9).written) == 10
    with pytest.raises(TextError) as caught:
        spell("4", "four " * 10)
    assert caught.value.key == "too_many_number_words"


def test_blank_words_are_none() -> None:
    assert not spell("4", "  ").forced


def test_threads_share_one_model_and_get_what_one_alone_gets() -> None:
    alone = [spell(number).cross for number in PROBES]
    translation.ENCODER_DECODERS.clear()
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(spell, PROBES))
    for expected, found in zip(alone, together, strict=True):
        torch.testing.assert_close(found.cross, expected)
    assert len(translation.ENCODER_DECODERS) == 1


def test_the_longest_spelling_fits_the_model() -> None:
    longest = max(len(train_speller.in_words(number)) for number in range(1_000_000))
    assert longest == speller.MAX_WORDS == train_speller.WORDS


def test_it_is_an_ordinary_folder_to_translate_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "numbers").symlink_to(FOLDER, target_is_directory=True)
    monkeypatch.setenv("ATTENTION_MODEL_DIR", str(tmp_path))
    assert translation.translate("numbers", "4 0 7").text == "four hundred seven"
