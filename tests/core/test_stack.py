"""A stack against torch's encoder layers on top of each other, and its gradient against torch's own and finite differences."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import nn

from attention.core.block import BlockParameters, block
from attention.core.scoring import draw
from attention.core.stack import gradients, likeness, random_stack, stack
from tests.core.test_block import HEADS, D, N

N_BLOCKS = 3


def _double(parameters: tuple) -> tuple:
    """The same blocks in float64, for finite differences."""

    def widened(part: Any) -> Any:
        names = [name for name in part.__slots__ if isinstance(getattr(part, name), torch.Tensor)]
        return replace(part, **{name: getattr(part, name).double() for name in names})

    names = ("projections", "attention_norm", "feed_forward", "feed_forward_norm")
    return tuple(replace(one, **{name: widened(getattr(one, name)) for name in names}) for one in parameters)


@pytest.mark.parametrize("pre_norm", [False, True])
def test_the_top_and_every_gradient_are_torchs(pre_norm: bool) -> None:
    parameters = random_stack(N_BLOCKS, D, HEADS, seed=1)
    hidden, target = draw(0, N, D), draw(1, N, D, role="target")
    levels = [hidden.clone().requires_grad_()]
    for one in parameters:
        layer = nn.TransformerEncoderLayer(
            D, HEADS, 4 * D, activation="gelu", batch_first=True, norm_first=pre_norm
        ).eval()
        layer.load_state_dict(_as_state(one))
        levels.append(layer(levels[-1][None])[0])
    torch.testing.assert_close(
        stack(hidden, parameters, pre_norm)[-1].output, levels[-1].detach(), atol=1e-5, rtol=1e-5
    )
    theirs = torch.autograd.grad((levels[-1] * target).sum(), levels)
    torch.testing.assert_close(
        gradients(hidden, parameters, pre_norm, target), torch.stack(theirs), atol=1e-4, rtol=1e-4
    )


def _as_state(one: BlockParameters) -> dict[str, torch.Tensor]:
    """The state of torch's layer; its hidden size is 4 D here."""
    projections, network = one.projections, one.feed_forward
    return {
        "self_attn.in_proj_weight": torch.cat([projections.w_query, projections.w_key, projections.w_value], dim=1).T,
        "self_attn.in_proj_bias": torch.zeros(3 * D),
        "self_attn.out_proj.weight": projections.w_output.T,
        "self_attn.out_proj.bias": torch.zeros(D),
        "linear1.weight": network.w_in.T,
        "linear1.bias": network.b_in,
        "linear2.weight": network.w_out.T,
        "linear2.bias": network.b_out,
        **{
            f"norm{at}.{name}": full(D)
            for at in (1, 2)
            for name, full in (("weight", torch.ones), ("bias", torch.zeros))
        },
    }


@pytest.mark.parametrize("pre_norm", [False, True])
@pytest.mark.parametrize("residual", [False, True])
def test_the_gradient_is_the_slope(pre_norm: bool, residual: bool) -> None:
    parameters = _double(random_stack(2, 4, 2))
    hidden, target = draw(2, 3, 4).double(), draw(3, 3, 4).double()

    def slope_of(at: int) -> float:
        step = torch.zeros(12, dtype=torch.float64).index_fill(0, torch.tensor(at), 1e-5).view(3, 4)
        up, down = (stack(hidden + sign * step, parameters, pre_norm, residual)[-1].output for sign in (1, -1))
        return float(((up - down) * target).sum() / 2e-5)

    slopes = torch.tensor([slope_of(at) for at in range(12)], dtype=torch.float64).view(3, 4)
    ours = gradients(hidden, parameters, pre_norm, target, residual)
    torch.testing.assert_close(ours[0], slopes, atol=1e-5, rtol=1e-5)
    assert torch.equal(ours[-1], target)


def test_each_block_reads_the_one_below() -> None:
    parameters = random_stack(N_BLOCKS, D, HEADS)
    hidden = draw(0, N, D)
    blocks = stack(hidden, parameters, True)
    assert all(torch.equal(above.hidden, below.output) for below, above in pairwise(blocks))
    assert len(blocks) == N_BLOCKS
    assert torch.equal(blocks[0].output, block(hidden, parameters[0], True).output)
    assert not torch.equal(parameters[0].projections.w_query, parameters[1].projections.w_query)


def test_pre_norm_grows_and_post_norm_does_not() -> None:
    parameters, hidden = random_stack(12, 64, 4), draw(0, 8, 64)
    before, after = (stack(hidden, parameters, pre_norm)[-1].output.norm(dim=-1) for pre_norm in (True, False))
    assert bool((before > 2 * hidden.norm(dim=-1)).all())
    torch.testing.assert_close(after, torch.full((8,), 8.0), atol=1e-2, rtol=0)


def test_without_a_way_around_position_wise_parts_are_all_that_is_added() -> None:
    """With the ways around closed, a block is attention, norm and feed-forward alone, as composed here by torch."""
    one, hidden = random_stack(1, D, HEADS)[0], draw(0, N, D)
    seen = block(hidden, one, False, residual=False)
    theirs = torchs_attention(one)(hidden[None], hidden[None], hidden[None])[0][0].detach()
    normed = nn.functional.layer_norm(theirs, (D,))
    network = one.feed_forward
    added = nn.functional.gelu(normed @ network.w_in) @ network.w_out
    torch.testing.assert_close(seen.output, nn.functional.layer_norm(added, (D,)), atol=1e-5, rtol=1e-4)


def test_likeness_is_the_mean_cosine_of_all_pairs() -> None:
    assert likeness(torch.tensor([[1.0, 0.0], [0.0, 3.0]])).item() == 0
    assert likeness(torch.tensor([[1.0, 1.0], [2.0, 2.0], [5.0, 5.0]])).item() == pytest.approx(1)
    hidden = draw(4, 5, 7)
    pairs = [nn.functional.cosine_similarity(hidden[a], hidden[b], dim=0) for a in range(5) for b in range(a)]
    torch.testing.assert_close(likeness(hidden), torch.stack(pairs).mean())


@pytest.mark.parametrize("pre_norm", [False, True])
def test_positions_become_alike_without_the_ways_around(pre_norm: bool) -> None:
    parameters, hidden = random_stack(3, 64, 4), draw(0, 10, 64)
    around, closed = (likeness(stack(hidden, parameters, pre_norm, kept)[-1].output) for kept in (True, False))
    assert around < 0.7
    assert closed > 0.95


def torchs_attention(one: BlockParameters) -> nn.MultiheadAttention:
    """torch's attention with the block's projections, by the names of its state."""
    module = nn.MultiheadAttention(D, HEADS, batch_first=True).eval()
    state = {name.removeprefix("self_attn."): part for name, part in _as_state(one).items() if "attn" in name}
    module.load_state_dict(state)
    return module
