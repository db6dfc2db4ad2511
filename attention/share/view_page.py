"""The stand-alone page of what any tab shows, from its settings."""

import importlib
from dataclasses import replace
from typing import Any

from attention.share.origin import made, revised, revision_of
from attention.share.settings.explorer import Explorer
from attention.share.settings.languages import Languages
from attention.share.settings.patterns import Patterns
from attention.share.standalone import Frame, head_page, page

TITLES = {
    "explore": "Attention head",
    "patterns": "Behavior check of a decoder",
    "languages": "One head in several languages",
}


def view_page(tab: str, settings: Any, frame: Frame | None = None, *, all_heads: bool = False) -> str:
    """The page of a tab's view as these settings say; models are read and numbers computed now.

    frame: how the page is framed; its title, text and facts are filled in. all_heads: for the explorer only.
    Raises: AttentionError with one sentence, as the tab would say it.
    """
    frame = replace(frame or Frame(""), title=title_of(tab))
    if isinstance(settings, Explorer):
        return _head(settings, frame, all_heads)
    if isinstance(settings, Languages):
        return _languages(settings, frame)
    return _lab(tab, settings, frame)


def title_of(tab: str) -> str:
    """What the view of a tab is called."""
    return TITLES.get(tab) or f"{tab.replace('-', ' ').capitalize()} lab"


def _head(settings: Explorer, frame: Frame, all_heads: bool) -> str:
    from attention.models import reader

    capture = reader.capture(settings.model, settings.text, settings.pair or None, folders=False)
    return head_page(
        capture, settings.selection, mode=settings.mode, theme=frame.theme, all_heads=all_heads, link_back=frame.link_back,
        furniture=frame.furniture, notices=frame.notices,
    )  # fmt: skip


def _languages(settings: Languages, frame: Frame) -> str:
    from attention.views.static_files import SIDE_BY_SIDE

    value = picture_of("languages", settings)
    about = [revised(revision_of(settings)), *made()]
    return page(SIDE_BY_SIDE, value, replace(frame, about=about, plain=f"{value['said']} {value['caption']}"))


def _lab(tab: str, settings: Any, frame: Frame) -> str:
    """A lab's figure, or that of the behavior check."""
    from attention.views.static_files import LAB

    value = picture_of(tab, settings)
    about = [*filter(None, [revised(revision_of(settings))]), *made()]
    return page(LAB, value, replace(frame, about=about, plain=f"{value['note']} {value['caption']}".strip()))


def picture_of(tab: str, settings: Any) -> dict:
    """The figure of any tab but the explorer, as its page draws it. Raises: AttentionError."""
    if isinstance(settings, Patterns):
        from attention.models import behavior
        from attention.share import behavior_page

        check = behavior.repeat_check(settings.model, length=settings.length, seed=settings.seed, folders=False)
        return behavior_page.figure(check, asked=settings.length)
    if isinstance(settings, Languages):
        from attention.share import languages_comparison

        return languages_comparison.comparison(settings)
    return importlib.import_module(f"attention.share.labs.{tab.replace('-', '_')}").picture(settings)
