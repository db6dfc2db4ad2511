"""The example texts: the lecture's kinds in English, and one everyday sentence in each of the project's languages."""

import json
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).parent.parent / "data" / "examples.json"


@dataclass(frozen=True, slots=True)
class Example:
    """One example. pair: a second text, or None. look: what to try with it."""

    kind: str
    language: str
    text: str
    pair: str | None
    look: str

    @property
    def label(self) -> str:
        """One line for the picker."""
        return f"{self.language} · {self.kind.lower()}" if self.kind != "Everyday" else self.language


EXAMPLES = tuple(Example(**row) for row in json.loads(_FILE.read_text(encoding="utf-8")))
LANGUAGES = tuple(sorted({example.language for example in EXAMPLES}))
