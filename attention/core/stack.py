"""Blocks on top of each other: what travels up, and the gradient that comes back down."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.block import Block, BlockParameters, block, random_block
from attention.core.scoring import cosine


def random_stack(n_blocks: int, d_model: int, n_heads: int, seed: int = 0) -> tuple[BlockParameters, ...]:
    """Untrained blocks, each with maps of its own. Raises: ShapeError when n_heads does not divide d_model."""
    return tuple(random_block(d_model, n_heads, seed=1000 * seed + at) for at in range(n_blocks))


def stack(
    hidden: Float[Tensor, "position d_model"],
    parameters: Sequence[BlockParameters],
    pre_norm: bool,
    residual: bool = True,
) -> tuple[Block, ...]:
    """Every block, bottom to top; each reads what the one below put out. No final norm."""
    found: list[Block] = []
    for one in parameters:
        found.append(block(found[-1].output if found else hidden, one, pre_norm, residual=residual))
    return tuple(found)


def gradients(
    hidden: Float[Tensor, "position d_model"],
    parameters: Sequence[BlockParameters],
    pre_norm: bool,
    target: Float[Tensor, "position d_model"],
    residual: bool = True,
) -> Float[Tensor, "level position d_model"]:
    """The gradient of <top output, target> at what enters each block, bottom to top; the last one is the target itself.

    Source: He et al. 2016, "Identity Mappings in Deep Residual Networks", equation 5, for what a way around does to it.
    """
    with torch.enable_grad():
        blocks = stack(hidden.detach().requires_grad_(), parameters, pre_norm, residual)
        levels = [*(one.hidden for one in blocks), blocks[-1].output]
        return torch.stack(torch.autograd.grad(levels[-1], levels, target))


def likeness(hidden: Float[Tensor, "*batch position d_model"]) -> Float[Tensor, "*batch"]:
    """The mean cosine between the vectors of two different positions, -1 to 1: at 1 no position can be told from another.

    Source: Dong et al. 2021, "Attention Is Not All You Need", for why attention alone drives it to 1.
    """
    cosines = cosine(hidden, hidden)
    n = hidden.shape[-2]
    return (cosines.sum(dim=(-2, -1)) - cosines.diagonal(dim1=-2, dim2=-1).sum(dim=-1)) / (n * (n - 1))
