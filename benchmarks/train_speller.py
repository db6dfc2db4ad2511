"""Train speller, a two-plus-two-layer encoder-decoder that spells numbers in English words, and say what it can do.

    python benchmarks/train_speller.py            # trains (minutes on a CPU), evaluates, writes attention/data/speller
    python benchmarks/train_speller.py --evaluate # evaluates what is there

Source: the digits of a number from 0 to 999,999. Target: its words ("four hundred seven"; no "and"). A tenth of the numbers above
99 is never trained on, and all of that tenth is what it is judged by. Where it looks is its own doing: nothing but the loss of the
next word is trained.
"""

import argparse
import time
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast

FOLDER = Path(__file__).parent.parent / "attention" / "data" / "speller"
BEGIN, PAD, END = "<s>", "<pad>", "</s>"
ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
VOCABULARY = [BEGIN, PAD, END, *"0123456789", *ONES, *TENS, "hundred", "thousand"]
IDS = {word: place for place, word in enumerate(VOCABULARY)}
LARGEST = 999_999
WORDS = 9
"""In the longest of them: seven hundred seventy seven thousand seven hundred seventy seven."""


def named(number: int, power: int = 0) -> list[tuple[str, int]]:
    """The words of a number from 0 to 999,999 without hyphens, each with the power of ten of the digit that it names."""
    if number >= 1000:
        rest = named(number % 1000) if number % 1000 else []
        return [*named(number // 1000, 3), ("thousand", 3), *rest]
    if number >= 100:
        rest = named(number % 100, power) if number % 100 else []
        return [(ONES[number // 100], power + 2), ("hundred", power + 2), *rest]
    if number >= 20:
        rest = named(number % 10, power) if number % 10 else []
        return [(TENS[number // 10 - 2], power + 1), *rest]
    return [(ONES[number], power)]


def in_words(number: int) -> list[str]:
    """The words alone."""
    return [word for word, _ in named(number)]


def held_out(number: int) -> bool:
    """Whether a number is kept from training: one in ten of those above 99, by Knuth's multiplicative hash."""
    return number >= 100 and number * 2654435761 % 2**32 < 2**32 / 10


def build_tokenizer() -> PreTrainedTokenizerFast:
    """One vocabulary for both sides: a digit is a token, a word is a token; </s> ends every text. Hyphens come back in decoding."""
    inner = Tokenizer(models.WordLevel(IDS))
    apart = pre_tokenizers.Split(Regex(r"[\s\-]+"), "removed")
    inner.pre_tokenizer = pre_tokenizers.Sequence([apart, pre_tokenizers.Digits(individual_digits=True)])
    hyphen = decoders.Replace(Regex("(?<=ty) (?=(one|two|three|four|five|six|seven|eight|nine)( |$))"), "-")
    inner.decoder = decoders.Sequence([decoders.WordPiece(cleanup=False), decoders.Fuse(), hyphen])
    inner.post_processor = processors.TemplateProcessing(single=f"$A {END}", special_tokens=[(END, IDS[END])])
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token=BEGIN, pad_token=PAD, eos_token=END, model_max_length=WORDS + 1
    )


def build_model() -> BartForConditionalGeneration:
    """Two layers of encoder and two of decoder, four heads each, normalized after each sublayer as in the first Transformer."""
    config = BartConfig(
        vocab_size=len(VOCABULARY),
        d_model=64,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=128,
        decoder_ffn_dim=128,
        max_position_embeddings=WORDS + 1,
        dropout=0.0,
        attention_dropout=0.0,
        init_std=0.05,
        scale_embedding=True,
        bos_token_id=IDS[BEGIN],
        pad_token_id=IDS[PAD],
        eos_token_id=IDS[END],
        decoder_start_token_id=IDS[BEGIN],
        forced_eos_token_id=None,
    )
    model = BartForConditionalGeneration(config)
    model.generation_config.max_length = WORDS + 2
    return model


def sample(size: int, generator: torch.Generator) -> list[int]:
    """Numbers to train on: one to six digits equally often; in half of them each later digit is zero four times in ten."""
    numbers: list[int] = []
    while len(numbers) < size:
        digits = torch.randint(10, (size, 6), generator=generator)
        zero = torch.rand(size, 6, generator=generator) < 0.4 * torch.randint(2, (size, 1), generator=generator)
        zero[:, 0] = False
        lengths = torch.randint(1, 7, (size,), generator=generator).tolist()
        for row, length in zip(digits.masked_fill(zero, 0).tolist(), lengths, strict=True):
            number = int("".join(map(str, row[:length])))
            if not held_out(number):
                numbers.append(number)
    return numbers[:size]


def padded(rows: list[list[int]], with_id: int) -> torch.Tensor:
    """Rows of different lengths as one tensor."""
    longest = max(map(len, rows))
    return torch.tensor([row + [with_id] * (longest - len(row)) for row in rows])


def sources(numbers: list[int]) -> dict[str, torch.Tensor]:
    """What the encoder is fed for these numbers."""
    ids = padded([[*(IDS[digit] for digit in str(number)), IDS[END]] for number in numbers], IDS[PAD])
    return {"input_ids": ids, "attention_mask": (ids != IDS[PAD]).long()}


def targets(numbers: list[int], with_id: int) -> torch.Tensor:
    """What the decoder has to write for them, `with_id` behind the end."""
    return padded([[*(IDS[word] for word in in_words(number)), IDS[END]] for number in numbers], with_id)


def train(steps: int, seed: int) -> BartForConditionalGeneration:
    """AdamW with a warm-up and a cosine to zero."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = build_model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps, pct_start=0.05)
    began = time.time()
    for step in range(steps):
        numbers = sample(256, generator)
        loss = model(**sources(numbers), labels=targets(numbers, -100)).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 200 == 0 or step == steps - 1:
            print(f"{step:5d} loss {loss.item():.5f} {time.time() - began:.0f} s", flush=True)
    return model.eval()


@torch.inference_mode()
def exact_match(model: BartForConditionalGeneration, numbers: list[int], size: int = 1000) -> float:
    """The share of these numbers whose greedy spelling is right to the last word."""
    right = 0
    for first in range(0, len(numbers), size):
        part = numbers[first : first + size]
        written = model.generate(**sources(part), do_sample=False, num_beams=1)[:, 1:]
        expected = targets(part, IDS[PAD])
        wide = max(written.shape[1], expected.shape[1])
        written, expected = (
            torch.nn.functional.pad(rows, (0, wide - rows.shape[1]), value=IDS[PAD]) for rows in (written, expected)
        )
        right += int((written == expected).all(dim=1).sum())
    return right / len(numbers)


@torch.inference_mode()
def on_named_digit(model: BartForConditionalGeneration, numbers: list[int]) -> torch.Tensor:
    """Mean cross weight [layer, head] on the digit that the word being written names; "hundred" and "thousand" name none."""
    model.set_attn_implementation("eager")
    found = []
    for number in numbers:
        crosses = model(**sources([number]), labels=targets([number], -100), output_attentions=True).cross_attentions
        weights = torch.cat(crosses)
        for row, (word, power) in enumerate(named(number)):
            if word not in ("hundred", "thousand"):
                found.append(weights[:, :, row, len(str(number)) - 1 - power])
    return torch.stack(found).mean(dim=0)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--steps", type=int, default=3000)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--evaluate", action="store_true")
    chosen = arguments.parse_args()
    if not chosen.evaluate:
        train(chosen.steps, chosen.seed).half().save_pretrained(FOLDER)
        build_tokenizer().save_pretrained(FOLDER)
    model = BartForConditionalGeneration.from_pretrained(FOLDER, dtype=torch.float32)
    unseen = [number for number in range(LARGEST + 1) if held_out(number)]
    size = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"exact match {exact_match(model, unseen):.5f} of {len(unseen):,} held-out numbers, {size / 1e6:.2f} MB")
    shares = on_named_digit(model, unseen[:: len(unseen) // 500])
    for layer, row in enumerate(shares.tolist()):
        print(f"layer {layer}, cross weight on the named digit by head: {' '.join(f'{share:.2f}' for share in row)}")


if __name__ == "__main__":
    main()
