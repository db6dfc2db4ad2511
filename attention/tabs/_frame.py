"""What stands around every tab: theme, style sheets, head line, footer, and how the page is served."""

import os
from pathlib import Path
from typing import Any

import gradio as gr

from attention.share.places import SPACE_ID
from attention.tabs._api import middleware
from attention.tabs._picture import shared
from attention.tabs._quiet import unseen
from attention.tabs._routes import routes
from attention.tabs._words import choice
from attention.views.palette import DARK, LIGHT, css_variables
from attention.views.static_files import BARS, FINDING_CARDS, HEAD_FIGURE, HEAD_GRID, LAB, LANGUAGES, LINE, style

_HERE = Path(__file__).parent


def header() -> None:
    """The name, above and left of the tabs, and the switches of language and of light and dark."""
    unseen()  # first of all, see there
    gr.HTML(
        html_template='<h1 class="hl-brand" translate="no">Head<span>light</span></h1>'
        f'<div class="hl-corner">{choice()}'
        '<button type="button" class="hl-theme" aria-label="switch between light and dark"></button></div>',
        js_on_load="\n".join(
            [
                *(
                    _script(name)
                    for name in ("translate.js", "theme_switch.js", "page_links.js", "lab_settings.js", "share.js")
                ),
                shared(LAB),
            ]
        ),
        apply_default_css=False,
        elem_id="hl-header",
    )


def _script(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def footer(version: str) -> None:
    """One line: what this is, version, license, source where the Space tells it, and what a weight does not say."""
    space = os.environ.get("SPACE_ID", "")
    source = (
        f'<p><a href="https://huggingface.co/spaces/{space}/tree/main">Source</a></p>'
        if SPACE_ID.fullmatch(space)
        else ""
    )
    gr.HTML(
        html_template=f"<p>Headlight {version}, Apache-2.0</p>{source}"
        '<p>Attention is not explanation: <a href="https://arxiv.org/abs/1902.10186" rel="noopener">what a weight does not say</a>, '
        '<a href="https://arxiv.org/abs/1908.04626" rel="noopener">and what it may</a></p>',
        apply_default_css=False,
        js_on_load=None,
        elem_id="hl-footer",
    )


def launch_settings() -> dict[str, Any]:
    """Settings of gradio's launch: nothing recorded, nothing fetched from elsewhere, no server-side rendering."""
    names = dict.fromkeys(
        name for view in (HEAD_FIGURE, HEAD_GRID, FINDING_CARDS, LINE, BARS, LAB, *LANGUAGES) for name in view.styles
    )
    sheets = [path.read_text(encoding="utf-8") for path in sorted(_HERE.glob("*.css"), key=_page_first)]
    return {
        "theme": theme(),
        "css": "\n".join([css_variables(), style(*names), *sheets]),
        "run_history": False,
        "ssr_mode": False,
        "footer_links": ["api"],
        "quiet": False,
        "show_error": False,
        "max_file_size": "1mb",
        "state_session_capacity": 2000,
        "app_kwargs": {"routes": routes(), "middleware": middleware()},
        # Else gradio asks itself for the page and gives up after 3 seconds, in which an early visitor may keep it busy.
        "_frontend": False,
    }


def _page_first(path: Path) -> tuple[bool, str]:
    return path.name != "page.css", path.name


def theme() -> gr.themes.Base:
    """Gradio's own components in the page's type and colors; fonts are the ones gradio ships."""
    base = gr.themes.Base(
        font=[gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)), "ui-sans-serif", "system-ui", "sans-serif"],
        font_mono=[gr.themes.LocalFont("IBM Plex Mono", weights=(400, 700)), "ui-monospace", "monospace"],
        radius_size=gr.themes.sizes.radius_none,
    )
    return base.set(
        body_background_fill=LIGHT.paper, body_background_fill_dark=DARK.paper,
        body_text_color=LIGHT.ink, body_text_color_dark=DARK.ink,
        body_text_color_subdued=LIGHT.muted, body_text_color_subdued_dark=DARK.muted,
        background_fill_primary=LIGHT.paper, background_fill_primary_dark=DARK.paper,
        background_fill_secondary=LIGHT.paper, background_fill_secondary_dark=DARK.paper,
        block_background_fill="transparent", block_background_fill_dark="transparent",
        block_border_width="0px", block_border_width_dark="0px", block_shadow="none", block_shadow_dark="none",
        block_padding="0px", block_label_background_fill="transparent", block_label_background_fill_dark="transparent",
        block_label_border_width="0px", block_label_border_width_dark="0px",
        block_title_text_color=LIGHT.muted, block_title_text_color_dark=DARK.muted, block_title_text_weight="400",
        block_label_text_color=LIGHT.muted, block_label_text_color_dark=DARK.muted,
        border_color_primary=LIGHT.line, border_color_primary_dark=DARK.line,
        border_color_accent=LIGHT.accent, border_color_accent_dark=DARK.accent,
        color_accent=LIGHT.accent, color_accent_soft=LIGHT.tint, color_accent_soft_dark=DARK.tint,
        input_background_fill="transparent", input_background_fill_dark="transparent",
        input_border_width="0px", input_border_width_dark="0px", input_shadow="none", input_shadow_focus="none",
        input_shadow_focus_dark="none", input_padding="6px 0",
        button_primary_background_fill=LIGHT.ink, button_primary_background_fill_dark=DARK.ink,
        button_primary_background_fill_hover=LIGHT.ink, button_primary_background_fill_hover_dark=DARK.ink,
        button_primary_text_color=LIGHT.paper, button_primary_text_color_dark=DARK.paper,
        link_text_color=LIGHT.ink, link_text_color_dark=DARK.ink,
        layout_gap="0px", form_gap_width="0px",
    )  # fmt: skip
