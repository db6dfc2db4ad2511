"""What several tokenizers make of one sentence, and of the whole set in every language."""

from collections.abc import Sequence
from itertools import pairwise

import regex

from attention.core.tokens import Token, right_to_left
from attention.errors import SelectionError
from attention.models import catalog, compare_tokens, parallel
from attention.models.compare_tokens import Cut, Price
from attention.models.spans import quoted, shown
from attention.share.settings.languages import MOST_TOKENIZERS, PRICES, TYPED, Languages
from attention.views import language_table, pieces
from attention.views.labels import labels_of

_JOINER = "\u200d"
_ARABIC = regex.compile(r"(?=\p{L})\p{Script=Arabic}")

Group = tuple[int, int, list[Token]]
"""A slice of the text and the pieces in it, which share its letters or have none of their own."""


def checked(settings: Languages) -> tuple[str, ...]:
    """The models whose tokenizers are compared. Raises: SelectionError for none or too many."""
    found = settings.models
    if not 1 <= len(found) <= MOST_TOKENIZERS:
        choices = f"one to {MOST_TOKENIZERS} models"
        raise SelectionError("bad_choice", name="tokenizers", choices=choices, got=len(found))
    return found


def sentence(settings: Languages) -> tuple[str, str]:
    """Language and text of the column whose sentence is cut; of the first where that column holds none."""
    found = settings.sentences
    if not found:
        raise SelectionError("bad_choice", name="languages", choices="one of the languages", got="none of them")
    place = int(settings.cut)
    return found[place] if place < len(found) else found[0]


def cut(settings: Languages) -> dict:
    """What the figure of the pieces draws; no weights are loaded.

    Raises: ModelError, TextError, SelectionError with one sentence.
    """
    language, text = sentence(settings)
    cuts = compare_tokens.compare(checked(settings), text)
    known = parallel.languages().get(language)
    return pieces.render(
        [_line(one, text) for one in cuts],
        blocks_of(cuts, text),
        mirrored=right_to_left(text),
        code=known.code if known else "",
        caption=f"{language or TYPED} · {quoted(text)}",
        note=_note(cuts),
    )


def table(settings: Languages) -> dict:
    """What the table of all languages shows: every sentence of the set through every tokenizer."""
    names = [title(model) for model in checked(settings)]
    prices = compare_tokens.over_set(checked(settings))
    found = parallel.languages()
    return language_table.render(
        [language_table.Language(one.name, one.own, one.code) for one in found.values()],
        names,
        {
            measure: [[_number(price[name], measure) for price in prices.values()] for name in found]
            for measure in PRICES
        },
        titles=PRICES,
        caption=f"{len(parallel.meanings())} sentences in each language that mean the same, special tokens not counted. "
        "Words are counted by one ruler for all tokenizers; a dash stands where there is none. "
        "Hatched: some of these pieces are unknown, and one unknown piece may stand for a whole sentence.",
    )


def title(model: str) -> str:
    """A model's short name."""
    row = catalog.row(model)
    return row.title if row else model


def blocks_of(cuts: Sequence[Cut], text: str) -> list[pieces.Block]:
    """The text in stretches at whose ends every tokenizer cuts, blanks left out."""
    groups = [grouped(one.pieces) for one in cuts]
    edges = {0, len(text), *(edge for some in groups for start, end, _ in some for edge in (start, end))}
    inside = {edge for edge in edges for some in groups for start, end, _ in some if start < edge < end}
    blocks, spaced = [], False
    for start, end in pairwise(sorted(edges - inside)):
        rows = [[group for group in some if start <= group[0] and group[1] <= end] for some in groups]
        if not any(rows) and not text[start:end].strip():
            spaced = True
            continue
        columns = sorted(edge for edge in edges if start <= edge <= end)
        cells = [_cells(row, columns, text) for row in rows]
        blocks.append(pieces.Block(max(1, len(columns) - 1), cells, spaced))
        spaced = False
    return blocks


def grouped(tokens: Sequence[Token]) -> list[Group]:
    """Pieces that share letters together; a mark without letters goes with what follows it, the last ones with what was before."""
    found: list[Group] = []
    waiting: list[Token] = []
    for token in tokens:
        if token.start == token.end:
            waiting.append(token)
        elif found and token.start < found[-1][1]:
            start, end, members = found[-1]
            found[-1] = (start, max(end, token.end), [*members, *waiting, token])
            waiting = []
        else:
            found.append((token.start, token.end, [*waiting, token]))
            waiting = []
    if waiting and found:
        found[-1][2].extend(waiting)
    return found


def _cells(row: Sequence[Group], columns: Sequence[int], text: str) -> list[pieces.Cell]:
    """The groups of one tokenizer in a block, and between them what it leaves out."""
    place = {edge: at for at, edge in enumerate(columns)}
    cells, reached = [], columns[0]
    for start, end, members in row:
        cells += _left_out(reached, start, place, text)
        drawn = [
            pieces.Piece(_joined(token, label.text, text), token.id, token.unknown, label.note)
            for token, label in zip(members, labels_of(members), strict=True)
        ]
        cells.append(pieces.Cell(place[start], place[end], drawn))
        reached = end
    return cells + _left_out(reached, columns[-1], place, text)


def _left_out(start: int, end: int, place: dict[int, int], text: str) -> list[pieces.Cell]:
    missing = text[start:end].strip()
    return [pieces.Cell(place[start], place[end], (), shown(missing))] if start < end and missing else []


def _joined(token: Token, label: str, text: str) -> str:
    """The label, its ends written as inside an Arabic word where the word goes on."""

    def goes_on(at: int) -> bool:
        return 0 < at < len(text) and all(_ARABIC.match(text[side]) for side in (at - 1, at))

    if token.part is not None or token.start == token.end:
        return label
    return f"{_JOINER if goes_on(token.start) else ''}{label}{_JOINER if goes_on(token.end) else ''}"


def _line(one: Cut, text: str) -> pieces.Line:
    price = one.price
    return pieces.Line(
        title(one.model), one.kind, price.pieces, price.per_word, price.per_character, price.unknown, one.specials,
        one.rebuilt(text) == text,
    )  # fmt: skip


def _note(cuts: Sequence[Cut]) -> str:
    if any(one.price.unknown for one in cuts):
        return "A hatched piece is unknown: the model has no row for it, and whatever stood there looks the same to it."
    return ""


def _number(price: Price, measure: str) -> float | int | None:
    return getattr(price, measure)
