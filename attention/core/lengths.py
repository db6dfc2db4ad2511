"""Beyond the longest text of training: how much of what each kind of position says was met before. All answers are 0 to 1."""

import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.scoring import cosine


def nearest_known(table: Float[Tensor, "position d_model"], trained: int) -> Float[Tensor, " position"]:
    """The largest cosine of each position's vector with one of the first `trained`; 1 for those themselves."""
    return cosine(table, table[:trained]).amax(dim=-1)


def known_turns(n: int, frequencies: Float[Tensor, " pair"], trained: int) -> Float[Tensor, " {n}"]:
    """The share of rotary pairs whose angle at each distance lies on the arc that distances below `trained` have covered.

    Fast pairs have gone all the way round; slow ones have not, and new distances bring them angles never met.
    Source: Chen et al. 2023, "Extending Context Window of Large Language Models via Positional Interpolation", section 2.
    """
    angle = torch.arange(n, dtype=torch.float64)[:, None] * frequencies.double()
    arc = (trained - 1) * frequencies.double()
    return ((angle % (2 * torch.pi)) <= arc + 1e-9).double().mean(dim=-1).float()


def known_weight(n: int, slope: float, trained: int) -> Float[Tensor, " {n}"]:
    """The share of each causal row that lies at distances below `trained`, if all scores were alike but for ALiBi's penalty.

    slope: what one step of distance costs; 0 is no penalty.
    """
    rest = (-slope * torch.arange(n, dtype=torch.float64)).exp()
    near = rest * (torch.arange(n) < trained)
    return (near.cumsum(dim=0) / rest.cumsum(dim=0)).float()
