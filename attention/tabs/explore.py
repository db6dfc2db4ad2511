"""The explorer: pick a model, type a sentence, read the attention of any head."""

from pathlib import Path

import gradio as gr

from attention.models import catalog
from attention.share.selection import LEVELS, MEASURES, Selection
from attention.tabs import Tab, _answers
from attention.tabs._examples import EXAMPLES, LANGUAGES
from attention.tabs._picture import picture
from attention.views import line
from attention.views.static_files import BARS, FINDING_CARDS, HEAD_FIGURE, HEAD_GRID, LINE

_PROSE = Path(__file__).with_suffix(".md")
_SHOW_HEAD = "(...all) => { if (innerWidth < 1000) document.querySelector('#hl-head')?.scrollIntoView({ block: 'start' }); return all; }"
_BUSY = "(...all) => { document.querySelector('#hl-status .hl-picture')?.setAttribute('data-kind', 'busy'); return all; }"


def build(demo: gr.Blocks) -> None:
    """Everything on the tab, top to bottom, then what answers what."""
    with gr.Row(elem_id="hl-ask", equal_height=False):
        model = gr.Dropdown(
            [(row.label, row.id) for row in catalog.rows()], value=catalog.default(), label="Model, or any Hub id",
            allow_custom_value=True, elem_id="hl-model", scale=3, min_width=200,
        )  # fmt: skip
        text = gr.Textbox(
            EXAMPLES[0].text, label="Text", lines=1, max_lines=6, elem_id="hl-text", scale=8, min_width=240, submit_btn=False
        )
        read = gr.Button("Read", variant="primary", elem_id="hl-read", scale=0, min_width=84)
    with gr.Row(elem_id="hl-more"):
        example = gr.Dropdown(
            [(row.label, index) for index, row in enumerate(EXAMPLES)], value=None, elem_id="hl-example",
            label=f"Examples in {len(LANGUAGES)} languages", scale=3, min_width=200,
        )  # fmt: skip
        pair = gr.Textbox(label="Second text (optional)", lines=1, max_lines=4, elem_id="hl-pair", scale=8, min_width=240)
    counter = picture(LINE, elem_id="hl-counter", value=line.render(""))
    with gr.Row(elem_id="hl-state"):
        status = picture(LINE, elem_id="hl-status", value=line.render(""))
        cancel = gr.Button("Cancel", elem_id="hl-cancel", size="sm", scale=0, min_width=70)
    with gr.Accordion("How to read this", open=False, elem_id="hl-how"):
        gr.Markdown(_PROSE.read_text(encoding="utf-8"))
    with gr.Row(elem_id="hl-view", equal_height=False):
        with gr.Column(elem_id="hl-findings", min_width=260):
            gr.HTML(html_template='<h2>Worth a look</h2><p>on this text</p>', js_on_load=None, elem_classes="hl-heading")
            cards = picture(FINDING_CARDS, elem_id="hl-cards", selected=None)
        with gr.Column(elem_id="hl-heads", min_width=260):
            gr.HTML(html_template='<h2>All heads</h2><p>layers down, heads across</p>', js_on_load=None, elem_classes="hl-heading")
            grid = picture(HEAD_GRID, elem_id="hl-grid", selected=None)
            bars = picture(BARS, elem_id="hl-bars", selected=None)
        with gr.Column(elem_id="hl-head", min_width=320):
            with gr.Row(elem_id="hl-which"):
                layer = gr.Dropdown([("0", 0)], value=0, label="Layer", elem_id="hl-layer", min_width=70, filterable=False)
                head = gr.Dropdown(_answers.head_choices(1), value=0, label="Head", elem_id="hl-head-number", min_width=70, filterable=False)
                mode = gr.Radio([("Matrix", "matrix"), ("Arcs", "arcs")], value="matrix", label="Picture", elem_id="hl-mode", min_width=120)
                level = gr.Radio([(name, key) for key, name in LEVELS.items()], value="token", label="Between", elem_id="hl-level", min_width=120)
                measure = gr.Radio([(name, key) for key, name in MEASURES.items()], value="raw", label="Showing", elem_id="hl-measure", min_width=260)
            about = picture(LINE, elem_id="hl-about", value=line.render(""))
            figure = picture(HEAD_FIGURE, elem_id="hl-figure", mode="matrix", query=None)
    reading, selection = gr.State(None), gr.State(Selection())
    clock = gr.Timer(0.6)
    outputs = [status, counter, cards, grid, bars, figure, about, layer, head, reading, selection]
    quiet = {"show_progress": "hidden", "api_visibility": "private"}
    quick = {**quiet, "trigger_mode": "always_last", "concurrency_limit": 8}
    forward = {"concurrency_id": "forward", "concurrency_limit": 2}

    demo.load(_answers.on_load, None, outputs, **quiet, concurrency_limit=8)
    demo.load(_answers.on_count, [model, text, pair], counter, **quiet, concurrency_limit=8)
    clock.tick(_answers.on_tick, reading, [*outputs, clock], **quiet, concurrency_limit=8)
    asked = gr.on(
        [read.click, text.submit, pair.submit], _answers.on_read, [model, text, pair, reading, selection], outputs,
        js=_BUSY, **quiet, **forward,
    )  # fmt: skip
    chosen = example.input(_answers.on_example, example, [text, pair, status], **quick).success(
        _answers.on_read, [model, text, pair, reading, selection], outputs, **quiet, **forward
    )
    cancel.click(lambda: line.render("Cancelled; the last picture stays.", kind="note"), None, status, cancels=[asked, chosen], **quiet)
    for source in (grid, cards):
        source.pick(_answers.on_pick, [reading, selection], outputs, js=_SHOW_HEAD, **quick)
    for source in (layer, head):
        source.input(_answers.on_select, [layer, head, reading, selection], outputs, **quick)
    for source in (level, measure):
        source.input(_answers.on_option, [level, measure, reading, selection], outputs, **quick)
    mode.input(lambda kind: gr.HTML(mode=kind), mode, figure, **quick)
    figure.pin(_answers.on_pin, [reading, selection], [status, selection], **quick)
    gr.on([text.change, pair.change, model.change], _answers.on_count, [model, text, pair], counter, **quick)


TAB = Tab("Explore", 0, build)
