"""The command line, as a shell and as scripts meet it."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from attention.__main__ import main
from attention.command.files import MOST_BYTES
from attention.models.catalog import MINILM
from attention.share import endpoints
from tests.command_line import ON_IT, TEXT, said

ROOT = Path(__file__).parent.parent


def shell(*arguments: str, given: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
    """A process of its own, without the Hub."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", **settings}
    command = [sys.executable, "-m", "attention", *arguments]
    return subprocess.run(command, input=given, capture_output=True, cwd=ROOT, env=environment, check=False)


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
