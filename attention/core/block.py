"""One floor of a transformer, with every stream kept, and the recurrent network it replaced."""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from attention.core.multihead import MultiHead, Projections, multi_head, random_projections
from attention.core.scoring import draw

Activation = Literal["gelu", "relu"]


@dataclass(frozen=True, eq=False, slots=True)
class Norm:
    """What a layer norm learned: a factor and a term for each feature."""

    gain: Float[Tensor, " d_model"]
    offset: Float[Tensor, " d_model"]


@dataclass(frozen=True, eq=False, slots=True)
class FeedForward:
    """The two maps of a feed-forward network, applied as X W + b."""

    w_in: Float[Tensor, "d_model d_hidden"]
    b_in: Float[Tensor, " d_hidden"]
    w_out: Float[Tensor, "d_hidden d_model"]
    b_out: Float[Tensor, " d_model"]
    activation: Activation = "gelu"


@dataclass(frozen=True, eq=False, slots=True)
class BlockParameters:
    """Everything one block has learned."""

    projections: Projections
    attention_norm: Norm
    feed_forward: FeedForward
    feed_forward_norm: Norm


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """Every stream of one block, in the order it is computed.

    attention_in: what attention reads: the hidden states, normed if pre-norm.
    attention_sum: hidden + attention.output; feed_forward_in: its norm.
    feed_forward_sum: feed_forward added to attention_sum (pre-norm) or to feed_forward_in (post-norm).
    output: feed_forward_sum, normed if post-norm.
    """

    hidden: Float[Tensor, "*batch position d_model"]
    attention_in: Float[Tensor, "*batch position d_model"]
    attention: MultiHead
    attention_sum: Float[Tensor, "*batch position d_model"]
    feed_forward_in: Float[Tensor, "*batch position d_model"]
    feed_forward: Float[Tensor, "*batch position d_model"]
    feed_forward_sum: Float[Tensor, "*batch position d_model"]
    output: Float[Tensor, "*batch position d_model"]

    @property
    def lengths(self) -> dict[str, Float[Tensor, "*batch position"]]:
        """The length (Euclidean norm) of each position's vector in each stream."""
        streams = {
            "hidden": self.hidden,
            "attention in": self.attention_in,
            "attention": self.attention.output,
            "attention sum": self.attention_sum,
            "feed-forward in": self.feed_forward_in,
            "feed-forward": self.feed_forward,
            "feed-forward sum": self.feed_forward_sum,
            "output": self.output,
        }
        return {name: stream.norm(dim=-1) for name, stream in streams.items()}


def random_block(
    d_model: int, n_heads: int, d_hidden: int | None = None, activation: Activation = "gelu", seed: int = 0
) -> BlockParameters:
    """An untrained block: maps of variance 1 over their width, norms that change nothing. d_hidden: 4 d_model unless given.

    Raises: ShapeError when n_heads does not divide d_model.
    """
    d_hidden = 4 * d_model if d_hidden is None else d_hidden
    plain = Norm(gain=torch.ones(d_model), offset=torch.zeros(d_model))
    w_in, w_out = draw(seed, 2, d_model, d_hidden, role="feed-forward")
    network = FeedForward(
        w_in=w_in / d_model**0.5,
        b_in=torch.zeros(d_hidden),
        w_out=w_out.mT / d_hidden**0.5,
        b_out=torch.zeros(d_model),
        activation=activation,
    )
    return BlockParameters(random_projections(d_model, n_heads, seed=seed), plain, network, plain)


def layer_norm(
    hidden: Float[Tensor, "*batch position d_model"], norm: Norm, epsilon: float = 1e-5
) -> Float[Tensor, "*batch position d_model"]:
    """Each position's vector with mean 0 and variance 1 over its own features, then gain and offset.

    Source: Ba et al. 2016, "Layer Normalization", equation 4 over one position's features.
    """
    centered = hidden - hidden.mean(dim=-1, keepdim=True)
    variance = centered.square().mean(dim=-1, keepdim=True)
    return centered / (variance + epsilon).sqrt() * norm.gain + norm.offset


def feed_forward(
    hidden: Float[Tensor, "*batch position d_model"], network: FeedForward
) -> Float[Tensor, "*batch position d_model"]:
    """Two maps with a bend between them, the same for every position, one position at a time.

    Source: Vaswani et al. 2017, section 3.3, equation 2; Hendrycks and Gimpel 2016 for GELU (the exact one).
    """
    bend = functional.gelu if network.activation == "gelu" else functional.relu
    return bend(hidden @ network.w_in + network.b_in) @ network.w_out + network.b_out


def block(
    hidden: Float[Tensor, "*batch position d_model"],
    parameters: BlockParameters,
    pre_norm: bool,
    mask: Bool[Tensor, "*#batch #head #position #position"] | Bool[Tensor, "#position #position"] | None = None,
    residual: bool = True,
) -> Block:
    """One block: attention and feed-forward, each with a way around it. pre_norm: norm before each part, not after its sum.

    residual: False closes the ways around, to see what they are for; what is called a sum then has one part.
    Source: Vaswani et al. 2017, section 3.1 (post-norm); Xiong et al. 2020, "On Layer Normalization in the Transformer
    Architecture", figure 1 (both).
    """
    attention_in = layer_norm(hidden, parameters.attention_norm) if pre_norm else hidden
    seen = multi_head(attention_in, parameters.projections, mask)
    attention_sum = hidden + seen.output if residual else seen.output
    norm = parameters.feed_forward_norm if pre_norm else parameters.attention_norm
    feed_forward_in = layer_norm(attention_sum, norm)
    added = feed_forward(feed_forward_in, parameters.feed_forward)
    around = attention_sum if pre_norm else feed_forward_in
    feed_forward_sum = around + added if residual else added
    output = feed_forward_sum if pre_norm else layer_norm(feed_forward_sum, parameters.feed_forward_norm)
    return Block(hidden, attention_in, seen, attention_sum, feed_forward_in, added, feed_forward_sum, output)


def recurrent_chain(
    inputs: Float[Tensor, "position d_input"],
    w_input: Float[Tensor, "d_input d_state"],
    w_state: Float[Tensor, "d_state d_state"],
) -> Float[Tensor, "position d_state"]:
    """The states of a plain recurrent network, tanh(x W + h U) one position after the other, from a state of zeros.

    Source: Elman 1990, "Finding Structure in Time".
    """
    state = torch.zeros(w_state.shape[0], dtype=inputs.dtype)
    states = []
    for word in inputs:
        state = torch.tanh(word @ w_input + state @ w_state)
        states.append(state)
    return torch.stack(states)


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading n positions takes.

    path_length: steps a signal passes from the first position to the last; sequential_steps: steps that must wait for the one
    before; cells: states computed (recurrent) or weights computed (attention, one head).
    """

    path_length: int
    sequential_steps: int
    cells: int


def recurrent_cost(n: int) -> Cost:
    """n states, each from the one before, so n - 1 steps from the first to the last. Source: Vaswani et al. 2017, table 1."""
    return Cost(path_length=n - 1, sequential_steps=n, cells=n)


def attention_cost(n: int) -> Cost:
    """Every position sees every other at once, for n^2 weights. Source: Vaswani et al. 2017, table 1."""
    return Cost(path_length=1, sequential_steps=1, cells=n * n)
