"""The page's words in other languages: one file each in data/words, so that adding a language is adding a file.

The English sentence is the key, as in gettext. What is filled into it stands in braces, as in errors.MESSAGES, and a translation
names the same gaps: "{got:,} tokens" -> "{got} fichas". What fills a gap stays as it is, unless the translation says `{name!t}`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "data" / "words"


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the page. code: as in <html lang>. name: in the language itself. direction: "ltr" or "rtl"."""

    code: str
    name: str
    direction: str
    words: Mapping[str, str]

    def file(self) -> bytes:
        """What the browser asks for when the language is chosen."""
        return json.dumps({"direction": self.direction, "words": self.words}, ensure_ascii=False).encode()


@cache
def languages() -> Mapping[str, Language]:
    """Every language but English, by code."""
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.json"))}
    return {code: Language(code, **row) for code, row in found.items()}


def choice() -> str:
    """The list of languages as markup, beside the switch between light and dark."""
    rows = [("en", "English", "ltr"), *((one.code, one.name, one.direction) for one in languages().values())]
    options = "".join(
        f'<option value="{escape(code)}" lang="{escape(code)}" data-direction="{escape(direction)}">{escape(name)}</option>'
        for code, name, direction in rows
    )
    return f'<select class="hl-language" aria-label="language" translate="no" autocomplete="off">{options}</select>'
