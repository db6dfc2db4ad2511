"""Answers as plain tables, for people who read a terminal."""

from collections.abc import Sequence

from attention.errors import printable
from attention.share.endpoint_results import Models, Patterns, Tokens


def of_models(found: Models) -> str:
    """One line per model; the one that is read unless another is named comes with a star."""
    rows = [
        [
            f"{row['id']}{' *' if row['id'] == found['default'] else ''}",
            row["source"],
            f"{row['layers']} x {row['heads']}" if row["layers"] else "",
            f"{row['megabytes']:,} MB" if row["megabytes"] else "",
            row["languages"],
        ]
        for row in found["models"]
    ]
    return table(["model", "from", "heads", "size", "languages"], rows)


def of_patterns(found: Patterns) -> str:
    """One line per head, best first; a sentence where no head follows a pattern."""
    rows = [
        [one["name"], one["title"], f"{one['score']:.2f}", f"{one['chance']:.2f}", str(one["rows"]), one["reason"]]
        for one in found["patterns"]
    ]
    if not rows:
        return "No head follows a named pattern for at least a quarter of its attention here.\n"
    return table(["head", "pattern", "score", "chance", "rows", ""], rows)


def of_tokens(found: Tokens) -> str:
    """One line per token; the text last, as its width is the script's own."""
    rows = [
        [
            str(row["pos"]),
            str(row["id"]),
            f"{row['start']}-{row['end']}" if row["start"] < row["end"] else "",
            "added" if row["special"] else "",
            row["text"],
        ]
        for row in found["tokens"]
    ]
    return table(["pos", "id", "slice", "", "token"], rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their longest cell, numbers to the right. What a terminal would obey is shown as a dot."""
    lines = [[printable(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[at]) for row in lines) for at in range(len(head))]
    numbers = [all(row[at][:1].isdigit() for row in lines[1:]) for at in range(len(head) - 1)] + [False]
    return "".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numbers, strict=True)
        ).rstrip()
        + "\n"
        for row in lines
    )
