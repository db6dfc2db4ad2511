"""The scripts that startup is measured against, each ended by a line on standard output.

python benchmarks/floors.py blocks PORT     gradio and torch imported, an empty page served
python benchmarks/floors.py minilm FOLDER   gradio, torch and transformers imported, MiniLM run once
"""

import sys


def blocks(port: str) -> None:
    """An empty page, with the launch settings that cost or save time in the app."""
    import gradio as gr
    import torch

    with gr.Blocks(analytics_enabled=False) as demo:
        pass
    demo.queue(max_size=128)
    demo.launch(server_port=int(port), prevent_thread_lock=True, quiet=True, run_history=False, ssr_mode=False)
    print(torch.__version__, flush=True)
    demo.block_thread()


def minilm(folder: str) -> None:
    """One sentence through MiniLM, the way its model card does it."""
    import gradio
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder)
    with torch.no_grad():
        output = model(**tokenizer("The animal didn't cross the street because it was too tired.", return_tensors="pt"))
    print(gradio.__version__, tuple(output.last_hidden_state.shape), flush=True)


if __name__ == "__main__":
    {"blocks": blocks, "minilm": minilm}[sys.argv[1]](sys.argv[2])
