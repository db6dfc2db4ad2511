"""What a token says of itself beyond its label."""

import pytest

from attention.core.tokens import Token


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
