"""What the Languages tab answers about heads: plain functions from what the browser sent to what it gets back."""

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import asdict, replace
from typing import Any, NamedTuple

import gradio as gr

from attention.models import parallel
from attention.share.links import from_query
from attention.share.settings.kinds import checked
from attention.share.settings.languages import MOST, Languages
from attention.tabs import _lines
from attention.tabs._languages_lists import changed, drawn, lists, skip
from attention.tabs._picture import packed
from attention.tabs._progress import loading
from attention.views import line


class View(NamedTuple):
    """One update of the tab; what is not named stays as it is. Order is that of languages.py's outputs."""

    status: Any = skip()
    figure: Any = skip()
    layer: Any = skip()
    head: Any = skip()
    text1: Any = skip()
    text2: Any = skip()
    text3: Any = skip()
    text4: Any = skip()
    cut: Any = skip()
    shown: Any = skip()


class More(NamedTuple):
    """What follows the view of a reading."""

    heads: Any = skip()
    build: Any = skip()
    figure: Any = skip()


UNSET = (skip(),) * 11
"""The controls that a link sets, left as they are."""

Look = tuple[Any, ...]
"""Another head of the same texts: status, figure, what is shown; after a pick, layer and head too."""


def sentences_of(settings: Languages) -> list[str]:
    """What stands in the four text boxes."""
    own = parallel.meaning(settings.meaning).sentences
    return [text or own.get(language, "") for language, text in settings.columns]


def on_open(shown: Any, request: gr.Request) -> Generator[tuple[Any, ...], None, None]:
    """The first view of a session, once, as a link says or else as ever: the model is loaded if it is not there yet.

    After the view come the controls that a link sets; they are set before anything is loaded.
    """
    if isinstance(shown, Languages):
        yield *View(), *UNSET
        return
    link = from_query(str(request.query_params))
    if link.tab != "languages":
        for view in _read(Languages()):
            yield *view, *UNSET
        return
    controls = _controls(link.settings)
    yield *View(), *controls
    for view in _read(link.settings):
        drawn_now = isinstance(view.shown, Languages)
        said = line.render(" ".join(link.notices), kind="note") if link.notices and drawn_now else view.status
        # with the last answer again: of those that come fast, a page may read only the last
        yield *view._replace(status=said), *(UNSET if said.get("kind") == "busy" else controls)


def _controls(wanted: Languages) -> tuple[Any, ...]:
    """What the view does not set: model, meaning, languages, level, lists, tokenizers, price (and its table)."""
    languages = [language for language, _ in wanted.columns]
    controls = (wanted.model, wanted.meaning, *languages, wanted.level, wanted.listed)
    return *controls, list(wanted.models), wanted.price, gr.HTML(price=wanted.price)


def about(meaning: str) -> dict:
    """What to look at in the sentences of a meaning."""
    return line.render(parallel.meaning(meaning).about)


def on_read(model: Any, meaning: Any, *given: Any) -> Generator[View, None, None]:
    """Reads what stands on the page: the head stays. given: four languages, four texts, whose pieces are shown, what is shown."""
    yield from _asked(model, meaning, given, refill=False)


def on_other(model: Any, meaning: Any, *given: Any) -> Generator[View, None, None]:
    """Another meaning, or another language in a column: the meaning's sentence there, unless a person typed that column's own."""
    yield from _asked(model, meaning, given, refill=True)


def on_about(meaning: Any) -> Any:
    """What to look at, as soon as another meaning stands in the list; nothing for what the list does not hold."""
    return about(meaning) if meaning in {one.name for one in parallel.meanings()} else skip()


def on_more(listed: Any, shown: Any) -> More:
    """What a reading goes on with: the list of heads, and which words answer each other."""
    try:
        settings = changed(shown, {"listed": listed})
        from attention.share import languages_words

        return More(*lists(settings), gr.HTML(links=packed(languages_words.links(settings))))
    except Exception as error:  # noqa: BLE001 - the reading has said what is wrong
        _lines.said(error)
        return More()


def on_later(shown: Any) -> None:
    """The scores of all heads, for whoever looks at another one."""
    try:
        from attention.share import languages_comparison

        languages_comparison.score_all(changed(shown, {}))
    except Exception as error:  # noqa: BLE001 - the reading has said what is wrong
        _lines.said(error)


def on_head(layer: Any, head: Any, shown: Any) -> Look:
    """A layer or head chosen in the selectors."""
    return _look(shown, {"layer": layer, "head": head, "pattern": ""})[:3]


def on_level(level: Any, shown: Any) -> Look:
    """Between tokens or words."""
    return _look(shown, {"level": level})[:3]


def on_pick(shown: Any, event: gr.EventData) -> Look:
    """A head of the list; the browser's event is checked like any input."""
    sent = {name: _lines.sent(event, name) for name in ("layer", "head", "pattern")}
    return _look(shown, {**sent, "pattern": sent["pattern"] or ""})


def on_cancel() -> dict:
    """Reading was cancelled."""
    return line.render("Cancelled; the last picture stays.", kind="note")


def _asked(model: Any, meaning: Any, given: tuple[Any, ...], *, refill: bool) -> Generator[View, None, None]:
    """The settings that the page asks for, then their view. refill: sentences of the set give way to the new ones."""
    languages, texts, (cut, shown) = given[:MOST], given[MOST : 2 * MOST], given[-2:]
    try:
        before = shown if isinstance(shown, Languages) else Languages()
        columns = {f"language{n}": language for n, language in enumerate(languages, 1)}
        typed = {f"text{n}": _lines.typed(text) for n, text in enumerate(texts, 1)}
        named = {"model": _lines.named(model), "meaning": meaning, "cut": cut}
        settings = _own_only(checked(Languages, {**asdict(before), **named, **columns, **typed}), refill=refill)
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        yield View(_lines.said(error))
        return
    yield from _read(settings)


def _own_only(settings: Languages, *, refill: bool) -> Languages:
    """A text is a person's own only where it is not the set's; those of the set are left empty."""
    every = {sentence for meaning in parallel.meanings() for sentence in meaning.sentences.values()}
    own = parallel.meaning(settings.meaning).sentences
    left: dict[str, Any] = {
        f"text{n}": "" if not text.strip() or text == own.get(language) or (refill and text in every) else text
        for n, (language, text) in enumerate(settings.columns, 1)
    }
    return replace(settings, **left)


def _has(settings: Languages) -> bool:
    """Whether the model, when it is loaded, has the head that is shown."""
    from attention.models import loader

    loaded = loader.MODELS.peek(loader.resolve(settings.model))
    return loaded is not None and settings.layer < loaded.n_layers and settings.head < loaded.n_heads


def _read(settings: Languages) -> Generator[View, None, None]:
    """Progress while the model loads, then the view. An error leaves what was there."""
    try:
        with closing(loading(settings.model)) as steps:
            for status in steps:
                yield View(status)
        yield _view(settings)
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        yield View(_lines.said(error))


def _view(settings: Languages) -> View:
    """The comparison and the selectors."""
    from attention.models import loader

    loaded = loader.load(settings.model)
    if not _has(settings):
        settings = replace(settings, layer=0, head=0, pattern="")
    names = [(name, str(place)) for place, name in enumerate(settings.names)]
    cut = settings.cut if int(settings.cut) < len(names) else "0"
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
