"""From a capture and a selection to the pictures of the explorer: the head, all heads, the findings."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention.core import measures
from attention.core.capture import Capture
from attention.core.heads import average
from attention.core.names import head_name
from attention.core.patterns import LISTED, NAMES, CaptureScores, Finding, find, score_capture
from attention.core.words import Word, to_words, words_of
from attention.share.selection import MEASURES, Selection
from attention.views import bars, finding_cards, head_grid, heatmap
from attention.views.labels import Label, labels_of

TITLES = {**{pattern.name: pattern.title for pattern in LISTED}, "broad": "Broad", "unstructured": "Unexplained"}

CALLED = {
    "none": "follows no pattern",
    "unstructured": "is sharp but follows no pattern",
    "broad": "looks everywhere alike",
}

EXPLAINED = {
    "raw": "The weights as the model computed them; each row sums to 1.",
    "content": "Special tokens left out, each row scaled back to 1: what the head does when it is not resting.",
    "value": "Each weight times the length of the value it moves, rows scaled to 1: what is written, not only what is read.",
    "rollout": "Attention followed back through all layers up to this one, averaged over heads, with half of each step "
    "passing straight through: an approximation that leaves out everything but mixing.",
}


def measured(capture: Capture, selection: Selection) -> Float[Tensor, "query_pos key_pos"]:
    """The selection's numbers between tokens, each row summing to 1 or, where nothing is left of it, to 0."""
    layer, head = selection.layer, selection.head
    if selection.measure == "rollout":
        return measures.rollout([average(capture.weights(below)) for below in range(layer + 1)])
    weights = capture.weights(layer, head)
    if selection.measure == "content":
        weights = measures.without_specials(weights, torch.tensor([token.special for token in capture.tokens]))
    if selection.measure == "value":
        norms = capture.value_norms[layer] if head is None else capture.value_norms[layer, head]
        if bool(norms.isnan().any()):
            return torch.zeros_like(weights if head is not None else weights[0])
        weights = measures.value_weighted(weights, norms)
    return weights if head is not None else average(weights)


def head_picture(capture: Capture, selection: Selection) -> dict:
    """What the head figure draws; `selected` is the head, for pictures that mark it. Raises: SelectionError for no such view."""
    selection.checked(capture)
    weights = measured(capture, selection)
    allowed = (
        capture.allowed(selection.layer)
        if selection.measure != "rollout"
        else torch.ones_like(weights, dtype=torch.bool)
    )
    labels = labels_of(capture.tokens)
    if selection.level == "word":
        words = words_of(capture.tokens, capture.text.text, capture.text.pair)
        weights, allowed = to_words(weights, words), _between_words(allowed, words)
        labels = [Label(word.text, word.special) for word in words]
    empty = (weights.sum(dim=-1) == 0).nonzero().flatten().tolist()
    query = selection.query if selection.query is not None and selection.query < len(labels) else None
    drawn = heatmap.render(
        weights,
        labels=labels,
        allowed=None if bool(allowed.all()) else allowed,
        title=title(selection),
        caption=caption(capture, selection),
        query=query,
        empty_rows=empty,
        empty_note=_empty_note(selection.measure),
    )
    return drawn | {"selected": None if selection.head is None else [selection.layer, selection.head]}


def explained(capture: Capture, selection: Selection) -> str:
    """What the numbers of this view are, in a sentence or two."""
    between = ""
    if selection.level == "word":
        between = " To a word: summed over its pieces; from a word: averaged over them."
        if capture.text.pieces_as_words:
            between += " Scripts that write no blanks are shown piece by piece."
    return EXPLAINED[selection.measure] + between


@dataclass(frozen=True, eq=False, slots=True)
class Overview:
    """The first answer on a text: every head small, the few worth a look, and the scores of each head."""

    grid: dict
    cards: dict
    bars: dict
    findings: tuple[Finding, ...]


def overview(capture: Capture, selection: Selection | None = None) -> Overview:
    """Thumbnails, scores and findings of all heads; weights of one layer at a time are recomputed and let go.

    selection: the head shown as selected; the best finding unless given.
    """
    scores = score_capture(capture)
    findings = tuple(find(scores, causal=capture.causal))
    thumbs = [head_grid.thumbnails(capture.weights(layer)) for layer in range(capture.n_layers)]
    shown = first_head(findings) if selection is None or selection.head is None else (selection.layer, selection.head)
    n = len(capture.tokens)
    grid = head_grid.render(torch.stack(thumbs), n_tokens=n, selected=shown, title="All heads", notes=_notes(scores))
    cards = finding_cards.render(
        [_card(finding, thumbs) for finding in findings],
        n_tokens=n,
        selected=shown,
        footnote=_footnote(capture, findings),
    )
    return Overview(grid, cards, _bars(scores, shown), findings)


def first_head(findings: tuple[Finding, ...]) -> tuple[int, int]:
    """The head to open first: the best finding, or the very first head."""
    return (findings[0].layer, findings[0].head) if findings else (0, 0)


def title(selection: Selection) -> str:
    """L3H5, or what takes its place."""
    if selection.measure == "rollout":
        return f"Rollout to L{selection.layer}"
    return head_name(selection.layer, selection.head)


def caption(capture: Capture, selection: Selection) -> str:
    """Model, head, measure and text in one line: the same in every export."""
    note = f" ({capture.note})" if capture.note else ""
    level = "between words" if selection.level == "word" else "between tokens"
    text = capture.text.text if capture.text.pair is None else f"{capture.text.text} / {capture.text.pair}"
    short = text if len(text) <= 90 else text[:89] + "…"
    return f"{capture.model}{note} · {title(selection)} · {MEASURES[selection.measure].lower()} {level} · “\u2068{short}\u2069”"


def _between_words(
    allowed: Bool[Tensor, "query_pos key_pos"], words: tuple[Word, ...]
) -> Bool[Tensor, "query_word key_word"]:
    return to_words(allowed.float(), words) > 0


def _empty_note(measure: str) -> str:
    if measure == "content":
        return "all of this row rests on special tokens"
    return "value lengths are not available for this model" if measure == "value" else "no key allowed"


def _notes(scores: CaptureScores) -> list[str]:
    """Per head, what it is called, with the score; nothing for a head without a name."""
    return [
        "" if name == "none" else f"{TITLES[name].lower()} {float(scores.scores[name][layer, head]):.2f}"
        for layer, names in enumerate(scores.labels)
        for head, name in enumerate(names)
    ]


def _bars(scores: CaptureScores, selected: tuple[int, int]) -> dict:
    """Every scored pattern of every head, and what the head is called as it is and over content alone."""
    shown = [name for name in NAMES if not bool(scores.scores[name].isnan().all())]
    empty = scores.resting.new_empty((*scores.resting.shape, 0))
    kappa = torch.stack([scores.scores[name] for name in shown], dim=-1) if shown else empty
    chance = torch.stack([scores.chance[name] for name in shown], dim=-1) if shown else empty
    kinds = (*NAMES, "none")
    readings = [
        (kinds.index(raw), kinds.index(working), None if rest != rest else round(100 * rest))
        for labels, working_labels, resting in zip(
            scores.labels, scores.working_labels, scores.resting.tolist(), strict=True
        )
        for raw, working, rest in zip(labels, working_labels, resting, strict=True)
    ]
    phrases = [CALLED.get(kind, f"is “{TITLES.get(kind, kind).lower()}”") for kind in kinds]
    return bars.render(
        [TITLES[name] for name in shown], kappa, chance, phrases=phrases, readings=readings, selected=selected
    )


def _card(finding: Finding, thumbs: list[Tensor]) -> finding_cards.FindingCard:
    return finding_cards.FindingCard(
        pattern=finding.title,
        layer=finding.layer,
        head=finding.head,
        score=finding.score,
        chance=finding.chance,
        rows=finding.rows,
        reason=finding.reason,
        thumb=thumbs[finding.layer][finding.head],
    )


def _footnote(capture: Capture, findings: tuple[Finding, ...]) -> str:
    content = sum(not token.special for token in capture.tokens)
    if findings:
        return "Scored on this one text, over and above chance; another text may rank other heads. A pattern is not a purpose."
    if content < 5:
        return (
            f"This text has {content} tokens of its own; patterns are scored from 5 on. Every head can still be opened."
        )
    return (
        "No head follows a named pattern for at least a quarter of its attention here. Every head can still be opened."
    )
