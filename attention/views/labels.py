"""What stands beside a row or above a column."""

from collections.abc import Sequence
from dataclasses import dataclass

from attention.core.tokens import Token

VISIBLE = {"": "▁", " ": "␣", "\n": "↵", "\t": "⇥"}


@dataclass(frozen=True, slots=True)
class Label:
    """The text of one row or column.

    special: added by the tokenizer; drawn muted. note: said in the readout, such as "unknown to this model".
    """

    text: str
    special: bool = False
    note: str = ""

    @property
    def quoted(self) -> str:
        """The text inside a sentence: in quotation marks, isolated from the direction around it."""
        return f"“{isolated(self.text)}”"


def labels_of(tokens: Sequence[Token]) -> list[Label]:
    """One label per token. Pieces of one character are numbered, blanks get a sign one can see."""
    return [
        Label(
            text=visible(token.text) + (f" {token.part[0]}/{token.part[1]}" if token.part else ""),
            special=token.special,
            note=token.note,
        )
        for token in tokens
    ]


def isolated(text: str) -> str:
    """The text between a first-strong isolate and its end: it turns nothing around it, and nothing turns it."""
    return f"\u2068{text}\u2069"


def visible(text: str) -> str:
    """The text, or a stand-in where nothing of it could be seen (a blank, U+200B)."""
    if text in VISIBLE:
        return VISIBLE[text]
    if any(character.isprintable() and not character.isspace() for character in text):
        return text
    return "".join(VISIBLE.get(character, f"U+{ord(character):04X}") for character in text)


def coded_labels(labels: Sequence[Label]) -> dict:
    """`{texts, special, notes}`: indices for the few that are special, notes by index, to keep the payload small."""
    return {
        "texts": [label.text for label in labels],
        "special": [index for index, label in enumerate(labels) if label.special],
        "notes": {str(index): label.note for index, label in enumerate(labels) if label.note},
    }
