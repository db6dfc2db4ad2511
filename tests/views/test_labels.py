from attention.core.tokens import Token
from attention.views.labels import Label, coded_labels, labels_of, visible


def test_labels_carry_what_the_token_cannot_show() -> None:
    tokens = [
        Token("[CLS]", 101, 0, 0, -1, special=True),
        Token("cat", 7, 0, 3, 0),
        Token("🦊", 8, 3, 4, 1, part=(2, 4)),
        Token("x", 9, 4, 5, 2, unknown=True),
        Token("", 10, 5, 5, 3),
    ]
    assert labels_of(tokens) == [
        Label("[CLS]", special=True),
        Label("cat"),
        Label("🦊 2/4", note="piece 2 of 4 of one character"),
        Label("x", note="unknown to this model"),
        Label("▁", note="marks the start of a word"),
    ]


def test_blanks_get_a_sign_one_can_see() -> None:
    assert [visible(text) for text in (" ", "\n", "\u200b", "a b", "\n\n")] == ["␣", "↵", "U+200B", "a b", "↵↵"]


def test_the_payload_names_only_what_is_special() -> None:
    coded = coded_labels([Label("<s>", special=True), Label("a"), Label("b", note="unknown to this model")])
    assert coded == {"texts": ["<s>", "a", "b"], "special": [0], "notes": {"2": "unknown to this model"}}


def test_a_word_inside_a_sentence_is_isolated() -> None:
    assert Label("قط").quoted == "“\u2068قط\u2069”"
