"""The explorer's bounds, measured in one run against floors of the same run, as a Markdown table.

    python benchmarks/explorer.py            # about six minutes on two cores
    python benchmarks/explorer.py --quick    # fewer repetitions

Ratios, because machines differ; medians of ratios of neighbors, because machines are busy. Run it on an idle one. Needs a browser
and Playwright, as the browser tests do.
"""

import argparse
from collections.abc import Callable

import capture
import page
import startup
from timing import HEADER, Row

PARTS: tuple[Callable[[bool], list[Row]], ...] = (
    capture.times,
    lambda _quick: capture.memory(),
    page.rows,
    startup.rows,
)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true")
    quick = arguments.parse_args().quick
    print(HEADER, flush=True)
    for part in PARTS:
        for row in part(quick):
            print(row, flush=True)


if __name__ == "__main__":
    main()
