"""The patterns: each with its picture, definition and source; how scores are read; decoders checked by behavior."""

import re
import threading
from collections.abc import Generator
from contextlib import closing
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.context import Context

from attention.errors import SelectionError
from attention.models import catalog
from attention.models.families import FAMILIES
from attention.share.links import from_query, to_query
from attention.share.settings.patterns import LENGTHS, SEEDS
from attention.share.settings.patterns import Patterns as Settings
from attention.tabs import Tab, _lines
from attention.tabs._picture import packed, picture
from attention.tabs._progress import Tell, told
from attention.tabs._quiet import SAY_WAITING, quietly, unseen
from attention.tabs._share import NUMBERS, PICTURE, share_line
from attention.views import line
from attention.views.static_files import LAB, LINE

if TYPE_CHECKING:  # a page is served before torch is there
    from attention.models.behavior import RepeatCheck

_PROSE = Path(__file__).with_suffix(".md")
_FORMULAS: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]


@cache
def sections(mark: str = "##") -> dict[str, str]:
    """The page's prose by heading of this rank: "##" its parts, "###" one definition per pattern."""
    _, *parts = re.split(rf"^{mark} ", _PROSE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    cut = [part.split("\n## ")[0].partition("\n") for part in parts]
    return {title.strip(): text.strip() for title, _, text in cut}


def build(demo: gr.Blocks) -> None:
    """Everything on the tab, top to bottom, then what answers what."""
    opened = Context.block.select if isinstance(Context.block, gr.Tab) else demo.load
    ui, nowhere = SimpleNamespace(drawn=gr.State(False)), unseen()
    opening = _PROSE.read_text(encoding="utf-8").split("\n## ")[0].removeprefix("# ")
    gr.Markdown(f"## {opening}", elem_classes="hl-lab-intent")
    ui.said = picture(LINE, elem_id="hl-patterns-status", value=line.render("Drawing the pictures", kind="busy"))
    ui.pictures = picture(LAB, elem_id="hl-patterns", once=True)
    with gr.Row(elem_id="hl-patterns-after", equal_height=False):
        _prose("How a score is read", "hl-score")
        with gr.Column(min_width=240, elem_id="hl-check"):
            _prose("Checked by behavior", "hl-check-prose")
            _asking(ui)
    shown = 'window.headlight.shows("patterns", read().value?.address);'
    ui.figure = picture(LAB, elem_id="hl-behavior", once=True, drawn=shown)
    share_line("patterns", ("Save the check", PICTURE), ("Numbers", NUMBERS))
    opened(on_open, ui.drawn, [ui.said, ui.pictures, ui.drawn], **quietly(nowhere))
    asks = [ui.check.click, ui.seed.submit, ui.length.submit]
    # Before what they ask for, because listeners of one event run in turn.
    gr.on(asks, None, None, ui.status, js=SAY_WAITING)
    lane = {"concurrency_id": "behavior", "concurrency_limit": 1}
    given = [ui.model, ui.seed, ui.length]
    running = gr.on(asks, on_check, given, [ui.status, ui.figure], **quietly(nowhere, lane))
    linked = demo.load(on_link, None, [*given, ui.status, ui.figure], **quietly(nowhere, lane))
    ui.cancel.click(on_cancel, None, ui.status, cancels=[running, linked], **quietly(nowhere))


def decoders() -> list[tuple[str, str]]:
    """Labels and ids of the catalog's models that predict the next token."""
    causal = {family.title for family in FAMILIES.values() if family.causal}
    return [(row.label, row.id) for row in catalog.rows() if row.family in causal]


def on_open(drawn: Any) -> tuple[Any, Any, Any]:
    """The pictures, once per session."""
    if drawn is True:
        return gr.skip(), gr.skip(), gr.skip()
    try:
        from attention.share import pattern_page

        return line.render(), packed(pattern_page.pictures(sections("###"))), True
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        return _lines.said(error), gr.skip(), False


def on_check(model: Any, seed: Any, length: Any) -> Generator[tuple[Any, Any], None, None]:
    """The behavior check of a decoder, told pass by pass. An error leaves the last figure as it was."""
    try:
        name = _lines.named(model)
        _check_whole("Seed", seed, SEEDS)
        _check_whole("Length", length, LENGTHS)
        check = yield from _told(name, seed, length)
        from attention.share import behavior_page

        link = to_query("patterns", Settings(model=name, length=length, seed=seed, check=True))
        yield line.render(), packed(behavior_page.figure(check, asked=length) | {"address": link})
    except Exception as error:  # noqa: BLE001 - the page answers every error with a sentence
        yield _lines.said(error), gr.skip()


def on_link(request: gr.Request) -> Generator[tuple[Any, ...], None, None]:
    """What a link to this tab asks for: the check's settings, and the check when it was there."""
    link = from_query(str(request.query_params))
    if link.tab != "patterns":
        yield (gr.skip(),) * 5
        return
    wanted = link.settings
    controls = (wanted.model, wanted.seed, wanted.length)
    notices = line.render(" ".join(link.notices), kind="note")
    yield *controls, notices if link.notices else gr.skip(), gr.skip()
    if not wanted.check:
        return
    with closing(on_check(*controls)) as answers:
        for status, figure in answers:
            said = notices if link.notices and not status["kind"] else status
            # with the last answer again: of those that come fast, a page may read only the last
            yield *((gr.skip(),) * 3 if status["kind"] == "busy" else controls), said, figure


def on_cancel() -> dict:
    """The check was cancelled; what was on the page stays."""
    return line.render("Cancelled; the last figure stays.", kind="note")


def _told(model: str, seed: int, length: int) -> "Generator[tuple[Any, Any], None, RepeatCheck]":
    """Progress lines while the model loads and passes run; then the check. Raises what either raised."""

    def work(tell: Tell, stop: threading.Event) -> "RepeatCheck":
        from attention.models import behavior, loader

        def count(done: int, total: int) -> None:
            tell(f"pass {done} of at most {total}", done / total)

        loader.load(model, progress=tell, cancel=stop)
        return behavior.repeat_check(model, length=length, seed=seed, progress=count, cancel=stop, folders=False)

    with closing(told(work)) as steps:
        while True:
            try:
                doing, share = next(steps)
            except StopIteration as end:
                return end.value
            yield line.render((model, "strong"), doing, kind="busy", share=share), gr.skip()


def _prose(name: str, elem_id: str) -> None:
    text = f"### {name}\n{sections()[name]}"
    gr.Markdown(text, elem_id=elem_id, elem_classes="hl-lab-prose", latex_delimiters=_FORMULAS)


def _asking(ui: SimpleNamespace) -> None:
    """Which decoder, on which random tokens."""
    with gr.Row(elem_id="hl-behavior-ask", elem_classes="hl-lab-form", equal_height=False):
        ui.model = gr.Dropdown(
            decoders(),
            value=catalog.INDUCTION,
            label="Decoder, or any Hub id",
            allow_custom_value=True,
            elem_id="hl-behavior-model",
        )
        ui.length = gr.Number(32, label="Tokens in a copy", precision=0, elem_id="hl-behavior-length")
        ui.seed = gr.Number(0, label="Seed", precision=0, elem_id="hl-behavior-seed")
        ui.check = gr.Button("Check by behavior", variant="primary", elem_id="hl-behavior-check")
    with gr.Row(elem_id="hl-behavior-state"):
        ui.status = picture(LINE, elem_id="hl-behavior-status", value=line.render())
        ui.cancel = gr.Button("Cancel", elem_id="hl-behavior-cancel", size="sm")


def _check_whole(name: str, got: object, ends: tuple[int, int]) -> None:
    """Raises: SelectionError unless it is a whole number between the two ends, whatever a browser may send."""
    if type(got) is not int or not ends[0] <= got <= ends[1]:
        choices = f"the whole numbers from {ends[0]:,} to {ends[1]:,}"
        raise SelectionError("bad_choice", name=name, choices=choices, got=str(got)[:40])


TAB = Tab("Patterns", 5, build)
