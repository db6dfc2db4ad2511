"""`python -m attention`: see `--help`. Exit code 0 when done, 1 with one sentence on stderr, 2 for what was not understood."""

import contextlib
import logging
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from attention.command.answers import COMMANDS
from attention.command.files import reason_of
from attention.command.parser import parser
from attention.errors import AttentionError


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of a command line, its answer written to stdout."""
    given = parser().parse_args(arguments)
    # what a person needs to know is the sentence below
    logging.getLogger("attention").addHandler(logging.NullHandler())
    for stream in (sys.stdout, sys.stderr):
        _shows_everything(stream)
    try:
        _answer(COMMANDS[given.command](given))
    except AttentionError as error:
        if sys.stderr is not None:
            sys.stderr.write(f"{error}\n")
        return 1
    except BrokenPipeError:  # whoever read the answer had enough
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _answer(text: str) -> None:
    """Writes it to stdout. Raises: BrokenPipeError; AttentionError where stdout is full or closed."""
    if sys.stdout is None:
        raise AttentionError("answer_not_written", reason="stdout is closed")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        with contextlib.suppress(OSError, ValueError):  # python would write once more, and complain, when it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise
        raise AttentionError("answer_not_written", reason=reason_of(error)) from error


def _shows_everything(stream: TextIO | None) -> None:
    """A terminal that cannot write a character gets its number instead of an error."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
