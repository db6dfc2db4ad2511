"""The Languages tab's bounds, measured in one run against floors of the same run, as a Markdown table.

    python benchmarks/languages.py            # about three minutes on two cores
    python benchmarks/languages.py --quick

The server's time for the first view of four languages beside four bare forward passes of the same sentences; another head in a
real browser beside another head in the explorer, on the same page. Needs a browser and Playwright.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from browser import FIGURE, browsing, choose, opened, served
from playwright.sync_api import Browser
from timing import HEADER, ROOT, Row, ms, over

sys.path.insert(0, str(ROOT))

SIDE = "#hl-side .hl-picture"


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def first_view(repeats: int) -> list[Row]:
    """What the server does until the picture leaves (captures, scores, matrices); and with all that follows by itself: the list of
    heads, which words answer each other, the scores of all heads, tokenizers, pieces and table."""
    import torch

    from attention.models import loader, parallel, reader
    from attention.models.bundled import E5
    from attention.models.forward import arguments
    from attention.models.tokens import read_text
    from attention.share import languages_comparison
    from attention.share.settings.languages import Languages
    from attention.tabs import _languages_answers as answers
    from attention.tabs import _languages_pieces as pieces

    def follow(shown: Languages) -> None:
        list(answers.on_more("same", shown))
        *_, (_, _, ready) = pieces.on_tokenizers(list(shown.models))
        pieces.on_pieces("0", ready, shown)

    model, settings = loader.load(E5), Languages(model=E5)
    ours, rest, floor = [], [], []
    for turn in range(repeats + 2):
        meaning = parallel.meanings()[turn % len(parallel.meanings())]
        wanted = replace(settings, meaning=meaning.name)
        inputs = [arguments(model, read_text(model.tokenizer, text).inputs) for _, text in wanted.sentences]
        for kept in (reader.CAPTURES, languages_comparison.SCORES):
            kept.clear()
        with torch.inference_mode():
            floor.append(seconds(lambda given=inputs: [model.module(**one) for one in given]))
        ours.append(seconds(lambda given=wanted: answers._view(given)))
        rest.append(ours[-1] + seconds(lambda given=wanted: follow(given)))
    ours, rest, floor = ours[2:], rest[2:], floor[2:]
    bare = f"4 bare forwards {ms(floor)}"
    return [
        Row("first view of four languages, server, until the picture leaves", ms(ours), bare, over(ours, floor), 1.5),
        Row("the same with all that follows by itself", ms(rest), bare, over(rest, floor), None),
    ]


def another_head(browser: Browser, url: str, repeats: int) -> Row:
    """From the choice of a head to the four redrawn matrices, beside the same choice in the explorer."""
    page = opened(browser, url)
    ours, floor = [], []
    for turn in range(repeats + 2):
        page.get_by_role("tab", name="Explore").click()
        page.wait_for_timeout(150)
        floor.append(choose(page, ("#hl-layer", "#hl-head-number")[turn % 2], 6, [FIGURE]))
        page.get_by_role("tab", name="Languages").click()
        if not turn:
            page.locator("#hl-prices tbody tr").first.wait_for(timeout=60_000)
        page.wait_for_timeout(150)
        ours.append(choose(page, ("#hl-languages-layer", "#hl-languages-head")[turn % 2], 6, [SIDE]))
    page.close()
    ours, floor = ours[2:], floor[2:]
    return Row(
        "another head on four languages", ms(ours), f"another head in Explore {ms(floor)}", over(ours, floor), 2.0
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true")
    repeats = 8 if arguments.parse_args().quick else 30
    print(HEADER, flush=True)
    for row in first_view(repeats):
        print(row, flush=True)
    from attention.models.bundled import E5

    with browsing() as browser, served(E5) as url:
        print(another_head(browser, url, repeats), flush=True)


if __name__ == "__main__":
    main()
