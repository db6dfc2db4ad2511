"""What may be typed after `python -m attention`. Nothing here reads a model."""

import argparse
from typing import Literal

from attention import __version__
from attention.models import catalog
from attention.share.selection import LEVELS, MEASURES
from attention.share.settings.explorer import MODES

FIGURES = (".svg", ".png", ".html", ".csv", ".json", ".npz")
SCORES = (".csv", ".json", ".npz")

_EXAMPLES = """examples:
  python -m attention figure --text "The cat sat on the mat." --layer 2 --head 6 -o head.svg
  python -m attention rank --model sentence-transformers/all-MiniLM-L6-v2 --text - --json < sentence.txt
  python -m attention page --text "猫は眠い。" --layer 2 --head 6 --all-heads -o head.html
  python -m attention models

exit codes: 0 done, 1 one sentence on stderr says what went wrong, 2 the command was not understood"""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    whole = argparse.ArgumentParser(
        prog="python -m attention",
        description="The attention heads of real models, for papers and scripts.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    whole.add_argument("--version", action="version", version=f"Headlight {__version__}")
    commands = whole.add_subparsers(dest="command", required=True, metavar="command")
    _figure(_command(commands, "figure", "one head as a figure or as data; the file's ending says which"))
    _page(_command(commands, "page", "one head, or all, as one interactive HTML file that needs no server"))
    _rank(_command(commands, "rank", "the heads worth a look on a text, as a table"))
    _tokenize(_command(commands, "tokenize", "the tokens of a text"))
    _json(_command(commands, "models", "the models that can be read"))
    return whole


def _command(commands: argparse._SubParsersAction, name: str, does: str) -> argparse.ArgumentParser:  # type: ignore[type-arg]
    return commands.add_parser(name, help=does, description=does[0].upper() + does[1:] + ".", allow_abbrev=False)


def _figure(one: argparse.ArgumentParser) -> None:
    _text(one)
    _view(one)
    one.add_argument("--theme", choices=("light", "dark"), default="light", help="of pictures (light)")
    _output(one, f"the file to write, ending in {', '.join(FIGURES)}")


def _page(one: argparse.ArgumentParser) -> None:
    _text(one)
    _view(one)
    one.add_argument("--theme", choices=("light", "dark", "auto"), default="auto", help="(auto)")
    one.add_argument("--all-heads", action="store_true", help="every head inside, with the grid to choose from")
    _output(one, "the file to write, ending in .html")


def _rank(one: argparse.ArgumentParser) -> None:
    _text(one)
    one.add_argument("--limit", type=int, default=5, help="how many heads to list (5)")
    answer = one.add_mutually_exclusive_group()
    _json(answer)
    _file(answer, f"instead: the scores of all heads into a file, ending in {', '.join(SCORES)}", required=False)
    _force(one)


def _tokenize(one: argparse.ArgumentParser) -> None:
    _text(one)
    _json(one)


def _text(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--model", default=catalog.default(), help="a name from `models`, a Hub id or a local folder (%(default)s)"
    )
    one.add_argument("--text", required=True, help="the text to read; - for what comes in on stdin, in UTF-8")
    one.add_argument("--pair", help="a second text, for models that read two")


def _view(one: argparse.ArgumentParser) -> None:
    one.add_argument("--layer", type=int, default=0, help="from 0 (0)")
    one.add_argument("--head", type=_head, default=0, help="from 0, or mean for the average over the layer (0)")
    one.add_argument("--query", type=int, help="the row to point out, from 0")
    one.add_argument("--level", choices=tuple(LEVELS), default="token", help="between tokens or words (token)")
    one.add_argument("--measure", choices=tuple(MEASURES), default="raw", help="what the numbers are (raw)")
    one.add_argument("--mode", choices=tuple(MODES), default="matrix", help="of pictures (matrix)")


def _json(one: argparse._ActionsContainer) -> None:
    one.add_argument("--json", action="store_true", help="JSON instead of a table")


def _output(one: argparse.ArgumentParser, does: str) -> None:
    _file(one, does, required=True)
    _force(one)


def _file(one: argparse._ActionsContainer, does: str, *, required: bool) -> None:
    one.add_argument("-o", "--output", required=required, metavar="FILE", help=does)


def _force(one: argparse.ArgumentParser) -> None:
    one.add_argument("--force", action="store_true", help="replace the file if it is there")


def _head(typed: str) -> int | Literal["mean"]:
    return "mean" if typed == "mean" else int(typed)
