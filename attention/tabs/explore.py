"""The explorer: pick a model, type a sentence, read the attention of any head."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr

from attention.models import catalog
from attention.share.selection import LEVELS, MEASURES, Selection
from attention.share.settings.explorer import MODES
from attention.tabs import Tab, _answers, _opened, _updates
from attention.tabs._examples import EXAMPLES, LANGUAGES
from attention.tabs._picture import picture
from attention.tabs._quiet import CARD, FORWARD, ONCE, QUICK, SAY_READING, SHOW_HEAD, quietly, unseen
from attention.tabs._share import HEAD, SCORES, WEIGHTS, share_line
from attention.views import line
from attention.views.static_files import BARS, FINDING_CARDS, HEAD_FIGURE, HEAD_GRID, LINE

_PROSE = Path(__file__).with_suffix(".md")

_DRAWN = """
window.headlight.shows("explore", read().value?.address);
window.headlight.amend("explore", "mode", read().mode === "arcs" ? "arcs" : "");
"""
_SENT = 'if (name === "pin") window.headlight.amend("explore", "query", data.query ?? "");'
_COLORED = 'window.headlight.amend("explore", "color", read().color);'


def build(demo: gr.Blocks) -> None:
    """Everything on the tab, top to bottom, then what answers what."""
    ui = SimpleNamespace()
    _asking(ui)
    with gr.Accordion("How to read this", open=False, elem_id="hl-how"):
        gr.Markdown(_PROSE.read_text(encoding="utf-8"))
    with gr.Row(elem_id="hl-view", elem_classes="hl-linked", equal_height=False):
        with gr.Column(elem_id="hl-findings", min_width=240):
            _heading("Worth a look", "on this text")
            ui.cards = picture(FINDING_CARDS, elem_id="hl-cards", role="follows")
        with gr.Column(elem_id="hl-heads", min_width=240):
            _heading("All heads", "layers down, heads across")
            ui.grid = picture(HEAD_GRID, elem_id="hl-grid", role="follows", color="", drawn=_COLORED)
            ui.color = gr.Dropdown(
                [(_updates.PICTURES, "")], value="", label="Color by", elem_id="hl-color", filterable=False
            )
            _what_it_is(ui)
        with gr.Column(elem_id="hl-head", min_width=320):
            _selectors(ui)
            ui.about = picture(LINE, elem_id="hl-about", value=line.render(""))
            ui.figure = picture(HEAD_FIGURE, elem_id="hl-figure", role="leads", mode="matrix", drawn=_DRAWN, sent=_SENT)
            share_line("explore", ("Save", HEAD), ("Weights", WEIGHTS), ("Scores of all heads", SCORES))
    ui.unseen = unseen()
    ui.reading, ui.selection, ui.asked = gr.State(None), gr.State(Selection()), gr.State(_updates.Asked())
    outputs = [getattr(ui, name) for name in _updates.Answer._fields]
    _answer_reading(ui, demo, outputs)
    _answer_looking(ui, [getattr(ui, name) for name in _updates.Look._fields])


def _asking(ui: SimpleNamespace) -> None:
    """Model and text, examples and second text, then what the page says about them."""
    with gr.Row(elem_id="hl-ask", equal_height=False):
        ui.model = gr.Dropdown(
            [(row.label, row.id) for row in catalog.rows()],
            value=catalog.default(),
            label="Model, or any Hub id",
            allow_custom_value=True,
            elem_id="hl-model",
        )
        ui.text = gr.Textbox(EXAMPLES[0].text, label="Text", lines=1, max_lines=6, elem_id="hl-text")
        ui.read = gr.Button("Read", variant="primary", elem_id="hl-read")
    with gr.Row(elem_id="hl-more"):
        choices: list[tuple[str, str | int | float]] = [(row.label, index) for index, row in enumerate(EXAMPLES)]
        label = f"Examples in {len(LANGUAGES)} languages"
        ui.example = gr.Dropdown(choices, value=None, label=label, elem_id="hl-example")
        ui.pair = gr.Textbox(label="Second text (optional)", lines=1, max_lines=4, elem_id="hl-pair")
    ui.counter = picture(LINE, elem_id="hl-counter", value=line.render(""))
    with gr.Row(elem_id="hl-state"):
        ui.status = picture(LINE, elem_id="hl-status", value=line.render(""))
        ui.cancel = gr.Button("Cancel", elem_id="hl-cancel", size="sm")


def _heading(title: str, aside: str) -> None:
    gr.HTML(html_template=f"<h2>{title}</h2><p>{aside}</p>", js_on_load=None, elem_classes="hl-heading")


def _what_it_is(ui: SimpleNamespace) -> None:
    """The selected head's scores here and, from the model's card, usually."""
    _heading("What is this head?", "")
    ui.bars = picture(BARS, elem_id="hl-bars", role="follows", card="")
    with gr.Row(elem_id="hl-card-state"):
        ui.usual = picture(LINE, elem_id="hl-usual", value=line.render())
        ui.build = gr.Button("Compare with 180 other texts", elem_id="hl-build", size="sm", visible=False)
        ui.stop = gr.Button("Cancel", elem_id="hl-stop", size="sm")


def _selectors(ui: SimpleNamespace) -> None:
    """Which head, and how it is shown."""
    with gr.Row(elem_id="hl-which"):
        ui.layer = gr.Dropdown([("0", 0)], value=0, label="Layer", elem_id="hl-layer", filterable=False)
        ui.head = gr.Dropdown(
            _updates.head_choices(1), value=0, label="Head", elem_id="hl-head-number", filterable=False
        )
        ui.mode = gr.Radio(
            [(name, key) for key, name in MODES.items()], value="matrix", label="Picture", elem_id="hl-mode"
        )
        ui.level = gr.Radio(
            [(name, key) for key, name in LEVELS.items()], value="token", label="Between", elem_id="hl-level"
        )
        ui.measure = gr.Radio(
            [(name, key) for key, name in MEASURES.items()], value="raw", label="Showing", elem_id="hl-measure"
        )
        ui.outline = gr.Dropdown([("none", "")], value="", label="Outline", elem_id="hl-outline", filterable=False)


def _answer_reading(ui: SimpleNamespace, demo: gr.Blocks, outputs: list[Any]) -> None:
    """What a new page, a new text or a new model leads to."""
    typed = [ui.model, ui.text, ui.pair]
    clock = gr.Timer(0.6)
    demo.load(_answers.on_load, None, outputs, **quietly(ui.unseen))
    demo.load(_opened.on_link, ui.asked, [*outputs, *typed, ui.mode], **quietly(ui.unseen, FORWARD))
    demo.load(_answers.on_count, typed, ui.counter, **quietly(ui.unseen))
    clock.tick(_answers.on_tick, [ui.reading, ui.asked], [*outputs, clock], **quietly(ui.unseen))
    gr.on(
        [ui.text.change, ui.pair.change, ui.model.change],
        _answers.on_count,
        typed,
        ui.counter,
        **quietly(ui.unseen, QUICK),
    )

    session = [ui.reading, ui.selection, ui.asked]
    asks = [ui.read.click, ui.text.submit, ui.pair.submit]
    # Before what they ask for, because listeners of one event run in turn.
    gr.on(asks, None, None, ui.status, js=SAY_READING)
    asked = gr.on(asks, _answers.on_read, [*typed, *session], outputs, **quietly(ui.unseen, FORWARD))
    chosen = ui.example.input(
        _answers.on_example,
        [ui.example, ui.model, *session],
        [ui.example, ui.text, ui.pair, *outputs],
        js=ONCE,
        **quietly(ui.unseen, FORWARD),
    )
    # One that is asked for while another model is still being loaded does not wait for that.
    going_on = quietly(ui.unseen, {**FORWARD, "trigger_mode": "multiple"})
    loaded = [first.then(_answers.on_wanted, session, outputs, **going_on) for first in (asked, chosen)]
    ui.cancel.click(_answers.on_cancel, None, ui.status, cancels=[asked, chosen, *loaded], **quietly(ui.unseen))


def _answer_looking(ui: SimpleNamespace, outputs: list[Any]) -> None:
    """What another look at the same text leads to: no forward pass."""
    seen = [ui.reading, ui.selection]
    for pick, answer in ((ui.grid.pick, _answers.on_pick), (ui.cards.pick, _answers.on_find)):
        pick(answer, seen, outputs, js=SHOW_HEAD, **quietly(ui.unseen, QUICK))
    ui.bars.outline(_answers.on_outline, seen, outputs, js=SHOW_HEAD, **quietly(ui.unseen, QUICK))
    ui.outline.input(_answers.on_outline_choice, [ui.outline, *seen], outputs, js=ONCE, **quietly(ui.unseen, QUICK))
    ui.color.input(_answers.on_color, ui.color, [ui.status, ui.grid], js=ONCE, **quietly(ui.unseen, QUICK))
    for source in (ui.layer, ui.head):
        source.input(_answers.on_select, [ui.layer, ui.head, *seen], outputs, js=ONCE, **quietly(ui.unseen, QUICK))
    for source in (ui.level, ui.measure):
        source.input(_answers.on_option, [ui.level, ui.measure, *seen], outputs, **quietly(ui.unseen, QUICK))
    ui.mode.input(_answers.on_mode, ui.mode, [ui.status, ui.figure], **quietly(ui.unseen, QUICK))
    build = ui.build.click(_answers.on_card, ui.reading, ui.usual, **quietly(ui.unseen, CARD))
    # What is compared is what is read by then, not what was when the button was pressed.
    build.then(_answers.on_compared, [ui.reading, ui.selection], [ui.bars, ui.cards, ui.build], **quietly(ui.unseen))
    ui.stop.click(_answers.on_stop, None, ui.usual, cancels=[build], **quietly(ui.unseen))
    ui.figure.pin(_answers.on_pin, seen, [ui.status, ui.selection], **quietly(ui.unseen, QUICK))


TAB = Tab("Explore", 0, build)
