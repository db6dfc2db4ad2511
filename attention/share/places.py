"""Where this page can be reached: the address a link or an embed begins with."""

import os
import re
from typing import Literal
from urllib.parse import urlsplit

from attention.errors import SelectionError

Where = Literal["page", "embed"]

LONGEST = 8_000
"""Characters of a query; browsers take more, but servers on the way refuse request lines much longer than 8 KB."""

SPACE_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?|\[[0-9a-fA-F:.]+\](:[0-9]{1,5})?")
_PATH = re.compile(r"(/[\w.~-]+)*/?", re.ASCII)


def public_url(query: str, base_url: str = "", where: Where = "page") -> str:
    """The address that opens this query for anyone who can reach this server.

    query: of links.to_query. base_url: the request's own, such as "http://127.0.0.1:7860/"; what is no http(s) address
    gives a link without a host. On a Space a page is https://huggingface.co/spaces/<SPACE_ID>, and an embed is on SPACE_HOST,
    for huggingface.co does not hand a path on.
    Raises: SelectionError for a query that servers would refuse.
    """
    if len(query) > LONGEST:
        raise SelectionError("link_too_long", got=len(query), limit=LONGEST)
    space, host = os.environ.get("SPACE_ID", ""), os.environ.get("SPACE_HOST", "")
    if where == "page" and SPACE_ID.fullmatch(space):
        return f"https://huggingface.co/spaces/{space}?{query}"
    base = f"https://{host}" if HOST.fullmatch(host) else _base(base_url)
    return f"{base}/{'embed' if where == 'embed' else ''}?{query}"


def on_space() -> bool:
    """Whether the address of a page is the Space's, whatever a request says of its host."""
    return SPACE_ID.fullmatch(os.environ.get("SPACE_ID", "")) is not None


def _base(base_url: str) -> str:
    """Scheme, host and path without the last slash; empty for what is no plain http(s) address."""
    try:
        parts = urlsplit(base_url)
    except ValueError:
        return ""
    plain = parts.scheme in ("http", "https") and HOST.fullmatch(parts.netloc) and _PATH.fullmatch(parts.path)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}" if plain else ""
