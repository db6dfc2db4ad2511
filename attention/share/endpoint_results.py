"""What the endpoints answer, as plain JSON. Fields may be added within a version; none is renamed, moved or taken away."""

from typing import TypedDict

VERSION = 1


class ModelRow(TypedDict):
    """A model of the catalog. id: what the other endpoints take. megabytes: of weights on disk, 0 for a local folder."""

    id: str
    title: str
    source: str
    family: str
    layers: int
    heads: int
    languages: str
    license: str
    megabytes: int
    note: str


class Models(TypedDict):
    """default: the model the page starts with. limits: the most that one call takes, by name."""

    version: int
    default: str
    models: list[ModelRow]
    limits: dict[str, int]


class Source(TypedDict):
    """What was read. note: what a reader must know of the weights ("4-bit"), or empty."""

    version: int
    model: str
    revision: str
    note: str


class TokenRow(TypedDict):
    """One token. start, end: half-open slice of its text, in characters. word: -1 for specials. segment: 1 in the second text."""

    pos: int
    text: str
    id: int
    start: int
    end: int
    word: int
    special: bool
    segment: int
    unknown: bool


class Tokens(Source):
    """limit: the longest text the model reads, in tokens."""

    tokens: list[TokenRow]
    limit: int


class PatternRow(TypedDict):
    """A head and what it does. score: 0 at chance, 1 at all of its attention. share, chance: parts of attention, 0 to 1."""

    layer: int
    head: int
    name: str
    pattern: str
    title: str
    score: float
    share: float
    chance: float
    rows: int
    reason: str


class Patterns(Source):
    """patterns: best first. tokens: how many the text has."""

    tokens: int
    patterns: list[PatternRow]


class Place(TypedDict):
    """A row or a column of weights: a token, or a word."""

    pos: int
    text: str
    special: bool
    segment: int


class View(Source):
    """One head. name: L3H5. explained: what its numbers are, in a sentence or two."""

    name: str
    level: str
    measure: str
    explained: str


class Weights(View):
    """weights: [query_pos][key_pos], five decimals. blocked: by row, the keys it may not look at, which is why they are 0 there."""

    positions: list[Place]
    weights: list[list[float]]
    blocked: list[list[int]]


class Attended(Place):
    """A key and how much of the row it gets, 0 to 1, five decimals."""

    weight: float


class TopAttended(View):
    """query: the row that looks. attended: strongest first, without keys that get nothing. rest: what all others get together."""

    query: Place
    attended: list[Attended]
    rest: float


class LanguageRow(TypedDict):
    """One head in one language. called: the pattern it is named after, or "none". scores: by pattern, null where none applies."""

    language: str
    text: str
    tokens: int
    called: str
    scores: dict[str, float | None]


class Spread(TypedDict):
    """A pattern over languages. weakest: its smallest score; gap: the largest less the smallest; languages: how many have one."""

    pattern: str
    title: str
    weakest: float
    gap: float
    least_in: str
    most_in: str
    languages: int


class Languages(Source):
    """patterns: of this head on these texts, strongest first. usual: the same over the whole parallel set, where it is known."""

    name: str
    languages: list[LanguageRow]
    patterns: list[Spread]
    usual: list[Spread]


def five(number: float) -> float:
    """A number as it is sent, with five decimals: 0.000005 off at most."""
    return round(number, 5)
