"""A lab's prose: one Markdown file beside its tab, cut at its headings."""

import re
from dataclasses import dataclass
from pathlib import Path

SECTIONS = ("You will see", "Read", "Predict", "Takeaway", "Exercises", "Reflect")
_CHOICE = re.compile(r"^- (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prose:
    """title, intent: the first heading and the sentence below it. sections: Markdown by heading.

    question, choices: of the section Predict, its paragraph and its list.
    """

    title: str
    intent: str
    sections: dict[str, str]
    question: str
    choices: tuple[str, ...]


def prose(path: Path) -> Prose:
    """The prose in a file. Raises: ValueError when a section is missing or unknown."""
    top, *parts = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    title, _, intent = top.strip().removeprefix("# ").partition("\n")
    sections = {}
    for part in parts:
        name, _, text = part.partition("\n")
        sections[name.strip()] = text.strip()
    if tuple(sections) != SECTIONS:
        raise ValueError(f"{path.name} has the sections {tuple(sections)}; expected {SECTIONS}")
    choices = tuple(_CHOICE.findall(sections["Predict"]))
    question = _CHOICE.sub("", sections["Predict"]).strip()
    return Prose(title, intent.strip(), sections, question, choices)
