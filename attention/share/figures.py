"""Pictures as files for papers and slides: PNG at 300 dots per inch and SVG, with names that say what is in them.

A figure is drawn from the value that the browser draws, so that screen and file cannot disagree. matplotlib is imported
with the first figure, not with this module.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attention.errors import SelectionError
from attention.share.links import THEMES, Theme
from attention.share.origin import revised
from attention.share.selection import MEASURES, Selection
from attention.share.settings.explorer import MODES

if TYPE_CHECKING:  # a page is served before torch is there
    from attention.core.capture import Capture

FORMATS = ("png", "svg")
LONGEST_NAME = 80  # characters, the extension included
LONGEST_TEXT = 32
MOST_VALUES = 20


def drawn(
    values: dict | Sequence[dict], kind: str = "png", *, mode: str = "matrix", theme: str = "light", about: str = ""
) -> bytes:
    """The file of a picture as rendered for the browser (a head, a lab, a head grid, a comparison), or of several heads.

    kind: "png" or "svg". mode: heads as a matrix or, up to 40 rows, as arcs. theme: "auto" is light, as paper is.
    about: said below the captions, such as the model's revision. Characters that no font has are written as U+10330, never as
    an empty box. The same figure is the same file, to the byte.
    Raises: SelectionError for another kind, mode or theme, or for no picture.
    """
    shown = [values] if isinstance(values, dict) else list(values)
    _check("kind", kind, FORMATS)
    check_look(mode, theme)
    if not 0 < len(shown) <= MOST_VALUES:
        raise SelectionError("bad_choice", name="values", choices=f"1 to {MOST_VALUES} pictures", got=len(shown))
    from attention.views.figure import drawing

    figure = drawing.draw(shown, mode=mode, dark=theme == "dark", about=about)
    if kind == "png":
        return drawing.png(figure)
    titles = [value.get("title") or value["caption"] for value in shown]
    said = [*(value["caption"] for value in shown), about]
    return drawing.svg(figure, title=" / ".join(titles), description=" / ".join(filter(None, said)))


def save(
    capture: "Capture", selection: Selection, kind: str = "png", *, mode: str = "matrix", theme: str = "light"
) -> bytes:
    """The file of one head of a capture, as the explorer shows it.

    Raises: SelectionError for a view, kept row, kind, mode or theme that does not exist.
    """
    from attention.share.pictures import checked, head_picture

    value = head_picture(capture, checked(capture, selection))
    return drawn(value, kind, mode=mode, theme=theme, about=revised(capture.revision))


def check_look(mode: object, theme: object) -> Theme:
    """The theme. Raises: SelectionError for a mode or theme that does not exist."""
    _check("mode", mode, [*MODES])
    _check("theme", theme, THEMES)
    return next(one for one in THEMES if one == theme)


def file_name(*parts: str, text: str = "", extension: str) -> str:
    """A name of safe ASCII, at most LONGEST_NAME characters: "headlight", the parts, a few words of the text.

    A text in another script than Latin is named by eight letters that only it has.
    """
    told = "_".join(filter(None, ("headlight", *map(_slug, parts))))
    ending = f".{_slug(extension)}"
    room = min(LONGEST_TEXT, LONGEST_NAME - len(told) - len(ending) - 1)
    words = _slug(text)[: max(0, room)].strip("-")
    if text and (len(words) < 3 or not _mostly_latin(text)):
        words = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    name = "_".join(filter(None, (told, words)))
    return name[: LONGEST_NAME - len(ending)].rstrip("-_") + ending


def head_file_name(capture: "Capture", selection: Selection, extension: str) -> str:
    """Such as headlight_multilingual-e5-small_L3H5_weights_words_the-animal-didn-t-cross.png."""
    from attention.share.pictures import title

    level = "words" if selection.level == "word" else ""
    parts = (capture.model.rsplit("/", 1)[-1][:32], title(selection), MEASURES[selection.measure], level)
    return file_name(*parts, text=capture.text.text, extension=extension)


def _slug(text: str) -> str:
    """Letters and digits of ASCII, with hyphens between; L3H5 keeps its capitals."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = "-".join(re.findall(r"[A-Za-z0-9.]+", plain)).replace("..", ".").strip("-.")
    return words if re.fullmatch(r"L\d+(H\d+)?", words) else words.lower()


def _mostly_latin(text: str) -> bool:
    letters = [one for one in text if one.isalpha()]
    return 2 * sum("LATIN" in unicodedata.name(one, "") for one in letters) > len(letters)


def _check(name: str, got: object, choices: Sequence[str]) -> None:
    if not isinstance(got, str) or got not in choices:
        raise SelectionError("bad_choice", name=name, choices=", ".join(choices), got=str(got)[:40])
