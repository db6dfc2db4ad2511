"""What answers what in a lab: most controls ask for the figure themselves (lab_settings.js), without an event of gradio's."""

from dataclasses import fields
from types import SimpleNamespace
from typing import TYPE_CHECKING

import gradio as gr

from attention.share.settings.real_head import NAMES
from attention.tabs._lab_answers import Answers
from attention.tabs._quiet import FORWARD, ONCE, QUICK, quietly, unseen

if TYPE_CHECKING:
    from attention.tabs._lab import Lab


def connect(lab: "Lab", ui: SimpleNamespace, answers: Answers) -> None:
    """Every listener. Whatever an event's inputs are, its script sends the settings that were moved so far."""
    nowhere, controls = unseen(), ui.controls
    ui.behind.expand(lab.code, None, ui.code, **quietly(nowhere))
    for name, one in controls.items():
        if name == "source" or (name in NAMES and name not in ("layer", "head")):
            continue
        # gradio's input event of a text hears neither pasting nor deleting, and no event but change hears a list's first option
        # take the place of one that is gone
        offered = lab.offer is not None and name == lab.offer.setting
        moved = one.change if isinstance(one, gr.Textbox) or offered else one.input
        js = f"(value) => window.headlight.move({lab.stem!r}, {name!r}, value)"
        moved(None, one, None, js=js, api_visibility="private")
    _read(lab, ui, answers, nowhere)
    with_it = f"window.headlight.sendingWith({lab.stem!r})"
    shown = [ui.real, *(controls[one.name] for one in fields(lab.settings))]
    ui.guess.input(
        answers.on_guess,
        [nowhere, ui.guess],
        [ui.verdict, ui.status, ui.figure, *shown],
        js=with_it,
        **quietly(nowhere, QUICK),
    )
    if lab.offer:
        by, outputs = controls[lab.offer.by], [controls[lab.offer.setting]]
        for event in (by.blur, by.submit):
            event(answers.on_offer, nowhere, outputs, js=_sending(lab), **quietly(nowhere, FORWARD))
    ui.figure.restore(answers.on_restore, nowhere, shown, js=_sending(lab), **quietly(nowhere))
    if lab.picks:
        picked = [ui.status, ui.figure, controls[lab.picks]]
        ui.figure.pick(answers.on_pick, nowhere, picked, js=_sending(lab), **quietly(nowhere, QUICK))


def _read(lab: "Lab", ui: SimpleNamespace, answers: Answers, nowhere: gr.HTML) -> None:
    """What reads a sentence with a real model."""
    controls, heard = ui.controls, quietly(nowhere, FORWARD)
    texts, outputs = ("text", "other"), [ui.status, ui.figure, ui.real, controls["layer"], controls["head"]]
    asks = (
        (controls["source"].input, ("source", *texts)),
        (controls["model"].input, ("model", *texts)),
        (controls["text"].submit, texts),
        (controls["other"].submit, texts),
        (ui.read.click, texts),
    )
    for event, names in asks:
        inputs, js = [controls[name] for name in names], _sending(lab, *names, once="model" in names)
        event(answers.on_real, inputs, outputs, js=js, **heard)
    ui.example.input(
        answers.on_example,
        [nowhere, ui.example],
        [ui.example, controls["text"], *outputs],
        js=f"(...all) => window.headlight.sendingWith({lab.stem!r})(...({ONCE})(...all))",
        **heard,
    )


def _sending(lab: "Lab", *names: str, once: bool = False) -> str:
    """The script of a listener whose inputs are these settings' controls. once: see listeners.js."""
    sending = f"window.headlight.sending({lab.stem!r}, {list(names)!r})"
    return f"(...all) => {sending}(...({ONCE})(...all))" if once else f"(...all) => {sending}(...all)"
