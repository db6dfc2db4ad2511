"""Train induction-2l, a two-layer causal transformer whose second layer learns induction heads, and say what it can do.

    python benchmarks/train_induction.py            # trains (minutes on a CPU), evaluates, writes attention/data/induction-2l
    python benchmarks/train_induction.py --evaluate # evaluates what is there

It sees nothing but random tokens with repetitions, so it knows no language: the only thing to learn is to find the earlier copy of
the present token and predict what followed it (Olsson et al. 2022). Its tokenizer is a small byte-level BPE over this project's own
example sentences, so that it reads any text.
"""

import argparse
import json
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch.nn.functional import cross_entropy
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

DATA = Path(__file__).parent.parent / "attention" / "data"
FOLDER = DATA / "induction-2l"
VOCABULARY = 768
LENGTH = 96
BEGIN = "<s>"


def build_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE over the example sentences, with <s> in front of every text."""
    texts = [row["text"] for row in json.loads((DATA / "examples.json").read_text(encoding="utf-8"))]
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[BEGIN],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(texts, trainer)
    begin = inner.token_to_id(BEGIN)
    byte_level = processors.ByteLevel(trim_offsets=True)
    template = processors.TemplateProcessing(
        single=f"{BEGIN} $A", pair=f"{BEGIN} $A {BEGIN} $B", special_tokens=[(BEGIN, begin)]
    )
    inner.post_processor = processors.Sequence([byte_level, template])
    return PreTrainedTokenizerFast(tokenizer_object=inner, bos_token=BEGIN, model_max_length=256)


def build_model(vocabulary: int) -> LlamaForCausalLM:
    """Two layers of four heads; rotary positions, so that "one back" is one thing to learn for all positions."""
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=128,
        intermediate_size=192,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=256,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=None,
    )
    return LlamaForCausalLM(config)


def batch(size: int, vocabulary: int, generator: torch.Generator) -> torch.Tensor:
    """Random tokens behind <s>. Half the rows repeat one stretch to the end, half bring three stretches back somewhere later."""
    rows = torch.randint(1, vocabulary, (size, LENGTH), generator=generator)
    for row in rows[: size // 2]:
        period = int(torch.randint(3, LENGTH // 2, (1,), generator=generator))
        row[:] = row[:period].repeat(LENGTH // period + 1)[:LENGTH]
    for row in rows[size // 2 :]:
        for _ in range(3):
            width = int(torch.randint(4, 32, (1,), generator=generator))
            source = int(torch.randint(1, LENGTH - 2 * width, (1,), generator=generator))
            target = int(torch.randint(source + width, LENGTH - width + 1, (1,), generator=generator))
            row[target : target + width] = row[source : source + width].clone()
    rows[:, 0] = 0
    return rows


def train(steps: int, seed: int) -> tuple[LlamaForCausalLM, PreTrainedTokenizerFast]:
    """AdamW with a warm-up and a cosine to zero."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    tokenizer = build_tokenizer()
    model = build_model(len(tokenizer))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps, pct_start=0.05)
    began = time.time()
    for step in range(steps):
        ids = batch(48, len(tokenizer), generator)
        loss = model(input_ids=ids, labels=ids).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 100 == 0 or step == steps - 1:
            first, second = copies(model, len(tokenizer))
            print(
                f"{step:5d} loss {loss.item():.3f} copies {first:.3f} {second:.3f} {time.time() - began:.0f} s",
                flush=True,
            )
    return model, tokenizer


@torch.inference_mode()
def copies(model: LlamaForCausalLM, vocabulary: int, width: int = 32, rows: int = 32) -> tuple[float, float]:
    """Mean loss in nats of the first and the second copy of random tokens; the second's first token is not counted."""
    generator = torch.Generator().manual_seed(1234)
    once = torch.randint(1, vocabulary, (rows, width), generator=generator)
    ids = torch.cat([torch.zeros(rows, 1, dtype=torch.long), once, once], dim=1)
    logits = model(input_ids=ids).logits[:, :-1]
    losses = cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none").view(rows, -1)
    return float(losses[:, :width].mean()), float(losses[:, width + 1 :].mean())


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--steps", type=int, default=3000)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--evaluate", action="store_true")
    chosen = arguments.parse_args()
    if not chosen.evaluate:
        model, tokenizer = train(chosen.steps, chosen.seed)
        model.half().save_pretrained(FOLDER)
        tokenizer.save_pretrained(FOLDER)
    model = LlamaForCausalLM.from_pretrained(FOLDER, dtype=torch.float32)
    first, second = copies(model, model.config.vocab_size)
    size = (FOLDER / "model.safetensors").stat().st_size
    print(
        f"first copy {first:.3f} nats, second copy {second:.3f} nats, ratio {second / first:.3f}, {size / 1e6:.2f} MB"
    )


if __name__ == "__main__":
    main()
