"""A lab: figure, controls made from its settings, prose beside them, one question that the live figure answers.

A lab is one file here (its settings' class, its figure, the functions whose source is shown), one Markdown file of prose with the
same stem, its settings in share/settings and its figure in share/labs.
"""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr

from attention.share.settings.kinds import kinds
from attention.share.settings.real_head import NAMES, RealHead
from attention.tabs import Tab, _lab_answers
from attention.tabs._lab_controls import control, own_controls, real_head, rules
from attention.tabs._picture import picture
from attention.tabs._prose import Prose, prose
from attention.tabs._quiet import FORWARD, QUICK, quietly, unseen
from attention.tabs._share import NUMBERS, PICTURE, share_line
from attention.views import line
from attention.views.static_files import LAB, LINE

LABS = ("Scoring", "Softmax", "Weighted sum", "Multi-head", "Masks", "Positions", "Transformer")
"""Their order, for previous and next."""

_HERE = Path(__file__).parent
_ONCE = (_HERE / "explore.js").read_text(encoding="utf-8").split("// ---\n")[-1].strip().removesuffix(";")


@dataclass(frozen=True, slots=True)
class Lab:
    """What one lab is made of.

    stem: of its files. settings: its dataclass. source: the functions shown below the figure, as "module:name"; what is read
    there is what runs. picks: the setting that a click on a row, token or box of the figure changes, or empty.
    extra: builds what stands below the lab, if anything.
    The module attention.share.labs.<stem> holds picture(settings) -> value, and reveal(settings) -> Revealed.
    """

    stem: str
    title: str
    settings: type[RealHead]
    source: tuple[str, ...]
    picks: str = ""
    extra: Callable[[], None] | None = None

    @property
    def tab(self) -> str:
        """The id of its tab, as links name it."""
        return self.title.lower().replace(" ", "-")

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
    _answer(lab, ui, answers)


_FORMULAS: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]


def _opening(lab: Lab, words: Prose) -> None:
    """Which lab this is, what it is for, what one will see."""
    gr.HTML(
        html_template=f'<p class="hl-lab-count">Lab {1 + LABS.index(lab.title)} of {len(LABS)}</p>'
        f"<style>{rules(lab.stem, lab.settings)}</style>",
        js_on_load=(_HERE / "lab_progress.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_classes="hl-lab-count-line",
        elem_id=f"hl-lab-{lab.stem}-count",
    )
    gr.Markdown(f"## {words.title}\n{words.intent}", elem_classes="hl-lab-intent", latex_delimiters=_FORMULAS)
    with gr.Accordion("What you will see", open=False, elem_classes="hl-lab-goals"):
        gr.Markdown(words.sections["You will see"], elem_classes="hl-lab-prose", latex_delimiters=_FORMULAS)


def _figure(lab: Lab, answers: _lab_answers.Answers) -> gr.HTML:
    """The figure, which asks for what it draws."""

    def figure(sent: Any) -> dict[str, Any]:  # gradio wants functions of its own to mark
        return answers.on_move(sent)

    def link(query: Any) -> dict[str, Any]:
        return answers.on_link(query)

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
            links.append(f'<a href="#tab-{_slug(LABS[place])}">{word}: {LABS[place]}</a>')
    if at == len(LABS) - 1:
        links.append('<a href="#tab-explore">Next: open real heads in Explore</a>')
    gr.HTML(
        html_template=f'<nav class="hl-lab-nav" aria-label="Labs">{"".join(links)}</nav>',
        js_on_load=None,
        apply_default_css=False,
    )


def _slug(title: str) -> str:
    return title.lower().replace(" ", "-")


def _answer(lab: Lab, ui: SimpleNamespace, answers: _lab_answers.Answers) -> None:
    """What each control leads to: most ask for the figure themselves (lab_settings.js), without an event of gradio's.

    Whatever an event's inputs are, its script sends the settings that were moved so far.
    """
    nowhere = unseen()
    heard = quietly(nowhere, FORWARD)
    pictures, controls = [ui.status, ui.figure], ui.controls
    ui.behind.expand(lab.code, None, ui.code, **quietly(nowhere))
    for name, one in controls.items():
        if name == "source" or (name in NAMES and name not in ("layer", "head")):
            continue
        # gradio's input event of a text hears neither pasting nor deleting
        moved = one.change if isinstance(one, gr.Textbox) else one.input
        js = f"(value) => window.headlight.move({lab.stem!r}, {name!r}, value)"
        moved(None, one, None, js=js, api_visibility="private")
    texts, chosen = ("text", "other"), [ui.real, controls["layer"], controls["head"]]
    asks = (
        (controls["source"].input, ("source", *texts)),
        (controls["model"].input, ("model", *texts)),
        (controls["text"].submit, texts),
        (controls["other"].submit, texts),
        (ui.read.click, texts),
    )
    for event, names in asks:
        inputs, js = [controls[name] for name in names], _sending(lab, *names, once="model" in names)
        event(answers.on_real, inputs, [*pictures, *chosen], js=js, **heard)
    with_it = f"window.headlight.sendingWith({lab.stem!r})"
    ui.example.input(
        answers.on_example,
        [nowhere, ui.example],
        [ui.example, controls["text"], *pictures, *chosen],
        js=f"(...all) => {with_it}(...({_ONCE})(...all))",
        **heard,
    )
    in_order = [controls[one.name] for one in fields(lab.settings)]
    outputs = [ui.verdict, *pictures, *in_order]
    ui.guess.input(answers.on_guess, [nowhere, ui.guess], outputs, js=with_it, **quietly(nowhere))
    ui.figure.restore(answers.on_restore, nowhere, [ui.real, *in_order], js=_sending(lab), **quietly(nowhere))
    if lab.picks:
        picked = [*pictures, controls[lab.picks]]
        ui.figure.pick(answers.on_pick, nowhere, picked, js=_sending(lab), **quietly(nowhere, QUICK))


def _sending(lab: Lab, *names: str, once: bool = False) -> str:
    """The script of a listener whose inputs are these settings' controls. once: see explore.js."""
    sending = f"window.headlight.sending({lab.stem!r}, {list(names)!r})"
    return f"(...all) => {sending}(...({_ONCE})(...all))" if once else f"(...all) => {sending}(...all)"
