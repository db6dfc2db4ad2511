"""What one event of a lab carries at most: the packed picture of every view at its largest settings, in bytes.

    python benchmarks/lab_payloads.py    # no browser; a few minutes

Numbers are at their high ends and every choice is tried; a real head reads two sentences as long as a lab shows, in both bundled
models. In each view made-up numbers are drawn once more with each number at its low end, as more is not always larger.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import Any

from timing import ROOT

sys.path.insert(0, str(ROOT))

MOST = 300
"""KB of an event that are allowed."""
SENTENCE = ("The", "animal", "didn't", "cross", "the", "street", "because", "it", "was", "too", "tired")
TYPED = {
    ("weighted_sum", "sentence"): " ".join(islice(cycle(SENTENCE), 32)),
    ("positions", "chosen"): "0, 1, 2, 50, 100, 200, 300, 511",
    ("transformer", "typed"): "777777",
}
"""Texts that make the most of a figure; others stay as they are."""
MODEL_SETTINGS = ("source", "model", "text", "other", "layer", "head")


@dataclass(frozen=True, slots=True)
class Payload:
    """The largest figure of one view, in bytes as it travels."""

    view: str
    settings: Any
    size: int


def payloads(stem: str, settings: type, figure: Any) -> list[Payload]:
    """The largest of each view in the views' order, first made up, then of a real head. figure: makes a picture of settings."""
    from attention.share.settings.kinds import kinds
    from attention.tabs._picture import packed

    choice = kinds(settings).get("view")
    found = []
    for view in choice.options if choice is not None else [""]:
        for tried in (_made(stem, settings, view), _real(settings, view)):
            sizes = [Payload(view, one, len(packed(figure(one)).encode())) for one in tried]
            found.append(max(sizes, key=lambda one: one.size))
    return found


def _made(stem: str, settings: type, view: str) -> Iterator[Any]:
    """Every number at its high end; then one choice at a time otherwise, and one number at a time at its low end."""
    from attention.share.settings.kinds import Choice, Number, Switch, kinds

    known = {name: kind for name, kind in kinds(settings).items() if name not in (*MODEL_SETTINGS, "view")}
    ends: dict[str, list[Any]] = {"view": [view]} if view else {}
    for name, kind in known.items():
        if isinstance(kind, Number):
            ends[name] = [kind.high, kind.low]
        elif isinstance(kind, Choice):
            ends[name] = list(reversed(kind.options))
        elif isinstance(kind, Switch):
            ends[name] = [True, False]
        elif (stem, name) in TYPED:
            ends[name] = [TYPED[stem, name]]
    first = settings(**{name: options[0] for name, options in ends.items()})
    yield first
    for name, options in ends.items():
        for option in options[1:]:
            yield replace(first, **{name: option})


def _real(settings: type, view: str) -> Iterator[Any]:
    from attention.models.bundled import E5, MINILM

    for model in (E5, MINILM):
        text = longest(model)
        chosen = {"view": view} if view else {}
        yield settings(source="real", model=model, text=text, other=text, layer=2, head=6, **chosen)


def longest(model: str) -> str:
    """As many words as a lab shows of this model."""
    from attention.errors import TextError
    from attention.share.labs import real

    words = list(islice(cycle(SENTENCE), real.MAX_TOKENS))
    while words:
        try:
            real.read(model, " ".join(words))
        except TextError:
            words.pop()
        else:
            return " ".join(words)
    raise RuntimeError(f"{model} reads no word")


def found() -> list[Any]:
    """The labs, in order."""
    import importlib
    import pkgutil

    from attention import tabs
    from attention.tabs._lab import LABS, Lab

    modules = (importlib.import_module(f"attention.tabs.{one.name}") for one in pkgutil.iter_modules(tabs.__path__))
    labs = (getattr(module, "LAB", None) for module in modules)
    return sorted((lab for lab in labs if isinstance(lab, Lab)), key=lambda lab: LABS.index(lab.title))


def main() -> None:
    print("| lab | view | KB | of at most | numbers |\n|---|---|---|---|---|")
    for lab in found():
        for one in payloads(lab.stem, lab.settings, lab.module.picture):
            kind = "a real head, two sentences" if one.settings.real else "made up"
            print(f"| {lab.title} | {one.view or 'its one'} | {one.size / 1000:.0f} | {MOST} | {kind} |", flush=True)


if __name__ == "__main__":
    main()
