"""Which font draws which character: fonts that arrive with pip, and plain words for what none of them has.

matplotlib joins, reorders and falls back by itself (libraqm). Decided here is only which fonts it may use: those that the
figure's text needs, under names that no font of the machine has, so that a figure is the same everywhere.
"""

import importlib.util
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib
import regex
from matplotlib.font_manager import FontEntry, fontManager
from matplotlib.ft2font import FT2Font

SANS = ("fontpkg_ibm_plex_sans", "files/IBMPlexSans[[]*.ttf")
MONO = ("fontpkg_ibm_plex_mono", "files/IBMPlexMono-Regular.ttf")
BOLD = ("fontpkg_ibm_plex_mono", "files/IBMPlexMono-Bold.ttf")
SCRIPTS = (("manimgx_fonts", "NotoSans[[]*.ttf"), ("manimgx_fonts", "NotoSans[A-Z]*.ttf"))
EAST_ASIAN = ("noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc")
SIGNS = (
    ("manimgx_fonts", "NotoEmoji*.ttf"),
    ("manimgx_fonts", "NotoSansSymbols*.ttf"),
    ("matplotlib", "fonts/ttf/DejaVuSans.ttf"),
)

EAST_ASIAN_FACES = ((0, r"[\p{Hiragana}\p{Katakana}]"), (1, r"\p{Hangul}"), (2, ""))
"""Japanese, Korean or Chinese face: each language draws the same character in its own way."""

CONTROLS = regex.compile(r"[\u202A-\u202E]")  # direction overrides and embeddings would turn what stands around them
HIDDEN = regex.compile(r"\p{Default_Ignorable_Code_Point}")
UNSEEN = regex.compile(r"[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]")
LONGEST_CLUSTER = 16  # code points drawn of one character: the longest emoji has 10, a letter may carry 10,000 marks

_registering = threading.Lock()


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file, and the name it has among matplotlib's fonts."""

    path: str
    index: int = 0

    @property
    def name(self) -> str:
        return f"headlight {Path(self.path).stem} {self.index}"


@dataclass(frozen=True, slots=True)
class Fonts:
    """The fonts of one figure. sans, mono, bold: families, first choice first. missing: code points that none has."""

    sans: tuple[str, ...]
    mono: tuple[str, ...]
    bold: tuple[str, ...]
    missing: frozenset[int]

    def shown(self, text: str) -> str:
        """The text as it can be drawn: "U+10330" where no font has the character, and no direction overrides."""
        text = UNSEEN.sub(lambda found: _spelled(found[0]), CONTROLS.sub("", text))
        if any(ord(one) in self.missing for one in text):
            text = "".join(_spelled(one) if ord(one) in self.missing else one for one in text)
        if len(text) <= LONGEST_CLUSTER:
            return text
        return "".join(part[:LONGEST_CLUSTER] for part in regex.findall(r"\X", text))


def fonts_for(texts: Iterable[str]) -> Fonts:
    """The fonts that these texts need, looked for in a fixed order."""
    text = "".join(texts)
    unseen = {*HIDDEN.findall(text), *UNSEEN.findall(text)}
    first = [_faces(place) for place in (SANS, MONO, BOLD)]
    common = frozenset.intersection(*(_coverage(face) for faces in first for face in faces))
    needed = {ord(one) for one in {*text} - unseen} - common
    rest = []
    for face in _others(text):
        if not needed:
            break
        found = needed & _coverage(face)
        if found:
            rest.append(face)
            needed -= found
    for face in (*(face for faces in first for face in faces), *rest):
        _register(face)
    sans, mono, bold = (tuple(face.name for face in (*faces, *rest)) for faces in first)
    return Fonts(sans, mono, bold, frozenset(needed))


def _others(text: str) -> Iterable[Face]:
    """Every further font, in the order in which they are asked."""
    for place in SCRIPTS:
        yield from (face for face in _faces(place) if "Symbols" not in face.path)
    face = next(face for face, script in EAST_ASIAN_FACES if regex.search(script, text))
    yield from (Face(one.path, face) for one in _faces(EAST_ASIAN))
    for place in SIGNS:
        yield from _faces(place)


@cache
def _faces(place: tuple[str, str]) -> tuple[Face, ...]:
    """The files of an installed package that fit the pattern; none where the package is missing."""
    package, pattern = place
    if package == "matplotlib":
        return (Face(str(Path(matplotlib.get_data_path()) / pattern)),)
    found = importlib.util.find_spec(package)
    folders = found.submodule_search_locations if found else None
    return tuple(Face(str(path)) for folder in folders or () for path in sorted(Path(folder).glob(pattern)))


@cache
def _coverage(face: Face) -> frozenset[int]:
    """The code points this face has a glyph for."""
    return frozenset(FT2Font(face.path, face_index=face.index).get_charmap())


def _register(face: Face) -> None:
    """Makes the face known to matplotlib under its own name."""
    with _registering:
        if all(entry.name != face.name for entry in reversed(fontManager.ttflist)):
            fontManager.ttflist.append(FontEntry(fname=face.path, index=face.index, name=face.name, weight=400))


def _spelled(character: str) -> str:
    """The name of a character that cannot be drawn."""
    return f"U+{ord(character):04X}"
