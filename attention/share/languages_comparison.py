"""One head on sentences that mean the same: pictures on one scale, scores beside those of the whole set, the answer in words."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.capture import Capture
from attention.core.names import head_name
from attention.core.patterns.agreement import NAMES, Agreement
from attention.core.patterns.capture_scores import sum_captures
from attention.core.patterns.layout import layout_of
from attention.core.patterns.ranking import title_of
from attention.core.patterns.sums import SLOTS
from attention.core.patterns.tally import Tally
from attention.core.tokens import right_to_left
from attention.core.words import Word, to_words, words_of
from attention.errors import SelectionError, TextError
from attention.models import languages, parallel, reader
from attention.models.cache import BoundedCache
from attention.models.spans import quoted, shown
from attention.share.languages_answer import answer, basis, question
from attention.share.pictures import word_labels
from attention.share.settings.languages import MOST, TYPED, Languages
from attention.views import heatmap, side_by_side
from attention.views.labels import labels_of

MAX_TOKENS = 128
"""Longer texts make small multiples that nobody can read, and are what the explorer is for."""

SCORES: BoundedCache[tuple[str, str, str], Tensor] = BoundedCache(16 << 20)
"""Scores of all heads of a sentence, by model, revision and text."""

MOST_BARS = 6
LEAST = 0.1
"""Patterns that reach this nowhere are counted, not shown."""


@dataclass(frozen=True, eq=False, slots=True)
class Sentence:
    """A sentence that was read. language: of the set, or empty."""

    language: str
    capture: Capture
    words: tuple[Word, ...]


def read(settings: Languages) -> list[Sentence]:
    """The sentences of a view, one forward pass each unless they were read before.

    Raises: SelectionError where there is none; ModelError, TextError with one sentence.
    """
    found = []
    for language, text in settings.sentences:
        capture = reader.capture(settings.model, text, folders=False)
        if len(capture.tokens) > MAX_TOKENS:
            raise TextError("too_long_for_comparison", got=len(capture.tokens), limit=MAX_TOKENS)
        found.append(Sentence(language, capture, words_of(capture.tokens, text)))
    if not found:
        choices = f"one to {MOST} of the languages"
        raise SelectionError("bad_choice", name="languages", choices=choices, got="none of them")
    return found


def comparison(settings: Languages) -> dict:
    """What the figure of the tab draws. Raises: as read; SelectionError for a layer or head the model does not have."""
    sentences = read(settings)
    first = sentences[0].capture
    first.check(settings.layer, settings.head)
    agreement = languages.find_agreement(settings.model)
    weights = [one.capture.weights(settings.layer, settings.head) for one in sentences]
    here = torch.stack([_scores(one.capture, settings.layer, settings.head) for one in sentences])
    usual = _usual(agreement, sentences, settings.layer, settings.head)
    rows, rest = _rows(here, usual, causal=first.causal)
    columns = [
        _column(settings, one, values, [(here[at, row], usual[at, row]) for row in rows])
        for at, (one, values) in enumerate(zip(sentences, weights, strict=True))
    ]
    names = [name.replace(TYPED, "the typed sentence", 1) for name in settings.names]
    asked = question(here, usual, _listed(first.causal), settings.pattern)
    return side_by_side.render(
        columns,
        key=key(settings),
        title=head_name(settings.layer, settings.head),
        said=answer(names, here, asked),
        aside=basis(agreement, settings.layer, settings.head, asked),
        caption=_caption(settings, first),
        patterns=[title_of(SLOTS[row]) for row in rows],
        rest=rest,
        selected=(settings.layer, settings.head),
    )


def key(settings: Languages) -> str:
    """What tells the texts of a view from others, whatever head and level it shows."""
    said = json.dumps([settings.model, settings.sentences], ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


def score_all(settings: Languages) -> None:
    """Scores every head of the sentences that are shown, so that another head costs next to nothing. Raises: as read."""
    for one in read(settings):
        SCORES.get(_name(one.capture), partial(_all_scores, one.capture))


def _name(capture: Capture) -> tuple[str, str, str]:
    return capture.model, capture.revision, capture.text.text


def _all_scores(capture: Capture) -> Float[Tensor, "layer head slot"]:
    kappa = sum_captures([capture])[0].numbers()[0].float()
    return kappa.unflatten(0, (capture.n_layers, capture.n_heads))


def _scores(capture: Capture, layer: int, head: int) -> Float[Tensor, " slot"]:
    """kappa of one head for every pattern and distance; NaN where the sentence cannot show it."""
    known = SCORES.peek(_name(capture))
    if known is not None:
        return known[layer, head]
    weights = capture.weights(layer, head)
    layout = layout_of(capture.tokens, capture.allowed(layer), capture.causal)
    tally = Tally(layout, 1, exact=False, working=False)
    for band in tally.bands:
        tally.add(band, weights[None, int(band.query_pos[0]) : int(band.query_pos[-1]) + 1])
    return tally.raw.sums().numbers()[0][0].float()


def _usual(
    agreement: Agreement | None, sentences: Sequence[Sentence], layer: int, head: int
) -> Float[Tensor, "column slot"]:
    """kappa of the head over the whole set in each column's language; NaN where it is not known."""
    found = torch.full((len(sentences), len(NAMES)), torch.nan)
    for at, one in enumerate(sentences):
        if agreement is not None and one.language in agreement.languages:
            place = agreement.languages.index(one.language)
            found[at] = torch.stack([agreement.kappa[name][place, layer, head] for name in NAMES])
    return found


def _listed(causal: bool) -> list[int]:
    """Patterns that can be said of a head."""
    return [at for at, pattern in enumerate(SLOTS) if causal or not pattern.causal_only]


def _rows(
    here: Float[Tensor, "column slot"], usual: Float[Tensor, "column slot"], *, causal: bool
) -> tuple[list[int], str]:
    """The patterns with a bar, strongest first, and what is said of the others."""
    top = torch.cat([here, usual]).nan_to_num(nan=0.0).amax(dim=0)
    possible = [at for at in _listed(causal) if not bool(here[:, at].isnan().all())]
    strong = sorted((at for at in possible if top[at] >= LEAST), key=lambda at: -float(top[at]))[:MOST_BARS]
    rest = [float(top[at]) for at in possible if at not in strong]
    if not rest:
        return strong, ""
    return strong, f"{len(rest)} other patterns and distances stay at or below {max(rest):.2f} in every column."


def _column(
    settings: Languages, one: Sentence, weights: Float[Tensor, "query_pos key_pos"], scores: Sequence[tuple[Tensor, Tensor]]
) -> side_by_side.Column:  # fmt: skip
    text = one.capture.text.text
    known = parallel.languages().get(one.language)
    allowed = one.capture.allowed(settings.layer)
    labels, rows = labels_of(one.capture.tokens), [(word.first, word.last) for word in one.words]
    if settings.level == "word":
        weights, allowed = to_words(weights, one.words), to_words(allowed.float(), one.words) > 0
        labels = word_labels(one.words)
        rows = [(at, at) for at in range(len(one.words))]
    figure = heatmap.render(
        weights, labels=labels, allowed=None if bool(allowed.all()) else allowed,
        title=head_name(settings.layer, settings.head), mirrored=right_to_left(text),
    )  # fmt: skip
    return side_by_side.Column(
        name=one.language or TYPED, own=known.own if known else "", code=known.code if known else "",
        mirrored=right_to_left(text), note=_note(settings, one), sentence=_parts(one), words=rows,
        specials=[at for at, word in enumerate(one.words) if word.special], figure=figure,
        largest=float(weights.max()),
        bars=[side_by_side.Bar(*(None if score.isnan() else float(score) for score in pair)) for pair in scores],
    )  # fmt: skip


def _parts(one: Sentence) -> list[tuple[str, int]]:
    """The sentence in slices, each with its word's place or -1."""
    text, parts, reached = one.capture.text.text, [], 0
    for at, word in enumerate(one.words):
        written = [t for t in one.capture.tokens[word.first : word.last + 1] if t.start < t.end and not word.special]
        if not written:
            continue
        start, end = max(reached, min(token.start for token in written)), max(token.end for token in written)
        if start > reached:
            parts.append((_between(text[reached:start]), -1))
        if end > start:
            parts.append((shown(text[start:end]), at))
        reached = max(reached, end)
    return [*parts, *([(_between(text[reached:]), -1)] if reached < len(text) else [])]


def _between(text: str) -> str:
    """What stands between words: blanks as they are, everything else so that it does not disturb its neighbors."""
    return text if text.isspace() else shown(text)


def _note(settings: Languages, one: Sentence) -> str:
    """What this language says otherwise, for a sentence of the set, and what its words are where they are not a dictionary's."""
    meaning, text = parallel.meaning(settings.meaning), one.capture.text
    said = [meaning.notes.get(one.language, "")] if text.text == meaning.sentences.get(one.language) else []
    said += ["Shown piece by piece."] * text.pieces_as_words + [
        "A piece that holds several words joins them."
    ] * text.words_joined
    return " ".join(filter(None, said))


def _caption(settings: Languages, capture: Capture) -> str:
    """Model, head, measure and texts: the meaning in English and the languages it is shown in, then what was typed."""
    note = f" ({capture.note})" if capture.note else ""
    level = "between words" if settings.level == "word" else "between tokens"
    where = head_name(settings.layer, settings.head)
    meaning = parallel.meaning(settings.meaning).sentences
    columns = list(zip(settings.names, settings.sentences, strict=True))
    own = dict.fromkeys(language for language, text in settings.sentences if text == meaning.get(language))
    typed = [f"{name} · {quoted(text)}" for name, (language, text) in columns if text != meaning.get(language)]
    texts = [quoted(meaning["English"]), ", ".join(own), *typed] if own else typed
    return " · ".join([f"{capture.model}{note}", where, f"weights {level}", *texts])
