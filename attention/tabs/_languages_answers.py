"""What the Languages tab answers about heads: plain functions from what the browser sent to what it gets back."""

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import asdict, replace
from typing import Any, NamedTuple

import gradio as gr

from attention.models import parallel
from attention.share.links import from_query
from attention.share.settings.kinds import checked
from attention.share.settings.languages import MOST, NONE, Languages
from attention.tabs import _lines
from attention.tabs._languages_lists import changed, drawn, lists, skip
from attention.tabs._languages_pieces import pieces
from attention.tabs._picture import packed
from attention.tabs._progress import told
from attention.views import line


class View(NamedTuple):
    """One update of the tab; what is not named stays as it is. Order is that of languages.py's outputs."""

    status: Any = skip()
    figure: Any = skip()
    heads: Any = skip()
    build: Any = skip()
    layer: Any = skip()
    head: Any = skip()
    text1: Any = skip()
    text2: Any = skip()
    text3: Any = skip()
    text4: Any = skip()
    cut: Any = skip()
    pieces: Any = skip()
    shown: Any = skip()


Look = tuple[Any, ...]
"""Another head of the same texts: status, figure, what is shown; after a pick, layer and head too."""


def sentences_of(settings: Languages) -> list[str]:
    """What stands in the four text boxes."""
    own = next(one for one in parallel.meanings() if one.name == settings.meaning).sentences
    columns = [(getattr(settings, f"language{n}"), getattr(settings, f"text{n}")) for n in range(1, MOST + 1)]
    return [text or own.get(language, "") for language, text in columns]


def on_open(shown: Any, request: gr.Request) -> Generator[View, None, None]:
    """The first view of a session, once, as a link says or else as ever: the model is loaded if it is not there yet."""
    if isinstance(shown, Languages):
        yield View()
        return
    link = from_query(dict(request.query_params))
    if link.tab != "languages":
        yield from _read(Languages())
        return
    for view in _read(link.settings):
        said = (
            line.render(" ".join(link.notices), kind="note") if link.notices and view.shown != skip() else view.status
        )
        yield view._replace(status=said)


def on_link(request: gr.Request) -> tuple[Any, ...]:
    """What a link says in the controls that the view does not set: model, meaning, languages, level, lists, tokenizers, price (and its table)."""
    link = from_query(dict(request.query_params))
    if link.tab != "languages":
        return (skip(),) * 11
    wanted = link.settings
    table = gr.HTML(price=wanted.price)
    languages = [getattr(wanted, f"language{n}") for n in range(1, MOST + 1)]
    return (
        wanted.model,
        wanted.meaning,
        *languages,
        wanted.level,
        wanted.listed,
        list(wanted.models),
        wanted.price,
        table,
    )


def on_read(model: Any, meaning: Any, *given: Any) -> Generator[View, None, None]:
    """Reads what stands on the page: the head stays. given: four languages, four texts, what is shown."""
    yield from _asked(model, meaning, given, refill=False)


def on_meaning(model: Any, meaning: Any, *given: Any) -> Generator[View, None, None]:
    """Another meaning: its sentence in every language that is chosen."""
    languages, shown = given[:MOST], given[-1]
    yield from _asked(model, meaning, (*languages, *("",) * MOST, shown), refill=True)


def on_language(model: Any, meaning: Any, *given: Any) -> Generator[View, None, None]:
    """Another language in a column: the meaning's sentence in it, unless a person typed that column's own."""
    yield from _asked(model, meaning, given, refill=True)


def on_head(layer: Any, head: Any, shown: Any) -> Look:
    """A layer or head chosen in the selectors."""
    return _look(shown, {"layer": layer, "head": head, "pattern": ""})[:3]


def on_level(level: Any, shown: Any) -> Look:
    """Between tokens or words."""
    return _look(shown, {"level": level})[:3]


def on_pick(shown: Any, event: gr.EventData) -> Look:
    """A head of the list; the browser's event is checked like any input."""
    sent = {name: _sent(event, name) for name in ("layer", "head", "pattern")}
    return _look(shown, {**sent, "pattern": sent["pattern"] or ""})


def on_cancel() -> dict:
    """Reading was cancelled."""
    return line.render("Cancelled; the last picture stays.", kind="note")


def _asked(model: Any, meaning: Any, given: tuple[Any, ...], *, refill: bool) -> Generator[View, None, None]:
    """The settings that the page asks for, then their view. refill: sentences of the set give way to the new ones."""
    languages, texts, shown = given[:MOST], given[MOST : 2 * MOST], given[-1]
    try:
        before = shown if isinstance(shown, Languages) else Languages()
        columns = {f"language{n}": language for n, language in enumerate(languages, 1)}
        typed = {f"text{n}": _lines.typed(text) for n, text in enumerate(texts, 1)}
        named = {"model": _lines.named(model), "meaning": meaning}
        settings = checked(Languages, {**asdict(before), **named, **columns, **typed})
        settings = _own_only(settings, refill=refill)
        if settings.model != before.model:
            settings = replace(settings, layer=0, head=0, pattern="") if not _has(settings) else settings
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        yield View(_lines.said(error))
        return
    yield from _read(settings)


def _own_only(settings: Languages, *, refill: bool) -> Languages:
    """A text is a person's own only where it is not the set's; those of the set are left empty."""
    every = {sentence for meaning in parallel.meanings() for sentence in meaning.sentences.values()}
    own = next(one for one in parallel.meanings() if one.name == settings.meaning).sentences
    left: dict[str, Any] = {}
    for n in range(1, MOST + 1):
        language, text = getattr(settings, f"language{n}"), getattr(settings, f"text{n}")
        known = text == own.get(language) or (refill and text in every)
        left[f"text{n}"] = "" if known or not text.strip() else text
        if language == NONE and refill and text in every:
            left[f"text{n}"] = ""
    return replace(settings, **left)


def _has(settings: Languages) -> bool:
    """Whether the model, when it is loaded, has the head that is shown."""
    from attention.models import loader

    loaded = loader.MODELS.peek(loader.resolve(settings.model))
    return loaded is not None and settings.layer < loaded.n_layers and settings.head < loaded.n_heads


def _read(settings: Languages) -> Generator[View, None, None]:
    """Progress while the model loads, the view, then what answers what, then the pieces. An error leaves what was there."""
    try:
        yield from _until_loaded(settings.model)
        from attention.share import languages_comparison, languages_words

        view = _view(settings)
        settings = view.shown
        yield view
        heads, build = lists(settings)
        yield View(heads=heads, build=build)
        yield View(figure=gr.HTML(links=packed(languages_words.links(settings))))
        languages_comparison.score_all(settings)
        yield View(pieces=pieces(settings))
        yield View()  # gradio sends the last answer of a generator a second time, in full
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        yield View(_lines.said(error))


def _until_loaded(model: str) -> Generator[View, None, None]:
    from attention.models import loader

    if loader.MODELS.peek(loader.resolve(model)) is not None:
        return
    with closing(told(lambda tell, stop: loader.load(model, progress=tell, cancel=stop))) as steps:
        for doing, share in steps:
            yield View(line.render((model, "strong"), doing, kind="busy", share=share))


def _view(settings: Languages) -> View:
    """The comparison and the selectors."""
    from attention.models import loader

    loaded = loader.load(settings.model)
    if not _has(settings):
        settings = replace(settings, layer=0, head=0, pattern="")
    names = [(language or "Typed", str(place)) for place, (language, _) in enumerate(settings.sentences)]
    cut = settings.cut if int(settings.cut) < len(names) else "0"
    settings = replace(settings, cut=cut)
    return View(
        line.render(),
        drawn(settings),
        layer=gr.Dropdown(choices=[(str(n), n) for n in range(loaded.n_layers)], value=settings.layer),
        head=gr.Dropdown(choices=[(str(n), n) for n in range(loaded.n_heads)], value=settings.head),
        cut=gr.Dropdown(choices=names, value=cut),
        shown=settings,
        **{f"text{n}": text for n, text in enumerate(sentences_of(settings), 1)},
    )


def _look(shown: Any, changes: Mapping[str, Any]) -> Look:
    """Another head or level of the same texts: no forward pass."""
    try:
        settings = changed(shown, changes)
        return line.render(), drawn(settings), settings, settings.layer, settings.head
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return _lines.said(error), *(skip(),) * 4


def _sent(event: gr.EventData, name: str) -> Any:
    """What the browser's event says under this name; None where it says nothing, whatever its shape."""
    try:
        return getattr(event, name)
    except (AttributeError, TypeError):
        return None
