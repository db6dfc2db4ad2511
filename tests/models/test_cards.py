"""Model cards that are computed when asked for: kept, found again, and never half there."""

import gzip
import json
import logging
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from attention.core.patterns import NAMES, Card
from attention.errors import MESSAGES, ModelError
from attention.models import cards, loader
from attention.models.cards import build_card, find_card
from tests.models import tiny

pytestmark = pytest.mark.usefixtures("offline", "empty_caches", "one_thread")
FolderOf = Callable[[str], Path]


@pytest.fixture
def kept_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where cards are kept, empty to begin with; 31 short texts are all there are, one of them too long."""
    monkeypatch.setenv("ATTENTION_CACHE_DIR", str(tmp_path / "cache"))
    few = tuple((tiny.text_of(8 + seed, seed), None) for seed in range(28))
    few += ((tiny.text_of(9, 90), tiny.text_of(7, 91)), (tiny.text_of(tiny.ROOM, 92), None), ("a b c d", "e f g h"))
    monkeypatch.setattr(cards, "texts", lambda: few)
    return tmp_path / "cache" / "cards"


def same(one: Card, other: Card) -> None:
    """Equal to the three digits that a file keeps."""
    assert (one.model, one.revision, one.texts, one.rows) == (other.model, other.revision, other.texts, other.rows)
    assert (one.labels, one.working_labels) == (other.labels, other.working_labels)
    for table in ("kappa", "low", "high", "spread"):
        for name in NAMES:
            values = [getattr(card, table)[name] for card in (one, other)]
            torch.testing.assert_close(*values, atol=6e-4, rtol=0, equal_nan=True)


def test_a_card_is_built_kept_and_found_again(folder_of: FolderOf, kept_in: Path) -> None:
    folder = folder_of("bert")
    loader.load(folder, folders=True)
    assert find_card(folder) is None
    built = build_card(folder)
    assert built.kappa["previous"].shape == (3, 4)
    assert [path.suffixes for path in kept_in.iterdir()] == [[".json", ".gz"]]
    found = find_card(folder)
    assert found is not None
    same(found, built)
    assert build_card(folder) is found  # nothing is computed twice


def test_no_card_is_looked_for_before_the_model_is_there(folder_of: FolderOf, kept_in: Path) -> None:
    build_card(folder_of("bert"))
    loader.MODELS.clear()
    assert find_card(folder_of("bert")) is None
    loader.load(folder_of("bert"), folders=True)
    assert find_card(folder_of("bert")) is not None


def test_texts_that_are_too_long_are_left_out_and_counted(folder_of: FolderOf, kept_in: Path) -> None:
    built = build_card(folder_of("bert"))
    tokenizer = tiny.build_tokenizer("bert")
    lengths = [len(tokenizer(text, pair).input_ids) for text, pair in cards.texts()]
    assert built.texts == sum(length <= tiny.ROOM for length in lengths) == len(lengths) - 1


def test_a_model_that_reads_too_few_says_so(tmp_path: Path, kept_in: Path) -> None:
    folder = tiny.save("bert", tmp_path / "short", limit=14, max_position_embeddings=14)
    with pytest.raises(ModelError) as caught:
        build_card(folder)
    name = loader.load(folder, folders=True).id
    assert str(caught.value) == MESSAGES["card_too_few_texts"].format(got=name, read=6, texts=31)
    assert not kept_in.exists()


def test_progress_is_told_from_start_to_end(folder_of: FolderOf, kept_in: Path) -> None:
    loader.load(folder_of("bert"), folders=True)
    told: list[tuple[str, float]] = []
    build_card(folder_of("bert"), progress=lambda doing, share: told.append((doing, share)))
    shares = [share for _, share in told]
    assert shares == [*(done / 30 for done in range(31)), 1.0]
    assert {doing for doing, _ in told[:-1]} == {"reading the card's texts"}
    assert told[-1][0].startswith("drawing the texts again")


@pytest.mark.parametrize("at", [0.0, 0.5, 1.0])
def test_a_cancelled_card_leaves_nothing(folder_of: FolderOf, kept_in: Path, at: float) -> None:
    stop = threading.Event()
    told: list[float] = []

    def tell(_: str, share: float) -> None:
        told.append(share)
        if share >= at:
            stop.set()

    loader.load(folder_of("bert"), folders=True)
    with pytest.raises(ModelError) as caught:
        build_card(folder_of("bert"), progress=tell, cancel=stop)
    assert str(caught.value).startswith(MESSAGES["load_cancelled"].split("{")[0])
    assert told[-1] == pytest.approx(at, abs=0.04)  # nothing was read after that
    assert not kept_in.exists()
    assert find_card(folder_of("bert")) is None
    assert build_card(folder_of("bert")).texts == 30


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda packed: packed[: len(packed) // 2],
    "not packed": lambda _: b'{"model": "x"}',
    "a flipped byte": lambda packed: packed[:400] + bytes([packed[400] ^ 0xFF]) + packed[401:],
    "broken blocks": lambda packed: packed[:10] + b"\xff" * (len(packed) - 10),
    "a list": lambda _: gzip.compress(b"[]"),
    "no tables": lambda _: gzip.compress(b'{"model": "x"}'),
    "other tables": lambda packed: gzip.compress(
        json.dumps(json.loads(gzip.decompress(packed)) | {"kappa": {"previous": 1}}).encode()
    ),
    "half a character": lambda _: gzip.compress(b"\xff\xfe"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_no_card_and_is_replaced(folder_of: FolderOf, kept_in: Path, damage: str) -> None:
    built = build_card(folder_of("bert"))
    (file,) = kept_in.iterdir()
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    assert find_card(folder_of("bert")) is None
    same(build_card(folder_of("bert")), built)
    assert find_card(folder_of("bert")) is not None


def test_where_the_folder_cannot_be_written_the_card_is_kept_elsewhere(
    folder_of: FolderOf, kept_in: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept_in.parent.write_text("a file where the folder should be")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    assert build_card(folder_of("bert")).texts == 30
    found = find_card(folder_of("bert"))
    assert found is not None
    assert found.texts == 30
    assert list((tmp_path / "temporary").rglob("*.json.gz"))


def test_where_nothing_can_be_written_the_card_is_still_answered(
    folder_of: FolderOf,
    kept_in: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for place in (kept_in.parent, tmp_path / "temporary"):
        place.write_text("a file where the folder should be")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with caplog.at_level(logging.WARNING):
        assert build_card(folder_of("bert")).texts == 30
    assert "could not be kept" in caplog.text
    assert find_card(folder_of("bert")) is None


def test_changed_weights_are_another_card(copy_of: FolderOf, kept_in: Path) -> None:
    folder = copy_of("bert")
    build_card(folder)
    tiny.save("bert", folder, hidden_act="relu")
    loader.MODELS.clear()
    loader.load(folder, folders=True)
    assert find_card(folder) is None
    build_card(folder)
    assert len(list(kept_in.iterdir())) == 2


def test_another_model_revision_set_of_texts_or_way_of_scoring_has_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cards._file_name("someone/model", "main")
    assert cards._file_name("someone/model", "main") == before
    names = {before, cards._file_name("other/model", "main"), cards._file_name("someone/model", "v2")}
    monkeypatch.setattr(cards, "FORMAT", cards.FORMAT + 1)
    names.add(cards._file_name("someone/model", "main"))
    monkeypatch.undo()
    (tmp_path / "card_texts.json").write_text("[]")
    monkeypatch.setattr(cards, "DATA", tmp_path)
    names.add(cards._file_name("someone/model", "main"))
    assert len(names) == 5


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/../..", "x" * 300, "模型/モデル", "C:\\x", "a b;c"])
def test_a_model_s_name_cannot_leave_the_folder(name: str, folder_of: FolderOf, tmp_path: Path, kept_in: Path) -> None:
    card = replace(build_card(folder_of("bert")), model=name)
    written = cards.write(card, tmp_path / "cards")
    assert written is not None
    assert written.parent == tmp_path / "cards"
    assert list((tmp_path / "cards").iterdir()) == [written]
    assert len(written.name) < 100


def test_nan_is_nothing_in_the_file(folder_of: FolderOf, kept_in: Path) -> None:
    built = build_card(folder_of("bert"))
    assert bool(built.low["same_segment"].isnan().all())  # two pairs alone
    (file,) = kept_in.iterdir()
    plain = json.loads(gzip.decompress(file.read_bytes()), parse_constant=pytest.fail)
    assert plain["low"]["same_segment"] == [[None] * 4] * 3
