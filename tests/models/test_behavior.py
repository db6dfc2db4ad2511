"""The behavior check of decoders: which heads make the second copy cheap, and what it costs without them."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import LlamaForCausalLM

from attention.core.patterns import score_heads
from attention.core.patterns.score import read
from attention.core.patterns.sums import QUANTITIES, SHAPES, SLOTS, Sums
from attention.errors import ModelError, SelectionError
from attention.models import behavior, catalog, loader, repeated
from attention.models.behavior import RepeatCheck, repeat_check
from tests.models.decoders import OURS, plain_losses, save_widened

pytestmark = pytest.mark.usefixtures("one_thread")

FolderOf = Callable[[str], Path]


@pytest.fixture(scope="module")
def found() -> RepeatCheck:
    return repeat_check(catalog.INDUCTION)


def test_the_second_copy_is_predicted_and_no_longer_without_its_induction_heads(found: RepeatCheck) -> None:
    assert found.intact.second < 0.3 * found.intact.first
    assert found.together is not None
    assert found.together.second >= 0.6 * found.together.first
    assert found.together.second >= 0.6 * found.intact.first


def test_each_listed_head_and_those_before_it_are_off_alone(found: RepeatCheck) -> None:
    listed = [trial.off for trial in found.each]
    assert [len(off) for off in listed] == [1] * len(listed)
    kappa = [float(found.induction[layer, head]) for ((layer, head),) in listed]
    assert kappa == sorted(kappa, reverse=True)
    assert {layer for ((layer, _),) in listed} == {1}
    assert found.together is not None
    assert found.together.off == tuple(head for (head,) in listed)
    earlier = [trial.off[0] for trial in found.before]
    assert earlier == sorted(earlier, key=lambda at: -float(found.previous[at]))
    assert {layer for layer, _ in earlier} == {0}


def test_a_previous_token_head_ends_what_one_induction_head_cannot(found: RepeatCheck) -> None:
    assert found.before[0].second > 0.6 * found.before[0].first
    assert max(trial.second for trial in found.each) < 0.3 * found.intact.first


def test_every_trial_is_what_the_plain_model_says(found: RepeatCheck) -> None:
    assert found.together is not None
    for trial in (found.intact, found.together, *found.each, *found.before):
        expected = plain_losses(OURS, found.ids, trial.off)
        torch.testing.assert_close(trial.losses, expected, atol=1e-4, rtol=1e-4)
        assert trial.first == pytest.approx(float(expected[1:32].mean()), abs=1e-4)
        assert trial.second == pytest.approx(float(expected[33:].mean()), abs=1e-4)


def test_scores_are_those_of_the_screen(found: RepeatCheck) -> None:
    """Over one text they are the very kappas of that text, weights by the eager model; over several they lie between theirs."""
    eager = LlamaForCausalLM.from_pretrained(OURS, attn_implementation="eager", dtype=torch.float32).eval()
    single = repeat_check(catalog.INDUCTION, texts=1)
    n = single.ids.shape[1]
    first = [True] + [False] * (n - 1)
    with torch.no_grad():
        attentions = eager(input_ids=single.ids, output_attentions=True).attentions
    for layer, weights in enumerate(attentions):
        screen = score_heads(
            weights[0], token_ids=single.ids[0], special=first, punctuation=[False] * n, word_ids=[-1, *range(1, n)],
            segment_ids=[0] * n, causal=True,
        )  # fmt: skip
        for name, kappa in (("induction", single.induction), ("previous", single.previous)):
            torch.testing.assert_close(kappa[layer], screen.scores[name], atol=1e-4, rtol=0)
    model = loader.load(catalog.INDUCTION)
    each = torch.stack([repeated.score(model, row, 1).scores["induction"] for row in found.ids])
    assert ((found.induction >= each.amin(0) - 1e-9) & (found.induction <= each.amax(0) + 1e-9)).all()


def test_attention_on_what_followed_the_first_copy_is_what_is_scored(found: RepeatCheck) -> None:
    """kappa cannot exceed the plain share of the second copy's attention that falls one past the token's first copy."""
    eager = LlamaForCausalLM.from_pretrained(OURS, attn_implementation="eager", dtype=torch.float32).eval()
    with torch.no_grad():
        attentions = eager(input_ids=found.ids, output_attentions=True).attentions
    weights = torch.stack([layer.mean(dim=0) for layer in attentions])
    share = weights.diagonal(offset=1 - found.length, dim1=-2, dim2=-1)[..., 2:].mean(dim=-1)
    assert (found.induction <= share + 1e-4).all()
    assert (found.induction[1] > share[1] - 0.1).all()


def test_as_many_random_heads_of_the_same_layers_are_not_missed(tmp_path: Path) -> None:
    widened = save_widened(tmp_path / "widened")
    found = repeat_check(widened)
    assert found.together is not None
    assert found.control is not None
    assert set(found.together.off) == {(1, head) for head in range(4)}
    assert set(found.control.off) == {(1, head) for head in range(4, 8)}
    assert found.control.second < 0.3 * found.control.first
    assert found.together.second >= 0.6 * found.together.first
    torch.testing.assert_close(
        found.control.losses, plain_losses(widened, found.ids, found.control.off), atol=1e-4, rtol=1e-4
    )


def test_there_is_no_control_where_every_head_of_the_layer_is_listed(found: RepeatCheck) -> None:
    assert len(found.each) == 4
    assert found.control is None


def test_heads_are_chosen_from_scores_alone() -> None:
    """Ten induction heads in layers 1 and 2: eight are listed; the control is in their layers and is none that has a name here."""
    induction = torch.zeros(3, 8, dtype=torch.float64)
    induction[1, :4], induction[2, :6] = torch.tensor([0.9, 0.8, 0.26, 0.24]), torch.linspace(0.7, 0.3, 6)
    previous = torch.zeros(3, 8, dtype=torch.float64)
    previous[0, 5], previous[0, 6], previous[1, 7], previous[2, 7] = 0.5, 0.1, 0.3, 0.9
    nothing = Sums(torch.zeros(len(QUANTITIES), 24, len(SLOTS)), torch.zeros(len(SHAPES), 24))
    reading = read(nothing)
    reading = replace(
        reading, kappa={**reading.kappa, "induction": induction.flatten(), "previous": previous.flatten()}
    )
    chosen = behavior._choose(reading, 8, torch.Generator().manual_seed(0))
    assert chosen.listed == ((1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (2, 3), (2, 4), (2, 5))
    assert chosen.before == ((0, 5), (1, 7), (0, 6))
    assert set(chosen.control) <= {(1, 3), (1, 4), (1, 5), (1, 6), (2, 6), (2, 7)}
    assert [layer for layer, _ in chosen.control] == [1, 1, 2, 2]


def test_the_same_seed_gives_the_same_check_and_another_seed_another(found: RepeatCheck) -> None:
    again, other = repeat_check(catalog.INDUCTION), repeat_check(catalog.INDUCTION, seed=1)
    assert torch.equal(again.ids, found.ids)
    torch.testing.assert_close(again.intact.losses, found.intact.losses)
    assert not torch.equal(other.ids, found.ids)


def test_progress_ends_where_it_said_and_cost_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    model = loader.load(catalog.INDUCTION)
    passes: list[int] = []
    hook = model.module.register_forward_hook(lambda *_: passes.append(1))
    try:
        repeat_check(catalog.INDUCTION, texts=3, progress=lambda done, total: told.append((done, total)))
    finally:
        hook.remove()
    assert [done for done, _ in told] == list(range(1, len(passes) + 1))
    assert told[-1][0] == told[-1][1]
    assert max(total for _, total in told) <= 3 + 14


@pytest.mark.parametrize("after", [0, 2, 5])
def test_cancel_is_heard_between_forward_passes(after: int) -> None:
    stop, told = threading.Event(), []
    if not after:
        stop.set()

    def progress(done: int, _total: int) -> None:
        told.append(done)
        if done == after:
            stop.set()

    loader.load(catalog.INDUCTION)
    with pytest.raises(ModelError) as error:
        repeat_check(catalog.INDUCTION, texts=3, progress=progress, cancel=stop)
    assert error.value.key == "check_cancelled"
    assert len(told) == after


@pytest.mark.parametrize("model_type", ["bert", "modernbert", "deberta-v2", "mpnet"])
def test_models_that_predict_no_next_token_are_refused(model_type: str, folder_of: FolderOf) -> None:
    with pytest.raises(ModelError, match="not trained to predict the next token"):
        repeat_check(folder_of(model_type))


@pytest.mark.parametrize(
    "wrong", [{"length": 7}, {"length": 513}, {"texts": 33}, {"texts": 0}, {"texts": True}, {"seed": -1}]
)
def test_numbers_out_of_range_are_refused(wrong: dict) -> None:
    with pytest.raises(SelectionError) as error:
        repeat_check(catalog.INDUCTION, **wrong)
    assert error.value.key == "bad_choice"
