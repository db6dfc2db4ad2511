"""What the Transformer lab can be set to."""

from dataclasses import dataclass

from attention.share.settings.kinds import choice, number, switch, words
from attention.share.settings.real_head import RealHead

VIEWS = {
    "paths": "A chain or all at once",
    "block": "One block, many times",
    "stacks": "Encoder and decoder",
    "cross": "Cross-attention, live",
}


def heads(layers: int, each: int) -> dict[str, str]:
    """The heads of a decoder, and their mean."""
    every = {f"{layer}.{head}": f"L{layer}H{head}" for layer in range(layers) for head in range(each)}
    return {"mean": "Mean of all heads", **every}


HEADS = heads(2, 4)
"""The speller's."""
LAYERS_TO, HEADS_TO = 24, 16
"""The largest decoder whose heads can all be chosen, such as T5-large."""

TRANSLATING = ("stacks", "cross")
"""Views of the encoder-decoder, whichever head or sentence is chosen beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformer(RealHead):
    """view: which part of the machine. row: the block, or the written word, that is shown in detail.

    typed: what the encoder reads: a number for the speller, or a text for `translator`, a folder in ATTENTION_MODEL_DIR.
    written: what the decoder is made to write, or empty for its own choice. cross_head: of the decoder.
    """

    view: str = choice("paths", VIEWS, label="Show")
    n: int = number(10, 2, 16, label="Words", when={"view": ("paths", "block"), "source": ("made",)})
    blocks: int = number(6, 1, 24, label="Blocks", when={"view": ("block",), "source": ("made",)})
    pre_norm: bool = switch(
        True,
        label="Norm before each part",
        info="off: after each sum, as in 2017",
        when={"view": ("block",), "source": ("made",)},
    )
    typed: str = words("52318", 400, label="Read (a number)", info="0 to 999,999", when={"view": TRANSLATING})
    written: str = words("", 400, label="Make it write", info="empty: its own choice", when={"view": TRANSLATING})
    cross_head: str = choice(
        "mean",
        {**HEADS, **heads(LAYERS_TO, HEADS_TO)},
        label="Head of the decoder",
        when={"view": ("cross",)},
        offered=len(HEADS),
    )
    translator: str = words(
        "",
        200,
        label="Translation model",
        info="a local folder's name; empty: the speller",
        when={"view": TRANSLATING},
    )
    row: int = number(0, 0, 63, label="Row or block", when={"view": ("block", "stacks", "cross")})
    seed: int = number(0, 0, 99, label="Seed", when={"view": ("paths", "block"), "source": ("made",)})

    @property
    def translates(self) -> bool:
        """Whether the view shows the encoder-decoder."""
        return self.view in TRANSLATING
