"""What the Positions lab can be set to."""

from dataclasses import dataclass

from attention.share.settings.kinds import choice, number, words
from attention.share.settings.real_head import RealHead

VIEWS = {
    "order": "Why order needs help",
    "table": "The table and its waves",
    "adding": "Adding to embeddings",
    "closeness": "Which positions are alike",
    "kinds": "Four kinds on the same axes",
    "length": "Beyond the training length",
}
PAIRS = {
    "roles": "Who did what: dog bites man / man bites dog",
    "scope": "What it modifies: only I saw her / I only saw her",
    "negation": "What is denied: not everyone did come / everyone did not come",
    "question": "Question or statement: are you ready / you are ready",
    "senses": "Other words, no permutation: river bank / robbed the bank",
}
WAYS = {"none": "None", "sinusoidal": "Sinusoids", "rotary": "Rotary", "alibi": "ALiBi"}
LAST = 511
"""The last position that is ever drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions(RealHead):
    """n: positions shown, and in "length" the length of training. chosen: positions typed as a list. waves: how many dimensions are waves."""

    view: str = choice("order", VIEWS, label="Show")
    pair: str = choice("roles", PAIRS, label="Sentences", when={"view": ("order", "adding"), "source": ("made",)})
    way: str = choice("sinusoidal", WAYS, label="Positions by", when={"view": ("order",), "source": ("made",)})
    n: int = number(128, 8, 512, 8, label="Positions", when={"view": ("table", "closeness", "kinds", "length")})
    d_model: int = number(64, 4, 128, 4, label="Dimensions", when={"view": ("table", "closeness", "kinds", "length")})
    waves: int = number(4, 1, 8, label="Waves", when={"view": ("table",)})
    chosen: str = words(
        "0, 1, 10", 200, label="Positions as curves", info="whole numbers, with commas", when={"view": ("table",)}
    )
    seed: int = number(0, 0, 99, label="Seed", when={"view": ("order", "adding", "kinds", "length")})
