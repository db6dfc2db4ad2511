"""Files that the command line writes: whole or not at all, and what they hold."""

from pathlib import Path

import numpy as np
import pytest

from attention.__main__ import main
from attention.command.parser import FIGURES
from attention.core.patterns import score_capture
from attention.models import reader
from attention.models.catalog import MINILM
from tests.command_line import ON_IT, TEXT, said


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
