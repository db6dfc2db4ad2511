"""A picture of attention.views as a gradio component: static markup, data through `value`, drawn by its own script."""

from typing import Any

import gradio as gr

from attention.views.static_files import Picture


def picture(view: Picture, *, elem_id: str, value: Any = None, **props: Any) -> gr.HTML:
    """The component. The page's text reaches it as data only: nothing is ever put into the markup.

    props: further properties the script reads besides value, each replaceable on its own by gr.HTML(name=...).
    """
    code = (  # in a function of its own: gradio's `element` and the script's names must not meet
        f"const mount = (() => {{\n{view.script(compact=True)}\nreturn {view.mount};\n}})();\n"
        "const view = mount(element.querySelector('.hl-picture'), () => props, trigger);\n"
        f"watch({['value', *props]!r}, view.draw);\nview.draw();"
    )
    return gr.HTML(
        value,
        html_template='<div class="hl-picture"></div>',
        js_on_load=code,
        apply_default_css=False,
        elem_id=elem_id,
        **props,
    )
