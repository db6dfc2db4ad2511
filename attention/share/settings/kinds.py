"""The kinds of settings, and the check of values of unknown origin against them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from attention.errors import AttentionError, SelectionError, TextError

Settings = TypeVar("Settings")

When = Mapping[str, tuple[str, ...]]
"""Choices under which a setting matters: for each named choice, the options; all of them must hold."""


LISTED = 12
"""Options that a message names at most."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number from low to high in steps; whole when the step is. power: what ten to this number is called, if people know that."""

    label: str
    low: float | int
    high: float | int
    step: float | int
    info: str
    when: When
    power: str = ""

    def check(self, value: object) -> float | int:
        """Raises: SelectionError."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not self.low <= value <= self.high:  # type: ignore[operator] # NaN is in no range
            raise self._refused(value)
        if not all(isinstance(part, int) for part in (self.low, self.high, self.step)):
            return float(value)  # type: ignore[arg-type]
        if value != int(value):  # type: ignore[call-overload]
            raise self._refused(value)
        return int(value)  # type: ignore[call-overload]

    def _refused(self, value: object) -> AttentionError:
        name, choices = self.label, f"the numbers from {self.low:g} to {self.high:g}"
        return SelectionError("bad_choice", name=name, choices=choices, got=str(value)[:40])


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some options: key, as it is kept, and title, as it is read.

    offered: how many of them, the first, stand on the page from the start; the others where a model has them. 0: all.
    """

    label: str
    options: Mapping[str, str]
    info: str
    when: When
    offered: int = 0

    def check(self, value: object) -> str:
        """Raises: SelectionError."""
        if not isinstance(value, str) or value not in self.options:
            options = list(self.options)
            listed = options if len(options) <= LISTED else [*options[: LISTED - 1], "…", options[-1]]
            raise SelectionError("bad_choice", name=self.label, choices=", ".join(listed), got=str(value)[:40])
        return value


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off."""

    label: str
    info: str
    when: When

    def check(self, value: object) -> bool:
        """Raises: SelectionError."""
        if not isinstance(value, bool):
            raise SelectionError("bad_choice", name=self.label, choices="on, off", got=str(value)[:40])
        return value


@dataclass(frozen=True, slots=True)
class Words:
    """A text of some characters at most."""

    label: str
    limit: int
    info: str
    when: When

    def check(self, value: object) -> str:
        """Raises: TextError."""
        if value is None:
            return ""
        if not isinstance(value, str):
            raise TextError("text_not_string", got=type(value).__name__)
        if len(value) > self.limit:
            raise TextError("too_many_characters", got=len(value), limit=self.limit)
        return value


Kind = Number | Choice | Switch | Words


def number(
    default: float | int, low: float | int, high: float | int, step: float | int = 1, *, label: str, info: str = "",
    when: When | None = None, power: str = "",
) -> Any:  # fmt: skip
    """A field that is a number; whole numbers all make it whole."""
    return field(default=default, metadata={"kind": Number(label, low, high, step, info, when or {}, power)})


def choice(
    default: str, options: Mapping[str, str], *, label: str, info: str = "", when: When | None = None, offered: int = 0,
) -> Any:  # fmt: skip
    """A field that is one of some options."""
    return field(default=default, metadata={"kind": Choice(label, options, info, when or {}, offered)})


def switch(default: bool, *, label: str, info: str = "", when: When | None = None) -> Any:
    """A field that is on or off."""
    return field(default=default, metadata={"kind": Switch(label, info, when or {})})


def words(default: str, limit: int, *, label: str, info: str = "", when: When | None = None) -> Any:
    """A field that is a text."""
    return field(default=default, metadata={"kind": Words(label, limit, info, when or {})})


def kinds(settings: type) -> dict[str, Kind]:
    """What each field of a lab's settings may be, by name, in order."""
    return {one.name: one.metadata["kind"] for one in fields(settings)}


def checked(settings: type[Settings], values: Mapping[str, object]) -> Settings:
    """Settings from values of unknown origin; what is not given has its default.

    Raises: AttentionError with one sentence for the first value that cannot be.
    """
    known = kinds(settings)
    return settings(**{name: known[name].check(value) for name, value in values.items() if name in known})
