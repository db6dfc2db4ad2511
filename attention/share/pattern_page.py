"""What each pattern looks like: the weights of a head that does nothing else, on one made-up pair of texts."""

from collections.abc import Mapping
from functools import cache

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core.patterns import LISTED, Pattern
from attention.core.patterns.layout import Layout, layout_of
from attention.core.patterns.plan import bands, cells
from attention.core.patterns.table import OFFSETS
from attention.core.tokens import Token
from attention.share.pictures import TITLES
from attention.views import lab
from attention.views.labels import labels_of
from attention.views.panels import matrix

TEXT = "the un·happi·est dog saw the cat ."
PAIR = "the cat ran home ."
NOTE = (
    "Rows look, columns are looked at. The stronger the tone, the larger the share of a row; a head that follows the pattern "
    "spreads each row over the cells that are toned. Rows without any have nothing to look at, or are marks and not scored."
)
CAPTION = f"Two short texts, made up and cut by hand: “{TEXT}” and “{PAIR}” (a dot is a cut inside a word)"

SHAPES = ("broad", "unstructured")
STEP = -2
"""The distance drawn for "offset"."""
SEED = 3

CHANCE = {
    "column": "Chance: how much each token is looked at anyway, from everywhere.",
    "distance": "Chance: how much the head looks that far anyway, whatever stands there.",
    "both": "Chance: tokens or distances the head favors anyway, whichever explains more.",
}
_SHAPE_NOTES = {
    "broad": "Score: how close its rows come to even attention.\nClark et al. 2019, section 3.3",
    "unstructured": "Score: its largest weight above an even one, less its best pattern.\nVoita et al. 2019, section 4",
}


def pictures(definitions: Mapping[str, str]) -> dict:
    """A lab figure with one matrix per pattern and shape. definitions: one sentence by title, for each of them."""
    drawn = [_panel(name, definitions[TITLES[name]]) for name in (*(row.name for row in LISTED), *SHAPES)]
    return lab.render(drawn, caption=CAPTION, note=NOTE)


def perfect_head(name: str) -> Float[Tensor, "query_pos key_pos"]:
    """The weights of a head that does nothing else, shared evenly over each row's cells; 0 in rows that have none.

    The shapes have no cells: "broad" is even everywhere, "unstructured" one key per row drawn with SEED.
    """
    n = len(example())
    if name == "broad":
        return torch.full((n, n), 1 / n)
    if name == "unstructured":
        keys = torch.randint(n, (n,), generator=torch.Generator().manual_seed(SEED))
        return torch.nn.functional.one_hot(keys, n).float()
    wanted = f"offset {STEP:+d}" if name == "offset" else name
    pattern = next(row for row in (*LISTED, *OFFSETS) if row.name == wanted)
    chosen = torch.cat([cells((pattern,), part)[0] for part in bands(_layout(pattern.causal_only))]).float()
    return chosen / chosen.sum(dim=-1, keepdim=True).clamp_min(1.0)


@cache
def example() -> tuple[Token, ...]:
    """The tokens of TEXT and PAIR between marks, cut by hand; equal spelling is an equal id."""
    tokens, words = [_mark("<s>")], 0
    for segment, text in enumerate((TEXT, PAIR)):
        for word in text.split():
            pieces = word.split("·")
            tokens += [
                Token(piece, _number(piece), 0, 1, words, punctuation=piece == ".", segment=segment) for piece in pieces
            ]
            words += 1
        tokens.append(_mark("</s>"))
    return tuple(tokens)  # fmt: skip


def _mark(spelling: str) -> Token:
    return Token(spelling, _number(spelling), 0, 0, -1, special=True)


def _number(spelling: str) -> int:
    return ["<s>", "</s>", *dict.fromkeys(f"{TEXT} {PAIR}".replace("·", " ").split())].index(spelling)


def _allowed(causal: bool) -> Bool[Tensor, "query_pos key_pos"]:
    every = torch.ones(len(example()), len(example()), dtype=torch.bool)
    return every.tril() if causal else every


def _layout(causal: bool) -> Layout:
    return layout_of(example(), _allowed(causal), causal)


def _one_text() -> Layout:
    """The same without the second text."""
    n = 1 + max(at for at, token in enumerate(example()) if token.special and at < len(example()) - 1)
    return layout_of(example()[:n], _allowed(False)[:n, :n], False)


def _panel(name: str, definition: str) -> dict:
    row = next((row for row in LISTED if row.name == name), None)
    causal = row is not None and row.causal_only
    labels = labels_of(example())
    return matrix.render(
        name, perfect_head(name),
        title=f"{TITLES[name]}\n{definition}", aside=_SHAPE_NOTES[name] if row is None else _notes(row), span=4,
        rows=labels, columns=labels, measure="share", allowed=_allowed(causal) if causal else None,
    )  # fmt: skip


def _notes(row: Pattern) -> str:
    """What counts as chance, where the pattern cannot occur, and who described it."""
    notes = [CHANCE[row.null]]
    if row.wide:
        notes.append("Lowered where one distance or one key explains it.")
    if row.causal_only:
        notes.append("Listed, and drawn, for models that cannot look ahead.")
    if not row.applies(_layout(causal=True)):
        notes.append("Not for models that cannot look ahead.")
    if not row.applies(_one_text()):
        notes.append("Only with two texts.")
    return f"{' '.join(notes)}\n{row.source}"
