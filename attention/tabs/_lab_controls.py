"""A lab's controls, made from its settings: gradio's own components, shown while they matter."""

from types import SimpleNamespace
from typing import Any

import gradio as gr

from attention.share.settings.kinds import Choice, Kind, Number, Switch, kinds
from attention.share.settings.real_head import NAMES, RealHead
from attention.tabs._examples import EXAMPLES, LANGUAGES

LONGEST_WORD = 32
"""Options with longer titles are a list to open; shorter ones, up to six, stand side by side."""

LONGEST_LINE = 44
"""Options that are longer together have a line of their own."""

WIDE = "hl-lab-wide"

UNKNOWN = 12
"""Layers, and heads per layer, that are offered until a model is known."""


def rules(stem: str, settings: type[RealHead]) -> str:
    """Style rules that hide settings which do not matter under the present choices."""
    rules = []
    for name, kind in kinds(settings).items():
        for choice, options in kind.when.items():
            chosen = ", ".join(f'[value="{option}"]' for option in options)
            holds = f":has(#hl-lab-{stem}-{choice} input:is({chosen}):checked)"
            rules.append(f".hl-lab-main:not({holds}) #hl-lab-{stem}-{name} {{ display: none; }}")
    return "\n".join(rules)


def own_controls(stem: str, settings: type[RealHead], ui: SimpleNamespace) -> None:
    """One control per setting."""
    own = {name: kind for name, kind in kinds(settings).items() if name not in (*NAMES, "source")}
    defaults = settings()
    with gr.Row(elem_classes="hl-lab-own"):
        for name, kind in own.items():
            ui.controls[name] = control(kind, getattr(defaults, name), f"hl-lab-{stem}-{name}")


def numbered(count: int) -> list[tuple[str, str | int | float]]:
    """Choices for the first so many layers or heads."""
    return [(str(at), at) for at in range(count)]


def control(kind: Kind, value: Any, elem_id: str) -> Any:
    """Gradio's own component for a setting."""
    shared: dict[str, Any] = {"label": kind.label, "info": kind.info or None, "elem_id": elem_id}
    if isinstance(kind, Number):
        if kind.power:  # the script of the page says ten to its number
            shared |= {"label": kind.power, "elem_classes": "hl-lab-power"}
        return gr.Slider(kind.low, kind.high, value, step=kind.step, **shared)
    if isinstance(kind, Choice):
        few = len(kind.options) <= 6 and max(map(len, kind.options.values())) <= LONGEST_WORD
        options = [(title, key) for key, title in kind.options.items()][: kind.offered or None]
        return (
            gr.Radio(
                options,
                value=value,
                elem_classes=WIDE if sum(map(len, kind.options.values())) > LONGEST_LINE else "",
                **shared,
            )
            if few
            else gr.Dropdown(options, value=value, filterable=False, **shared)
        )
    if isinstance(kind, Switch):
        return gr.Checkbox(value, **shared)
    return gr.Textbox(value, lines=1, max_lines=3, placeholder=kind.info, **{**shared, "info": None})


def real_head(stem: str, settings: type[RealHead], ui: SimpleNamespace) -> None:
    """Which head of which model on which sentence; seen while the numbers are a model's own."""
    from attention.models import catalog

    defaults = settings()
    labels = kinds(settings)
    elem_id = f"hl-lab-{stem}-"
    with gr.Group(visible=defaults.real, elem_classes="hl-lab-real") as ui.real:
        with gr.Row():
            models = [(row.label, row.id) for row in catalog.rows()]
            ui.controls["model"] = gr.Dropdown(
                models,
                value=defaults.model,
                label=labels["model"].label,
                allow_custom_value=True,
                elem_id=f"{elem_id}model",
            )
            for name in ("layer", "head"):
                ui.controls[name] = gr.Dropdown(
                    numbered(UNKNOWN),
                    value=getattr(defaults, name),
                    label=labels[name].label,
                    filterable=False,
                    elem_id=f"{elem_id}{name}",
                )
            examples: list[tuple[str, str | int | float]] = [
                (row.label, at) for at, row in enumerate(EXAMPLES) if not row.pair
            ]
            ui.example = gr.Dropdown(
                examples, value=None, label=f"Examples in {len(LANGUAGES)} languages", elem_id=f"{elem_id}example"
            )
        with gr.Row():
            for name in ("text", "other"):
                ui.controls[name] = gr.Textbox(
                    getattr(defaults, name), label=labels[name].label, lines=1, max_lines=4, elem_id=f"{elem_id}{name}"
                )
            ui.read = gr.Button("Read", variant="primary", elem_classes="hl-lab-read", elem_id=f"{elem_id}read")
