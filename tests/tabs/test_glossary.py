"""The glossary: every link to a term has a term, every term can be reached, and what is shown is what the file says."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from attention import tabs
from attention.models import catalog
from attention.models.families import FAMILIES
from attention.tabs._glossary import TERMS, definitions

HERE = Path(tabs.__path__[0])
PAGES = sorted(HERE.glob("*.md"))
REQUIRED = """
scores query key value softmax temperature entropy entmax weights output head mask causal-mask padding position sinusoidal
rotary alibi embedding token d-model d-head scaling saturation gradient dot-product cosine additive-attention multi-head
grouped-query cross-attention self-attention encoder decoder residual layer-norm feed-forward block logits rollout pattern
induction attention
"""


class Listed(HTMLParser):
    """The entries of a definition list: id, tabindex, and the text of each part."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[tuple[str, str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert tag in {"dl", "div", "dt", "dd"}
        if tag == "div":
            self.entries.append((given["id"] or "", given["tabindex"] or "", []))
        elif tag in {"dt", "dd"}:
            self.entries[-1][2].append("")

    def handle_data(self, data: str) -> None:
        self.entries[-1][2][-1] += data


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_link_to_a_term_has_one(page: Path) -> None:
    wanted = set(re.findall(r"#term-([\w-]+)", page.read_text(encoding="utf-8")))
    assert wanted - {term.slug for term in TERMS} == set()


LABS = [page for page in PAGES if "## Predict" in page.read_text(encoding="utf-8")] + [
    HERE / "transformer_background.md"
]
ORDINARY = {("masks", "block"), ("positions", "value"), ("transformer_background", "softmax")}
"""A verb, a number in a cell, and the title of a notebook: words that are no terms where they stand."""


def unlinked(text: str) -> set[str]:
    """Terms that a page uses and nowhere links; longer terms are looked for first, so that none is found inside another."""
    plain = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|^#[^\n]*$", " ", text, flags=re.DOTALL | re.MULTILINE)
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", " ", plain).lower()
    linked, found = set(re.findall(r"#term-([\w-]+)", text)), set()
    forms = {(one.term.lower(), one.slug) for one in TERMS} | {(one.slug.replace("-", " "), one.slug) for one in TERMS}
    forms |= {(form.removesuffix("s"), slug) for form, slug in forms if form.endswith("s") and not form.endswith("ss")}
    forms |= {(form.removesuffix("y") + "ie", slug) for form, slug in forms if form.endswith("y")}
    for form, slug in sorted(forms, key=lambda each: -len(each[0])):
        plain, times = re.subn(rf"(?<![\w-]){re.escape(form)}s?(?![\w-])", " ", plain)
        if times and slug not in linked:
            found.add(slug)
    return found


@pytest.mark.parametrize("page", LABS, ids=[page.stem for page in LABS])
def test_every_term_that_a_lab_uses_is_linked_in_it(page: Path) -> None:
    found = unlinked(page.read_text(encoding="utf-8"))
    assert found == {slug for stem, slug in ORDINARY if stem == page.stem}


def test_a_term_without_a_link_is_found() -> None:
    assert unlinked("# A heading\nEach query has a [key](#term-key), and a key [scores](#term-scores). The $value$ of multi-head attention.") == {
        "query",
        "multi-head",
    }  # fmt: skip


def test_every_term_that_labs_are_promised_is_there_once_and_in_order() -> None:
    slugs = [term.slug for term in TERMS]
    assert set(slugs) >= set(REQUIRED.split())
    assert len(set(slugs)) == len(slugs)
    assert [term.term for term in TERMS] == sorted((term.term for term in TERMS), key=str.lower)
    assert all(re.fullmatch(r"[a-z-]+", slug) for slug in slugs)


def test_every_term_is_said_in_a_sentence_or_three() -> None:
    for term in TERMS:
        assert term.sentence[0].isupper()
        assert term.sentence.endswith(".")
        assert 40 < len(term.sentence) < 260, term.slug
        assert "!" not in term.sentence


def test_what_is_shown_is_what_the_file_says() -> None:
    page = Listed()
    page.feed(definitions())
    expected = [
        (f"term-{one.slug}", "-1", [part for part in (one.term, one.sentence, one.formula, one.source) if part])
        for one in TERMS
    ]
    assert page.entries == expected


def test_every_model_of_the_picker_stands_with_its_family() -> None:
    text = (HERE / "transformer_background.md").read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip(): line for line in text.splitlines() if line.startswith("|")}
    kinds = {row.title: row.causal for row in FAMILIES.values()}
    for row in catalog.CATALOG:
        family = "Decoder only" if kinds[row.family] else "Encoder only"
        name = row.title.removesuffix(" (ours)")
        homes = [title for title, line in rows.items() if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", line)]
        assert homes == [family], row.title
