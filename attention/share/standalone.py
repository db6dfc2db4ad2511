"""A picture as one HTML file: no server, no request to anywhere, one script that the page's own policy names by its hash."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attention.core.capture import Capture
from attention.errors import printable
from attention.models.spans import shown
from attention.share.links import Theme
from attention.share.origin import made, revised
from attention.share.packed_heads import packed_heads
from attention.share.pictures import checked, head_picture, title
from attention.share.selection import LEVELS, Selection
from attention.share.settings.explorer import MODES
from attention.views.arcs import LONGEST
from attention.views.palette import css_variables
from attention.views.static_files import FINDING_CARDS, HEAD_FIGURE, HEAD_GRID, LAB, Picture, lab_picture

_STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a picture.

    title: of the document, and its heading. text: what was read, in full. about: facts for the last line, in order.
    link_back: an http(s) address or a path of this server. furniture: heading and text; an embed has neither.
    language: of the text, as in `lang`, where it is known. plain: what a reader without scripts gets, besides the text.
    notices: sentences about what was asked for and is not shown.
    """

    title: str
    text: str = ""
    about: Sequence[str] = ()
    theme: Theme = "auto"
    link_back: str = ""
    furniture: bool = True
    language: str = ""
    plain: str = ""
    notices: Sequence[str] = ()


def head_page(
    capture: Capture, selection: Selection, *, mode: str = "matrix", theme: Theme = "auto", all_heads: bool = False,
    link_back: str = "", furniture: bool = True, made_on: date | None = None, notices: Sequence[str] = (),
) -> str:  # fmt: skip
    """The page of one head as the explorer draws it, between tokens and between words, its numbers inside.

    all_heads: the grid, and every head of the capture behind it, in 8 bits. made_on: today unless given.
    Raises: SelectionError for a view or kept row that does not exist, and for more weights than a page should hold.
    """
    checked(capture, selection)
    levels = {level: head_picture(capture, _at(selection, level)) for level in LEVELS}
    first = levels[selection.level]
    data: dict[str, Any] = {
        "levels": {level: value | {"query": None} for level, value in levels.items()},
        "level": selection.level,
        "mode": mode if mode in MODES else "matrix",
        "query": first["query"],
    }
    if not all_heads and levels["token"]["queries"]["texts"] == levels["word"]["queries"]["texts"]:
        del data["levels"]["token" if selection.level == "word" else "word"]
    if all_heads:
        data |= packed_heads(capture, selection, levels)
    frame = Frame(
        title=f"{'All heads' if all_heads else title(selection)} of {capture.model}",
        text=capture.text.text if capture.text.pair is None else f"{capture.text.text}\n{capture.text.pair}",
        about=facts(capture, made_on),
        theme=theme,
        link_back=link_back,
        furniture=furniture,
        plain=f"{first['caption']}. {strongest(first)}",
        notices=notices,
    )
    return _document(HEAD_FIGURE, data, frame, HEAD_GRID if all_heads else None)


def page(view: Picture, value: dict, frame: Frame) -> str:
    """The page of any picture: a lab's figure with LAB, or another view with its own front end."""
    if view is LAB:  # only the kinds of panels it has
        view = lab_picture(*dict.fromkeys(panel["kind"] for panel in value["panels"]))
    return _document(view, {"levels": {"": value}, "level": "", "mode": "", "query": None}, frame)


def findings_page(cards: dict, heads: Mapping[str, dict], frame: Frame) -> str:
    """The page of the heads worth a look, with the head that is chosen among them. heads: head pictures by "L3H5"."""
    first = next(iter(heads.values()))
    data = {"levels": {"token": first}, "level": "token", "mode": "matrix", "query": None}
    return _document(HEAD_FIGURE, data | {"chooser": cards, "heads": dict(heads)}, frame, FINDING_CARDS)


def sentence_page(sentence: str, frame: Frame) -> str:
    """A page that says one sentence, where there is no picture to show."""
    body = f'<p class="hl-said">{html.escape(sentence)}</p>'
    return _written("", body, frame, style=_style(()))


def facts(capture: Capture, made_on: date | None = None) -> list[str]:
    """Revision, size, date and version, for the last line of a page; model, head, measure and text are in the caption."""
    return [revised(capture.revision), f"{len(capture.tokens):,} tokens", *made(made_on)]


def strongest(value: dict, most: int = 40) -> str:
    """Where each row looks most, as a sentence, for readers without scripts."""
    from attention.views.coding import decode

    weights = decode(value["weights"])
    queries = value["queries"]["texts"]
    keys = (value["keys"] or value["queries"])["texts"]
    rows = [row for row in range(len(queries)) if row not in value["empty_rows"]]
    best = [f"{queries[row]} → {keys[int(weights[row].argmax())]} {float(weights[row].max()):.2f}" for row in rows]
    left = f"; and {len(best) - most} more rows" if len(best) > most else ""
    return f"Where each row looks most: {'; '.join(best[:most])}{left}."


def _at(selection: Selection, level: str) -> Selection:
    """The same view at a level; a kept row means something else at another one."""
    return selection if level == selection.level else replace(selection, level=level, query=None)


def _document(view: Picture, data: dict[str, Any], frame: Frame, chooser: Picture | None = None) -> str:
    """The page: picture, switches where there is something to switch, what is said around them, data, script."""
    views = (view,) if chooser is None else (view, chooser)
    body = '<div class="hl-picture"></div>'
    switches = _switch("level", "Between", LEVELS, data["levels"], data["level"]) if len(data["levels"]) > 1 else ""
    if data["mode"]:
        long = max(len(value["queries"]["texts"]) for value in data["levels"].values())
        switches += _switch("mode", "Picture", MODES, MODES if long <= LONGEST else (), data["mode"])
    if switches:
        body = f'<div><form class="hl-switches" hidden>{switches}</form>{body}</div>'
    if chooser is not None:
        body = f'<div class="hl-two"><div class="hl-chooser"></div>{body}</div>'
    said = f"{html.escape(frame.plain)} " if frame.plain else ""
    body += f"<noscript><p>{said}The interactive picture needs JavaScript.</p></noscript>"
    text = json.dumps(data | {"theme": frame.theme}, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    body += f'<script type="application/json" id="hl-data">{text}</script>'
    return _written(_script(views), body, frame, style=_style(views))


def _switch(name: str, label: str, titles: Mapping[str, str], offered: Any, chosen: str) -> str:
    """A group of choices, or nothing where there is only one."""
    if len(offered) < 2:
        return ""
    choices = "".join(
        f'<label><input type="radio" name="{name}" value="{key}"{" checked" if key == chosen else ""}>'
        f"<span>{titles[key]}</span></label>"
        for key in titles
        if key in offered
    )
    return f"<fieldset><legend>{label}</legend>{choices}</fieldset>"


def _written(script: str, body: str, frame: Frame, style: str) -> str:
    """The whole document. Everything that came from a person is escaped, and the policy lets nothing else run or load."""
    runs = f"script-src {_hash(script)};" if script else ""
    policy = f"default-src 'none';{runs}style-src {_hash(style)};base-uri 'none';form-action 'none'"
    title = html.escape(printable(frame.title))
    language = f' lang="{frame.language}"' if re.fullmatch(r"[A-Za-z-]{2,20}", frame.language) else ""
    text = f'<p class="hl-read" dir="auto"{language}>{html.escape(_shown(frame.text))}</p>' if frame.text else ""
    head = f"<header><h1>{title}</h1>{text}</header>" if frame.furniture else ""
    about = "".join(f"<span>{html.escape(fact)}</span>" for fact in frame.about)
    said = f'<p class="hl-notice">{html.escape(" ".join(frame.notices))}</p>' if frame.notices else ""
    dark = ' class="dark"' if frame.theme == "dark" else ""
    whole = (
        f'<!doctype html><html lang="en" dir="ltr"{dark}><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">'
        f"<title>{title}</title><style>{style}</style></head>"
        f"<body{'' if frame.furniture else ' class=hl-bare'}><main>{head}{body}{said}"
        f"<footer>{about}{_link(frame.link_back)}</footer></main>{f'<script>{script}</script>' if script else ''}</body></html>"
    )
    return whole.encode("utf-8", "replace").decode("utf-8")


def _shown(text: str) -> str:
    """The text line by line; what would turn or disturb what stands around it is written out, never obeyed."""
    return "\n".join(shown(line) if line.strip() else "" for line in text.splitlines())


def _link(address: str) -> str:
    """The way back to the full view; none for what is no http(s) address or path."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    elsewhere = parts.scheme in ("http", "https") and parts.netloc
    here = not parts.scheme and not parts.netloc and address.startswith("/") and "\\" not in address
    if not (elsewhere or here):
        return ""
    return f'<a href="{html.escape(address)}" target="_blank" rel="noopener">Open in Headlight</a>'


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _script(views: tuple[Picture, ...]) -> str:
    """The one script: the pictures' own, then what a page adds, without comments and blanks."""
    import rjsmin

    files = dict.fromkeys(name for view in views for name in view.scripts)
    own = ("page.js", "page_heads.js")[: len(views)]  # the second view is the one that chooses among heads
    parts = [*map(_page_file, own), Picture("", tuple(files), ()).script()]
    mounts = ",".join(view.mount for view in views)
    return rjsmin.jsmin(f"(() => {{\n{chr(10).join(parts)}\nstartPage({mounts});\n}})()")


@cache
def _style(views: tuple[Picture, ...]) -> str:
    """The one style sheet, without comments and blanks."""
    import rcssmin

    files = dict.fromkeys(name for view in views for name in view.styles)
    return rcssmin.cssmin(css_variables() + Picture("", (), tuple(files)).style() + _page_file("page.css"))


def _page_file(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")
