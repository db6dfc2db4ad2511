"""The definition of every score once more, in plain loops over Python numbers: slow, and with nothing shared.

Notation: A row-stochastic weights; f the first allowed key; C content keys; Q query rows; S_i the pattern's cells in row i;
E the rows of Q with 0 < |S_i| < n_i; d = key - query.

    r    mean over E of sum_j A_ij S_ij
    c_u  mean over E of |S_i| / n_i
    c_s  mean over E of the sum over S_i of what the head's own profile gives, estimated off the selected cells:
         column: mean lift n A of that key, divided by n_i;
         distance: with a = (n A - 1) / (n - 1) the part of a row beyond uniform, a + (1 - a) / n_i for the mean a.
    kappa = clip((r - c) / (1 - c), 0, 1) with c = max(c_u, c_s), where 1 - c counts as 0.35 at least;
    not applicable if |E| < 3 or c_u > 0.65
"""

from collections import defaultdict
from collections.abc import Sequence

from attention.core.tokens import Token

COLUMN = {"previous", "next", "self"}


def selected(name: str, i: int, j: int, tokens: Sequence[Token], first: int, causal: bool) -> bool:
    """Whether the pattern selects key j for query i."""
    d = j - i
    content = not tokens[j].special and not (causal and j == first)
    if name == "first":
        return j == first
    if name == "separator":
        return tokens[j].special and j != first
    return (
        content
        and {
            "previous": d == -1,
            "next": d == 1 and not causal,
            "self": d == 0,
            "punctuation": tokens[j].punctuation and j != i,
            "same_token": tokens[j].id == tokens[i].id and j != i,
            "induction": j > 0 and tokens[j - 1].id == tokens[i].id and d not in {0, 1},
            "word_internal": tokens[j].word == tokens[i].word and j != i,
        }[name]
    )


def score(
    name: str, weights: list[list[float]], tokens: Sequence[Token], allowed: list[list[bool]], causal: bool
) -> tuple[float, float, float] | None:
    """(kappa, r, c) of one head on one pattern; None where it is not applicable."""
    n = len(tokens)
    keys = [[j for j in range(n) if allowed[i][j]] for i in range(n)]
    read = {j for row in keys for j in row}
    first = min(read, default=0)
    rows = [i for i in range(n) if not tokens[i].special and i != first and i in read and len(keys[i]) >= 3]
    cells = {i: [j for j in keys[i] if selected(name, i, j, tokens, first, causal)] for i in rows}
    eligible = [i for i in rows if 0 < len(cells[i]) < len(keys[i])]
    if len(eligible) < 3:
        return None
    r = sum(weights[i][j] for i in eligible for j in cells[i]) / len(eligible)
    c_u = sum(len(cells[i]) / len(keys[i]) for i in eligible) / len(eligible)
    if c_u > 0.65:
        return None

    profile = defaultdict(list)
    for i in rows:
        for j in set(keys[i]) - set(cells[i]):
            lift = len(keys[i]) * weights[i][j]
            beyond = (lift - 1) / (len(keys[i]) - 1)
            profile[j if name in COLUMN else j - i].append(lift if name in COLUMN else beyond)
    c_s = 0.0
    for i in eligible:
        even = 1 / len(keys[i])
        for j in cells[i]:
            if name in COLUMN:
                c_s += _mean(profile[j], otherwise=1.0) * even / len(eligible)
            else:
                beyond = _mean(profile[j - i], otherwise=0.0)
                c_s += (beyond + (1 - beyond) * even) / len(eligible)
    c = min(max(c_u, c_s), 1.0)
    return min(max((r - c) / max(1 - c, 0.35), 0.0), 1.0), r, c


def _mean(numbers: list[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise
