"""What the Softmax lab can be set to."""

from dataclasses import dataclass

from attention.share.settings.kinds import choice, number, words
from attention.share.settings.real_head import RealHead

KINDS = {"softmax": "Softmax", "entmax": "Entmax 1.5", "sparsemax": "Sparsemax", "top_k": "Top k"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Softmax(RealHead):
    """tau: the temperature's power of ten. row: the row shown as bars. typed: scores of one row, in place of random ones."""

    tau: float = number(0.0, -2.0, 1.0, 0.05, label="Temperature, 10 to the", power="Temperature")
    kind: str = choice("softmax", KINDS, label="Weights by")
    k: int = number(3, 1, 16, label="k of top k", when={"kind": ("top_k",)})
    n: int = number(8, 2, 24, label="Tokens", when={"source": ("made",)})
    row: int = number(0, 0, 63, label="Row")
    seed: int = number(0, 0, 99, label="Seed", when={"source": ("made",)})
    typed: str = words(
        "", 400, label="Your own scores", info="numbers, with spaces or commas between them", when={"source": ("made",)}
    )

    @property
    def temperature(self) -> float:
        """0.01 to 10."""
        return 10.0**self.tau
