"""`python -m attention`: see `--help`. Exit code 0 when done, 1 with one sentence on stderr, 2 for what was not understood."""

import logging
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from attention.command.answers import COMMANDS
from attention.command.parser import parser
from attention.errors import AttentionError


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of a command line, its answer written to stdout."""
    given = parser().parse_args(arguments)
    logging.getLogger("attention").addHandler(
        logging.NullHandler()
    )  # what a person needs to know is the sentence below
    for stream in (sys.stdout, sys.stderr):
        _shows_everything(stream)
    try:
        sys.stdout.write(COMMANDS[given.command](given))
        sys.stdout.flush()
    except AttentionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except BrokenPipeError:  # whoever read the answer had enough; python would complain once more when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _shows_everything(stream: TextIO) -> None:
    """A terminal that cannot write a character gets its number instead of an error."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
