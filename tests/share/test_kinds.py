"""Settings: what a field may be, and what of unknown origin is refused."""

from dataclasses import dataclass
from typing import Any

import pytest

from attention.errors import AttentionError, SelectionError, TextError
from attention.share.settings.kinds import Choice, Number, checked, choice, kinds, number, switch, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    whole: int = number(3, 1, 9, label="Whole")
    part: float = number(0.5, 0.0, 1.0, 0.25, label="Part", when={"way": ("a",)})
    way: str = choice("a", {"a": "First", "b": "Second"}, label="Way")
    on: bool = switch(False, label="On")
    said: str = words("", 5, label="Said", info="a few letters")


def test_fields_say_what_they_may_be() -> None:
    found = kinds(Made)
    assert list(found) == ["whole", "part", "way", "on", "said"]
    assert found["whole"] == Number("Whole", 1, 9, 1, "", {})
    assert found["part"].when == {"way": ("a",)}
    assert isinstance(found["way"], Choice)
    assert found["said"].info == "a few letters"


def test_what_is_not_given_has_its_default_and_what_is_unknown_is_left_out() -> None:
    assert checked(Made, {}) == Made()
    assert checked(Made, {"whole": 4, "nothing": object()}) == Made(whole=4)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [("whole", 9, 9), ("whole", 2.0, 2), ("part", 1, 1.0), ("way", "b", "b"), ("on", True, True), ("said", None, "")],
)
def test_values_of_the_right_kind_are_kept(name: str, value: Any, kept: Any) -> None:
    found = getattr(checked(Made, {name: value}), name)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("whole", value) for value in (0, 10, 2.5, "3", True, None, float("nan"), float("inf"), [3], 10**400)),
        *(("part", value) for value in (-0.01, 1.01, "x", False, {})),
        *(("way", value) for value in ("c", "", None, 0, ["a"])),
        *(("on", value) for value in (0, 1, "true", None)),
    ],
)
def test_other_values_are_refused_with_what_was_expected(name: str, value: Any) -> None:
    with pytest.raises(SelectionError) as refused:
        checked(Made, {name: value})
    assert str(refused.value).startswith(kinds(Made)[name].label)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("value", ["123456", 5, b"abc", ["a"]])
def test_a_text_too_long_or_no_text_is_refused(value: Any) -> None:
    with pytest.raises(TextError):
        checked(Made, {"said": value})
    assert issubclass(TextError, AttentionError)
