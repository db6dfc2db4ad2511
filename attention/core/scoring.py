"""Ways to score a query against a key, how far the scores spread, and what the spread does to the weights.

The scaled dot product itself is core.attention.scores; here are its alternatives and what the scaling is for.
"""

from dataclasses import dataclass
from zlib import crc32

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from attention.core import attention
from attention.core.softmax import gradient_size
from attention.errors import SelectionError

SCORINGS = ("scaled dot product", "dot product", "cosine", "bilinear", "additive")
DTYPES = (torch.float16, torch.bfloat16, torch.float32)


def draw(seed: int, *shape: int, role: str = "vectors") -> Float[Tensor, "..."]:
    """Independent normal numbers of mean 0 and variance 1 in float32; one seed gives the same on every machine.

    role: what they are for; two roles share nothing, or matrices would repeat the vectors of the same seed.
    """
    generator = torch.Generator().manual_seed(crc32(f"{role} {seed}".encode()))
    # In float64, then rounded: torch's fast paths for float32 differ between processors in the last digit.
    return torch.randn(*shape, generator=generator, dtype=torch.float64).float()


def query_and_key(
    n: int, d_head: int, seed: int, same: bool = False
) -> tuple[Float[Tensor, "{n} {d_head}"], Float[Tensor, "{n} {d_head}"]]:
    """Random unit-variance queries and keys of n positions; same: each key is its position's own query (K = Q)."""
    query, key = draw(seed, 2, n, d_head)
    return query, query if same else key


def cosine(
    query: Float[Tensor, "*batch query_pos d_head"], key: Float[Tensor, "*batch key_pos d_head"]
) -> Float[Tensor, "*batch query_pos key_pos"]:
    """The cosine of the angle between query and key, -1 to 1; 0 for a vector of zeros."""
    return functional.normalize(query, dim=-1) @ functional.normalize(key, dim=-1).mT


def bilinear(
    query: Float[Tensor, "*batch query_pos d_query"],
    key: Float[Tensor, "*batch key_pos d_key"],
    matrix: Float[Tensor, "d_query d_key"],
) -> Float[Tensor, "*batch query_pos key_pos"]:
    """q W k: a learned matrix says which feature of the query goes with which of the key. Unbounded.

    Source: Luong et al. 2015, "Effective Approaches to Attention-based Neural Machine Translation", "general", section 3.1.
    """
    return query @ matrix @ key.mT


def additive(
    query: Float[Tensor, "*batch query_pos d_query"],
    key: Float[Tensor, "*batch key_pos d_key"],
    query_matrix: Float[Tensor, "d_query d_hidden"],
    key_matrix: Float[Tensor, "d_key d_hidden"],
    direction: Float[Tensor, " d_hidden"],
) -> Float[Tensor, "*batch query_pos key_pos"]:
    """v . tanh(q W + k U): a small network scores the pair; at most the sum of |v| in size.

    Source: Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and Translate", A.1.2.
    """
    hidden = (query @ query_matrix)[..., :, None, :] + (key @ key_matrix)[..., None, :, :]
    return hidden.tanh() @ direction


def scored_by(
    kind: str, query: Float[Tensor, "query_pos d_head"], key: Float[Tensor, "key_pos d_head"], seed: int = 0
) -> Float[Tensor, "query_pos key_pos"]:
    """Scores by one of SCORINGS; the matrices that would be learned are random, with the variance that keeps scores near 1.

    Raises: SelectionError for any other kind.
    """
    d_head = query.shape[-1]
    match kind:
        case "scaled dot product":
            return attention.scores(query, key)
        case "dot product":
            return attention.scores(query, key, scale=1.0)
        case "cosine":
            return cosine(query, key)
        case "bilinear":
            return bilinear(query, key, draw(seed, d_head, d_head, role="scoring") / d_head)
        case "additive":
            query_matrix, key_matrix = draw(seed, 2, d_head, d_head, role="scoring") / d_head**0.5
            direction = draw(seed, d_head, role="scoring direction") / d_head**0.5
            return additive(query, key, query_matrix, key_matrix, direction)
    raise SelectionError("bad_choice", name="The scoring", choices=", ".join(SCORINGS), got=kind)


@dataclass(frozen=True, slots=True)
class Spread:
    """How far scores lie apart: standard deviation off the diagonal, and the mean on it."""

    off_diagonal: float
    diagonal: float


def spread(scores: Float[Tensor, "n n"]) -> Spread:
    """The spread these scores have; n is 2 at least."""
    own = torch.eye(len(scores), dtype=torch.bool)
    return Spread(scores[~own].std().item(), scores[own].mean().item())


def expected_spread(d_head: int, same: bool = False, scale: float = 1.0) -> Spread:
    """The spread that unit-variance queries and keys have on average: sqrt(d_head), and d_head on the diagonal if K = Q.

    Off the diagonal a score adds d_head products of variance 1; on it, if K = Q, d_head squares of mean 1.
    Source: Vaswani et al. 2017, footnote 4.
    """
    return Spread(off_diagonal=scale * d_head**0.5, diagonal=scale * d_head if same else 0.0)


@dataclass(frozen=True, slots=True)
class Saturation:
    """What the size of scores does to their softmax, on average over rows.

    largest: the largest weight, 1/n to 1; gradient: Frobenius norm of the softmax Jacobian, near 0 when nothing can be learned.
    """

    spread: Spread
    largest: float
    gradient: float


def saturation(scores: Float[Tensor, "n n"]) -> Saturation:
    """Spread, largest weight and gradient of these scores, computed in float64."""
    weights = attention.weights(scores.double())
    return Saturation(
        spread=spread(scores.double()),
        largest=weights.amax(dim=-1).mean().item(),
        gradient=gradient_size(weights).mean().item(),
    )


def naive_softmax(
    scores: Float[Tensor, "*batch key_pos"], dtype: torch.dtype = torch.float32
) -> Float[Tensor, "*batch key_pos"]:
    """exp(x) / sum exp(x) as it is written, all of it in `dtype`: NaN or zeros where exp leaves the range of the dtype."""
    powers = scores.to(dtype).exp()
    return powers / powers.sum(dim=-1, keepdim=True)


@dataclass(frozen=True, eq=False, slots=True)
class Stability:
    """The naive softmax beside the one that takes the row's largest score off first, in one dtype.

    limit: the largest score whose exp this dtype can hold.
    overflow: rows whose exps or their sum are infinite; underflow: rows whose exps are all 0.
    """

    dtype: torch.dtype
    limit: float
    naive: Float[Tensor, "*batch key_pos"]
    shifted: Float[Tensor, "*batch key_pos"]
    overflow: Bool[Tensor, "*batch"]
    underflow: Bool[Tensor, "*batch"]


def stability(scores: Float[Tensor, "*batch key_pos"], dtype: torch.dtype) -> Stability:
    """What each way makes of these scores in `dtype`; the lab shows it for each of DTYPES."""
    lowered = scores.to(dtype)
    total = lowered.exp().sum(dim=-1)
    return Stability(
        dtype=dtype,
        limit=torch.tensor(torch.finfo(dtype).max, dtype=torch.float64).log().item(),
        naive=naive_softmax(scores, dtype),
        shifted=naive_softmax(lowered - lowered.amax(dim=-1, keepdim=True), dtype),
        overflow=total == torch.inf,
        underflow=total == 0,
    )


def difference_from_torch(
    query: Float[Tensor, "*batch query_pos d_head"],
    key: Float[Tensor, "*batch key_pos d_head"],
    scale: float | None = None,
) -> float:
    """The largest difference between our weights and torch's scaled_dot_product_attention, 0 to 1.

    torch returns only the output; with the identity matrix as values, the output is the weights.
    """
    identity = torch.eye(key.shape[-2], dtype=key.dtype).expand(*key.shape[:-1], -1)
    theirs = functional.scaled_dot_product_attention(query, key, identity, scale=scale)
    return (attention.weights(attention.scores(query, key, scale)) - theirs).abs().max().item()


def difference_from_module(query: Float[Tensor, "query_pos d_head"], key: Float[Tensor, "key_pos d_head"]) -> float:
    """The largest difference between our weights and torch's nn.MultiheadAttention, 0 to 1; both scale by 1/sqrt(d_head).

    One head, and the identity matrix as each projection, so that the module sees these queries and keys.
    """
    d_head = query.shape[-1]
    module = nn.utils.skip_init(nn.MultiheadAttention, d_head, 1, bias=False).to(query.dtype).eval()
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.eye(d_head).repeat(3, 1))
        module.out_proj.weight.copy_(torch.eye(d_head))
        theirs = module(query, key, key)[1]
    return (attention.weights(attention.scores(query, key)) - theirs).abs().max().item()
