"""Bound a: reading q, k and value norms of all heads against the bare forward pass, in time and in memory.

Random 12x12 models of d = 768. Time: pairs of passes of the same weights, one after the other. Memory, in a child each and on
Linux only: how far the process's resident memory rises above where it stood before the pass (the kernel's own high-water
mark, so kernels' scratch buffers count too). glibc is told to hand every block of 64 KB back at once; otherwise what earlier
passes left in its heap would hide a pass's need.
"""

import gc
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from timing import ROOT, Row, ms, over, process

sys.path.insert(0, str(ROOT))

LENGTHS = {32: 40, 128: 20, 512: 9}
MEGABYTES = {"bert": ("BERT", 60), "gpt2": ("GPT-2, fused q, k, v", 80)}


def described(family: str) -> Any:
    """A model with weights drawn from one seed, as `forward.run` takes it, its self-check passed."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from transformers import BertConfig, BertModel, GPT2Config, GPT2Model, PreTrainedTokenizerFast

    from attention.models.loaded import describe
    from attention.models.recording import NAME

    torch.manual_seed(0)
    if family == "gpt2":
        module: torch.nn.Module = GPT2Model(GPT2Config(attn_implementation=NAME))
    else:
        module = BertModel(BertConfig(attn_implementation=NAME), add_pooling_layer=False)
    words = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=max(LENGTHS))
    return describe(family, "", "", module, tokenizer, "cpu")


def passes(family: str) -> tuple[Callable[[int], Any], Callable[[int], Any]]:
    """(bare, captured): each runs one text of so many tokens through the same model; bare is transformers' own sdpa."""
    from attention.models.forward import arguments, run
    from attention.models.recording import NAME

    model = described(family)
    generator = torch.Generator().manual_seed(1)
    inputs = {n: {"input_ids": tuple(torch.randint(1000, 20000, (n,), generator=generator).tolist())} for n in LENGTHS}

    def bare(n: int) -> Any:
        model.config._attn_implementation = "sdpa"
        with torch.inference_mode():
            return model.module(**arguments(model, inputs[n]))

    def captured(n: int) -> Any:
        model.config._attn_implementation = NAME
        return run(model, inputs[n])

    return bare, captured


def seconds(work: Callable[[int], Any], n: int) -> float:
    """How long one pass takes."""
    start = time.perf_counter()
    work(n)
    return time.perf_counter() - start


def times(quick: bool) -> list[Row]:
    """One row per length; who goes first alternates."""
    bare, captured = passes("bert")
    rows = []
    for n, repeats in LENGTHS.items():
        bare(n), captured(n)
        pairs = []
        for turn in range(max(5, repeats // 4) if quick else repeats):
            order = (captured, bare) if turn % 2 else (bare, captured)
            took = {work: seconds(work, n) for work in order}
            pairs.append((took[captured], took[bare]))
        ours, floor = zip(*pairs, strict=True)
        rows.append(
            Row(f"capture, 12x12 BERT, {n} tokens", ms(ours), f"bare forward {ms(floor)}", over(ours, floor), 1.10)
        )
    return rows


def memory() -> list[Row]:
    """One row per family, measured in children of their own."""
    if not Path("/proc/self/clear_refs").exists():
        return []
    rows = []
    glibc = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    for family, (title, limit) in MEGABYTES.items():
        with process(Path(__file__), family, **glibc) as child:
            bare, captured = json.loads(child.communicate()[0])
        rows.append(
            Row(
                f"peak extra memory, {title}, 512 tokens",
                f"{captured:.0f} MB",
                f"bare forward {bare:.0f} MB",
                captured,
                limit,
                " MB",
            )
        )
    return rows


def peak(work: Callable[[int], Any], n: int) -> float:
    """Megabytes that resident memory rises above its level before the pass."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = _resident("VmRSS")
    kept = work(n)
    top = _resident("VmHWM")
    del kept
    return (top - before) / 1024


def _resident(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name))


if __name__ == "__main__":
    work = passes(sys.argv[1])
    for each in work:
        each(512)
    print(json.dumps([max(peak(each, 512) for _ in range(3)) for each in work]))
