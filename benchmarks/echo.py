"""The floor of every update: pages that send a constant string as large as one of ours and draw nothing.

    python benchmarks/echo.py PORT:BYTES ...

A dropdown chooses one of two strings; the page only counts that it arrived.
"""

import base64
import random
import sys

import gradio as gr

STAMP = """
const picture = element.querySelector('.hl-picture');
picture.dataset.stamp = "0";
watch('value', () => { picture.dataset.stamp = String(Number(picture.dataset.stamp) + 1); });
"""


def page(size: int) -> gr.Blocks:
    """One page whose update is `size` bytes of text on the wire, give or take gradio's own words."""
    pieces = [base64.b64encode(random.Random(seed).randbytes(size)).decode()[:size] for seed in (0, 1)]
    with gr.Blocks(analytics_enabled=False) as demo:
        choice = gr.Dropdown([("0", 0), ("1", 1)], value=0, label="Constant", filterable=False, elem_id="choice")
        shown = gr.HTML(
            pieces[0],
            html_template='<div class="hl-picture"></div>',
            js_on_load=STAMP,
            apply_default_css=False,
            elem_id="shown",
        )
        choice.change(lambda number: pieces[number], choice, shown, show_progress="hidden", api_visibility="private")
    return demo.queue(max_size=128, default_concurrency_limit=8)


if __name__ == "__main__":
    served = [page(int(size)) for _, size in (given.split(":") for given in sys.argv[1:])]
    for demo, given in zip(served, sys.argv[1:], strict=True):
        port = int(given.split(":")[0])
        demo.launch(server_port=port, prevent_thread_lock=True, quiet=True, run_history=False, ssr_mode=False)
    served[-1].block_thread()
