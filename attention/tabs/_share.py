"""The line below a figure: copy its link or its embed, save it as a picture, a page or numbers."""

import html
from collections.abc import Sequence

import gradio as gr

SAVED = {
    "figure.png": "PNG",
    "figure.svg": "SVG",
    "page.html": "Page",
    "heads.html": "Page of all heads",
    "weights.csv": "CSV",
    "weights.json": "JSON",
    "weights.npz": "NPZ",
    "scores.csv": "CSV",
    "scores.json": "JSON",
    "scores.npz": "NPZ",
    "numbers.csv": "CSV",
    "numbers.json": "JSON",
    "numbers.npz": "NPZ",
}
"""What can be saved and how the button is called; names as share/exports.py has them."""

PICTURE = ("figure.png", "figure.svg", "page.html")
NUMBERS = ("numbers.csv", "numbers.json", "numbers.npz")
HEAD = (*PICTURE, "heads.html")
WEIGHTS = ("weights.csv", "weights.json", "weights.npz")
SCORES = ("scores.csv", "scores.json", "scores.npz")


def share_line(tab: str, *groups: tuple[str, Sequence[str]]) -> gr.HTML:
    """The line for the figure of this tab. groups: a word, and what can be saved under it."""
    copies = _button("copy", "link.txt", "Copy link") + _button("copy", "embed.txt", "Copy embed")
    parts = [f"<span>Share</span>{copies}"]
    for title, names in groups:
        buttons = "".join(_button("save", name, SAVED[name]) for name in names)
        parts.append(f"<span>{html.escape(title)}</span>{buttons}")
    spans = "".join(f'<div class="hl-share-group">{part}</div>' for part in parts)
    return gr.HTML(
        html_template=f'<div class="hl-share" data-tab="{html.escape(tab)}">{spans}</div>'
        '<p class="hl-share-said" role="status"></p>'
        '<textarea class="hl-share-box" aria-label="What was copied" readonly hidden rows="3"></textarea>',
        js_on_load="window.headlight.shareLine(element);",
        apply_default_css=False,
        elem_id=f"hl-share-{tab}",
        elem_classes="hl-share-line",
    )


def _button(do: str, what: str, title: str) -> str:
    return f'<button type="button" data-do="{do}" data-what="{what}">{title}</button>'
