"""Links: one codec between a URL's query and what a tab shows, the same for every tab.

A tab's view is one frozen dataclass of `kinds` (share/settings). A query names the codec's version, the tab, the theme, and
every setting that differs from its default: `v=1&tab=softmax&tau=-0.5&kind=entmax`.

What v=1 meant stays what it means: when a default, a name or an option changes, VERSION goes up by one and UPGRADES gets a
function that says the same view in the new words.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal
from urllib.parse import parse_qs, quote

from attention.errors import MESSAGES, AttentionError, printable
from attention.share.settings.explorer import Explorer
from attention.share.settings.kinds import Kind, Number, Switch, Words, kinds
from attention.share.settings.languages import Languages
from attention.share.settings.masks import Masks
from attention.share.settings.multi_head import MultiHead
from attention.share.settings.patterns import Patterns
from attention.share.settings.positions import Positions
from attention.share.settings.scoring import Scoring
from attention.share.settings.softmax import Softmax
from attention.share.settings.transformer import Transformer
from attention.share.settings.weighted_sum import WeightedSum

Theme = Literal["light", "dark", "auto"]
Query = str | Mapping[str, str | list[str]]

TABS: Mapping[str, type] = {
    "explore": Explorer,
    "patterns": Patterns,
    "languages": Languages,
    "scoring": Scoring,
    "softmax": Softmax,
    "weighted-sum": WeightedSum,
    "multi-head": MultiHead,
    "masks": Masks,
    "positions": Positions,
    "transformer": Transformer,
}
"""The settings of each tab, by the tab's id on the page."""

THEMES: tuple[Theme, ...] = ("light", "dark", "auto")
FIRST = "explore"

VERSION = 1
UPGRADES: Mapping[int, Callable[[str, dict[str, str]], tuple[str, dict[str, str]]]] = {}
"""For each version before this one: tab and parameters as that version wrote them, to those of the next version."""

MOST_FIELDS = 200
MOST_NAMES = 60
MOST_NOTICES = 6
_RENAMED = {"view": "show"}  # gradio's own page reads `view`
_SHOWN_AS = {name: field for field, name in _RENAMED.items()}
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?")
_VERSION = re.compile(r"[1-9][0-9]{0,3}")
_HALF = re.compile(r"[\ud800-\udfff]")
_TRACKERS = re.compile(
    r"utm_\w+|mtm_\w+|_g[al]|_hs\w+|mc_[ce]id|(fb|g|d|tt|tw|ms|y|li_)cl(kid|id)|[gw]braid|igshi?d?|gad_\w+|srsltid",
    re.ASCII,
)
"""What other sites add to a link that is clicked there."""

_SAFE = "/,:"  # need no percent sign in a query, and are easier to read without


@dataclass(frozen=True, slots=True)
class Link:
    """What a link opens.

    notices: a sentence for each part of the query that was ignored. given: the names in it, but for `v`, `tab` and `theme`.
    """

    tab: str
    settings: Any
    theme: Theme
    notices: tuple[str, ...] = ()
    given: frozenset[str] = field(default=frozenset(), compare=False)


def to_query(tab: str, settings: Any, theme: Theme = "auto") -> str:
    """The query without its question mark: ASCII, and the same for the same view.

    A setting is left out where it has its default; a model that is read is always named, for the default one differs from
    machine to machine. Lone surrogates, which no tokenizer reads, become question marks.
    """
    pairs = [("v", str(VERSION)), ("tab", tab)]
    for one in fields(TABS[tab]):
        value = getattr(settings, one.name)
        if value != one.default or (one.name == "model" and getattr(settings, "real", True)):
            pairs.append((_RENAMED.get(one.name, one.name), _written(value)))
    if theme != "auto":
        pairs.append(("theme", theme))
    return "&".join(f"{name}={quote(value, safe=_SAFE, errors='replace')}" for name, value in pairs)


def from_query(query: object) -> Link:
    """What a query asks for, whatever it holds: what cannot be is left out, and a notice says so. Never raises.

    query: as it stands in an address, or a mapping of names to a text or several; anything else opens the first tab.
    Names that start with two underscores are the platform's own and are passed over, and so are those that trackers add.
    """
    notices: list[str] = []
    given = _plain(_parsed(query, notices) if isinstance(query, str) else query, notices)
    tab = given.pop("tab", FIRST)
    theme = given.pop("theme", "auto")
    version, names = given.pop("v", str(VERSION)), set(given)
    tab, given = _upgraded(version, tab, given, notices)
    if tab not in TABS:
        notices.append(f"There is no tab “{printable(tab, 40)}”; this is {_title(FIRST)}.")
        tab, given = FIRST, {}
    known = kinds(TABS[tab])
    values: dict[str, Any] = {}
    for name, text in given.items():
        setting = _SHOWN_AS.get(name, name)
        if setting not in known or name in _RENAMED:
            notices.append(f"“{printable(name, 40)}” is no setting of {_title(tab)} and was ignored.")
            continue
        try:
            values[setting] = known[setting].check(_read(known[setting], text))
        except (AttentionError, ValueError) as error:
            notices.append(_refused(name, error))
    if theme not in THEMES:
        notices.append(f"There is no theme “{printable(theme, 40)}”; expected {', '.join(THEMES)}.")
        theme = "auto"
    more = len(notices) - MOST_NOTICES
    said = notices if more <= 0 else [*notices[:MOST_NOTICES], f"{more:,} more parts of this link were ignored."]
    return Link(tab, TABS[tab](**values), _theme(theme), tuple(said), frozenset(names))


def _parsed(query: str, notices: list[str]) -> Query:
    """What a query says; nothing for one with more parts than any link has."""
    try:
        return parse_qs(query.removeprefix("?"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        notices.append(MESSAGES["bad_link"])
        return {}


def _plain(query: object, notices: list[str]) -> dict[str, str]:
    """One text per name; of a name given twice the first."""
    found: dict[str, str] = {}
    for name, value in query.items() if isinstance(query, Mapping) else ():
        if not isinstance(name, str) or name.startswith("__") or _TRACKERS.fullmatch(name):
            continue
        if len(found) == MOST_NAMES:
            notices.append(f"A link has at most {MOST_NAMES} settings; the others were ignored.")
            break
        if isinstance(value, list | tuple) and value:
            if len(value) > 1:
                notices.append(f"“{printable(name, 40)}” is in this link {len(value):,} times; the first counts.")
            value = value[0]
        if isinstance(value, str):
            found[name] = value
        else:
            notices.append(f"“{printable(name, 40)}” has no text in this link and was ignored.")
    return found


def _upgraded(
    version: str, tab: str, given: dict[str, str], notices: list[str]
) -> tuple[str, dict[str, str]]:  # fmt: skip
    """Tab and parameters in the words of this version."""
    if not _VERSION.fullmatch(version) or int(version) > VERSION:
        notices.append(
            f"This link says version “{printable(version, 40)}” and {VERSION} is the newest here; it may open differently."
        )
        return tab, given
    for step in range(int(version), VERSION):
        tab, given = UPGRADES[step](tab, given)
    return tab, given


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return repr(value) if isinstance(value, float) else str(value)


def _read(kind: Kind, text: str) -> object:
    """The value that is written so. Raises: ValueError, with a sentence, for what this kind is never written as."""
    if isinstance(kind, Switch):
        if text not in ("on", "off"):
            raise ValueError(f"{kind.label} must be on or off, not “{printable(text, 40)}”.")
        return text == "on"
    if isinstance(kind, Number):
        if not _NUMBER.fullmatch(text):
            raise ValueError(
                f"{kind.label} must be a number from {kind.low:g} to {kind.high:g}, not “{printable(text, 40)}”."
            )
        return int(text) if text.lstrip("-").isdigit() else float(text)
    if isinstance(kind, Words) and _HALF.search(text):
        raise ValueError(f"{kind.label} holds half a character (a lone surrogate).")
    return text


def _refused(name: str, error: Exception) -> str:
    sentence, ignored = printable(str(error), 300).rstrip("."), f"“{printable(name, 40)}” was ignored."
    return f"{sentence}; {ignored}" if len(sentence) < 300 else ignored


def _theme(name: str) -> Theme:
    return next((theme for theme in THEMES if theme == name), "auto")


def _title(tab: str) -> str:
    return tab.replace("-", " ").capitalize()
