"""What tests of addresses outside gradio share."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from attention.models import hub
from attention.tabs import _routes


@pytest.fixture
def routed(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The routes alone; asking the Hub fails the test, and so does an error that no route answers."""

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("a route asked the Hub")

    monkeypatch.setattr(hub, "download", refused)
    for name in ("SPACE_ID", "SPACE_HOST"):
        monkeypatch.delenv(name, raising=False)
    with TestClient(Starlette(routes=_routes.routes()), base_url="http://127.0.0.1:7860") as opened:
        yield opened
