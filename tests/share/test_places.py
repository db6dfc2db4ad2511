"""Where a link leads: the Space, this server, or nowhere that a request made up."""

import pytest

from attention.errors import SelectionError
from attention.share.links import to_query
from attention.share.places import LONGEST, public_url
from attention.share.settings.explorer import Explorer


@pytest.fixture
def no_space(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("SPACE_ID", "SPACE_HOST"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_the_public_address_is_the_space_s_or_this_server_s(no_space: pytest.MonkeyPatch) -> None:
    assert public_url("v=1", "http://127.0.0.1:7860/") == "http://127.0.0.1:7860/?v=1"
    assert public_url("v=1", "http://127.0.0.1:7860/", "embed") == "http://127.0.0.1:7860/embed?v=1"
    assert public_url("v=1", "https://example.org/some/path/") == "https://example.org/some/path/?v=1"
    no_space.setenv("SPACE_ID", "someone/head-light")
    no_space.setenv("SPACE_HOST", "someone-head-light.hf.space")
    assert public_url("v=1", "http://10.0.0.1:7860/") == "https://huggingface.co/spaces/someone/head-light?v=1"
    assert public_url("v=1", "http://10.0.0.1:7860/", "embed") == "https://someone-head-light.hf.space/embed?v=1"


@pytest.mark.parametrize(
    "base",
    [
        "",
        "javascript:alert(1)",
        "//evil",
        'http://a"><script>',
        "http://user:pw@host/",
        "http://[",
        "ftp://a/",
        "http://a/?b",
        "x",
    ],
)
def test_what_is_no_address_gives_a_link_without_a_host(no_space: pytest.MonkeyPatch, base: str) -> None:
    no_space.setenv("SPACE_ID", "not a space")
    assert public_url("v=1", base) in ("/?v=1", "http://a/?v=1")  # a query of the base itself is dropped
    assert public_url("v=1", base, "embed") in ("/embed?v=1", "http://a/embed?v=1")


def test_a_link_that_servers_refuse_is_a_sentence(no_space: pytest.MonkeyPatch) -> None:
    query = to_query("explore", Explorer(text="猫" * 2_000))
    with pytest.raises(SelectionError, match="shorten the text"):
        public_url(query)
    assert len(public_url("a" * LONGEST)) == LONGEST + 2
