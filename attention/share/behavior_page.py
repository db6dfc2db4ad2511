"""The behavior check of a decoder as a lab figure: what each copy costs, with which heads switched off, in words and numbers."""

import torch

from attention.core.names import head_name
from attention.models.behavior import Heads, RepeatCheck, Trial
from attention.views import lab
from attention.views.panels import curves, numbers, table

COPIED, HELPED = 0.5, 0.9
"""Cost of the second copy as a part of the first: below the one it is repeated, above the other it is no cheaper."""
SAME = 0.005
"""Nats that two decimals do not show."""


def figure(check: RepeatCheck, asked: int) -> dict:
    """Sentences, numbers, curves and a table. asked: tokens of one copy that were asked for."""
    tried = [
        ("as_it_is", "As it is", check.intact),
        ("together", "Induction heads off", check.together),
        ("control", "Other heads off", check.control),
    ]
    ran = [(panel, title, trial) for panel, title, trial in tried if trial is not None]
    losses = torch.cat([trial.losses for _, _, trial in ran])
    top = 1.05 * float(losses[losses.isfinite()].max())
    drawn = [_curves(panel, title, trial, span=12 // len(ran), top=top) for panel, title, trial in ran]
    caption = (
        f"{check.model} · {len(check.ids)} texts of {check.length} different random tokens written twice · seed {check.seed}"
        " · switched off: the head's output is zero"
    )
    return lab.render([_numbers(check), *drawn, *_table(check)], caption=caption, note="\n\n".join(said(check, asked)))


def said(check: RepeatCheck, asked: int) -> list[str]:
    """What the numbers say, one sentence or two each."""
    first, second = check.intact.first, check.intact.second
    ratio = second / first
    found = (
        "it repeats the first copy." if ratio < COPIED
        else "the first copy helps a little." if ratio < HELPED
        else "the first copy does not help it."
    )  # fmt: skip
    lines = [f"A token of the first copy costs {check.model} {first:.2f} nats, one of the second {second:.2f}: {found}"]
    if check.length < asked:
        lines.append(f"Copies have {check.length} tokens, not {asked}: there is no room for more in this model.")
    return [*lines, _without_all(check), *_control(check), *_alone(check), *_before(check)]


def _without_all(check: RepeatCheck) -> str:
    if check.together is None:
        return "No head scores as induction on these texts, so there is none to switch off."
    off = check.together.off
    line = f"Without its {_heads(off, 'induction ')} ({_named(off)}) the second copy costs {_change(check, check.together)}."
    elsewhere = check.together.first - check.intact.first
    if abs(elsewhere) < 0.1:
        return line
    too = " too" if elsewhere * _gain(check, check.together) > 0 else ""
    return f"{line} The first copy, where there is nothing to repeat, costs {_moved(elsewhere)}{too}: not all of it is copying."


def _control(check: RepeatCheck) -> list[str]:
    if check.together is None:
        return []
    if check.control is None:
        return ["There is no control: no other head of the same layers is left to switch off instead."]
    off = check.control.off
    few = ", fewer because no more are left" if len(off) < len(check.together.off) else ", drawn at random"
    drawn = f"{_heads(off, 'other ')} of the same layers ({_named(off)}){few}"
    return [f"The control, {drawn}: {_change(check, check.control)}."]


def _alone(check: RepeatCheck) -> list[str]:
    """Which single induction head is missed most, and which are not missed."""
    if not check.each:
        return []
    missed = max(check.each, key=lambda trial: trial.second)
    lines = []
    if _gain(check, missed) >= SAME:
        strongest = check.each[0]
        aside = "" if missed is strongest else f", though {_named(strongest.off)} has the highest score"
        lines.append(f"Of these heads alone, {_named(missed.off)} is missed most: {_change(check, missed)}{aside}.")
    return lines + [
        f"Without {_named(trial.off)} the second copy costs {_change(check, trial)}: a head can look like induction and not be needed."
        for trial in check.each
        if _gain(check, trial) <= -SAME
    ]


def _before(check: RepeatCheck) -> list[str]:
    """The previous-token head that is missed most, beside the most missed induction head."""
    if not check.before:
        return []
    missed = max(check.before, key=lambda trial: trial.second)
    ((layer, head),) = missed.off
    score = float(check.previous[layer, head])
    line = f"Without {_named(missed.off)}, an earlier head with a previous-token score of {score:.2f}: {_change(check, missed)}"
    if missed.second - max(trial.second for trial in check.each) < SAME:
        return [f"{line}."]
    return [f"{line}, more than without any single induction head, though its name says nothing about copying."]


def _numbers(check: RepeatCheck) -> dict:
    items = [
        numbers.Number("First copy", check.intact.first, "nats"),
        numbers.Number("Second copy", check.intact.second, "nats"),
        numbers.Number("Second ÷ first", check.intact.second / check.intact.first),
    ]
    for name, trial in (("Second, induction heads off", check.together), ("Second, other heads off", check.control)):
        if trial is not None:
            items.append(numbers.Number(name, trial.second, "nats"))
    return numbers.render("means", items)


def _curves(panel: str, title: str, trial: Trial, *, span: int, top: float) -> dict:
    half = len(trial.losses) // 2
    return curves.render(
        panel,
        torch.arange(1, half + 1).float(),
        [
            curves.Series("first", trial.losses[:half], "muted", "dashed"),
            curves.Series("second", trial.losses[half:], "ink"),
        ],
        title=title, aside=_heads(trial.off) if trial.off else "",
        x_name="token of the copy", y_name="loss in nats", y_range=(0, top), span=span,
    )  # fmt: skip


def _table(check: RepeatCheck) -> list[dict]:
    """A row for each head that was off alone, or no table."""
    kinds = ((check.each, "induction", check.induction), (check.before, "previous token", check.previous))
    rows = [
        (_named(trial.off), pattern, float(kappa[trial.off[0]]), trial.second, _gain(check, trial))
        for trials, pattern, kappa in kinds
        for trial in trials
    ]
    header = ("Off", "Pattern", "Score", "Second copy", "Change")
    aside = "second copy and its change in nats"
    return [table.render("heads", header, rows, title="One head off at a time", aside=aside, span=12)] if rows else []


def _gain(check: RepeatCheck, trial: Trial) -> float:
    """Nats that the second copy costs more than with no head off."""
    return trial.second - check.intact.second


def _change(check: RepeatCheck, trial: Trial) -> str:
    return _moved(_gain(check, trial))


def _moved(nats: float) -> str:
    if abs(nats) < SAME:
        return "as much as before"
    return f"{abs(nats):.2f} nats {'more' if nats > 0 else 'less'}"


def _heads(off: Heads, kind: str = "") -> str:
    return f"{len(off)} {kind}head{'' if len(off) == 1 else 's'}"


def _named(off: Heads) -> str:
    return ", ".join(head_name(*head) for head in off)
