"""A Hub on this machine: the few endpoints that a download uses, over real HTTP."""

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from huggingface_hub import constants

NAME = "someone/tiny"


@dataclass
class Repo:
    """One model repository.

    sizes: told instead of the true ones. gated: as the Hub's JSON says it. refuse: file names whose download is gated.
    stall: file names that stop half-way until `go_on` is set. cut: file names whose first download breaks off half-way.
    """

    files: dict[str, bytes]
    sha: str = "1" * 40
    sizes: dict[str, int] = field(default_factory=dict)
    gated: str | bool = False
    refuse: set[str] = field(default_factory=set)
    stall: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    half_way: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def size(self, name: str) -> int:
        return self.sizes.get(name, len(self.files[name]))


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class LocalHub(ThreadingHTTPServer):
    """repos by id. asked: every "METHOD path". authorized: some request carried a token. failing: status for everything."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repos: dict[str, Repo] = {}
        self.asked: list[str] = []
        self.authorized = False
        self.failing: int | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def downloaded(self) -> list[str]:
        """Names of the files whose contents were sent."""
        return [
            path.split("/resolve/")[1].split("/", 1)[1]
            for path in self.asked
            if path.startswith("GET /") and "/resolve/" in path
        ]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LocalHub

    def log_message(self, *_arguments: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, with_body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.asked.append(f"{self.command} {path}")
        self.server.authorized |= "authorization" in {name.lower() for name in self.headers}
        if self.server.failing is not None:
            return self._send(self.server.failing, b"down", {}, with_body)
        api = path.startswith("/api/models/")
        name = path.removeprefix("/api/models/" if api else "/").split("/resolve/")[0].split("/tree/")[0]
        repo = self.server.repos.get(name)
        if repo is None:
            return self._send(401, b"{}", {"X-Error-Code": "RepoNotFound"}, with_body)
        if api:
            told = self._tree(repo) if "/tree/" in path else self._info(name, repo)
            return self._send(200, json.dumps(told).encode(), {"Content-Type": "application/json"}, with_body)
        return self._file(repo, path.split("/resolve/")[1].split("/", 1)[1], with_body)

    def _info(self, name: str, repo: Repo) -> dict:
        siblings = [{"rfilename": file, "size": repo.size(file), "blobId": "0"} for file in repo.files]
        return {"id": name, "sha": repo.sha, "private": False, "gated": repo.gated, "siblings": siblings, "tags": []}

    def _tree(self, repo: Repo) -> list[dict]:
        return [{"type": "file", "path": file, "size": repo.size(file), "oid": "0"} for file in repo.files]

    def _file(self, repo: Repo, name: str, with_body: bool) -> None:
        if name in repo.refuse:
            return self._send(403, b"", {"X-Error-Code": "GatedRepo"}, with_body)
        if name not in repo.files:
            return self._send(404, b"", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": repo.sha}, with_body)
        content = repo.files[name]
        self._head(200, len(content), {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": repo.sha})
        if not with_body:
            return None
        half = len(content) // 2
        self.wfile.write(content[:half])
        self.wfile.flush()
        if name in repo.cut:
            repo.cut.discard(name)
            self.close_connection = True
            return None
        if name in repo.stall:
            repo.half_way.set()
            repo.go_on.wait(30)
        self.wfile.write(content[half:])
        return None

    def _send(self, status: int, body: bytes, headers: dict[str, str], with_body: bool) -> None:
        self._head(status, len(body), headers)
        if with_body:
            self.wfile.write(body)

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()


@contextmanager
def serving() -> Iterator[LocalHub]:
    """A Hub without models, until the block ends."""
    hub = LocalHub()
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        for repo in hub.repos.values():
            repo.go_on.set()
        hub.shutdown()
        hub.server_close()
        thread.join(10)


def point_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let huggingface_hub take this address for the Hub."""
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")


def closed_port() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
