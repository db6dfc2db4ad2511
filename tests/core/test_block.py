"""A block against torch's encoder layer, pre- and post-norm; the recurrent chain against nn.RNN; costs against counting."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from attention.core import block as blocks
from attention.core import masks
from attention.core.block import Activation, BlockParameters, Norm, block, random_block
from attention.core.scoring import draw

N, D, HEADS, HIDDEN = 6, 12, 3, 20


def learned(seed: int, activation: Activation) -> BlockParameters:
    """A random block whose biases and norms do something too."""
    plain = random_block(D, HEADS, HIDDEN, activation, seed)

    def vector(role: str, size: int) -> torch.Tensor:
        return draw(seed, size, role=role)

    biases = {name: vector(name, D) for name in ("b_query", "b_key", "b_value", "b_output")}
    network = replace(plain.feed_forward, b_in=vector("b_in", HIDDEN), b_out=vector("b_out", D))
    return BlockParameters(
        projections=replace(plain.projections, **biases),
        attention_norm=Norm(1 + 0.3 * vector("gain 1", D), vector("offset 1", D)),
        feed_forward=network,
        feed_forward_norm=Norm(1 + 0.3 * vector("gain 2", D), vector("offset 2", D)),
    )


def torchs(parameters: BlockParameters, pre_norm: bool) -> nn.TransformerEncoderLayer:
    """torch's layer with these parameters, loaded by the names of its state."""
    projections, network = parameters.projections, parameters.feed_forward
    layer = nn.TransformerEncoderLayer(
        D, HEADS, HIDDEN, activation=network.activation, batch_first=True, norm_first=pre_norm
    ).eval()
    in_proj = torch.cat([projections.w_query.T, projections.w_key.T, projections.w_value.T])
    layer.load_state_dict(
        {
            "self_attn.in_proj_weight": in_proj,
            "self_attn.in_proj_bias": torch.cat([projections.b_query, projections.b_key, projections.b_value]),
            "self_attn.out_proj.weight": projections.w_output.T,
            "self_attn.out_proj.bias": projections.b_output,
            "linear1.weight": network.w_in.T,
            "linear1.bias": network.b_in,
            "linear2.weight": network.w_out.T,
            "linear2.bias": network.b_out,
            "norm1.weight": parameters.attention_norm.gain,
            "norm1.bias": parameters.attention_norm.offset,
            "norm2.weight": parameters.feed_forward_norm.gain,
            "norm2.bias": parameters.feed_forward_norm.offset,
        }
    )
    return layer


@pytest.mark.parametrize("pre_norm", [False, True])
@pytest.mark.parametrize("activation", ["gelu", "relu"])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_block_is_torchs_encoder_layer(pre_norm: bool, activation: Activation, causal: bool, seed: int) -> None:
    parameters, hidden = learned(seed, activation), draw(seed, 2, N, D)
    mask = masks.causal(N) if causal else None
    theirs = torchs(parameters, pre_norm)(hidden, src_mask=None if mask is None else ~mask)
    torch.testing.assert_close(block(hidden, parameters, pre_norm, mask).output, theirs, atol=5e-6, rtol=1e-5)


def test_the_two_orders_differ() -> None:
    parameters, hidden = learned(0, "gelu"), draw(0, N, D)
    assert not torch.allclose(block(hidden, parameters, True).output, block(hidden, parameters, False).output, atol=0.1)


@pytest.mark.parametrize("pre_norm", [False, True])
def test_every_stream_is_what_the_docstring_says(pre_norm: bool) -> None:
    parameters, hidden = learned(2, "relu"), draw(2, N, D)
    seen = block(hidden, parameters, pre_norm)

    def torch_norm(x: torch.Tensor, norm: Norm) -> torch.Tensor:
        return nn.functional.layer_norm(x, (D,), norm.gain, norm.offset)

    first, second = parameters.attention_norm, parameters.feed_forward_norm
    torch.testing.assert_close(seen.attention_in, torch_norm(hidden, first) if pre_norm else hidden)
    assert torch.equal(seen.attention.hidden, seen.attention_in)
    torch.testing.assert_close(seen.attention_sum, hidden + seen.attention.output)
    torch.testing.assert_close(seen.feed_forward_in, torch_norm(seen.attention_sum, second if pre_norm else first))
    around = seen.attention_sum if pre_norm else seen.feed_forward_in
    torch.testing.assert_close(seen.feed_forward_sum, around + seen.feed_forward)
    expected = seen.feed_forward_sum if pre_norm else torch_norm(seen.feed_forward_sum, second)
    torch.testing.assert_close(seen.output, expected)
    assert len(seen.lengths) == 8
    torch.testing.assert_close(seen.lengths["attention"], seen.attention.output.square().sum(dim=-1).sqrt())


@given(st.integers(2, 16), st.integers(1, 5), st.integers(0, 1000))
@settings(deadline=None)
def test_a_norm_leaves_mean_zero_and_variance_one_whatever_the_scale(d: int, n: int, seed: int) -> None:
    plain = Norm(torch.ones(d), torch.zeros(d))
    hidden = draw(seed, n, d) + 0.1 * torch.arange(d)
    normed = blocks.layer_norm(hidden, plain, epsilon=0.0)
    torch.testing.assert_close(normed.mean(dim=-1), torch.zeros(n), atol=1e-4, rtol=0)
    torch.testing.assert_close(normed.square().mean(dim=-1), torch.ones(n), atol=1e-3, rtol=0)
    torch.testing.assert_close(blocks.layer_norm(7 * hidden, plain, epsilon=0.0), normed, atol=1e-3, rtol=1e-3)


@given(st.integers(0, 500), st.integers(0, N - 1))
@settings(deadline=None)
def test_the_feed_forward_reads_one_position_at_a_time(seed: int, position: int) -> None:
    network, hidden = learned(seed, "gelu").feed_forward, draw(seed, N, D)
    together, one = blocks.feed_forward(hidden, network), blocks.feed_forward(hidden[position : position + 1], network)
    torch.testing.assert_close(together[position : position + 1], one, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("pre_norm", [False, True])
def test_a_future_token_changes_earlier_outputs_only_without_the_causal_mask(pre_norm: bool) -> None:
    parameters, hidden, other = learned(0, "gelu"), draw(0, N, D), draw(1, D)
    open_change = masks.change_of_output(lambda x: block(x, parameters, pre_norm).output, hidden, 4, other)
    causal = masks.causal(N)
    causal_change = masks.change_of_output(lambda x: block(x, parameters, pre_norm, causal).output, hidden, 4, other)
    assert bool((open_change > 1e-3).all())
    assert torch.equal(causal_change[:4], torch.zeros(4))
    assert bool((causal_change[4:] > 1e-3).all())


@pytest.mark.parametrize("pre_norm", [False, True])
def test_the_way_around_is_open_when_both_parts_say_nothing(pre_norm: bool) -> None:
    plain = random_block(D, HEADS)
    silent = replace(
        plain,
        projections=replace(plain.projections, w_output=torch.zeros(D, D)),
        feed_forward=replace(plain.feed_forward, w_out=torch.zeros_like(plain.feed_forward.w_out)),
    )
    hidden = draw(0, N, D)
    output = block(hidden, silent, pre_norm).output
    expected = hidden if pre_norm else nn.functional.layer_norm(hidden, (D,))
    torch.testing.assert_close(output, expected, atol=1e-4, rtol=1e-4)


@given(st.integers(1, 12), st.integers(1, 6), st.integers(1, 6), st.integers(0, 1000))
@settings(deadline=None)
def test_the_recurrent_chain_is_torchs(n: int, d_input: int, d_state: int, seed: int) -> None:
    inputs, w_input = draw(seed, n, d_input), draw(seed, d_input, d_state, role="in")
    w_state = draw(seed, d_state, d_state, role="state")
    network = nn.RNN(d_input, d_state, bias=False)
    network.load_state_dict({"weight_ih_l0": w_input.T, "weight_hh_l0": w_state.T})
    with torch.no_grad():
        theirs = network(inputs)[0]
    torch.testing.assert_close(blocks.recurrent_chain(inputs, w_input, w_state), theirs, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("n", [1, 2, 7, 50])
def test_costs_are_what_one_counts(n: int) -> None:
    """Cells are the size of what is really computed; a state reads the one before, a row of attention all keys at once."""
    inputs = draw(0, n, 4)
    states = blocks.recurrent_chain(inputs, torch.eye(4), torch.eye(4))
    weights = block(draw(0, n, D), random_block(D, 1), True).attention.attention.weights
    assert blocks.recurrent_cost(n) == blocks.Cost(path_length=n - 1, sequential_steps=n, cells=len(states))
    assert blocks.attention_cost(n) == blocks.Cost(path_length=1, sequential_steps=1, cells=weights.numel())
