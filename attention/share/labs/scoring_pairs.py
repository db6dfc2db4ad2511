"""The queries and keys that the Scoring lab scores, in two ways: random vectors, or those of a real head."""

from dataclasses import dataclass, replace

from jaxtyping import Bool, Float
from torch import Tensor

from attention.core import attention, scoring
from attention.share.labs.real import Head
from attention.share.settings.scoring import LONGEST, Scoring
from attention.views.labels import Label

SCALED = "scaled dot product"


@dataclass(frozen=True, eq=False, slots=True)
class Pairs:
    """Queries and keys of one sentence. scale, allowed, bias: as the head has them, or 1/sqrt(d_k), None and None."""

    labels: tuple[Label, ...]
    query: Float[Tensor, "query_pos d_head"]
    key: Float[Tensor, "key_pos d_head"]
    scale: float
    allowed: Bool[Tensor, "query_pos key_pos"] | None = None
    bias: Float[Tensor, "query_pos key_pos"] | None = None

    @property
    def d_k(self) -> int:
        return self.query.shape[-1]

    def scores(self, kind: str, seed: int) -> Float[Tensor, "query_pos key_pos"]:
        """Scores before the mask: "dot product" is unscaled; a head's own bias belongs to both dot products."""
        if kind not in (SCALED, "dot product"):
            return scoring.scored_by(kind, self.query, self.key, seed)
        raw = attention.scores(self.query, self.key, self.scale if kind == SCALED else 1.0)
        return raw if self.bias is None else raw + self.bias

    def masked(self, scores: Float[Tensor, "query_pos key_pos"]) -> Float[Tensor, "query_pos key_pos"]:
        """Scores with minus infinity where the head may not attend."""
        return attention.masked(scores, self.allowed)

    def weights(self, scores: Float[Tensor, "query_pos key_pos"]) -> Float[Tensor, "query_pos key_pos"]:
        """What softmax makes of them."""
        return attention.weights(self.masked(scores))

    def first(self, length: int) -> "Pairs":
        """The same vectors cut to their first components, scaled by the root of that length."""
        return replace(self, query=self.query[:, :length], key=self.key[:, :length], scale=length**-0.5)


def made_up(settings: Scoring, d_k: int | None = None) -> Pairs:
    """Random unit-variance vectors of d_k components, settings.d_k unless given.

    Longer ones begin with the shorter ones, so that a slider moves the picture smoothly.
    """
    query, key = scoring.query_and_key(settings.n, LONGEST, settings.seed, settings.same)
    labels = tuple(Label(str(at)) for at in range(settings.n))
    return Pairs(labels, query, key, LONGEST**-0.5).first(settings.d_k if d_k is None else d_k)


def of_head(head: Head) -> Pairs:
    """What a real head scores."""
    return Pairs(head.labels, head.query, head.key, head.scale, head.allowed, head.bias)
