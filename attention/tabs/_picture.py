"""A picture of attention.views as a gradio component: static markup, data through `value`, drawn by its own script."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import gradio as gr

from attention.views.static_files import Picture

_BETWEEN = Path(__file__).with_name("picture.js").read_text(encoding="utf-8")


def packed(value: dict[str, Any]) -> str:
    """A picture's value as one string: the page handles one large string many times faster than many small ones.

    No "<" is in it, so that nothing in it can be taken for markup.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def shared(*views: Picture) -> str:
    """The script that puts pictures on the page once, for `picture(..., once=True)`. It must run before the first of them."""
    return "\n".join(
        ["window.headlight ??= {};", *(f"window.headlight.{view.mount} = {_scoped(view)};" for view in views)]
    )


def picture(
    view: Picture, *, elem_id: str, value: Any = None, role: Literal["", "leads", "follows"] = "", once: bool = False,
    drawn: str = "", sent: str = "", mounted: str = "", server: Sequence[Callable[..., Any]] = (), **props: Any,
) -> gr.HTML:  # fmt: skip
    """The component. The page's text reaches it as data only: nothing is ever put into the markup.

    role: inside one `.hl-linked`, followers mark the head that the leader's value names as `selected`.
    once: the script is on the page already (see `shared`), for a picture that many tabs have.
    drawn, sent, mounted: scripts that run whenever a value has been drawn (`read().value`), before an event is sent (`name`,
    `data`), and once, at the end. server: functions they can call by name, `await server.<name>(value)`.
    props: further properties the script reads besides value, each replaceable on its own by gr.HTML(name=...).
    """
    mounting = f"/* sends {_sent(view)} */ window.headlight.{view.mount}" if once else _scoped(view)
    code = (
        f"const mount = {mounting};\n{_BETWEEN}"
        "const { read, put } = reading(props);\n"
        f"const send = (name, data) => {{ {sent} trigger(name, data); }};\n"
        "const view = mount(element.querySelector('.hl-picture'), read, send);\n"
        f"const show = linked(element, {role!r}, read, view);\n"
        f"const draw = () => {{ show(); {drawn} }};\n"
        f"(window.headlight.pictures ??= {{}})[{elem_id!r}] = (value) => {{ put(value); draw(); }};\n"
        f"watch({['value', *props]!r}, draw);\ndraw();\n{mounted}"
    )
    return gr.HTML(
        value,
        html_template='<div class="hl-picture"></div>',
        js_on_load=code,
        apply_default_css=False,
        elem_id=elem_id,
        server_functions=list(server),
        **props,
    )


def _scoped(view: Picture) -> str:
    """The mount function, in a scope of its own: gradio's `element` and the script's names must not meet."""
    return f"(() => {{\n{view.script(compact=True)}\nreturn {view.mount};\n}})()"


def _sent(view: Picture) -> str:
    """The events a picture sends, quoted: gradio knows an event by finding its name in quotes in the component's script."""
    return ", ".join(repr(name) for name in sorted(set(re.findall(r"""emit\(["'](\w+)["']""", view.script()))))
