"""What a link shows, as a file: picture, page, numbers, or the link and the embed themselves as text."""

import ipaddress
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attention.core.names import head_name
from attention.errors import SelectionError, printable
from attention.models import catalog
from attention.share.embed import iframe
from attention.share.figures import LONGEST_NAME, drawn, file_name, head_file_name, save
from attention.share.links import Link, Query, from_query, to_query
from attention.share.origin import revised, revision_of
from attention.share.places import LONGEST, public_url
from attention.share.selection import Selection
from attention.share.settings.explorer import Explorer
from attention.share.settings.languages import Languages
from attention.share.standalone import Frame
from attention.share.view_page import picture_of, title_of, view_page

if TYPE_CHECKING:  # a page is served before torch is there
    from attention.core.capture import Capture

MEDIA = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "npz": "application/zip",
    "txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Made:
    """A file: its bytes, what they are, and a name of safe ASCII."""

    data: bytes
    media_type: str
    name: str


def export(what: str, query: Query, base_url: str = "") -> Made:
    """The file of a link. what: such as "figure.png", "weights.csv" or "link.txt". base_url: the request's own.

    Models that are not on this machine are not fetched.
    Raises: AttentionError with one sentence for what cannot be made of this view.
    """
    link = from_query(query)
    if link.notices:
        raise SelectionError("link_not_understood", notice=link.notices[0])
    subject, _, ending = what.partition(".")
    if subject not in SUBJECTS or ending not in SUBJECTS[subject][0]:
        choices = ", ".join(f"{name}.{end}" for name, (ends, _) in SUBJECTS.items() for end in ends)
        raise SelectionError("bad_choice", name="The file", choices=choices, got=printable(what, 40))
    data, name = SUBJECTS[subject][1](link, ending, base_url)
    return Made(data if isinstance(data, bytes) else data.encode(), MEDIA[ending], name)


def _link(link: Link, ending: str, base_url: str) -> tuple[str, str]:
    return public_url(to_query(link.tab, link.settings, link.theme), base_url), f"link.{ending}"


def _embed(link: Link, ending: str, base_url: str) -> tuple[str, str]:
    return iframe(to_query(link.tab, link.settings, link.theme), base_url), f"embed.{ending}"


def _figure(link: Link, ending: str, _: str) -> tuple[bytes, str]:
    if isinstance(link.settings, Explorer):
        capture, selection = _capture(link), link.settings.selection
        picture = save(capture, selection, ending, mode=link.settings.mode, theme=link.theme)
        return picture, head_file_name(capture, selection, ending)
    value, revision = _value(link), revision_of(link.settings)
    return drawn(value, ending, theme=link.theme, about=revised(revision)), _name(link, ending)


def _page(link: Link, ending: str, base_url: str, *, all_heads: bool = False) -> tuple[str, str]:
    at_hand(link.settings)
    frame = Frame(title_of(link.tab), theme=link.theme, link_back=_way_back(link, base_url))
    if isinstance(link.settings, Explorer):  # first, as it refuses what is not there before anything is drawn
        name = head_file_name(_capture(link), link.settings.selection, ending)
    else:
        name = _name(link, ending)
    page = view_page(link.tab, link.settings, frame, all_heads=all_heads)
    return page, _all_heads(name) if all_heads else name


def _all_heads(name: str) -> str:
    """The name of a head's file, for the page of all heads; words at the end give way."""
    stem, dot, ending = name.replace("headlight_", "headlight_all-heads_", 1).rpartition(".")
    return stem[: LONGEST_NAME - len(dot + ending)].rstrip("-_.") + dot + ending


def _heads(link: Link, ending: str, base_url: str) -> tuple[str, str]:
    _only_explorer(link, "All heads")
    return _page(link, ending, base_url, all_heads=True)


def _weights(link: Link, ending: str, _: str) -> tuple[bytes, str]:
    from attention.share import data_files

    _only_explorer(link, "Weights")
    capture, selection = _capture(link), link.settings.selection
    return data_files.weights(capture, selection, ending), head_file_name(capture, selection, ending)


def _scores(link: Link, ending: str, _: str) -> tuple[bytes, str]:
    from attention.share import data_files

    _only_explorer(link, "Scores")
    capture = _capture(link)
    model = capture.model.rsplit("/", 1)[-1][:32]
    return data_files.scores(capture, ending), file_name(model, "scores", text=capture.text.text, extension=ending)


def _numbers(link: Link, ending: str, _: str) -> tuple[bytes, str]:
    from attention.share import data_files

    if isinstance(link.settings, Explorer):
        return _weights(link, ending, "")
    if isinstance(link.settings, Languages):
        return _columns(link.settings, ending), _name(link, ending)
    return data_files.lab(_value(link), ending, title_of(link.tab), link.settings), _name(link, ending)


def _columns(settings: Languages, ending: str) -> bytes:
    """The weights of every sentence that is shown."""
    from attention.share import data_files, languages_comparison
    from attention.share.data_tables import head_data, side_by_side

    at_hand(settings)
    selection = Selection(settings.layer, settings.head, level=settings.level)
    read = languages_comparison.read(settings)
    names = [f"{at}_{one.language or 'typed'}" for at, one in enumerate(read, 1)]
    found = {name: head_data(one.capture, selection) for name, one in zip(names, read, strict=True)}
    return data_files.written(side_by_side(found), ending)


SUBJECTS: Mapping[str, tuple[tuple[str, ...], Callable[[Link, str, str], tuple[Any, str]]]] = {
    "link": (("txt",), _link),
    "embed": (("txt",), _embed),
    "figure": (("png", "svg"), _figure),
    "page": (("html",), _page),
    "heads": (("html",), _heads),
    "weights": (("csv", "json", "npz"), _weights),
    "scores": (("csv", "json", "npz"), _scores),
    "numbers": (("csv", "json", "npz"), _numbers),
}
"""What can be made: its endings, and how."""


def at_hand(settings: Any) -> None:
    """Raises: SelectionError for a model that would have to be fetched first; reading it on the page tells how far it is."""
    from attention.models import loader

    if not getattr(settings, "real", True):
        return
    row = catalog.row(settings.model)
    if (row is None or row.source == "hub") and loader.MODELS.peek(loader.resolve(settings.model)) is None:
        raise SelectionError("nothing_read")


def _capture(link: Link) -> "Capture":
    from attention.models import reader
    from attention.share.pictures import checked

    at_hand(link.settings)
    settings = link.settings
    capture = reader.capture(settings.model, settings.text, settings.pair or None, folders=False)
    checked(capture, settings.selection)
    return capture


def _value(link: Link) -> dict:
    """The picture of any other tab, as its page draws it."""
    at_hand(link.settings)
    return picture_of(link.tab, link.settings)


def _only_explorer(link: Link, what: str) -> None:
    """Raises: SelectionError."""
    if not isinstance(link.settings, Explorer):
        raise SelectionError(
            "bad_choice", name="The tab", choices="explore", got=f"{link.tab}, which has no file “{what}”"
        )


def _name(link: Link, ending: str) -> str:
    """Such as headlight_softmax_3f2a91bc.png: the letters are those of its settings."""
    settings, parts = link.settings, [link.tab]
    if isinstance(settings, Languages):
        parts += [settings.model.rsplit("/", 1)[-1][:24], head_name(settings.layer, settings.head)]
    return file_name(*parts, crc(to_query(link.tab, settings)), extension=ending)


def crc(text: str) -> str:
    """Eight letters that differ between texts, for names."""
    return f"{zlib.crc32(text.encode()):08x}"


def _way_back(link: Link, base_url: str) -> str:
    """The address of the full view; empty for a view that no address holds, and where only this network could follow it."""
    query = to_query(link.tab, link.settings)
    back = public_url(query, base_url) if len(query) <= LONGEST else ""
    return "" if _private(back) else back


def _private(address: str) -> bool:
    """Whether only this machine or its network could follow the address: then a page that travels does not name it."""
    host = urlsplit(address).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".internal"))
