"""Every label, button and message of the page has its words in every language, and no dictionary says what nobody asks."""

import ast
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import attention
from attention.errors import MESSAGES
from attention.models import catalog, parallel
from attention.share.links import TABS
from attention.share.settings.kinds import Choice, kinds
from attention.share.settings.transformer import HEADS, HEADS_TO, LAYERS_TO
from attention.share.settings.transformer import heads as heads_of
from attention.tabs import page, tabs
from attention.tabs._prose import prose
from attention.tabs._routes import routes
from attention.tabs._words import Language, choice, languages

SOURCES = Path(attention.__file__).parent
EVERY = pytest.mark.parametrize("language", languages().values(), ids=list(languages()))
GRADIO = {
    "number input for {label}", "range slider for {label}", "Reset to default value", "Loading...", "Use via API or MCP",
    "More tabs", "Clear", "Remove {choice}", "Gradio footer navigation",
}  # fmt: skip
"""What gradio writes itself, in the language of the browser, not of the page."""

NAMES = {"Headlight", "PNG", "SVG", "CSV", "JSON", "NPZ", "torch.softmax"}
"""The same in every language."""

COMPOSED = {
    "As it writes “{word}”, the weights are {a} on the digit 5, {b} on the digit 2, {c} on the digits 3, 1 and 8, {d} on the end mark.",
    "Recorded from the first example; the live answer replaces it as soon as the model is loaded.",
    "Recorded {date}, not live yet: {model}",
    "{n} heads at once",
    "1 head at once",
}
"""Put together from smaller parts than a clause, or recorded with the first picture (benchmarks/record_first_picture.py)."""


def test_there_are_two_more_languages_one_from_right_to_left() -> None:
    assert {"ar": "rtl", "es": "ltr"}.items() <= {code: one.direction for code, one in languages().items()}.items()
    for code, one in languages().items():
        assert f'value="{code}"' in choice()
        assert one.name in choice()


def test_the_page_gets_a_language_as_a_file() -> None:
    client = TestClient(Starlette(routes=routes()))
    sent = client.get("/words/es.json")
    assert sent.json() == {"direction": "ltr", "words": dict(languages()["es"].words)}
    refused = client.get("/words/xx.json")
    assert refused.status_code == 404
    assert refused.text == MESSAGES["no_language"].format(got="xx", choices=", ".join(languages()))


@EVERY
def test_everything_on_the_page_is_translated(language: Language) -> None:
    shown = set(_shown())
    assert len(shown) > 150
    assert sorted(text for text in shown - _own() if not _covered(text, language)) == []


@EVERY
def test_every_setting_is_translated(language: Language) -> None:
    said = set()
    for settings in TABS.values():
        assert is_dataclass(settings)
        for kind in kinds(settings).values():
            said.update(
                [
                    kind.label,
                    kind.info,
                    getattr(kind, "power", ""),
                    *(kind.options.values() if isinstance(kind, Choice) else ()),
                ]
            )
    assert sorted(text for text in said - _own() if re.search(r"[^\W\d_]", text) and not _covered(text, language)) == []


@EVERY
def test_every_message_is_translated_as_it_is_written(language: Language) -> None:
    assert [message for message in MESSAGES.values() if message not in language.words] == []


@EVERY
def test_a_translation_fills_the_gaps_of_its_sentence(language: Language) -> None:
    wrong = {key: text for key, text in language.words.items() if _gaps(key) != _gaps(text) or not text.strip()}
    assert wrong == {}


@EVERY
def test_nothing_is_translated_that_nobody_says(language: Language) -> None:
    written = _written()
    unused = [
        key
        for key in language.words
        if key not in GRADIO | COMPOSED and not all(part in written for part in _parts(key))
    ]
    assert unused == []


def test_a_sentence_nobody_says_is_found() -> None:
    assert not all(part in _written() for part in _parts("The moon is {n} cheeses wide."))


def test_all_languages_translate_the_same() -> None:
    first, *others = languages().values()
    for other in others:
        assert set(first.words) == set(other.words)


class _Text(HTMLParser):
    """What markup says: its texts and the names of its parts; not the app's name, the languages' own names, the glossary's prose."""

    UNSAID = ("style", "select", "h1", "dl")

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.unsaid = 0
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.unsaid += tag in _Text.UNSAID
        self.said += [given[name] or "" for name in ("aria-label", "title", "placeholder") if given.get(name)]

    def handle_endtag(self, tag: str) -> None:
        self.unsaid -= tag in _Text.UNSAID

    def handle_data(self, data: str) -> None:
        if not self.unsaid:
            self.said.append(data.strip(" ,\n"))


@cache
def _shown() -> tuple[str, ...]:
    """Labels, hints, choices, buttons, titles and markup of the built page."""
    return tuple(text for one in page().config["components"] for text in _of(one) if re.search(r"[^\W\d_]{2}", text))


def _of(component: dict) -> Iterator[str]:
    kind, props = component["type"], component["props"]
    if kind in ("markdown", "state", "timer", "api"):  # prose, and what nobody sees
        return
    for name in ("label", "info", "placeholder"):
        if isinstance(props.get(name), str) and (name != "label" or props.get("show_label", True)):
            yield props[name]
    if "hl-lab-guess" not in (props.get("elem_classes") or []):  # answers are prose
        yield from (title for title, _ in props.get("choices") or [])
    if kind == "button":
        yield props["value"]
    if kind == "html" and isinstance(props.get("html_template"), str):
        yield from _Text(props["html_template"]).said


@cache
def _own() -> frozenset[str]:
    """What is a name or a sentence of somebody's: the same in every language."""
    models = {text for row in catalog.rows() for text in (row.title, row.id)}
    meanings = {sentence for meaning in parallel.meanings() for sentence in meaning.sentences.values()}
    answers = {
        text for path in SOURCES.glob("tabs/*.md") if "Predict" in path.read_text() for text in prose(path).choices
    }
    heads = set(heads_of(LAYERS_TO, HEADS_TO).values()) - {HEADS["mean"]}
    owns = {one.own for one in parallel.languages().values()}
    return frozenset({*NAMES, *models, *meanings, *answers, *heads, *owns})


def _covered(text: str, language: Language) -> bool:
    """Whether the page finds words for it, as translate.js looks for them."""
    if text in language.words or text in _own():
        return True
    if " · " in text:
        return all(_covered(part, language) for part in text.split(" · "))
    if text[:1].islower() and text[:1].upper() + text[1:] in language.words:
        return True
    return any(re.fullmatch(pattern, text) for pattern in _patterns(language.code))


@cache
def _patterns(code: str) -> tuple[str, ...]:
    keys = [key for key in languages()[code].words if "{" in key and _parts(key)]
    return tuple(
        "".join(re.escape(part) + ("" if name is None else r"[\d.,]+" if name == "n" else ".*") for part, name, _, _ in Formatter().parse(key))
        for key in keys
    )  # fmt: skip


def _gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def _parts(key: str) -> list[str]:
    """The words between a sentence's gaps and marks: a sentence may be put together from such parts."""
    parts = (
        piece.strip()
        for part, _, _, _ in Formatter().parse(key.lower())
        for piece in re.split(r"[.,;:“”()=] |[.,;:“”()=]", part)
    )
    return [part for part in parts if re.search(r"[^\W\d_]", part)]


@cache
def _written() -> str:
    """Everything that is written in the package: strings of its Python, its scripts, its data, one definition per pattern."""
    strings = [
        node.value
        for path in SOURCES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    texts = [*SOURCES.rglob("views/**/*.js"), *SOURCES.rglob("tabs/*.js"), SOURCES / "tabs" / "patterns.md"]
    texts += [SOURCES / "data" / name for name in ("examples.json", "parallel.json", "languages.json")]
    titles = [tab.title for tab in tabs()]
    return "\0".join([*strings, *titles, *(path.read_text(encoding="utf-8") for path in texts)]).lower()
