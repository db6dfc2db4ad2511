"""From a capture to what is said of all its heads at once: thumbnails, findings, scores."""

from dataclasses import dataclass

import torch
from torch import Tensor

from attention.core.capture import Capture
from attention.core.patterns import (
    LISTED,
    NAMES,
    CaptureScores,
    Card,
    Finding,
    find,
    score_capture,
    surprising,
    unexplained,
)
from attention.core.tokens import right_to_left
from attention.share.pictures import TITLES
from attention.share.selection import Selection
from attention.views import bars, finding_cards, head_grid

CALLED = {
    "none": "follows no pattern",
    "unstructured": "is sharp but follows no pattern",
    "broad": "looks everywhere alike",
}


@dataclass(frozen=True, eq=False, slots=True)
class Overview:
    """The first answer on a text: every head small, the few worth a look, and the scores of each head."""

    grid: dict
    cards: dict
    bars: dict
    findings: tuple[Finding, ...]

    @property
    def scored(self) -> dict[str, str]:
        """Titles of the scores that apply to this text, by name."""
        return dict(zip(self.bars["names"], self.bars["titles"], strict=True))


def overview(
    capture: Capture, selection: Selection | None = None, card: Card | None = None,
    findings: tuple[Finding, ...] | None = None,
) -> Overview:  # fmt: skip
    """Thumbnails, scores and findings of all heads; weights of one layer at a time are recomputed and let go.

    selection: the head shown as selected; the best finding unless given. card: what the heads do over many texts.
    findings: of this capture, to be shown in place of the best ones.
    """
    scores = score_capture(capture)
    findings = tuple(find(scores, causal=capture.causal)) if findings is None else findings
    mirrored = right_to_left(capture.text.text)
    thumbs = [head_grid.thumbnails(capture.weights(layer), mirrored=mirrored) for layer in range(capture.n_layers)]
    shown = first_head(findings) if selection is None or selection.head is None else (selection.layer, selection.head)
    n = len(capture.tokens)
    names = [name for name in NAMES if not bool(scores.scores[name].isnan().all())]
    grid = head_grid.render(
        torch.stack(thumbs),
        n_tokens=n,
        selected=shown,
        title="All heads",
        notes=_notes(scores),
        tables={name: scores.scores[name] for name in names},
    )
    cards = finding_cards.render(
        [_card(finding, thumbs) for finding in findings],
        n_tokens=n,
        selected=shown,
        footnote=_footnote(capture, findings),
        more=_more(scores, card, causal=capture.causal),
    )
    return Overview(grid, cards, _bars(scores, names, shown), findings)


def usual(card: Card) -> dict:
    """What the bars add of a model card."""
    return bars.render_card(list(NAMES), card.kappa, card.low, card.high, texts=card.texts, rows=card.rows)


def first_head(findings: tuple[Finding, ...]) -> tuple[int, int]:
    """The head to open first: the best finding, or the very first head."""
    return (findings[0].layer, findings[0].head) if findings else (0, 0)


def _notes(scores: CaptureScores) -> list[str]:
    """Per head, what it is called, with the score; nothing for a head without a name."""
    return [
        "" if name == "none" else f"{TITLES[name].lower()} {float(scores.scores[name][layer, head]):.2f}"
        for layer, names in enumerate(scores.labels)
        for head, name in enumerate(names)
    ]


def _bars(scores: CaptureScores, names: list[str], selected: tuple[int, int]) -> dict:
    """Every scored pattern of every head, and what the head is called as it is and over content alone."""
    kinds = (*NAMES, "none")
    readings = [
        (kinds.index(raw), kinds.index(working), None if rest != rest else round(100 * rest))
        for labels, working_labels, resting in zip(
            scores.labels, scores.working_labels, scores.resting.tolist(), strict=True
        )
        for raw, working, rest in zip(labels, working_labels, resting, strict=True)
    ]
    layers = range(len(scores.labels))
    return bars.render(
        {name: TITLES[name] for name in names},
        scores.scores,
        scores.chance,
        rows={name: max(scores.rows(name, layer) for layer in layers) for name in names},
        outlined=[pattern.name for pattern in LISTED],
        phrases=[CALLED.get(kind, f"is “{TITLES.get(kind, kind).lower()}”") for kind in kinds],
        readings=readings,
        shape=(scores.resting.shape[0], scores.resting.shape[1]),
        selected=selected,
    )


def _more(scores: CaptureScores, card: Card | None, *, causal: bool) -> list[finding_cards.Section]:
    """Heads that no pattern explains, and heads that do something else here than usual."""
    unnamed = [
        finding_cards.Row(layer, head, "", f"sharp by {score:.2f}, and no named pattern says why")
        for layer, head, score in unexplained(scores)
    ]
    sections = [finding_cards.Section("Unexplained", "open these by hand", unnamed)] if unnamed else []
    if card is None:
        return sections
    odd = [
        finding_cards.Row(one.layer, one.head, one.pattern, one.reason)
        for one in surprising(scores, card, causal=causal)
    ]
    aside = f"against {card.texts} other texts"
    return [*sections, finding_cards.Section("Unlike itself", aside, odd)] if odd else sections


def _card(finding: Finding, thumbs: list[Tensor]) -> finding_cards.FindingCard:
    return finding_cards.FindingCard(
        pattern=finding.title,
        name=finding.pattern,
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
