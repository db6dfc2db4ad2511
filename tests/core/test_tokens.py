"""What a token says of itself beyond its label, and which way a text is read."""

import json
from pathlib import Path

import pytest

from attention.core.tokens import Token, right_to_left


@pytest.mark.parametrize(
    ("token", "note"),
    [
        (Token("cat", 1, 0, 3, 0), ""),
        (Token("[CLS]", 1, 0, 0, -1, special=True), ""),
        (Token("猫", 1, 0, 1, 0, part=(2, 3)), "piece 2 of 3 of one character"),
        (Token("猫", 1, 0, 1, 0, part=(1, 2), unknown=True), "piece 1 of 2 of one character, unknown to this model"),
        (Token("␣", 1, 4, 4, 0), "marks the start of a word"),
    ],
)
def test_note_says_what_the_label_cannot(token: Token, note: str) -> None:
    assert token.note == note


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("123 …", False),
        ("abc שלום", False),
        ("שלום abc", True),
        ("«3.14» قط", True),
        ("ߒߞߏ", True),
        ("\u2067שלום\u2069 abc", False),  # what is isolated does not count
        ("\u2066abc\u2069 שלום", True),
        ("\u2066\u2067a\u2069 b\u2069 ש", True),
        ("\u2069 ש", True),  # an end without a beginning
        ("\u2066abc ש", False),  # never closed: nothing is left
        ("\u2066abc\nש", True),  # but a new paragraph closes it
        ("\u202eabc", False),  # overrides do not decide
        ("\u200fabc", True),  # the mark is a letter of no width
    ],
)
def test_the_first_letter_with_a_direction_decides(text: str, expected: bool) -> None:
    assert right_to_left(text) is expected


def test_the_project_s_languages_are_read_as_they_are_written() -> None:
    data = Path(__file__).parents[2] / "attention" / "data"
    languages, meanings = (json.loads((data / f"{name}.json").read_text("utf-8")) for name in ("languages", "parallel"))
    for row in meanings:
        for language, text in row["sentences"].items():
            assert right_to_left(text) is (languages[language]["direction"] == "rtl"), text
