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


def build(family: str, attention: str) -> torch.nn.Module:
    """The model with weights drawn from one seed."""
    from transformers import BertConfig, BertModel, GPT2Config, GPT2Model

    from attention.models import recording  # registers the attention function

    torch.manual_seed(0)
    name = recording.NAME if attention == "ours" else attention
    if family == "bert":
        module = BertModel(BertConfig(attn_implementation=name), add_pooling_layer=False)
    else:
        module = GPT2Model(GPT2Config(attn_implementation=name))
    return module.eval().requires_grad_(False)


def described(family: str, module: torch.nn.Module) -> Any:
    """The module as `forward.run` takes it."""
    from attention.models.families import FAMILIES
    from attention.models.loaded import LoadedModel, grams_of

    row = FAMILIES[family]
    return LoadedModel(
        id=family,
        revision="",
        note="",
        family=row,
        module=module,
        tokenizer=None,
        n_layers=12,
        n_heads=12,
        causal=row.causal,
        limit=512,
        grams=grams_of(family, module, row, 12),
    )


def passes(family: str) -> tuple[Callable[[int], Any], Callable[[int], Any]]:
    """(bare, captured): each runs one text of so many tokens."""
    from attention.models.forward import arguments, run

    model, plain = described(family, build(family, "ours")), build(family, "sdpa")
    plain.load_state_dict(model.module.state_dict(), assign=True)
    generator = torch.Generator().manual_seed(1)
    ids = {n: tuple(torch.randint(1000, 20000, (n,), generator=generator).tolist()) for n in LENGTHS}

    def bare(n: int) -> Any:
        with torch.inference_mode():
            return plain(**arguments(model, {"input_ids": ids[n]}))

    return bare, lambda n: run(model, {"input_ids": ids[n]})


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
        rows.append(Row(f"capture, 12x12 BERT, {n} tokens", ms(ours), f"bare forward {ms(floor)}", over(ours, floor), 1.10))
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
            Row(f"peak extra memory, {title}, 512 tokens", f"{captured:.0f} MB", f"bare forward {bare:.0f} MB", captured, limit, " MB")
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
