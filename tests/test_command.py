"""The command line, as a shell and as scripts meet it."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from attention.__main__ import main
from attention.command.files import MOST_BYTES
from attention.command.parser import FIGURES
from attention.core.patterns import score_capture
from attention.models import reader
from attention.models.catalog import MINILM
from attention.share import endpoints

TEXT = "The tired cat didn't cross the street, because the cat slept."
ON_IT = ["--model", MINILM, "--text", TEXT]
ROOT = Path(__file__).parent.parent


def shell(*arguments: str, given: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
    """A process of its own, without the Hub."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", **settings}
    command = [sys.executable, "-m", "attention", *arguments]
    return subprocess.run(command, input=given, capture_output=True, cwd=ROOT, env=environment, check=False)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def type_in(monkeypatch: pytest.MonkeyPatch, given: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))


@pytest.mark.parametrize("command", [[], ["figure"], ["page"], ["rank"], ["tokenize"], ["models"]])
def test_help_is_there(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*command, "--help"])
    assert left.value.code == 0
    assert "usage: python -m attention" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["draw"], ["rank"], ["figure", "--text", "a"], ["rank", "--text", "a", "--limit", "few"],
        ["page", "--text", "a", "-o", "x.html", "--head", "best"], ["rank", "--text", "a", "--mod", MINILM],
        ["figure", "--text", "a", "-o", "x.svg", "--measure", "loud"],
        ["rank", "--text", "a", "--json", "-o", "x.csv"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_is_not_understood_is_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_rank_says_what_the_endpoint_says(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "rank", *ON_IT, "--limit", "3", "--json")
    assert code == 0
    assert json.loads(out) == endpoints.top_patterns(MINILM, TEXT, limit=3)
    code, out, _ = said(capsys, "rank", *ON_IT, "--limit", "3")
    found = endpoints.top_patterns(MINILM, TEXT, limit=3)["patterns"]
    assert [row.split()[0] for row in out.splitlines()] == ["head", *(one["name"] for one in found)]
    assert [one["reason"] in row for one, row in zip(found, out.splitlines()[1:], strict=True)] == [True] * 3


def test_a_text_without_a_pattern_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "rank", "--model", MINILM, "--text", "Hi")
    assert (code, out.startswith("No head follows")) == (0, True)


def test_tokenize_and_models_say_what_the_endpoints_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(said(capsys, "tokenize", *ON_IT, "--json")[1]) == endpoints.tokenize(MINILM, TEXT)
    assert json.loads(said(capsys, "models", "--json")[1]) == endpoints.models()
    shown = said(capsys, "tokenize", *ON_IT)[1].splitlines()
    assert len(shown) == 1 + len(endpoints.tokenize(MINILM, TEXT)["tokens"])
    assert len(said(capsys, "models")[1].splitlines()) == 1 + len(endpoints.models()["models"])


def test_text_comes_from_stdin(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    type_in(monkeypatch, "\ufeffCafé 猫\r\n".encode())
    _, out, _ = said(capsys, "tokenize", "--model", MINILM, "--text", "-", "--json")
    assert json.loads(out) == endpoints.tokenize(MINILM, "Café 猫")


def test_what_a_terminal_would_obey_is_never_sent_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said(capsys, "tokenize", "--model", "induction-2l", "--text", "a\x1b[31mb\x07")
    assert "\x1b" not in out
    assert "\x07" not in out


@pytest.mark.parametrize("ending", FIGURES)
def test_every_ending_is_written(ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / f"head{ending}"
    code, out, err = said(capsys, "figure", *ON_IT, "--layer", "3", "--head", "5", "-o", str(place))
    assert (code, out, err) == (0, f"head{ending}\n", "")
    start = {".svg": b"<?xml", ".png": b"\x89PNG", ".html": b"<!doctype html>", ".json": b"{", ".npz": b"PK"}
    assert place.read_bytes().startswith(start.get(ending, b""))
    assert place.stat().st_size > 500
    assert [path.name for path in tmp_path.iterdir()] == [place.name]


def test_a_page_of_all_heads_holds_more_than_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, every = tmp_path / "one.html", tmp_path / "all.html"
    assert said(capsys, "page", *ON_IT, "--layer", "3", "--head", "5", "-o", str(one))[0] == 0
    assert said(capsys, "page", *ON_IT, "--layer", "3", "--head", "5", "--all-heads", "-o", str(every))[0] == 0
    assert 5_000 < one.stat().st_size < every.stat().st_size


def test_numbers_of_a_head_are_the_captures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "head.npz"
    assert said(capsys, "figure", *ON_IT, "--layer", "3", "--head", "5", "-o", str(place))[0] == 0
    expected = reader.capture(MINILM, TEXT).weights(3, 5).numpy()
    with np.load(place, allow_pickle=False) as found:
        assert (found["weights"] == expected).all()


def test_scores_of_all_heads_are_the_captures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "scores.npz"
    assert said(capsys, "rank", *ON_IT, "-o", str(place)) == (0, "scores.npz\n", "")
    expected = score_capture(reader.capture(MINILM, TEXT)).scores["previous"].flatten().float().numpy()
    with np.load(place, allow_pickle=False) as found:
        column = found["scores.columns"].tolist().index("previous")
        assert (found["scores"][:, column] == expected).all()


def test_a_file_is_replaced_only_when_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "head.html"
    place.write_text("mine")
    code, out, err = said(capsys, "page", *ON_IT, "-o", str(place))
    assert (code, out) == (1, "")
    assert err == "“head.html” is already there; choose another name, or say --force to replace it.\n"
    assert place.read_text() == "mine"
    assert said(capsys, "page", *ON_IT, "-o", str(place), "--force")[0] == 0
    assert place.read_text().startswith("<!doctype html>")


def test_a_failed_write_leaves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "head.html").mkdir()
    code, _, err = said(capsys, "page", *ON_IT, "--force", "-o", str(tmp_path / "head.html"))
    assert (code, err.startswith("“head.html” could not be written (")) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["head.html"]


@pytest.mark.parametrize("stem", ["x" * 251, "😀" * 62, "é" * 125])
def test_a_name_may_be_as_long_as_the_system_allows(
    stem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / f"{stem}.csv"
    code, _, err = said(capsys, "figure", *ON_IT, "-o", str(place))
    assert (code, err) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == [place.name]


def test_stopping_while_a_file_is_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        assert len([*tmp_path.iterdir()]) == 1
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stopped)
    assert main(["figure", *ON_IT, "-o", str(tmp_path / "head.csv")]) == 130
    assert [*tmp_path.iterdir()] == []


def test_a_link_that_waits_where_a_part_is_written_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    victim = tmp_path / "theirs.txt"
    victim.write_text("theirs")
    monkeypatch.setattr("secrets.token_hex", lambda _: "guessed")
    (tmp_path / ".guessed.part").symlink_to(victim)
    code, _, err = said(capsys, "figure", *ON_IT, "-o", str(tmp_path / "head.csv"))
    assert (code, err.startswith("“head.csv” could not be written (file exists)")) == (1, True)
    assert victim.read_text() == "theirs"


def test_why_a_place_cannot_be_looked_at_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "lstat", refused)  # whoever runs the tests may look everywhere
    code, _, err = said(capsys, "figure", *ON_IT, "-o", str(tmp_path / "x.svg"))
    assert (code, err) == (1, "“x.svg” could not be written (permission denied); choose another place.\n")


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["rank", "--text", ""], "There is nothing to read"),
        (["rank", "--text", "x" * 30_000], "at most 20,000"),
        (["rank", "--text", "\ud800 x"], "half a character"),
        (["rank", *ON_IT, "--limit", "0"], "limit must be one of"),
        (["figure", *ON_IT, "--layer", "99", "-o", "x.svg"], "Layer 99 does not exist"),
        (["figure", *ON_IT, "--head", "-1", "-o", "x.svg"], "Head -1 does not exist"),
        (["figure", *ON_IT, "--query", "99", "-o", "x.svg"], "Row 99 does not exist"),
        (["figure", *ON_IT, "-o", "x.exe"], "ends in .svg"),
        (
            ["rank", *ON_IT, "-o", "a.txt"],
            "is no kind of file that can be made here; expected a name that ends in .csv",
        ),
        (["figure", *ON_IT, "-o", "x" * 300 + ".svg"], "file name too long"),
        (["figure", *ON_IT, "-o", "svg"], "ends in .svg"),
        (["figure", *ON_IT, "-o", "nowhere/x.svg"], "there is no such folder"),
        (["figure", *ON_IT, "-o", "x" * 300 + ".svg"], "could not be written"),
        (["figure", *ON_IT, "-o", "x\x00.svg"], "could not be written"),
        (["page", *ON_IT, "-o", "x.svg"], "ends in .html"),
        (["rank", "--model", "../../etc/passwd", "--text", "a"], "no such folder"),
        (["rank", "--model", "no/such", "--text", "a"], "the Hub cannot be reached"),
        (["rank", "--model", "<script>", "--text", "a"], "is not a model id"),
        (["rank", "--model", "x" * 100_000, "--text", "a"], "is not a model id"),
    ],
    ids=lambda value: " ".join(value)[:60].encode("ascii", "replace").decode() if isinstance(value, list) else "",
)
def test_bad_input_is_one_sentence_and_exit_1(
    arguments: list[str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    code, out, err = said(capsys, *arguments)
    assert (code, out) == (1, "")
    assert expected in err
    assert err.count("\n") == 1
    assert len(err) < 500
    assert [path for path in tmp_path.iterdir() if path.name != "hub"] == []


def test_bytes_that_are_no_text_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    type_in(monkeypatch, b"\xff\xfe\x00a")
    code, _, err = said(capsys, "rank", "--model", MINILM, "--text", "-")
    assert (code, err) == (1, "What came in is not text in UTF-8; send plain text.\n")


def test_more_than_any_text_is_refused_as_too_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    type_in(monkeypatch, b"a" + "é".encode() * (MOST_BYTES // 2))  # the last one that fits is cut in two
    code, _, err = said(capsys, "rank", "--model", MINILM, "--text", "-")
    assert (code, err.startswith("More than 1,048,576 bytes came in")) == (1, True)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("models > /dev/full", "The answer could not be written (no space left on device)"),
        ("models >&-", "The answer could not be written (stdout is closed)"),
        ("rank --text - <&-", "Nothing can come in on stdin, which is closed"),
    ],
)
def test_streams_that_are_full_or_closed_are_one_sentence(script: str, said: str) -> None:
    command = f"'{sys.executable}' -m attention {script}"
    ended = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(said)
    assert ended.stderr.count("\n") == 1


def test_a_local_folder_is_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    folder = ROOT / "attention" / "data" / "induction-2l"
    _, out, _ = said(capsys, "tokenize", "--model", str(folder), "--text", "a b", "--json")
    assert json.loads(out)["model"] == "induction-2l"


def test_as_a_process_it_says_one_sentence_and_nothing_of_its_insides() -> None:
    refused = shell("rank", "--model", "no/such", "--text", "-", given=TEXT.encode())
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert refused.stderr.decode().count("\n") == 1
    told = shell("tokenize", "--model", MINILM, "--text", "-", "--json", given=TEXT.encode())
    assert (told.returncode, told.stderr) == (0, b"")
    assert json.loads(told.stdout) == endpoints.tokenize(MINILM, TEXT)


def test_a_terminal_without_the_character_gets_its_number() -> None:
    told = shell("tokenize", "--model", MINILM, "--text", "é", PYTHONIOENCODING="ascii")
    assert (told.returncode, told.stderr) == (0, b"")
    assert b"\\xe9" in told.stdout


def test_a_reader_that_had_enough_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "attention", "models"]
    with os.fdopen(write, "wb") as closed:
        ended = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, cwd=ROOT, check=False)
    assert (ended.returncode, ended.stderr) == (1, b"")
