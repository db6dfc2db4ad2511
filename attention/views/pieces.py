"""A sentence as several tokenizers cut it, one above the other: what stands at the same letters stands in the same column."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from attention.errors import ShapeError


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece. text: as it is drawn; note: what the text alone cannot say."""

    text: str
    id: int
    unknown: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """The columns from first up to, not including, last: the pieces there, or the letters that no piece stands for."""

    first: int
    last: int
    pieces: Sequence[Piece]
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch at whose ends every tokenizer cuts. rows: its cells, one list per tokenizer. spaced: a blank stands before it."""

    columns: int
    rows: Sequence[Sequence[Cell]]
    spaced: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One tokenizer. per_word, per_character: pieces, None where there is nothing to count by. rebuilt: the text, exactly,
    from the slices of its pieces and the gaps between them."""

    title: str
    kind: str
    pieces: int
    per_word: float | None
    per_character: float | None
    unknown: int
    specials: int
    rebuilt: bool


def render(
    lines: Sequence[Line], blocks: Sequence[Block], *, mirrored: bool, code: str, caption: str, note: str
) -> dict:
    """What `mountPieces` draws; plain JSON. mirrored: the text is read from right to left. code: its language, ISO 639-1.

    Raises: ShapeError where a block has more or fewer rows than there are lines.
    """
    for block in blocks:
        if len(block.rows) != len(lines):
            raise ShapeError("shape", name="rows", got=(len(block.rows),), expected=(len(lines),))
    return {
        "lines": [asdict(line) for line in lines],
        "blocks": [
            {
                "columns": block.columns,
                "spaced": block.spaced,
                "rows": [[_cell(cell) for cell in row] for row in block.rows],
            }
            for block in blocks
        ],
        "mirrored": mirrored, "code": code, "caption": caption, "note": note,
    }  # fmt: skip


def _cell(cell: Cell) -> list:
    """[first, last, pieces, left out], each piece [text, id, unknown, note]."""
    pieces = [[piece.text, piece.id, int(piece.unknown), piece.note] for piece in cell.pieces]
    return [cell.first, cell.last, pieces, cell.left_out]
