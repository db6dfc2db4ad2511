"""multilingual-e5-small out of its packed file: same numbers as the format says, same ids as sentencepiece, same mathematics."""

import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from attention.errors import ModelError
from attention.models import bundled
from attention.models.e5 import QuantizedEmbedding, field
from attention.models.e5_file import dequantize, read_packed
from tests.models import bundled_models
from tests.models.bundled_models import needs_e5
from tests.models.packed_file import tiny_file
from tests.models.sentencepieces import sentencepiece_ids

WORD_TABLE = 4_638_272
"""Where the word table starts in the published file."""

TEXTS = {
    "Arabic": "يولد جميع الناس أحراراً متساوين في الكرامة والحقوق.",
    "Chinese": "人人生而自由，在尊严和权利上一律平等。",
    "English": "All human beings are born free and equal in dignity and rights.",
    "Finnish": "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan.",
    "French": "Tous les êtres humains naissent libres et égaux en dignité et en droits.",
    "German": "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
    "Hebrew": "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.",
    "Hindi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    "Japanese": "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "Korean": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "Russian": "Все люди рождаются свободными и равными в своём достоинстве и правах.",
    "Spanish": "Todos los seres humanos nacen libres e iguales en dignidad y derechos.",
    "Swahili": "Watu wote wamezaliwa huru, hadhi na haki zao ni sawa.",
    "Thai": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
    "Turkish": "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar.",
    "emoji": "👨‍👩‍👧 😀😀 🇫🇷 👍🏽 ❤️",
    "mixed": "I said «こんにちは» to Ольга at 3.14 o’clock — ok?",
    "compatibility": "ﬁne ½ ﷺ ＡＢＣ e\u0301te\u0301 x\u3000y\u200bz",
    "blanks": "  two  blanks\tand\na line ",
    "unknown": "𐎀𐎁 q",
}


@pytest.fixture(scope="module")
def e5():
    return bundled_models.e5()


@pytest.fixture(scope="module")
def packed():
    return read_packed(bundled.place(bundled.E5), bundled.E5)


def slow_row(data: bytes, n_weights: int) -> list[float]:
    """Q4_0 by the book, one weight at a time."""
    weights = []
    for block in range(n_weights // 32):
        (scale,) = struct.unpack_from("<e", data, 18 * block)
        codes = data[18 * block + 2 : 18 * block + 18]
        weights += [((code & 15) - 8) * scale for code in codes]
        weights += [((code >> 4) - 8) * scale for code in codes]
    return weights


def refusal(file: Path) -> str | None:
    """The error a file is refused with, or None when it is read."""
    try:
        read_packed(file, "tiny")
    except ModelError as error:
        return error.key
    return None


def test_a_block_is_a_scale_times_nibbles_minus_eight():
    block = struct.pack("<e", 0.5) + bytes([0x80, 0xF1] + [0x88] * 14)
    row = dequantize(torch.tensor([list(block)], dtype=torch.uint8))
    assert row.shape == (1, 32)
    assert row[0, :3].tolist() == [-4.0, -3.5, 0.0]
    assert row[0, 16:19].tolist() == [0.0, 3.5, 0.0]


@given(st.binary(min_size=36, max_size=36))
def test_any_row_equals_the_slow_reference(data):
    expected = torch.tensor(slow_row(data, 64))
    found = dequantize(torch.tensor([list(data)], dtype=torch.uint8))[0]
    assert torch.equal(found.nan_to_num(), expected.nan_to_num())


@needs_e5
def test_the_word_table_gives_the_rows_of_the_file(e5):
    ids = torch.tensor([[0, 6, 35378, 250001, 250036]])
    rows = e5[0].embeddings.word_embeddings(ids)
    raw = np.memmap(bundled.place(bundled.E5), dtype=np.uint8, mode="r")
    for found, id_ in zip(rows[0], ids[0].tolist(), strict=True):
        blocks = raw[WORD_TABLE + 216 * id_ :][:216].reshape(12, 18)
        scales = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
        codes = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32)
        assert np.array_equal(found.numpy(), ((codes - 8) * scales).ravel())


@pytest.mark.parametrize("id_", [-1, 3])
def test_the_word_table_refuses_ids_it_does_not_have(id_):
    table = QuantizedEmbedding(torch.zeros(3, 18, dtype=torch.uint8))
    with pytest.raises(IndexError):
        table(torch.tensor([[id_]]))


@needs_e5
def test_the_word_table_is_not_expanded(e5):
    module = e5[0]
    assert sum(t.nbytes for t in [*module.parameters(), *module.buffers()]) < 150e6
    assert module.config.vocab_size == 250037
    assert not any(t.is_meta or t.requires_grad for t in [*module.parameters(), *module.buffers()])
    assert not module.training


@needs_e5
def test_the_encoder_equals_a_plain_forward_pass_over_the_files_tensors(e5, packed):
    module, tokenizer = e5
    ids = tokenizer("query: The cat sat, 我们.", return_tensors="pt").input_ids
    state = packed.state

    def linear(x, name):
        return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]

    def norm(x, name):
        return functional.layer_norm(x, (384,), state[f"{name}.weight"], state[f"{name}.bias"], 1e-12)

    x = dequantize(packed.words[ids[0]]) + state["embeddings.token_type_embeddings.weight"][0]
    x = norm(x + state["embeddings.position_embeddings.weight"][: len(x)], "embeddings.LayerNorm")
    for layer in range(12):
        here = f"encoder.layer.{layer}"
        q, k, v = (
            linear(x, f"{here}.attention.self.{part}").unflatten(1, (12, 32)).transpose(0, 1)
            for part in ("query", "key", "value")
        )
        weights = torch.softmax(q @ k.mT / 32**0.5, dim=-1)
        mixed = (weights @ v).transpose(0, 1).flatten(1)
        x = norm(x + linear(mixed, f"{here}.attention.output.dense"), f"{here}.attention.output.LayerNorm")
        inner = functional.gelu(linear(x, f"{here}.intermediate.dense"))
        x = norm(x + linear(inner, f"{here}.output.dense"), f"{here}.output.LayerNorm")
    with torch.inference_mode():
        torch.testing.assert_close(module(ids).last_hidden_state[0], x, atol=1e-4, rtol=1e-4)


@needs_e5
def test_translations_are_closer_than_another_sentence(e5):
    module, tokenizer = e5

    def embed(text):
        with torch.inference_mode():
            hidden = module(**tokenizer(f"query: {text}", return_tensors="pt")).last_hidden_state
        return functional.normalize(hidden.mean(1)[0], dim=0)

    english = embed(TEXTS["English"])
    other = embed("The train to the coast leaves at seven and costs twelve euros.")
    for language in ("Arabic", "Chinese", "Finnish", "Hindi", "Korean", "Russian", "Swahili", "Thai"):
        assert english @ embed(TEXTS[language]) > english @ other + 0.05, language


@needs_e5
@pytest.mark.parametrize("name", TEXTS)
def test_ids_equal_sentencepieces(name, e5):
    ids = e5[1](TEXTS[name], add_special_tokens=False).input_ids
    assert ids == sentencepiece_ids(TEXTS[name])


@needs_e5
def test_the_tokenizers_specials_are_xlm_rs(e5):
    tokenizer = e5[1]
    assert tokenizer.convert_tokens_to_ids(["<s>", "<pad>", "</s>", "<unk>", "<mask>"]) == [0, 1, 2, 3, 250001]
    assert (tokenizer.mask_token_id, tokenizer.model_max_length) == (250001, 512)
    assert tokenizer("a", "b").input_ids == [0, 10, 2, 2, 876, 2]
    assert tokenizer.name_or_path == bundled.E5


def test_a_whole_file_is_read_as_written(tmp_path):
    (tmp_path / "tiny").write_bytes(tiny_file())
    packed = read_packed(tmp_path / "tiny", "tiny")
    assert packed.vocabulary[4:] == [("▁a", -1.0), ("ß", -2.0), ("<mask>", 0.0)]
    assert packed.sizes[:7] == (32, 1, 2, 64, 8, 4, 2)
    assert packed.words.shape == (8, 18)
    assert packed.state["encoder.layer.0.intermediate.dense.weight"].shape == (64, 32)
    assert packed.state["encoder.layer.0.output.dense.weight"].shape == (32, 64)


@given(data=st.data())
def test_a_file_cut_short_anywhere_is_refused(data, tmp_path_factory):
    whole = tiny_file()
    file = tmp_path_factory.mktemp("cut") / "tiny"
    file.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    assert refusal(file) == "broken_model"


@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_but_never_crashes(data, tmp_path_factory):
    whole = bytearray(tiny_file())
    at = data.draw(st.integers(0, len(whole) - 8))
    whole[at : at + 8] = data.draw(st.binary(min_size=8, max_size=8))
    file = tmp_path_factory.mktemp("damaged") / "tiny"
    file.write_bytes(whole)
    assert refusal(file) in {None, "broken_model"}


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_file_that_is_missing_or_empty_is_refused(name, tmp_path):
    (tmp_path / "empty").touch()
    with pytest.raises(ModelError, match="its file") as caught:
        read_packed(tmp_path / name, "tiny")
    assert caught.value.key == "broken_model"


def test_a_field_is_found_behind_fields_of_other_kinds():
    message = bytes([0x08, 0x96, 0x01, 0x15, 0, 0, 0, 0, 0x19, *[0] * 8, 0x22, 1, 65, 0x2A, 2, 66, 67])
    assert field(message, 5) == b"BC"
    with pytest.raises(KeyError):
        field(message, 6)
