"""Text in, files out: whole or not at all, and never over a file that is there without being told so."""

import os
import sys
from pathlib import Path

from attention.errors import AttentionError, TextError

MOST_BYTES = 1 << 20
"""Read from stdin at most; far more than any text that is read."""


def text_of(typed: str) -> str:
    """What was typed, or what comes in on stdin for "-", without the line's end. Raises: TextError for what is not UTF-8."""
    if typed != "-":
        return typed
    try:
        return sys.stdin.buffer.read(MOST_BYTES).decode("utf-8").removeprefix("\ufeff").rstrip("\r\n")
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
        raise AttentionError("file_not_written", got=shown(path), reason="it is no file name") from error
    if there and not force:
        raise AttentionError("file_exists", got=shown(path))
    if not path.parent.is_dir():
        raise AttentionError("file_not_written", got=shown(path), reason="there is no such folder")
    return path


def write(path: Path, content: str | bytes) -> None:
    """Writes beside the place and moves it there. Raises: AttentionError where that cannot be done."""
    part = path.with_name(f".{path.name[:80]}.{os.getpid()}.part")
    try:
        part.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        part.replace(path)
    except (OSError, ValueError) as error:
        part.unlink(missing_ok=True)
        reason = getattr(error, "strerror", None) or "it is no file name"
        raise AttentionError("file_not_written", got=shown(path), reason=reason.lower()) from error


def shown(path: Path) -> str:
    """A file's name fit for one line."""
    return "".join(character if character.isprintable() else "·" for character in path.name[:80])
