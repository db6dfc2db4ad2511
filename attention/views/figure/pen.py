"""Measures text, cuts what is too long and breaks lines, in CSS pixels."""

from dataclasses import dataclass, field
from typing import Literal

import regex
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from attention.core.tokens import right_to_left
from attention.views.figure.fonts import Fonts
from attention.views.figure.real import Real

Kind = Literal["sans", "mono", "bold"]
POINTS = 0.75  # of one CSS pixel
UPRIGHT = regex.compile(
    r"(?:[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303F\u30FC\uFF01-\uFF60]"
    r"|\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|[\u200D\uFE0F])+"
)
STEP = 1.1  # line height of characters one above the other
OPEN, CLOSE = "\u2066\u2067\u2068", "\u2069"  # isolates


@dataclass(frozen=True, slots=True)
class Pen:
    """The fonts of one figure with what has been measured in them."""

    fonts: Fonts
    _widths: dict[tuple[str, Kind], Real] = field(default_factory=dict)

    def face(self, kind: Kind, size: Real) -> FontProperties:
        """What matplotlib's texts are drawn in. size: in pixels."""
        return FontProperties(family=list(getattr(self.fonts, kind)), size=size * POINTS)

    def width(self, text: str, size: Real, kind: Kind = "sans") -> Real:
        """How wide the text is drawn."""
        if (text, kind) not in self._widths:
            shown = self.fonts.shown(text)
            at_100 = self.face(kind, 100)
            self._widths[text, kind] = text_to_path.get_text_width_height_descent(shown, at_100, False)[0] / POINTS
        return self._widths[text, kind] * size / 100

    def fit(self, text: str, size: Real, room: Real, kind: Kind = "sans") -> str:
        """The text, or as many whole characters of it as there is room for, and an ellipsis."""
        if len(text) < 400 and self.width(text, size, kind) <= room:
            return text
        parts = regex.findall(r"\X", text[:4000])
        low, high = 0, min(len(parts), 1 + int(6 * room / size))
        while low < high:
            middle = (low + high + 1) // 2
            if self.width("".join(parts[:middle]) + "…", size, kind) <= room:
                low = middle
            else:
                high = middle - 1
        return "".join(parts[:low]) + "…"

    def wrap(self, text: str, size: Real, room: Real, lines: int, kind: Kind = "sans") -> list[str]:
        """The text in lines no wider than the room; what does not fit in `lines` ends in an ellipsis."""
        wrapped: list[str] = []
        rest = regex.findall(r"\s+|\S+", text[:4000])
        while rest and len(wrapped) < lines:
            line, rest = self._line(rest, size, room, kind)
            wrapped.append(line)
        if wrapped and rest:
            wrapped[-1] = self.fit(wrapped[-1] + "".join(rest), size, room, kind)
        return isolated_lines(wrapped, right_to_left(text))

    def _line(self, parts: list[str], size: Real, room: Real, kind: Kind) -> tuple[str, list[str]]:
        """As many of the parts as one line holds, a part wider than a line cut between characters, and those left over."""
        line = ""
        for at, part in enumerate(parts):
            if not line and part.isspace():
                continue
            if self.width(line + part, size, kind) <= room:
                line += part
                continue
            used = self.width(line, size, kind)
            if self.width(part, size, kind) <= room and (line or used > 0):
                return line.rstrip(), parts[at:]
            start = self.fit(part, size, room - used, kind)[:-1]
            if not start and not line:
                start = regex.findall(r"\X", part)[0]
            return (line + start).rstrip(), [part[len(start) :], *parts[at + 1 :]]
        return line.rstrip(), []

    def standing(self, text: str, size: Real) -> Real:
        """How high the text is where it stands on a column: read upwards, or character above character."""
        return len(regex.findall(r"\X", text)) * size * STEP if upright(text) else self.width(text, size, "mono")


def upright(text: str) -> bool:
    """Whether the script is written downwards as it is, not on its side."""
    return UPRIGHT.fullmatch(text) is not None


def isolated_lines(lines: list[str], left: bool) -> list[str]:
    """The lines, each with the direction of the whole and with isolates that end where it ends and go on in the next."""
    mark = "\u200f" if left else "\u200e"
    carried, result = "", []
    for line in lines:
        opened = carried
        for one in line:
            opened = opened + one if one in OPEN else opened[:-1] if one == CLOSE else opened
        result.append(mark + carried + line + CLOSE * len(opened))
        carried = opened
    return result
