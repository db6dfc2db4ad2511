"""The check in words and numbers: everything said is read off the check, whatever it found."""

import math

import pytest
import torch
from torch import Tensor

from attention.models.behavior import Heads, RepeatCheck, Trial, repeat_check
from attention.share.behavior_page import figure, said

LENGTH = 8


def losses(first: float, second: float) -> Tensor:
    return torch.cat([torch.full((LENGTH,), first), torch.full((LENGTH,), second)])


def made(
    first: float = 6.0, second: float = 1.0, each: dict[Heads, float] | None = None, together: float | None = None,
    together_first: float | None = None, control: tuple[Heads, float] | None = None, before: dict[Heads, float] | None = None,
) -> RepeatCheck:  # fmt: skip
    """A check of 2 layers of 4 heads with these second-copy losses; head h of layer l scores 0.1 l + 0.2 h."""
    kappa = 0.1 * torch.arange(2)[:, None] + 0.2 * torch.arange(4)[None, :]
    trials = tuple(Trial(off, losses(first, loss)) for off, loss in (each or {}).items())
    off = tuple(trial.off[0] for trial in trials)
    return RepeatCheck(
        "a-model", "abc", LENGTH, 3, torch.zeros(5, 2 * LENGTH, dtype=torch.long), kappa, kappa,
        intact=Trial((), losses(first, second)),
        each=trials,
        together=None if together is None else Trial(off, losses(together_first or first, together)),
        control=None if control is None else Trial(control[0], losses(first, control[1])),
        before=tuple(Trial(off, losses(first, loss)) for off, loss in (before or {}).items()),
    )  # fmt: skip


@pytest.fixture(scope="module")
def ours() -> RepeatCheck:
    return repeat_check("induction-2l", length=12, texts=4)


def panels(check: RepeatCheck, asked: int = LENGTH) -> dict[str, dict]:
    return {panel["id"]: panel for panel in figure(check, asked)["panels"]}


def test_numbers_and_rows_are_those_of_the_check(ours: RepeatCheck) -> None:
    drawn = panels(ours, 12)
    assert ours.together is not None
    shown = [item["text"] for item in drawn["means"]["items"]]
    first, second = ours.intact.first, ours.intact.second
    assert shown == [f"{number:.2f}" for number in (first, second, second / first, ours.together.second)]
    trials = [*ours.each, *ours.before]
    assert [row[0] for row in drawn["heads"]["rows"]] == [f"L{t.off[0][0]}H{t.off[0][1]}" for t in trials]
    assert [float(row[3]) for row in drawn["heads"]["rows"]] == [round(trial.second, 2) for trial in trials]
    gains = [float(row[4].replace("−", "-")) for row in drawn["heads"]["rows"]]
    assert gains == pytest.approx([trial.second - second for trial in trials], abs=0.0051)
    scores = [ours.induction[t.off[0]] for t in ours.each] + [ours.previous[t.off[0]] for t in ours.before]
    assert [float(row[2]) for row in drawn["heads"]["rows"]] == pytest.approx([float(s) for s in scores], abs=0.0051)


def test_curves_are_both_copies_on_one_axis_and_one_scale(ours: RepeatCheck) -> None:
    drawn = panels(ours, 12)
    assert ours.together is not None
    for name, trial in (("as_it_is", ours.intact), ("together", ours.together)):
        one = drawn[name]
        assert one["x"] == list(range(1, 13))
        assert [series["name"] for series in one["series"]] == ["first", "second"]
        got = torch.tensor([series["values"] for series in one["series"]])
        torch.testing.assert_close(got, trial.losses.view(2, 12), atol=1e-4, rtol=1e-4)
    assert drawn["as_it_is"]["y_range"] == drawn["together"]["y_range"]
    assert drawn["as_it_is"]["y_range"][1] > float(ours.together.losses.max())


def test_a_first_token_that_nothing_announces_is_a_gap() -> None:
    check = made()
    check.intact.losses[0] = math.nan
    assert panels(check)["as_it_is"]["series"][0]["values"][0] is None
    assert panels(check)["means"]["items"][0]["text"] == "6.00"


@pytest.mark.parametrize(
    ("second", "words"), [(1.0, "it repeats the first copy"), (4.0, "helps a little"), (5.9, "does not help it")]
)
def test_the_first_sentence_says_what_the_ratio_says(second: float, words: str) -> None:
    line = said(made(second=second), LENGTH)[0]
    assert f"6.00 nats, one of the second {second:.2f}" in line
    assert words in line


def test_without_induction_heads_it_says_so_and_draws_no_more() -> None:
    check = made()
    assert said(check, LENGTH)[1:] == ["No head scores as induction on these texts, so there is none to switch off."]
    assert list(panels(check)) == ["means", "as_it_is"]
    assert panels(check)["as_it_is"]["span"] == 12


def test_a_control_is_drawn_and_a_missing_one_is_explained() -> None:
    heads: dict[Heads, float] = {((1, 3),): 2.0, ((1, 2),): 1.5}
    without = made(each=heads, together=5.0)
    assert "There is no control: no other head of the same layers is left" in " ".join(said(without, LENGTH))
    both = made(each=heads, together=5.0, control=(((1, 0), (1, 1)), 1.2))
    assert "The control, 2 other heads of the same layers (L1H0, L1H1), drawn at random: 0.20 nats more." in said(
        both, LENGTH
    )
    fewer = made(each=heads, together=5.0, control=(((1, 0),), 1.0))
    assert (
        "The control, 1 other head of the same layers (L1H0), fewer because no more are left: as much as before."
        in said(fewer, LENGTH)
    )
    assert [panels(both)[name]["span"] for name in ("as_it_is", "together", "control")] == [4, 4, 4]
    assert panels(both)["means"]["items"][-1]["text"] == "1.20"


def test_what_the_first_copy_loses_too_is_said_only_when_it_does() -> None:
    heads: dict[Heads, float] = {((1, 3),): 2.0}
    alone = " ".join(said(made(each=heads, together=5.0), LENGTH))
    assert "Without its 1 induction head (L1H3) the second copy costs 4.00 nats more." in alone
    assert "not all of it is copying" not in alone
    also = " ".join(said(made(each=heads, together=5.0, together_first=7.5), LENGTH))
    assert "costs 1.50 nats more too: not all of it is copying." in also


def test_a_head_that_is_not_missed_is_named() -> None:
    lines = said(made(each={((1, 3),): 0.8, ((1, 2),): 2.0}, together=5.0), LENGTH)
    assert (
        "Without L1H3 the second copy costs 0.20 nats less: a head can look like induction and not be needed." in lines
    )
    assert "Of these heads alone, L1H2 is missed most: 1.00 nats more, though L1H3 has the highest score." in lines
    neither = " ".join(said(made(each={((1, 3),): 1.0, ((1, 2),): 1.0}, together=5.0), LENGTH))
    assert "missed most" not in neither
    assert "not be needed" not in neither


def test_a_previous_token_head_is_compared_with_the_induction_heads() -> None:
    heads: dict[Heads, float] = {((1, 3),): 2.0}
    more = said(made(each=heads, together=5.0, before={((0, 2),): 3.5, ((0, 1),): 1.0}), LENGTH)[-1]
    assert "Without L0H2, an earlier head with a previous-token score of 0.40: 2.50 nats more" in more
    assert "more than without any single induction head" in more
    less = said(made(each=heads, together=5.0, before={((0, 2),): 1.5}), LENGTH)[-1]
    assert less.endswith("0.50 nats more.")


def test_shorter_copies_than_asked_for_are_said() -> None:
    assert "Copies have 8 tokens, not 32" in said(made(), 32)[1]
    assert not any("Copies have" in line for line in said(made(), LENGTH))


def test_the_caption_says_what_was_run(ours: RepeatCheck) -> None:
    caption = figure(ours, 12)["caption"]
    assert caption.startswith("induction-2l · 4 texts of 12 different random tokens written twice · seed 0")
    assert "output is zero" in caption
