"""Bound e: from starting the process to the first page, and to the first map that is not the recorded one.

The page asks the server every 0.6 s whether the model is ready, and so does this: the same event of the same listener, in one
session and without a browser, until its answer holds a picture.
"""

import json
import sys
import time
import urllib.request
from contextlib import suppress
from typing import Any

from timing import HERE, ROOT, Row, free_port, ms, over, process, until_served

sys.path.insert(0, str(ROOT))


def rows(quick: bool) -> list[Row]:
    """Both lines; the app and its floors start in turn."""
    from attention.models.bundled import MINILM, place

    started, mapped, empty, bare = [], [], [], []
    for turn in range(2 if quick else 6):
        first, live = app(MINILM)
        page, model = blocks(), minilm(str(place(MINILM)))
        if turn == 0:
            continue  # files come from the disk the first time
        started.append(first)
        mapped.append(live)
        empty.append(page)
        bare.append(model)
    floor = "gradio + torch + an empty page"
    return [
        Row("process start to the first HTTP 200", ms(started), f"{floor} {ms(empty)}", over(started, empty), 1.3),
        Row(
            "process start to the first live map, MiniLM",
            ms(mapped),
            f"gradio + torch + transformers + MiniLM once {ms(bare)}",
            over(mapped, bare),
            1.5,
        ),
    ]


def app(model: str) -> tuple[float, float]:
    """Seconds to the first page and to the first live map of `python app.py`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    start = time.perf_counter()
    with process("app.py", GRADIO_SERVER_PORT=str(port), ATTENTION_MODEL=model) as child:
        until_served(url, child)
        served = time.perf_counter() - start
        tick, session = _tick(url), f"benchmark{time.perf_counter_ns()}"
        while not _live(url, tick, session):
            time.sleep(0.6)
        return served, time.perf_counter() - start


def blocks() -> float:
    """Seconds to the first page of an empty app."""
    port = free_port()
    start = time.perf_counter()
    with process(HERE / "floors.py", "blocks", str(port)) as child:
        until_served(f"http://127.0.0.1:{port}", child)
        return time.perf_counter() - start


def minilm(folder: str) -> float:
    """Seconds until the bare script has run the model."""
    start = time.perf_counter()
    with process(HERE / "floors.py", "minilm", folder) as child:
        if not child.stdout.readline():
            raise RuntimeError("the bare script ended without a word; run benchmarks/floors.py by hand to see why")
        return time.perf_counter() - start


def _tick(url: str) -> dict[str, Any]:
    """The listener by which the page waits for its model."""
    with urllib.request.urlopen(f"{url}/config") as answer:
        config = json.load(answer)
    return next(one for one in config["dependencies"] if any(event == "tick" for _, event in one["targets"]))


def _live(url: str, tick: dict[str, Any], session: str) -> bool:
    """Whether the listener now answers with a picture: its answers without one are a few hundred bytes."""
    body = {"data": [None] * len(tick["inputs"]), "fn_index": tick["id"], "session_hash": session}
    request = urllib.request.Request(
        f"{url}/gradio_api/queue/join", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60):
        pass
    with urllib.request.urlopen(f"{url}/gradio_api/queue/data?session_hash={session}", timeout=60) as stream:
        for line in stream:
            with suppress(ValueError):
                message = json.loads(line.removeprefix(b"data:"))
                if message["msg"] == "process_completed":
                    if not message["success"]:
                        raise RuntimeError(f"the page's clock was answered with {line[:300]!r}")
                    return len(line) > 20_000
    return False
