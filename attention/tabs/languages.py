"""The same meaning in up to four languages: one head on all of them, heads that do the same everywhere, tokenizers compared."""

import json
import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio.context import Context

from attention.models import catalog, parallel
from attention.share.settings.languages import LANGUAGES, LEVELS, LISTS, MEANINGS, MOST, PLACES, PRICES
from attention.share.settings.languages import Languages as Settings
from attention.tabs import Tab
from attention.tabs import _languages_answers as heads
from attention.tabs import _languages_lists as lists
from attention.tabs import _languages_pieces as tokenizers
from attention.tabs._picture import picture
from attention.tabs._quiet import CARD, FORWARD, ONCE, QUICK, SAY_READING, SAY_WAITING, quietly, unseen
from attention.tabs._share import NUMBERS, PICTURE, share_line
from attention.views import line
from attention.views.static_files import LANGUAGE_HEADS, LANGUAGE_TABLE, LINE, PIECES, SIDE_BY_SIDE

_HERE = Path(__file__)
_SHOW_FIGURE = _HERE.with_suffix(".js").read_text(encoding="utf-8").split("// ---\n")[1].strip().removesuffix(";")
_START = Settings()


@cache
def sections() -> dict[str, str]:
    """The page's prose by heading, with the evaluation's numbers in it; what stands above the first one under an empty name."""
    prose = _HERE.with_suffix(".md").read_text(encoding="utf-8").format(**evaluation())
    opening, *parts = re.split(r"^## ", prose, flags=re.MULTILINE)
    found = {"": opening.strip().removeprefix("# ")}
    for part in parts:
        title, _, text = part.partition("\n")
        found[title.strip()] = text.strip()
    return found


def evaluation() -> dict[str, Any]:
    """How well words were paired (benchmarks/evaluate_correspondence.py), by the names that the prose uses."""
    found = json.loads((parallel.DATA / "correspondence.json").read_text(encoding="utf-8"))
    by_f1 = sorted(found["languages"], key=lambda name: found["languages"][name][2])
    row = catalog.row(found["model"])
    return {
        **found, "model": row.title if row else found["model"],
        "languages": len(by_f1), **dict(zip(("precision", "recall", "f1"), found["all"], strict=True)),
        "least_in": by_f1[0], "least": found["languages"][by_f1[0]][2],
        "most_in": by_f1[-1], "most": found["languages"][by_f1[-1]][2],
    }  # fmt: skip


def build(demo: gr.Blocks) -> None:
    """Everything on the tab, top to bottom, then what answers what."""
    opened = Context.block.select if isinstance(Context.block, gr.Tab) else demo.load
    ui = SimpleNamespace(unseen=unseen(), shown=gr.State(None), ready=gr.State(None))
    gr.Markdown(f"## {sections()['']}", elem_classes="hl-lab-intent")
    _asking(ui)
    with gr.Column(elem_id="hl-languages-view", elem_classes="hl-linked"):
        _comparing(ui)
        _listing(ui)
    _cutting(ui)
    _answer_reading(ui, opened)
    _answer_looking(ui)
    _answer_cutting(ui)


def _asking(ui: SimpleNamespace) -> None:
    """Model and meaning, then four columns of a language and its sentence."""
    with gr.Row(elem_id="hl-languages-ask", elem_classes="hl-lab-form", equal_height=False):
        ui.model = gr.Dropdown(
            [(row.label, row.id) for row in catalog.rows()], value=catalog.default(), label="Model, or any Hub id",
            allow_custom_value=True, elem_id="hl-languages-model",
        )  # fmt: skip
        meanings = [(text, name) for name, text in MEANINGS.items()]
        ui.meaning = gr.Dropdown(meanings, value=_START.meaning, label="Meaning", elem_id="hl-languages-meaning")
        ui.read = gr.Button("Read", variant="primary", elem_id="hl-languages-read")
    ui.about = picture(LINE, elem_id="hl-languages-about", value=heads.about(_START.meaning))
    ui.languages, ui.texts = [], []
    with gr.Row(elem_id="hl-languages-columns", elem_classes="hl-lab-form", equal_height=False):
        for n in range(1, MOST + 1):
            choices = [(title, name) for name, title in LANGUAGES.items()]
            value = getattr(_START, f"language{n}")
            ui.languages.append(gr.Dropdown(choices, value=value, label=f"Language {n}", elem_id=f"hl-language-{n}"))
    with (
        gr.Accordion("Type your own sentences", open=False, elem_id="hl-languages-own"),
        gr.Row(elem_id="hl-languages-texts", elem_classes="hl-lab-form", equal_height=False),
    ):
        for n, text in enumerate(heads.sentences_of(_START), 1):
            ui.texts.append(gr.Textbox(text, label=f"Sentence {n}", lines=2, max_lines=5, elem_id=f"hl-sentence-{n}"))
    with gr.Row(elem_id="hl-languages-state"):
        ui.status = picture(LINE, elem_id="hl-languages-status", value=line.render())
        ui.cancel = gr.Button("Cancel", elem_id="hl-languages-cancel", size="sm")


def _comparing(ui: SimpleNamespace) -> None:
    """The head, and what it does on each sentence."""
    with gr.Row(elem_id="hl-languages-which"):
        for name, title in (("layer", "Layer"), ("head", "Head")):
            value = getattr(_START, name)
            one = gr.Dropdown(
                [(str(value), value)], value=value, label=title, elem_id=f"hl-languages-{name}", filterable=False
            )
            setattr(ui, name, one)
        ui.level = gr.Radio(
            [(title, name) for name, title in LEVELS.items()],
            value=_START.level,
            label="Between",
            elem_id="hl-languages-level",
        )
    shows = 'window.headlight.shows("languages", read().value?.address);'
    ui.figure = picture(SIDE_BY_SIDE, elem_id="hl-side", role="leads", links="", drawn=shows)
    share_line("languages", ("Save", PICTURE), ("Numbers", NUMBERS))


def _listing(ui: SimpleNamespace) -> None:
    """Heads to open, by how alike they are over the whole set; beside them how that is measured."""
    with gr.Row(elem_classes="hl-languages-pair", equal_height=False):
        with gr.Column(min_width=240, elem_id="hl-languages-lists"):
            gr.HTML(html_template="<h3>Heads to open</h3>", js_on_load=None, elem_classes="hl-languages-title")
            ui.listed = gr.Radio(
                [(title, name) for name, title in LISTS.items()],
                value=_START.listed,
                label="Heads to open",
                elem_id="hl-languages-listed",
            )
            ui.heads = picture(LANGUAGE_HEADS, elem_id="hl-tongues", role="follows")
            with gr.Row(elem_id="hl-languages-build-state"):
                ui.said = picture(LINE, elem_id="hl-languages-said", value=line.render())
                ui.build = gr.Button("Read the whole set", elem_id="hl-languages-build", size="sm", visible=False)
                ui.stop = gr.Button("Cancel", elem_id="hl-languages-stop", size="sm")
            _prose("Words that answer each other")
        with gr.Column(min_width=240):
            _prose("What is compared")


def _cutting(ui: SimpleNamespace) -> None:
    """The tokenizers on one sentence, and on all languages of the set."""
    with gr.Column(elem_id="hl-languages-tokenizers", elem_classes="hl-lab-form"):
        _prose("What each tokenizer makes of it")
        with gr.Row(elem_id="hl-languages-cut-ask", equal_height=False):
            ui.tokenizers = gr.Dropdown(
                [(row.title, row.id) for row in catalog.rows()], value=list(_START.models), multiselect=True,
                allow_custom_value=True, label="Tokenizers of up to four models, or any Hub id", elem_id="hl-languages-models",
            )  # fmt: skip
            places = list(zip(_START.names, PLACES, strict=True))
            ui.cut = gr.Dropdown(
                places, value=_START.cut, label="Sentence", elem_id="hl-languages-cut", filterable=False
            )
        ui.cutting = picture(LINE, elem_id="hl-languages-cutting", value=line.render())
        ui.pieces = picture(PIECES, elem_id="hl-pieces")
        with gr.Row(elem_id="hl-languages-price-row"):
            gr.HTML(html_template="<h3>All languages</h3>", js_on_load=None, elem_classes="hl-languages-title")
            ui.price = gr.Radio(
                [(title, name) for name, title in PRICES.items()],
                value=_START.price,
                label="Showing",
                elem_id="hl-languages-price",
            )
        ui.table = picture(LANGUAGE_TABLE, elem_id="hl-prices", price=_START.price)


def _prose(name: str) -> None:
    gr.Markdown(f"### {name}\n{sections()[name]}", elem_classes="hl-lab-prose")


def _answer_reading(ui: SimpleNamespace, opened: Any) -> None:
    """What a first look, other texts or another model lead to: the view, then what is made of what is on the page by then."""
    for n, text in enumerate(ui.texts, 1):
        setattr(ui, f"text{n}", text)
    outputs = [getattr(ui, name) for name in heads.View._fields]
    given = [ui.model, ui.meaning, *ui.languages, *ui.texts, ui.cut, ui.shown]
    controls = [ui.model, ui.meaning, *ui.languages, ui.level, ui.listed, ui.tokenizers, ui.price, ui.table]
    first = opened(heads.on_open, ui.shown, [*outputs, *controls], **quietly(ui.unseen, FORWARD))
    asks = [ui.read.click, *(text.submit for text in ui.texts)]
    # Before what they ask for, because listeners of one event run in turn.
    gr.on(asks, None, None, ui.status, js=SAY_READING)
    others = [ui.meaning.input, *(one.input for one in ui.languages)]
    running = [
        first,
        gr.on(asks, heads.on_read, given, outputs, **quietly(ui.unseen, FORWARD)),
        gr.on(others, heads.on_other, given, outputs, js=ONCE, **quietly(ui.unseen, FORWARD)),
    ]
    more = [getattr(ui, name) for name in heads.More._fields]
    for reading in running:
        then = reading.then(heads.on_more, [ui.listed, ui.shown], more, **quietly(ui.unseen, FORWARD))
        then.then(heads.on_later, ui.shown, None, **quietly(ui.unseen, FORWARD))
    cut = first.then(tokenizers.on_tokenizers, ui.tokenizers, [ui.cutting, ui.table, ui.ready], **quietly(ui.unseen))
    for before in (cut, *running[1:]):
        _then_pieces(ui, before)
    ui.cancel.click(heads.on_cancel, None, ui.status, cancels=running, **quietly(ui.unseen))
    # gradio tells of a list's change, by a link too, and not of its input
    ui.meaning.change(heads.on_about, ui.meaning, ui.about, **quietly(ui.unseen, QUICK))


def _answer_looking(ui: SimpleNamespace) -> None:
    """What another look at the same texts leads to: no forward pass. As few outputs as it takes, for each costs time."""
    looks = [ui.status, ui.figure, ui.shown]
    for source in (ui.layer, ui.head):
        source.input(heads.on_head, [ui.layer, ui.head, ui.shown], looks, js=ONCE, **quietly(ui.unseen, QUICK))
    ui.level.input(heads.on_level, [ui.level, ui.shown], looks, **quietly(ui.unseen, QUICK))
    ui.heads.pick(heads.on_pick, ui.shown, [*looks, ui.layer, ui.head], js=_SHOW_FIGURE, **quietly(ui.unseen, QUICK))
    listed = [ui.listed, ui.shown]
    ui.listed.input(lists.on_list, listed, [ui.said, ui.heads], js=_amending("listed"), **quietly(ui.unseen, QUICK))
    # Before what it asks for, because listeners of one event run in turn.
    ui.build.click(None, None, ui.said, js=SAY_WAITING)
    build = ui.build.click(lists.on_build, ui.shown, ui.said, **quietly(ui.unseen, CARD))
    build.then(lists.on_built, listed, [ui.heads, ui.build, ui.figure], **quietly(ui.unseen))
    ui.stop.click(lists.on_stop, None, ui.said, cancels=[build], **quietly(ui.unseen))


def _answer_cutting(ui: SimpleNamespace) -> None:
    """What other tokenizers, another sentence or another measure lead to. None of it is in `shown`."""
    once = f"(...all) => ({_amending('cut')})(...({ONCE})(...all))"
    cut = [ui.cut, ui.ready, ui.shown]
    ui.cut.input(tokenizers.on_cut, cut, [ui.cutting, ui.pieces], js=once, **quietly(ui.unseen, QUICK))
    # gradio tells of a list's change more surely than of its input
    chosen = ui.tokenizers.change(
        tokenizers.on_tokenizers, ui.tokenizers, [ui.cutting, ui.table, ui.ready], js=_amending("tokenizers"), **quietly(ui.unseen, QUICK)
    )  # fmt: skip
    _then_pieces(ui, chosen)
    ui.price.input(
        tokenizers.on_price, ui.price, [ui.cutting, ui.table], js=_amending("price"), **quietly(ui.unseen, QUICK)
    )


def _then_pieces(ui: SimpleNamespace, answered: Any) -> None:
    answered.then(tokenizers.on_pieces, [ui.cut, ui.ready, ui.shown], [ui.cutting, ui.pieces], **quietly(ui.unseen))


def _amending(name: str) -> str:
    """The script of a listener that draws no other comparison: the address follows its first input."""
    said = "[value].flat().join('\\n')"
    return f"(value, ...rest) => {{ window.headlight.amend('languages', '{name}', {said}); return [value, ...rest]; }}"


TAB = Tab("Languages", 7, build)
