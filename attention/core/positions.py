"""How a model can know where a token stands: sinusoids added to it, rotations of query and key, or a penalty on distance."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention.core.scoring import cosine
from attention.errors import ShapeError


def frequencies(width: int, base: float = 10_000.0) -> Float[Tensor, " pair"]:
    """Radians per position of each pair of dimensions, from 1 down to almost 1/base: the first pair turns fastest.

    Source: Vaswani et al. 2017, section 3.5; Su et al. 2021, section 3.2.2.
    """
    return base ** -(torch.arange(0, width, 2, dtype=torch.float64) / width)


def sinusoidal(n: int, d_model: int) -> Float[Tensor, "{n} {d_model}"]:
    """The sinusoidal table, -1 to 1: even dimensions are sines, odd ones cosines. Any n: it never ends.

    Source: Vaswani et al. 2017, section 3.5.
    """
    angle = torch.arange(n, dtype=torch.float64)[:, None] * frequencies(d_model)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-2)[:, :d_model].float()


def rotate(
    vectors: Float[Tensor, "*batch position d_head"], positions: Int[Tensor, " position"], base: float = 10_000.0
) -> Float[Tensor, "*batch position d_head"]:
    """Queries or keys turned by their position: dimensions a and a + d_head/2 are the two coordinates of one rotation.

    Lengths stay the same, and q.k then depends on the distance of their positions only. The paper pairs neighbors
    (2a, 2a + 1) instead: the same rotations in another order of dimensions.
    Raises: ShapeError when d_head is odd.
    Source: Su et al. 2021, "RoFormer", equation 34; the order of dimensions is Llama's.
    """
    d_head = vectors.shape[-1]
    if d_head % 2:
        raise ShapeError("shape", name="d_head", got=d_head, expected="an even number, as dimensions turn in pairs")
    angle = positions[:, None].double() * frequencies(d_head, base)
    cos, sin = angle.cos().to(vectors.dtype), angle.sin().to(vectors.dtype)
    first, second = vectors.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


def rotary_factor(
    distances: Int[Tensor, "*distance"], d_head: int, base: float = 10_000.0
) -> Float[Tensor, "*distance"]:
    """What rotation leaves of q.k at each distance when q = k and every pair is equally long: 1 at 0, then less, -1 to 1."""
    return (distances[..., None].double() * frequencies(d_head, base)).cos().mean(dim=-1).float()


def alibi_slopes(n_heads: int) -> Float[Tensor, " {n_heads}"]:
    """How much each head charges for one step of distance, all above 0.

    For a power of two, 2^(-8/n), 2^(-16/n), ... down to 1/256. Otherwise those of the power of two below, then every other one
    of the power of two above.
    Source: Press et al. 2022, "Train Short, Test Long", section 3, and get_slopes in its code.
    """
    power = 2 ** int(math.log2(n_heads))
    slopes = [2 ** (-8 * step / power) for step in range(1, power + 1)]
    between = [2 ** (-4 * step / power) for step in range(1, 2 * power, 2)]
    return torch.tensor(slopes + between[: n_heads - power])


def alibi_bias(n: int, n_heads: int) -> Float[Tensor, "{n_heads} {n} {n}"]:
    """What ALiBi adds to the scores: minus slope times distance, on both sides; a causal mask leaves the paper's side."""
    position = torch.arange(n)
    return -alibi_slopes(n_heads)[:, None, None] * (position[:, None] - position[None, :]).abs()


@dataclass(frozen=True, eq=False, slots=True)
class Closeness:
    """How alike the vectors of each two positions are. cosine: -1 to 1."""

    dot: Float[Tensor, "position position"]
    cosine: Float[Tensor, "position position"]


def closeness(table: Float[Tensor, "position d_model"]) -> Closeness:
    """Dot product and cosine between all positions of a table, sinusoidal or learned."""
    return Closeness(dot=table @ table.mT, cosine=cosine(table, table))


def by_distance(square: Float[Tensor, "position position"]) -> Float[Tensor, " distance"]:
    """The mean over all pairs of positions that are 0, 1, 2, ... apart, the second one later."""
    return torch.stack([square.diagonal(distance).mean() for distance in range(len(square))])
