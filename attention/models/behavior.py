"""The behavior check of a decoder: repeated random tokens, which heads find the earlier copy, and what is lost without them.

Random tokens cannot be guessed, so the first copy costs about ln(vocabulary) nats a token. The second copy can be copied from
the first, and that is what induction heads are for.
Source: Olsson et al. 2022, "In-context Learning and Induction Heads".
"""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention.core.patterns import CaptureScores
from attention.core.patterns.ranking import MIN_KAPPA
from attention.core.patterns.score import Reading, read
from attention.core.patterns.sums import Sums
from attention.errors import ModelError, SelectionError
from attention.models import loader, repeated
from attention.models.loaded import MAX_TOKENS
from attention.models.unembedding import unembedding

T = TypeVar("T")

Heads = tuple[tuple[int, int], ...]
"""(layer, head), zero-based."""

Report = Callable[[int, int], None]
"""Called after each forward pass with how many are done and at most how many there will be."""

MAX_TEXTS = 32
MAX_INDUCTION, MAX_PREVIOUS = 8, 3
AROUND = 3
"""Passes with no head off, with all listed heads off, and with the control off."""


@dataclass(frozen=True, eq=False, slots=True)
class Trial:
    """What predicting each token cost while some heads were switched off.

    off: those heads; empty for the model as it is.
    losses: nats for each token of both copies, mean over the texts; NaN for a first token that nothing stands before.
    """

    off: Heads
    losses: Float[Tensor, " position"]

    @property
    def first(self) -> float:
        """Mean loss of the first copy in nats. As in `second`, the copy's first token, which nothing announces, is left out."""
        return float(self.losses[1 : len(self.losses) // 2].mean())

    @property
    def second(self) -> float:
        """Mean loss of the second copy in nats."""
        return float(self.losses[len(self.losses) // 2 + 1 :].mean())


@dataclass(frozen=True, eq=False, slots=True)
class RepeatCheck:
    """What a decoder does with the second copy of random tokens, and without which heads it no longer does.

    Switched off means that the head's output before W_O is zero. Zeros are one choice (a mean over other texts is another), later
    heads may stand in for a missing one, and a pattern is not importance: a head that looks like induction may not be missed,
    and switching off one previous-token head, whose name says nothing about copying, may end it.

    length: tokens of one copy. ids: the texts, with a beginning-of-text token where the tokenizer has one.
    induction, previous: kappa of every head, r, c and rows added up over the texts; NaN where it does not apply.
    intact: no head off. each: every listed induction head off alone, the highest kappa first. together: all of them off.
    control: as many other heads of the same layers off, drawn at random, as far as there are so many that neither score as
    induction nor are in `before`. together and control are None where there is no such head.
    before: the heads with the highest previous-token kappa in layers before the last listed head, however low it is, off alone.
    """

    model: str
    revision: str
    length: int
    seed: int
    ids: Int[Tensor, "text token"]
    induction: Float[Tensor, "layer head"]
    previous: Float[Tensor, "layer head"]
    intact: Trial
    each: tuple[Trial, ...]
    together: Trial | None
    control: Trial | None
    before: tuple[Trial, ...]


def repeat_check(
    model: str | os.PathLike[str], *, length: int = 32, seed: int = 0, texts: int = 8, progress: Report | None = None,
    cancel: threading.Event | None = None, folders: bool = True,
) -> RepeatCheck:  # fmt: skip
    """The behavior of a decoder on `texts` texts, each `length` different random tokens written twice.

    model, folders: as in reader.capture. length: from 8; less where the model or its vocabulary has no room for two such copies.
    Costs `texts` forward passes of one text and at most 14 of all texts together; `cancel` is heard before each.
    Listed are heads that are named induction over all texts or have kappa >= 0.25 there, at most eight.
    Raises: ModelError for a model that is not a decoder with a language-model head, or when cancelled; SelectionError.
    """
    _check_number("length", length, repeated.MIN_LENGTH, MAX_TOKENS // 2)
    _check_number("texts", texts, 1, MAX_TEXTS)
    _check_number("seed", seed, 0, 2**63 - 1)
    resolved = loader.resolve(model, folders=folders)
    loaded = loader.load(model, cancel=cancel, folders=folders)
    matrix = unembedding(resolved, loaded)
    generator = torch.Generator().manual_seed(seed)
    copies = repeated.sample(loaded, length, texts, generator)
    meter = _Meter(loaded.id, texts + MAX_INDUCTION + MAX_PREVIOUS + AROUND, progress, cancel)

    scores = [meter.step(partial(repeated.score, loaded, row, copies.begin)) for row in copies.ids]
    chosen = _choose(_pool(scores, loaded.n_heads), loaded.n_heads, generator)
    listed, control = chosen.listed, chosen.control
    meter.total = texts + 1 + len(listed) + bool(listed) + bool(control) + len(chosen.before)

    def trial(off: Heads) -> Trial:
        return Trial(off, meter.step(partial(repeated.losses, loaded, matrix, copies, off)))

    return RepeatCheck(
        loaded.id, loaded.revision, copies.length, seed, copies.ids, chosen.induction, chosen.previous,
        intact=trial(()),
        each=tuple(trial((head,)) for head in listed),
        together=trial(listed) if listed else None,
        control=trial(control) if control else None,
        before=tuple(trial((head,)) for head in chosen.before),
    )  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class _Chosen:
    """Which heads are switched off, and the scores they were chosen by. See RepeatCheck."""

    induction: Float[Tensor, "layer head"]
    previous: Float[Tensor, "layer head"]
    listed: Heads
    before: Heads
    control: Heads


def _choose(found: Reading, n_heads: int, generator: torch.Generator) -> _Chosen:
    induction, previous = (found.kappa[name].view(-1, n_heads) for name in ("induction", "previous"))
    named = torch.tensor([label == "induction" for label in found.labels()]).view_as(induction)
    copying = named | (induction >= MIN_KAPPA)
    listed = _strongest(induction, copying, MAX_INDUCTION)
    earlier = torch.arange(len(induction))[:, None] < max((layer for layer, _ in listed), default=0)
    before = _strongest(previous, earlier & (previous > 0) & ~copying, MAX_PREVIOUS)
    free = ~copying
    for layer, head in before:
        free[layer, head] = False
    return _Chosen(induction, previous, listed, before, _draw(listed, free, generator))


def _pool(scores: Sequence[CaptureScores], n_heads: int) -> Reading:
    """What every head does over all texts, layers one after the other: sums are added up, and scores read off them once."""
    texts = [[(part.sums, slice(at, at + n_heads)) for part, at in score.parts] for score in scores]
    patterns = [torch.cat([sums.patterns[:, heads] for sums, heads in text], dim=1) for text in texts]
    shapes = [torch.cat([sums.shapes[:, heads] for sums, heads in text], dim=1) for text in texts]
    return read(Sums(torch.stack(patterns).sum(dim=0), torch.stack(shapes).sum(dim=0)))


@dataclass
class _Meter:
    """Counts forward passes, tells of each, and makes none once cancelled."""

    model: str
    total: int
    progress: Report | None
    cancel: threading.Event | None
    done: int = 0

    def step(self, forward: Callable[[], T]) -> T:
        if self.cancel is not None and self.cancel.is_set():
            raise ModelError("check_cancelled", got=self.model)
        found = forward()
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)
        return found


def _check_number(name: str, got: object, least: int, most: int) -> None:
    if type(got) is not int or not least <= got <= most:
        raise SelectionError("bad_choice", name=name, choices=f"the whole numbers from {least} to {most}", got=got)


def _strongest(kappa: Float[Tensor, "layer head"], among: Bool[Tensor, "layer head"], limit: int) -> Heads:
    found = sorted(among.nonzero().tolist(), key=lambda at: -float(kappa[at[0], at[1]]))
    return tuple((layer, head) for layer, head in found[:limit])


def _draw(listed: Heads, free: Bool[Tensor, "layer head"], generator: torch.Generator) -> Heads:
    """In each layer as many free heads as are listed there, or all of them where they are fewer."""
    drawn: list[tuple[int, int]] = []
    for layer in sorted({layer for layer, _ in listed}):
        heads = free[layer].nonzero().flatten().tolist()
        order = torch.randperm(len(heads), generator=generator).tolist()
        drawn += [(layer, heads[at]) for at in order[: sum(where == layer for where, _ in listed)]]
    return tuple(drawn)
