"""The Weighted sum lab: one word looks at all words, and what it takes from each adds up to its output."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core import attention, measures, multihead, scoring, softmax
from attention.errors import TextError
from attention.models.spans import quoted, shown
from attention.models.words import word_edges
from attention.share.labs import real
from attention.share.labs.revealed import Revealed
from attention.share.settings.weighted_sum import WeightedSum
from attention.views import lab
from attention.views.labels import Label, isolated
from attention.views.panels import matrix, numbers, stack, swatches, token_bars
from attention.views.panels.frame import directed
from attention.views.panels.numbers import Number
from attention.views.panels.paint import paints, paints_of

SPREAD = 1.5
"""Random vectors are this many times as wide as unit ones: wide enough for words to have favorites."""
MAX_WORDS = 32
MAX_DIMENSIONS = 32
"""More bars than these in one stack cannot be told apart."""


@dataclass(frozen=True, eq=False, slots=True)
class Looked:
    """One head on one sentence at one temperature. allowed: which keys each row may attend to, or None for all.

    colors: of each word's value as paint.
    """

    labels: tuple[Label, ...]
    scores: Float[Tensor, "query_pos key_pos"]
    weights: Float[Tensor, "query_pos key_pos"]
    value: Float[Tensor, "key_pos d_head"]
    output: Float[Tensor, "query_pos d_head"]
    allowed: Bool[Tensor, "query_pos key_pos"] | None
    colors: Float[Tensor, "token channel"]


def picture(settings: WeightedSum) -> dict:
    """The figure, for one sentence or, with a second one, for two below each other."""
    if not settings.real:
        return lab.render(
            directed(panels(settings, made_up(settings)), settings.sentence),
            caption=f"Random word vectors and projections, seed {settings.seed}, d_k = {settings.d_head} · {_cooled(settings)}",
        )
    found = real.heads(settings)
    texts = (settings.text, settings.other)
    shown = [
        panel
        for at, head in enumerate(found)
        for panel in directed(panels(settings, of_head(settings, head, texts[at]), second=at == 1), texts[at])
    ]
    caption = " / ".join(real.caption(head) for head in found)
    return lab.render(shown, caption=f"{caption} · {_cooled(settings)}")


def reveal(settings: WeightedSum) -> Revealed:
    """What does the output do when the whole sentence is typed twice? Both are computed."""
    words = words_of(settings.sentence)
    if words[: len(words) // 2] * 2 == words:  # asked again, where the controls were left
        words = words[: len(words) // 2]
    words = words[: MAX_WORDS // 2]
    once = replace(settings, source="made", view="steps", tau=0.0, focus=min(settings.focus, len(words) - 1))
    once = replace(once, sentence=" ".join(words))
    twice = replace(once, sentence=" ".join([*words, *words]))
    before, after = made_up(once).output[once.focus], made_up(twice).output[once.focus]
    grown = (after.norm() / before.norm()).item()
    off = (after - before).abs().max().item()
    right = 0 if off < 1e-4 else 1 if abs(grown - 2) < 0.05 else 2
    sentence = f"With every word there twice, the output of {quoted(words[once.focus])} is {grown:.2f} times as large and moves by {off:.3f}."
    return Revealed(twice, right, 3, sentence)


def words_of(sentence: str) -> list[str]:
    """The words, punctuation marks among them. Raises: TextError when there is none, too many, or half a character."""
    try:
        sentence.encode("utf-8")
    except UnicodeEncodeError as error:
        raise TextError("half_character", position=error.start, which="sentence") from error
    edges = word_edges(sentence)
    words = [part for start, end in pairwise(edges) if (part := sentence[start:end].strip())]
    if not words:
        raise TextError("no_words")
    if len(words) > MAX_WORDS:
        raise TextError("too_many_words", got=len(words), limit=MAX_WORDS)
    return words


def made_up(settings: WeightedSum) -> Looked:
    """Random projections of random word vectors; the same word has the same vector wherever it stands."""
    words = words_of(settings.sentence)
    drawn = [SPREAD * scoring.draw(settings.seed, settings.d_head, role=f"word {word.casefold()}") for word in words]
    projections = multihead.random_projections(settings.d_head, 1, seed=settings.seed)
    layer = multihead.multi_head(torch.stack(drawn), projections)
    labels = tuple(Label(shown(word)) for word in words)
    return _looked(settings, labels, layer.attention.scores[0], layer.value[0], None, paints_of(words))


def of_head(settings: WeightedSum, head: real.Head, text: str) -> Looked:
    """A real head's own scores and values on a sentence, where a word's second copy has another value."""
    value = real.values(settings, text)
    return _looked(settings, head.labels, head.scores, value, head.allowed, paints(len(value)))


def _looked(
    settings: WeightedSum,
    labels: tuple[Label, ...],
    scores: Tensor,
    value: Tensor,
    allowed: Tensor | None,
    colors: Tensor,
) -> Looked:
    weights = softmax.softmax(attention.masked(scores, allowed), settings.temperature)
    return Looked(labels, scores, weights, value, attention.output(weights, value), allowed, colors)


def _cooled(settings: WeightedSum) -> str:
    return f"temperature {settings.temperature:.2g}"


def panels(settings: WeightedSum, looked: Looked, *, second: bool = False) -> list[dict]:
    """The panels of one sentence."""
    row = min(settings.focus, len(looked.labels) - 1)
    draw = {"steps": _steps, "paint": _paint, "rows": _rows}[settings.view]
    return draw(looked, row, "-2" if second else "")


def _steps(looked: Looked, row: int, mark: str) -> list[dict]:
    """Scores, weights, and the weighted values on top of each other."""
    allowed = None if looked.allowed is None else looked.allowed[row]
    word, weights = looked.labels[row].quoted, looked.weights[row]
    width = looked.value.shape[1]
    shown = slice(0, MAX_DIMENSIONS)
    cut = f"the first {MAX_DIMENSIONS} of {width} numbers" if width > MAX_DIMENSIONS else f"{width} numbers"
    return [
        token_bars.render(
            f"scores{mark}", looked.scores[row], labels=looked.labels, title="1 Scores", aside=f"{word} asks", span=4,
            allowed=allowed, selected=row,
        ),
        token_bars.render(
            f"weights{mark}", weights, labels=looked.labels, title="2 Weights", aside=f"sum {weights.sum().item():.3f}",
            span=3, largest=1.0, allowed=allowed, selected=row,
        ),
        stack.render(
            f"sum{mark}", (weights[:, None] * looked.value)[:, shown], labels=looked.labels, output=looked.output[row, shown],
            title="3 Weighted values, added up", aside=cut, span=5, colors=looked.colors,
        ),
        _sizes(f"sizes{mark}", looked, row),
    ]  # fmt: skip


def _sizes(panel: str, looked: Looked, row: int) -> dict:
    """How much of it there is, and who gave it."""
    weights, length = looked.weights[row], looked.value.norm(dim=-1)
    given = weights * length
    most, gives = int(weights.argmax()), int(given.argmax())
    return numbers.render(
        panel,
        [
            Number("looks at as many as", measures.effective_tokens(weights).item(), "equal tokens"),
            Number("largest weight", weights[most].item(), note=isolated(looked.labels[most].text)),
            Number("largest weight × length of v", given[gives].item(), note=isolated(looked.labels[gives].text)),
            Number("length of the output", looked.output[row].norm().item(), note=f"values of length {given.sum().item():.2f}, weighted"),
        ],
    )  # fmt: skip


def _paint(looked: Looked, row: int, mark: str) -> list[dict]:
    """The same weights as amounts of paint, and what equal amounts would give."""
    allowed = None if looked.allowed is None else looked.allowed[row]
    even = softmax.softmax(attention.masked(looked.scores, looked.allowed), torch.inf)[row]
    word = looked.labels[row].quoted
    return [
        swatches.render(
            f"paint{mark}", looked.weights[row], labels=looked.labels, title=f"Mixed by {word}", span=6,
            colors=looked.colors, allowed=allowed, selected=row,
        ),
        swatches.render(
            f"even{mark}", even, labels=looked.labels, title="The same paints in equal parts", span=6,
            colors=looked.colors, allowed=allowed, output_name="average",
        ),
    ]  # fmt: skip


def _rows(looked: Looked, row: int, mark: str) -> list[dict]:
    """All words as the matrix product they are: weights times values is output."""
    reach = looked.value.abs().max().item() or 1.0
    numbered: dict[str, Any] = {
        "rows": looked.labels, "span": 6 if looked.value.shape[1] <= 12 else 12, "ramp": "signed", "high": reach,
        "measure": "number", "digits": 1,
    }  # fmt: skip
    return [
        matrix.render(
            f"all-weights{mark}", looked.weights, title="Weights", aside="each row sums to 1", span=6, rows=looked.labels,
            columns=looked.labels, allowed=looked.allowed, selected=row,
        ),
        token_bars.render(
            f"lengths{mark}", looked.output.norm(dim=-1), labels=looked.labels, title="Length of the output", span=6, compare=looked.value.norm(dim=-1), names=("output", "the word's own value"),
            linked="query", selected=row,
        ),
        matrix.render(
            f"all-values{mark}", looked.value, title="Values", aside="one row per word",
            axes=("looked at: key", "dimension"), linked=("key", ""), **numbered,
        ),
        matrix.render(
            f"all-outputs{mark}", looked.output, title="Output = weights × values", aside="one row per word",
            axes=("looking: query", "dimension"), linked=("query", ""), selected=row, **numbered,
        ),
    ]  # fmt: skip
