"""The endpoints' answers are the captures' own numbers, short, versioned and plain JSON."""

import json
import subprocess
import sys
from typing import Any

import pytest

from attention.core.patterns import rank
from attention.core.patterns.ranking import score_capture
from attention.core.words import to_words, words_of
from attention.errors import AttentionError, ModelError, SelectionError, TextError
from attention.models import languages, parallel, reader
from attention.models.catalog import E5, INDUCTION, MINILM
from attention.models.loaded import MAX_TOKENS
from attention.models.tokens import MAX_CHARACTERS
from attention.share import endpoints
from attention.share.endpoint_results import VERSION
from attention.share.pictures import measured
from attention.share.selection import LEVELS, MEASURES, Selection
from tests.models.bundled_models import needs_e5

TEXT = "The tired cat didn't cross the street, because the cat slept."
LAYER, HEAD = 3, 5


def capture() -> Any:
    return reader.capture(MINILM, TEXT)


def test_names_and_parameters_are_those_of_version_1() -> None:
    """What is listed here never changes within a version; parameters may be added at the end."""
    assert VERSION == 1
    assert {one.__name__: list(one.__annotations__)[:-1] for one in endpoints.ENDPOINTS} == {
        "models": [],
        "tokenize": ["model", "text", "pair"],
        "top_patterns": ["model", "text", "pair", "limit"],
        "head_weights": ["model", "text", "layer", "head", "pair", "level", "measure"],
        "top_attended": ["model", "text", "layer", "head", "query", "limit", "pair", "level", "measure"],
        "compare_languages": ["model", "layer", "head", "meaning", "languages", "texts"],
    }


def test_importing_them_loads_no_torch() -> None:
    code = "import sys, attention.share.endpoints, attention.command.parser; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_options_and_limits_are_the_apps_own() -> None:
    assert endpoints.Level.__args__ == tuple(LEVELS)
    assert endpoints.Measure.__args__ == tuple(MEASURES)
    limits = endpoints.models()["limits"]
    assert (limits["characters"], limits["tokens"]) == (MAX_CHARACTERS, MAX_TOKENS)


def test_models_lists_the_catalog_and_its_default() -> None:
    found = endpoints.models()
    assert found["default"] in [row["id"] for row in found["models"]]
    assert {"induction-2l", "openai-community/gpt2"} <= {row["id"] for row in found["models"]}


def test_tokens_are_slices_of_the_text() -> None:
    found = endpoints.tokenize(MINILM, TEXT)
    written = [row for row in found["tokens"] if not row["special"]]
    assert [row["text"] for row in written] == [TEXT[row["start"] : row["end"]] for row in written]
    assert [row["id"] for row in found["tokens"]] == [token.id for token in capture().tokens]
    assert [row["pos"] for row in found["tokens"]] == list(range(len(found["tokens"])))


def test_patterns_are_those_of_rank() -> None:
    found = endpoints.top_patterns(MINILM, TEXT, limit=4)["patterns"]
    expected = rank(capture(), 4)
    assert [(row["layer"], row["head"], row["pattern"], row["reason"]) for row in found] == [
        (one.layer, one.head, one.pattern, one.reason) for one in expected
    ]
    assert [row["score"] for row in found] == pytest.approx([one.score for one in expected], abs=5e-6)
    assert all(row["name"] == f"L{row['layer']}H{row['head']}" for row in found)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("level", LEVELS)
def test_weights_are_the_captures_to_five_decimals(level: Any, measure: Any) -> None:
    found = endpoints.head_weights(MINILM, TEXT, LAYER, HEAD, level=level, measure=measure)
    expected = measured(capture(), Selection(LAYER, HEAD, measure=measure))
    if level == "word":
        expected = to_words(expected, words_of(capture().tokens, TEXT))
    assert len(found["positions"]) == len(expected)
    for got, row in zip(found["weights"], expected.tolist(), strict=True):
        assert got == pytest.approx(row, abs=5.1e-6)
    assert found["name"] == (f"Rollout to L{LAYER}" if measure == "rollout" else f"L{LAYER}H{HEAD}")


def test_the_most_attended_are_the_largest_of_the_row_and_the_rest_is_the_rest() -> None:
    row = capture().weights(LAYER, HEAD)[4]
    found = endpoints.top_attended(MINILM, TEXT, LAYER, HEAD, 4, limit=3)
    values, places = row.topk(3)
    assert [one["pos"] for one in found["attended"]] == places.tolist()
    assert [one["weight"] for one in found["attended"]] == pytest.approx(values.tolist(), abs=5.1e-6)
    assert found["rest"] == pytest.approx(1 - float(values.sum()), abs=1e-5)
    assert found["query"]["text"] == capture().tokens[4].text


def test_what_a_row_may_not_look_at_is_told_from_what_it_gives_nothing() -> None:
    text = "mat rug dog mat"
    read = reader.capture(INDUCTION, text)
    last = len(read.tokens) - 1
    for level in LEVELS:
        found = endpoints.head_weights(INDUCTION, text, 0, 0, level=level)
        count = len(found["positions"])
        assert found["blocked"] == [list(range(row + 1, count)) for row in range(count)]
        assert all(found["weights"][row][pos] == 0 for row in range(count) for pos in found["blocked"][row])
    assert endpoints.head_weights(MINILM, TEXT, 0, 0)["blocked"] == [[]] * len(capture().tokens)
    assert [one["pos"] for one in endpoints.top_attended(INDUCTION, text, 0, 0, 0)["attended"]] == [0]
    all_of_it = endpoints.top_attended(INDUCTION, text, 0, 0, last, limit=20)
    assert len(all_of_it["attended"]) == int((read.weights(0, 0)[last] > 0).sum())
    assert all_of_it["rest"] == 0
    rolled = endpoints.top_attended(INDUCTION, text, 1, 0, 1, limit=20, measure="rollout")
    assert max(one["pos"] for one in rolled["attended"]) <= 1


def test_a_word_looks_as_its_tokens_do_on_average() -> None:
    words = words_of(capture().tokens, TEXT)
    place = next(at for at, word in enumerate(words) if word.last > word.first)
    found = endpoints.top_attended(MINILM, TEXT, LAYER, HEAD, place, limit=20, level="word")
    expected = to_words(capture().weights(LAYER, HEAD), words)[place]
    assert found["query"]["text"] == words[place].text
    assert {one["pos"]: one["weight"] for one in found["attended"]} == pytest.approx(
        {at: float(weight) for at, weight in enumerate(expected)}, abs=5.1e-6
    )


def test_languages_have_their_captures_scores() -> None:
    found = endpoints.compare_languages(MINILM, LAYER, HEAD, "negation", ["German", "English"])
    assert [row["language"] for row in found["languages"]] == ["German", "English"]
    sentences = {one.name: one.sentences for one in parallel.meanings()}["negation"]
    for row in found["languages"]:
        assert row["text"] == sentences[row["language"]]
        scores = score_capture(reader.capture(MINILM, row["text"])).scores
        for name, score in row["scores"].items():
            expected = float(scores[name][LAYER, HEAD])
            assert (score is None and expected != expected) or score == pytest.approx(expected, abs=5.1e-6)


def test_spreads_are_read_off_the_rows() -> None:
    found = endpoints.compare_languages(MINILM, 0, 0, texts={"one": TEXT, "other": "A dog that the cat saw ran home."})
    assert found["usual"] == []  # nothing is known of MiniLM over the set, and nothing is computed for a question
    everywhere = [endpoints.compare_languages(MINILM, layer, 3, "question") for layer in range(6)]
    spreads = [(one, spread) for one in everywhere for spread in one["patterns"]]
    assert spreads
    for one, spread in spreads:
        scores = {row["language"]: row["scores"][spread["pattern"]] for row in one["languages"]}
        there = {language: score for language, score in scores.items() if score is not None}
        assert spread["weakest"] == min(there.values()) == there[spread["least_in"]]
        assert spread["weakest"] + spread["gap"] == pytest.approx(max(there.values()))
        assert there[spread["most_in"]] == max(there.values()) >= 0.25


@needs_e5
def test_what_a_head_usually_does_is_the_agreements() -> None:
    found = endpoints.compare_languages(E5, 2, 6, "date", ["English", "Thai"])
    known = languages.find_agreement(E5)
    assert known is not None
    (usual,) = [one for one in found["usual"] if one["pattern"] == "next"]
    assert usual["weakest"] == pytest.approx(float(known.weakest("next")[2, 6]), abs=5.1e-6)
    assert usual["languages"] == 15


def test_answers_are_plain_and_short_json() -> None:
    text = " ".join(["word"] * (endpoints.MAX_ROWS - 2))
    for found in (
        endpoints.head_weights(MINILM, text, 0, 0),
        endpoints.compare_languages(MINILM, 0, 0),
        endpoints.top_patterns(MINILM, text, limit=20),
    ):
        written = json.dumps(found, allow_nan=False)
        assert json.loads(written) == found
        assert found["version"] == 1
        assert len(written) < 180_000


LONG = " ".join(["word"] * 200)
REFUSED: list[tuple[type[AttentionError], str, Any]] = [
    (TextError, "There is no text to read", lambda: endpoints.tokenize(MINILM, " \n ")),
    (TextError, "at most 20,000", lambda: endpoints.tokenize(MINILM, "x" * 1_000_000)),
    (TextError, "reads at most 512", lambda: endpoints.tokenize(MINILM, "word " * 600)),
    (TextError, "at most 20,000", lambda: endpoints.compare_languages(MINILM, 0, 0, texts={"a": LONG * 20, "b": LONG})),
    (SelectionError, "202 tokens and at most 128 rows", lambda: endpoints.head_weights(MINILM, LONG, 0, 0)),
    (SelectionError, "limit must be one of the whole numbers 1 to 20", lambda: endpoints.top_patterns(MINILM, TEXT, limit=21)),
    (SelectionError, "limit must be one of", lambda: endpoints.top_attended(MINILM, TEXT, 0, 0, 0, limit=0)),
    (SelectionError, "Row -1 does not exist", lambda: endpoints.top_attended(MINILM, TEXT, 0, 0, -1)),
    (SelectionError, "Layer 6 does not exist", lambda: endpoints.head_weights(MINILM, TEXT, 6, 0)),
    (SelectionError, "Head 12 does not exist", lambda: endpoints.compare_languages(MINILM, 0, 12, "date", ["Thai", "Hindi"])),
    (SelectionError, "meaning must be one of pronoun", lambda: endpoints.compare_languages(MINILM, 0, 0, "")),
    (SelectionError, "languages must be one of Arabic", lambda: endpoints.compare_languages(MINILM, 0, 0, "date", ["Thai", "Latin"])),
    (SelectionError, "Between 2 and 15", lambda: endpoints.compare_languages(MINILM, 0, 0, "date", ["Thai", "Thai"])),
    (SelectionError, "Between 2 and 15", lambda: endpoints.compare_languages(MINILM, 0, 0, texts={})),
    (SelectionError, "at most 40 characters", lambda: endpoints.compare_languages(MINILM, 0, 0, texts={"a": "a", "b" * 41: "b"})),
    (ModelError, "is not a model id", lambda: endpoints.tokenize("../../etc/passwd", TEXT)),
    (ModelError, "is not a model id", lambda: endpoints.tokenize("/etc", TEXT)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "said", "call"), REFUSED, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_too_much_or_not_there_gets_one_sentence(kind: type[AttentionError], said: str, call: Any) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert said in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_folder_on_this_machine_is_never_taken_for_a_model(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "config.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    for name in (str(tmp_path / "secret"), "./secret", "../x", "~/secret"):
        with pytest.raises(ModelError, match="is not a model id"):
            endpoints.tokenize(name, TEXT)
