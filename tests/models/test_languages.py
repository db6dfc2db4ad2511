"""The parallel set as it is read, and the agreement of its languages: computed once, kept, shipped."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import pytest
import torch

from attention.core.patterns import pool, score_capture
from attention.core.patterns.agreement import NAMES, Agreement, differs_most, same_everywhere
from attention.core.patterns.table import PATTERNS
from attention.errors import MESSAGES, ModelError, SelectionError
from attention.models import bundled, kept, languages, loader, reader
from attention.models.languages import agreement, find_agreement
from attention.models.parallel import Meaning
from tests.models import tiny
from tests.models.bundled_models import needs_e5

pytestmark = pytest.mark.usefixtures("offline", "empty_caches", "one_thread")
FolderOf = Callable[[str], Path]
THREE = ("English", "Thai", "Swahili")


@pytest.fixture
def kept_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where agreements are kept, empty to begin with; seven short meanings are all there are, the last one too long once."""
    monkeypatch.setenv("ATTENTION_CACHE_DIR", str(tmp_path / "cache"))

    def meaning(seed: int) -> Meaning:
        lengths = {name: 9 + place + seed for place, name in enumerate(THREE)}
        if seed == 6:
            lengths["Thai"] = tiny.ROOM + 1
        sentences = {name: tiny.text_of(n, 10 * seed + n) for name, n in lengths.items()}
        return Meaning(f"meaning {seed}", "", MappingProxyType(sentences), MappingProxyType({}))

    few = tuple(meaning(seed) for seed in range(7))
    monkeypatch.setattr(languages, "meanings", lambda: few)
    return tmp_path / "cache" / "agreement"


def scores_alone(model: str | Path, language: str, meanings: list[Meaning]) -> dict[str, torch.Tensor]:
    """The card of one language's sentences, which adds sums up on its own."""
    readings = [score_capture(reader.capture(model, meaning.sentences[language])) for meaning in meanings]
    return pool("", "", readings, draws=2).kappa


def check_scores(found: Agreement, model: str | Path, language: str, meanings: list[Meaning]) -> int:
    """How many patterns were compared with those of the language alone."""
    alone, compared = scores_alone(model, language, meanings), 0
    for pattern in PATTERNS:
        here = found.kappa[pattern.name][found.languages.index(language)]
        if not bool(here.isnan().all()):
            torch.testing.assert_close(here, alone[pattern.name], atol=2e-3, rtol=0)
            compared += 1
    return compared


def test_the_set_is_typed_and_read_once() -> None:
    known = languages.languages()
    assert (len(known), known["Hebrew"].code, known["Hebrew"].direction) == (15, "he", "rtl")
    assert known["Japanese"].own == "日本語"
    assert languages.languages() is known
    rows = json.loads((languages.DATA / "parallel.json").read_text(encoding="utf-8"))
    for row, meaning in zip(rows, languages.meanings(), strict=True):
        assert (meaning.name, meaning.about) == (row["meaning"], row["about"])
        assert (dict(meaning.sentences), dict(meaning.notes)) == (row["sentences"], row["notes"])
    with pytest.raises(TypeError):
        known["Elvish"] = known["Thai"]  # type: ignore[index]


@pytest.mark.parametrize("family", ["bert", "mistral"])
def test_each_language_is_scored_as_its_card_would_be(folder_of: FolderOf, kept_in: Path, family: str) -> None:
    found = agreement(folder_of(family), THREE)
    assert (found.meanings, found.languages) == (6, THREE)  # one meaning is too long in one language
    assert found.causal == (family == "mistral")
    for language in THREE:
        whole = [meaning for meaning in languages.meanings() if meaning.name != "meaning 6"]
        assert check_scores(found, folder_of(family), language, whole) >= 4


def test_an_agreement_is_kept_and_found_again(folder_of: FolderOf, kept_in: Path) -> None:
    folder = folder_of("bert")
    loader.load(folder, folders=True)
    assert find_agreement(folder, THREE) is None
    built = agreement(folder, THREE)
    found = find_agreement(folder, THREE)
    assert found is not None
    assert (found.model, found.revision, found.causal) == (built.model, built.revision, built.causal)
    assert (found.languages, found.meanings, found.rows) == (built.languages, built.meanings, built.rows)
    for table in ("kappa", "weakest_low", "weakest_high", "gap_low", "gap_high"):
        for name in NAMES:
            one, other = getattr(found, table)[name], getattr(built, table)[name]
            torch.testing.assert_close(one, other, atol=6e-4, rtol=0, equal_nan=True)
    assert agreement(folder, THREE) is found  # nothing is computed twice
    assert find_agreement(folder, THREE[:2]) is None  # other languages, other intervals
    assert len(list(kept_in.iterdir())) == 1


@pytest.mark.parametrize("damage", [b"", b"not packed", None])
def test_a_damaged_file_is_ignored_and_replaced(folder_of: FolderOf, kept_in: Path, damage: bytes | None) -> None:
    agreement(folder_of("bert"), THREE)
    (file,) = kept_in.iterdir()
    if damage is None:
        kept.write({"model": "x"}, file)
    else:
        file.write_bytes(damage)
    assert find_agreement(folder_of("bert"), THREE) is None
    agreement(folder_of("bert"), THREE)
    assert find_agreement(folder_of("bert"), THREE) is not None


@pytest.mark.parametrize("at", [0.0, 0.5, 1.0])
def test_cancelling_leaves_nothing(folder_of: FolderOf, kept_in: Path, at: float) -> None:
    stop, told = threading.Event(), []

    def tell(_: str, share: float) -> None:
        told.append(share)
        if share >= at:
            stop.set()

    loader.load(folder_of("bert"), folders=True)
    with pytest.raises(ModelError) as caught:
        agreement(folder_of("bert"), THREE, progress=tell, cancel=stop)
    assert caught.value.key == "load_cancelled"
    assert told == sorted(told)
    assert told[-1] == pytest.approx(at, abs=0.1)
    assert not kept_in.exists()


def test_a_model_that_reads_too_few_meanings_says_so(tmp_path: Path, kept_in: Path) -> None:
    folder = tiny.save("bert", tmp_path / "short", limit=14, max_position_embeddings=14)
    with pytest.raises(ModelError) as caught:
        agreement(folder, THREE)
    name = loader.load(folder, folders=True).id
    lengths = [max(len(one.sentences[n].split()) for n in THREE) + 2 for one in languages.meanings()]
    read = sum(length <= 14 for length in lengths)
    assert str(caught.value) == MESSAGES["too_few_meanings"].format(got=name, read=read, meanings=7)


@pytest.mark.parametrize("among", [("English",), (), ("English", "Elvish"), ("Thai", "Thai")])
def test_other_languages_are_refused(among: tuple[str, ...]) -> None:
    with pytest.raises(SelectionError, match="languages must be one of"):
        agreement(bundled.MINILM, among)
    with pytest.raises(SelectionError):
        find_agreement(bundled.MINILM, among)


@needs_e5
def test_the_agreement_that_ships_is_what_the_model_does_now(monkeypatch: pytest.MonkeyPatch) -> None:
    loader.load(bundled.E5)
    monkeypatch.setattr(languages, "capture_together", None)  # nothing is computed
    found = agreement(bundled.E5)
    assert found.languages == tuple(languages.languages())
    assert found.meanings == len(languages.meanings())
    assert len(list(languages.SHIPPED.iterdir())) == 1
    assert check_scores(found, bundled.E5, "German", list(languages.meanings())) >= 8


@needs_e5
def test_what_ships_says_what_is_known_of_the_heads() -> None:
    """L2H6 looks at the next token in every language; L0H7 rests on the first where the letters are Latin, and there only."""
    loader.load(bundled.E5)
    found = find_agreement(bundled.E5)
    assert found is not None
    assert next((one.pattern, one.layer, one.head) for one in same_everywhere(found)) == ("next", 2, 6)
    resting = dict(zip(found.languages, found.kappa["first"][:, 0, 7].tolist(), strict=True))
    latin = {name for name, language in languages.languages().items() if language.script == "Latin"}
    assert min(resting[name] for name in latin) > 0.4
    assert max(resting[name] for name in resting if name not in latin) < 0.2
    assert ("first", 0, 7) in [(one.pattern, one.layer, one.head) for one in differs_most(found, 9)]
