"""Whatever a visitor sends gets one clear sentence; the picture stays, the app goes on, nothing half-loaded is kept."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from attention.errors import MESSAGES
from attention.models import loader
from attention.share.selection import Selection
from attention.tabs._examples import EXAMPLES
from attention.views.labels import labels_of
from tests.models import tiny
from tests.ui.explorer import E5, Explorer, best_head, captured

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = [pytest.mark.ui, pytest.mark.usefixtures("offline")]
Explore = Callable[..., Explorer]
Change = Callable[[dict[str, Any]], None]

SENTENCES = {key: re.compile(re.sub(r"\\\{.*?\\\}", ".*", re.escape(text))) for key, text in MESSAGES.items()}
CALM = "The evening was calm and nobody asked for anything."
NOT_A_HEAD = [-1, 12, 10**18, 1.5, 3.0, "0", "<b>0</b>", True, {"layer": {"layer": [0]}}, [0], float("nan")]


def sentence(explorer: Explorer) -> str:
    """The key of the one sentence that the page says, where a person looks for it."""
    text = explorer.status.inner_text()
    keys = [key for key, pattern in SENTENCES.items() if pattern.fullmatch(text)]
    assert len(keys) == 1, text
    assert len(text) < 400
    assert explorer.status.get_attribute("role") == "alert"
    assert explorer.page.locator(".toast-body").count() == 0
    return keys[0]


def works(explorer: Explorer) -> None:
    """An ordinary reading, as if nothing had happened."""
    explorer.choose_model("multilingual-e5-small")
    explorer.read(CALM, "")
    explorer.page.get_by_text(CALM).first.wait_for()
    capture = captured(E5, CALM)
    explorer.pick(1, 2)
    explorer.shows(capture, Selection(1, 2))
    assert explorer.status.inner_text() == ""


def recover(explorer: Explorer) -> str:
    """An ordinary click, after which the page is quiet; the caption of what it shows."""
    from playwright.sync_api import expect

    explorer.pick(3, 3)
    explorer.shows(captured(E5, EXAMPLES[0].text), Selection(3, 3))
    expect(explorer.status).to_have_text("")
    return explorer.caption


@contextmanager
def tampered(explorer: Explorer, change: Change) -> Iterator[None]:
    """While this is open, what the page sends to the app is changed on its way."""

    def rewrite(route: "Route") -> None:
        body = json.loads(route.request.post_data or "{}")
        change(body)
        route.continue_(post_data=json.dumps(body))

    explorer.page.route("**/queue/join*", rewrite)
    try:
        yield
    finally:
        explorer.page.unroute("**/queue/join*")


def answered(explorer: Explorer, act: Callable[[], None]) -> str:
    """Acts, waits until the status line has changed; the key of what it says."""
    before = explorer.status.get_attribute("data-stamp")
    act()
    explorer.page.wait_for_function(
        "(before) => { const { stamp, kind } = document.querySelector('#hl-status .hl-picture').dataset;"
        " return stamp !== before && kind !== 'busy'; }",
        arg=before,
    )
    return sentence(explorer)


@pytest.fixture
def kept() -> Iterator[None]:
    """No model more than before is in memory afterwards, and none is being loaded."""
    before = len(loader.MODELS)
    yield
    assert len(loader.MODELS) == before
    assert loader.MODELS._running == {}


BAD_TEXTS = {
    "": "empty_text",
    " \t\n\u3000 ": "empty_text",
    "a" * 100_000: "too_many_characters",
    "word " * 600: "too_many_tokens",
    "\x01\x02\x7f": "no_tokens",
}


@pytest.mark.usefixtures("kept")
def test_texts_that_cannot_be_read(explore: Explore) -> None:
    explorer = explore()
    picture = explorer.caption
    for text, expected in BAD_TEXTS.items():
        explorer.read(text)
        assert sentence(explorer) == expected, text[:20]
        assert explorer.caption == picture
        assert explorer.overflow() <= 0
    works(explorer)


@pytest.mark.usefixtures("kept")
def test_half_a_character_is_named(explore: Explore) -> None:
    explorer = explore()
    picture = explorer.caption
    explorer.page.evaluate(
        """() => { const box = document.querySelector('#hl-text textarea');
        box.value = 'half \\ud83d a character'; box.dispatchEvent(new Event('input', { bubbles: true })); }"""
    )
    explorer.page.get_by_text("Character 5 of the text is half a character").first.wait_for()  # in the counter
    explorer.read()
    assert sentence(explorer) == "half_character"
    assert explorer.caption == picture
    works(explorer)


@pytest.mark.usefixtures("kept")
def test_texts_without_anything_to_see_are_answered(explore: Explore) -> None:
    explorer = explore()
    for text in ("\u200f\u200e\u202e\u202c", "\u200b", "\ufeff", "\u00ad\u2060", "\ufe0f"):
        explorer.read(text)
        if explorer.status.get_attribute("data-kind") == "error":
            assert sentence(explorer) == "no_tokens"
        else:  # a token that stands for it, whose label says which characters, or a note that it was left out
            assert text in explorer.caption
    works(explorer)


LITERAL = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "{{value}} {{{value}}} <%= value %>",
    "</textarea></script><svg onload=alert(1)>",
    "a\x00b\x07c",
    "👩‍👩‍👧‍👦 👨🏽‍🚀 🏳️‍🌈 e\u0301\u0327 नि ",
    "\u202eright to left\u202c and \u200fback\u200e",
    "لا إله \u200fabc שלום",
    "[CLS] <s> </s> [SEP] <mask>",
)


def test_texts_are_shown_as_they_are_and_never_run(explore: Explore) -> None:
    explorer = explore()
    selection = Selection(*best_head(captured(E5, EXAMPLES[0].text)))
    for text in LITERAL:
        explorer.read(text, text)
        capture = captured(E5, text, text)
        explorer.shows(capture, selection)
        labels = [label.text for label in labels_of(capture.tokens)]
        explorer.figure.locator("tr").nth(len(labels) - 1).wait_for(state="attached")
        assert explorer.figure.locator("th").all_text_contents() == labels
    inside = "#hl-figure :is(script, img, svg, b), #hl-status :is(script, img, svg), #hl-cards :is(script, img, svg)"
    assert explorer.page.locator(inside).count() == 0
    works(explorer)


BAD_MODELS = {
    "nobody/no-such-model": "hub_unreachable",
    "no-such-model": "hub_unreachable",
    "../x": "bad_model_id",
    "/etc/passwd": "bad_model_id",
    "a/b/c": "bad_model_id",
    "C:\\x": "bad_model_id",
    "~/x": "bad_model_id",
    "a--b": "bad_model_id",
    "file:///etc/passwd": "bad_model_id",
    "https://huggingface.co/google-bert/bert-base-uncased": "bad_model_id",
    "<img src=x onerror=alert(1)>": "bad_model_id",
    "${alert(1)}/{{value}}": "bad_model_id",
    "x" * 500: "bad_model_id",
}


@pytest.mark.usefixtures("kept")
def test_names_that_are_no_model(explore: Explore) -> None:
    explorer = explore()
    picture = explorer.caption
    for name, expected in BAD_MODELS.items():
        explorer.name_model(name)
        explorer.read()
        assert sentence(explorer) == expected, name
        assert explorer.caption == picture
        assert explorer.overflow() <= 0
    works(explorer)


@pytest.mark.usefixtures("kept")
def test_models_that_the_hub_has_and_the_page_refuses(explore: Explore, monkeypatch: pytest.MonkeyPatch) -> None:
    import httpx
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    def answer(status: int) -> httpx.Response:
        return httpx.Response(status, request=httpx.Request("GET", "https://huggingface.co/api/models/x"))

    def file(name: str, size: int) -> SimpleNamespace:
        return SimpleNamespace(rfilename=name, size=size)

    def info(*files: SimpleNamespace, gated: str | bool = False) -> SimpleNamespace:
        return SimpleNamespace(gated=gated, siblings=files, sha="0" * 40)

    answers = {
        "unknown_model": RepositoryNotFoundError("no such repository", response=answer(404)),
        "gated_model": GatedRepoError("ask its owner", response=answer(403)),
        "no_safetensors": info(file("config.json", 100), file("pytorch_model.bin", 1000)),
        "model_too_large": info(file("config.json", 100), file("model.safetensors", 40 << 30)),
        "hub_unreachable": TimeoutError("no answer"),
    }

    def model_info(_api: HfApi, name: str, **_options: object) -> SimpleNamespace:
        found = answers[name.removeprefix("someone/")]
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(HfApi, "model_info", model_info)
    explorer = explore()
    picture = explorer.caption
    for key in answers:
        explorer.name_model(f"someone/{key}")
        explorer.read()
        assert sentence(explorer) == key
        assert explorer.caption == picture
    works(explorer)


@pytest.fixture
def model_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that ATTENTION_MODEL_DIR names, with one good model in it."""
    folder = tmp_path / "models"
    tiny.save("bert", folder / "good")
    monkeypatch.setenv("ATTENTION_MODEL_DIR", str(folder))
    return folder


def _cut(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])


def _scramble(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\xff" * 4096)


def _pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut short": (_cut, "broken_model"),
    "scrambled": (_scramble, "broken_model"),
    "pickled": (_pickle, "no_safetensors"),
    "no tokenizer": (lambda folder: (folder / "tokenizer.json").unlink(), "broken_model"),
    "bad config": (lambda folder: (folder / "config.json").write_text("{"), "broken_model"),
    "own code": (
        lambda folder: (folder / "config.json").write_text('{"model_type": "bert", "auto_map": {"AutoModel": "x.X"}}'),
        "remote_code",
    ),
}


@pytest.mark.usefixtures("kept")
def test_folders_with_damaged_models(explore: Explore, model_folder: Path) -> None:
    for number, (damage, _) in enumerate(DAMAGES.values()):
        damage(shutil.copytree(model_folder / "good", model_folder / f"damaged-{number}"))
    explorer = explore()
    picture = explorer.caption
    for number, (_, expected) in enumerate(DAMAGES.values()):
        explorer.name_model(f"damaged-{number}")
        explorer.read("w1 w2 w3 w4")
        assert sentence(explorer) == expected, number
        assert str(model_folder) not in explorer.status.inner_text()
        assert explorer.caption == picture
    works(explorer)


def test_a_folder_repaired_is_read(explore: Explore, model_folder: Path) -> None:
    whole = model_folder / "good" / "model.safetensors"
    content = whole.read_bytes()
    whole.write_bytes(content[:-1000])
    explorer = explore()
    explorer.name_model("good")
    explorer.read("w1 w2 w3 w4")
    assert sentence(explorer) == "broken_model"
    whole.write_bytes(content)
    explorer.read()
    capture = captured("good", "w1 w2 w3 w4")
    explorer.shows(capture, Selection(*best_head(capture)))
    explorer.read("w1 w2 w3 unheard-of")
    explorer.page.get_by_text("unheard-of").first.wait_for()


@pytest.mark.usefixtures("kept")
def test_picks_that_no_click_sends(explore: Explore) -> None:
    explorer = explore()
    picture = recover(explorer)
    cases = [({"layer": bad, "head": 1}, "bad_layer") for bad in NOT_A_HEAD]
    cases += [({"layer": 1, "head": bad}, "bad_head") for bad in NOT_A_HEAD]
    cases += [(event, "bad_layer") for event in (None, "layer", 5, [], ["layer"], {}, {"layer": None, "head": None})]
    for sent, expected in cases:
        with tampered(explorer, lambda body, sent=sent: body.update(event_data=sent)):
            assert answered(explorer, lambda: explorer.pick(2, 2)) == expected, sent
        assert explorer.caption == picture
        recover(explorer)
    works(explorer)


@pytest.mark.usefixtures("kept")
def test_choices_that_no_selector_offers(explore: Explore) -> None:
    explorer = explore()
    picture = recover(explorer)

    def refused(place: int, bad: Any, act: Callable[[], None]) -> str:
        def change(body: dict[str, Any]) -> None:
            body["data"][place] = bad

        with tampered(explorer, change):
            key = answered(explorer, act)
        assert explorer.caption == picture, bad
        recover(explorer)
        return key

    for bad in (-1, 12, 1.5, "0", True, {"layer": [0]}, None):
        assert refused(0, bad, lambda: explorer.choose("hl-layer", "1")) == "bad_layer", bad
    for bad in (-2, 12, 1.5, "0", True, [0]):
        assert refused(1, bad, lambda: explorer.choose("hl-head-number", "1")) == "bad_head", bad
    for bad in (None, "words", {"word": "word"}, "x" * 1000):
        assert refused(0, bad, lambda: explorer.press("hl-level", "Words")) == "bad_choice", bad
        assert refused(1, bad, lambda: explorer.press("hl-measure", "Rollout")) == "bad_choice", bad
        assert refused(0, bad, lambda: explorer.press("hl-mode", "Arcs")) == "bad_choice", bad
        explorer.press("hl-mode", "Matrix")
    assert explorer.page.locator("#hl-level label.selected").inner_text() == "Tokens"
    assert explorer.page.locator("#hl-measure label.selected").inner_text() == "Weights"
    works(explorer)


@pytest.mark.usefixtures("kept")
def test_rows_that_do_not_exist(explore: Explore) -> None:
    explorer = explore()
    picture = recover(explorer)
    capture = captured(E5, EXAMPLES[0].text)
    at = explorer.cell(capture, Selection(3, 3), 3, 3)
    for bad in (-1, len(capture.tokens), 10**18, 1.5, "3", True, [1], {"query": 1}, "x" * 1000):
        with tampered(explorer, lambda body, bad=bad: body.update(event_data={"query": bad})):
            key = answered(explorer, lambda: explorer.figure.locator("canvas").click(position=at))
        assert key == "bad_query", bad
        assert explorer.caption == picture
        recover(explorer)
    works(explorer)


@pytest.mark.usefixtures("kept")
def test_questions_of_the_wrong_kind(explore: Explore) -> None:
    explorer = explore()
    picture = explorer.caption
    kinds: list[tuple[int, str, list[Any]]] = [
        (0, "bad_model_id", [None, 5, True, ["x"], {"a": {"b": "c"}}, "", "x" * 10_000]),
        (1, "text_not_string", [5, 1.5, True, ["x"], {"a": {"b": "c"}}]),
        (1, "empty_text", [None, ""]),
        (2, "text_not_string", [5, ["x"], {"a": "b"}]),
    ]
    for place, expected, values in kinds:
        for bad in values:

            def change(body: dict[str, Any], place: int = place, bad: Any = bad) -> None:
                if len(body["data"]) > place:
                    body["data"][place] = bad

            explorer.type(EXAMPLES[1].text)
            with tampered(explorer, change):
                explorer.read(EXAMPLES[2].text)
                assert sentence(explorer) == expected, bad
                assert explorer.caption == picture
    works(explorer)


@pytest.mark.usefixtures("kept")
def test_examples_that_do_not_exist(explore: Explore) -> None:
    explorer = explore()
    picture = explorer.caption
    for bad in (-1, 999, "0", 1.0, True, [0], {"a": 1}):

        def change(body: dict[str, Any], bad: Any = bad) -> None:
            body["data"][0] = bad

        with tampered(explorer, change):
            assert answered(explorer, lambda: explorer.choose("hl-example", "Hebrew")) == "no_example", bad
        assert explorer.caption == picture
        assert explorer.page.locator("#hl-text textarea").input_value() == EXAMPLES[0].text
    works(explorer)
