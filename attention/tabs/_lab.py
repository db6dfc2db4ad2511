"""A lab: figure, controls made from its settings, prose beside them, one question that the live figure answers.

A lab is one file here (its settings' class, its figure, the functions whose source is shown), one Markdown file of prose with the
same stem, its settings in share/settings and its figure in share/labs.
"""

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from attention.share.settings.kinds import kinds
from attention.share.settings.real_head import REAL, RealHead
from attention.tabs import Tab, _lab_answers
from attention.tabs._lab_controls import control, own_controls, real_head, rules
from attention.tabs._lab_events import connect
from attention.tabs._picture import picture
from attention.tabs._prose import Prose, prose
from attention.tabs._share import NUMBERS, PICTURE, share_line
from attention.views import line
from attention.views.static_files import LAB, LINE

LABS = ("Scoring", "Softmax", "Weighted sum", "Multi-head", "Masks", "Positions", "Transformer")
"""Their order, for previous and next."""

_HERE = Path(__file__).parent
_FEW_MADE, _FEW_REAL = CapacityLimiter(4), CapacityLimiter(2)
"""Moves and links answered at one time; a real head may run a model. They do not wait in gradio's queue."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A setting whose options follow from other settings. by: the one whose change is heard."""

    setting: str
    by: str
    options: Callable[[Any], Mapping[str, str]]


def tab_of(title: str) -> str:
    """The id of a lab's tab, as links name it."""
    return title.lower().replace(" ", "-")


@dataclass(frozen=True, slots=True)
class Lab:
    """What one lab is made of.

    stem: of its files. settings: its dataclass. source: the functions shown below the figure, as "module:name"; what is read
    there is what runs. picks: the setting that a click on a row, token or box of the figure changes, or empty.
    extra: builds what stands below the lab, if anything. offer: a setting whose options a model decides, if there is one.
    The module attention.share.labs.<stem> holds picture(settings) -> value, and reveal(settings) -> Revealed.
    """

    stem: str
    title: str
    settings: type[RealHead]
    source: tuple[str, ...]
    picks: str = ""
    extra: Callable[[], None] | None = None
    offer: Offer | None = None

    @property
    def tab(self) -> str:
        """The id of its tab."""
        return tab_of(self.title)

    @property
    def module(self) -> Any:
        """Its figure's module; torch comes with it, so it is imported when it is first needed."""
        return importlib.import_module(f"attention.share.labs.{self.stem}")

    def code(self) -> str:
        """The source of its functions, from the running code."""
        found = []
        for name in self.source:
            module, _, function = name.partition(":")
            found.append(f"# {module}\n{inspect.getsource(getattr(importlib.import_module(module), function))}")
        return "```python\n" + "\n\n".join(found) + "```"


def lab_tab(lab: Lab) -> Tab:
    """The tab of a lab."""
    return Tab(lab.title, 10 + LABS.index(lab.title), lambda _: _build(lab))


def _build(lab: Lab) -> None:
    """Everything on the tab, top to bottom, then what answers what."""
    words = prose(_HERE / f"{lab.stem}.md")
    ui, answers = SimpleNamespace(controls={}), _lab_answers.Answers(lab)
    _opening(lab, words)
    with gr.Row(elem_classes="hl-lab-page", equal_height=False):
        with gr.Column(elem_classes="hl-lab-main", min_width=240):
            with gr.Column(elem_classes="hl-lab-source hl-lab-form"):
                ui.controls["source"] = control(kinds(lab.settings)["source"], "made", f"hl-lab-{lab.stem}-source")
                real_head(lab.stem, lab.settings, ui)
            ui.status = picture(LINE, elem_id=f"hl-lab-{lab.stem}-status", value=line.render())
            ui.figure = _figure(lab, answers)
            share_line(lab.tab, ("Save", PICTURE), ("Numbers", NUMBERS))
            with gr.Column(elem_classes="hl-lab-controls hl-lab-form"):
                own_controls(lab.stem, lab.settings, ui)
        with gr.Column(elem_classes="hl-lab-side", min_width=240):
            gr.Markdown(words.sections["Read"], elem_classes="hl-lab-prose", latex_delimiters=_FORMULAS)
    with gr.Row(elem_classes="hl-lab-after", equal_height=False):
        with gr.Column(elem_classes="hl-lab-predict", min_width=240):
            _question(lab, words, ui)
        for name in ("Takeaway", "Exercises", "Reflect"):
            gr.Markdown(f"### {name}\n{words.sections[name]}", elem_classes="hl-lab-prose", latex_delimiters=_FORMULAS)
    with gr.Accordion("The code behind it", open=False, elem_classes="hl-lab-code") as ui.behind:
        ui.code = gr.Markdown("", elem_id=f"hl-lab-{lab.stem}-code")
    _neighbors(lab)
    if lab.extra:
        lab.extra()
    connect(lab, ui, answers)


_FORMULAS: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]


def _opening(lab: Lab, words: Prose) -> None:
    """Which lab this is, what it is for, what one will see."""
    gr.HTML(
        html_template=f'<p class="hl-lab-count"><span>Lab {1 + LABS.index(lab.title)} of {len(LABS)}</span>'
        f' <span class="hl-lab-done"></span></p>'
        f"<style>{rules(lab.stem, lab.settings)}</style>",
        js_on_load=(_HERE / "lab_progress.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_classes="hl-lab-count-line",
        elem_id=f"hl-lab-{lab.stem}-count",
    )
    with gr.Row(elem_classes="hl-lab-opening", equal_height=False):
        gr.Markdown(f"## {words.title}\n{words.intent}", elem_classes="hl-lab-intent", latex_delimiters=_FORMULAS)
        goals = f"You will see\n\n{words.sections['You will see']}"
        gr.Markdown(goals, elem_classes="hl-lab-goals", latex_delimiters=_FORMULAS)


def _figure(lab: Lab, answers: _lab_answers.Answers) -> gr.HTML:
    """The figure, which asks for what it draws."""

    # gradio wants functions of its own to mark; it awaits these, so that what waits holds none of the threads its events need
    async def figure(sent: Any) -> dict[str, Any]:
        real = isinstance(sent, dict) and sent.get("source") == REAL
        return await run_sync(answers.on_move, sent, limiter=_FEW_REAL if real else _FEW_MADE)

    async def link(query: Any) -> dict[str, Any]:
        return await run_sync(answers.on_link, query, limiter=_FEW_REAL)

    return picture(
        LAB,
        elem_id=f"hl-lab-{lab.stem}",
        once=True,
        server=[figure, link],
        drawn=f"window.headlight.settle({lab.stem!r}, {lab.tab!r}, read().value);",
        mounted=f"window.headlight.seat({lab.stem!r}, {lab.tab!r}, server, () => trigger('restore', {{}}));",
    )


def _question(lab: Lab, words: Prose, ui: SimpleNamespace) -> None:
    """The question, answered by the live figure."""
    gr.Markdown(f"### Predict\n{words.question}", elem_classes="hl-lab-prose", latex_delimiters=_FORMULAS)
    choices: list[tuple[str, str | int | float]] = [(text, at) for at, text in enumerate(words.choices)]
    ui.guess = gr.Radio(
        choices, value=None, label="Your answer", elem_id=f"hl-lab-{lab.stem}-guess", elem_classes="hl-lab-guess"
    )
    ui.verdict = picture(LINE, elem_id=f"hl-lab-{lab.stem}-verdict", value=line.render())


def _neighbors(lab: Lab) -> None:
    """Previous and next."""
    at = LABS.index(lab.title)
    links = []
    for word, place in (("Previous", at - 1), ("Next", at + 1)):
        if 0 <= place < len(LABS):
            links.append(f'<a href="#tab-{tab_of(LABS[place])}">{word}: {LABS[place]}</a>')
    if at == len(LABS) - 1:
        links.append('<a href="#tab-explore">Next: open real heads in Explore</a>')
    gr.HTML(
        html_template=f'<nav class="hl-lab-nav" aria-label="Labs">{"".join(links)}</nav>',
        js_on_load=None,
        apply_default_css=False,
    )
