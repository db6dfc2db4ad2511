"""Text in, files out: whole or not at all, and never over a file that is there without being told so."""

import contextlib
import secrets
import sys
from pathlib import Path

from attention.errors import AttentionError, TextError, printable

MOST_BYTES = 1 << 20
"""Read from stdin at most; far more than any text that is read."""


def text_of(typed: str) -> str:
    """What was typed, or what comes in on stdin for "-", without the line's end.

    Raises: TextError for a closed stdin, for more than MOST_BYTES, and for what is not UTF-8.
    """
    if typed != "-":
        return typed
    if sys.stdin is None:
        raise TextError("no_input")
    came = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(came) > MOST_BYTES:
        raise TextError("input_too_long", limit=MOST_BYTES)
    try:
        return came.decode("utf-8").removeprefix("\ufeff").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise TextError("input_not_text") from error


def check_output(output: str, endings: tuple[str, ...], *, force: bool) -> Path:
    """Where to write. Raises: AttentionError for another ending, and for a file that is there already."""
    path = Path(output)
    if path.suffix.lower() not in endings:
        raise AttentionError("bad_file_type", got=shown(path), choices=", ".join(endings))
    try:
        path.lstat()
        there = True
    except (FileNotFoundError, NotADirectoryError):
        there = False
    except (OSError, ValueError) as error:
        raise AttentionError("file_not_written", got=shown(path), reason=reason_of(error)) from error
    if there and not force:
        raise AttentionError("file_exists", got=shown(path))
    if not path.parent.is_dir():
        raise AttentionError("file_not_written", got=shown(path), reason="there is no such folder")
    return path


def write(path: Path, content: str | bytes) -> None:
    """Writes beside the place and moves it there. Raises: AttentionError where that cannot be done."""
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:  # never through a link that someone put there
            file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
        part.replace(path)
    except (OSError, ValueError) as error:
        raise AttentionError("file_not_written", got=shown(path), reason=reason_of(error)) from error
    finally:
        with contextlib.suppress(OSError, ValueError):  # moved, or never there
            part.unlink()


def reason_of(error: Exception) -> str:
    """What the system says went wrong, as a part of a sentence."""
    return (getattr(error, "strerror", None) or "it is no file name").lower()


def shown(path: Path) -> str:
    """A file's name fit for one line."""
    return printable(path.name, 80)
