"""The glossary: every term the app uses, in one sentence, where links of the form #term-<slug> lead."""

import json
from dataclasses import dataclass
from html import escape
from pathlib import Path

_FILE = Path(__file__).parent.parent / "data" / "glossary.json"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry. formula, source: empty where there is none."""

    slug: str
    term: str
    sentence: str
    formula: str
    source: str


TERMS = tuple(Term(**row) for row in json.loads(_FILE.read_text(encoding="utf-8")))
"""By name, in the order of the alphabet."""


def definitions() -> str:
    """A definition list whose entries can be linked to and reached by the keyboard."""
    return f'<dl class="hl-glossary">{"".join(_entry(term) for term in TERMS)}</dl>'


def _entry(term: Term) -> str:
    formula = f'<dd class="hl-formula">{escape(term.formula)}</dd>' if term.formula else ""
    source = f'<dd class="hl-source">{escape(term.source)}</dd>' if term.source else ""
    return (
        f'<div id="term-{term.slug}" tabindex="-1"><dt>{escape(term.term)}</dt>'
        f"<dd>{escape(term.sentence)}</dd>{formula}{source}</div>"
    )
