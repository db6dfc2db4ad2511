"""What tests of the command line share: a text, and what an answer says."""

import pytest

from attention.__main__ import main
from attention.models.catalog import MINILM

TEXT = "The tired cat didn't cross the street, because the cat slept."
ON_IT = ["--model", MINILM, "--text", TEXT]


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    shown = capsys.readouterr()
    return code, shown.out, shown.err
