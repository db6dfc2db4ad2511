"""How often words that the model pairs are those that people paired: attention/data/alignment.json, by layer and language.

    python benchmarks/evaluate_correspondence.py

Ten English sentences, each against the same in ten languages. Judged are links of the English words that were marked by hand
(content words). A marked stretch is one link for each word of it that the model reads: without blanks a dictionary tells words
apart, and a piece that holds several joins them. The layer is chosen on the same sentences. Writes what the page says of it:
attention/data/correspondence.json.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from attention.core.words import Word, words_of
from attention.models import bundled, languages, loader
from attention.models.correspondence import correspond
from attention.models.reader import capture


@dataclass(frozen=True, slots=True)
class Counts:
    """Links. right: found and marked. found: of words that were marked, so that they can be judged. drawn: of all words."""

    right: int
    found: int
    marked: int
    drawn: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.right + other.right, self.found + other.found, self.marked + other.marked, self.drawn + other.drawn
        )

    @property
    def scores(self) -> tuple[float, float, float]:
        """Precision, recall and F1, 0 to 1."""
        precision, recall = self.right / max(self.found, 1), self.right / max(self.marked, 1)
        return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def places(model: str, text: str, spans: Iterable[list[int]]) -> set[int]:
    """First tokens of the words that lie in these slices of a text."""
    read = capture(model, text).text

    def inside(word: Word) -> bool:
        tokens = [token for token in read.tokens[word.first : word.last + 1] if token.start < token.end]
        return any(token.start < end and token.end > start for token in tokens for start, end in spans)

    return {word.first for word in words_of(read.tokens, text) if inside(word)}


def judge(model: str, row: dict, layer: int) -> Counts:
    """One sentence in one language."""
    sentences = next(meaning.sentences for meaning in languages.meanings() if meaning.name == row["meaning"])
    english, other = sentences["English"], sentences[row["language"]]
    marked: set[tuple[int, int]] = set()
    judged: set[int] = set()
    for pair in row["pairs"]:
        asked = places(model, english, [pair["english"]])
        judged |= asked
        marked |= {(one, two) for one in asked for two in places(model, other, pair["other"])}
    drawn = {(link.first.first, link.second.first) for link in correspond(model, english, other, layer=layer)}
    found = {link for link in drawn if link[0] in judged}
    return Counts(len(found & marked), len(found), len(marked), len(drawn))


def rows() -> list[dict]:
    """What was marked by hand: a row for each sentence pair."""
    return json.loads((languages.DATA / "alignment.json").read_text(encoding="utf-8"))


def evaluate(model: str, layer: int) -> dict[str, Counts]:
    """Counts by language, hand-marked sentences added up."""
    found: dict[str, Counts] = {}
    for row in rows():
        found[row["language"]] = found.get(row["language"], Counts(0, 0, 0)) + judge(model, row, layer)
    return found


def line(title: object, counts: Counts) -> str:
    """One row of the table."""
    return f"{title!s:>10}  " + "  ".join(f"{one:.3f}" for one in counts.scores)


def plain(model: str, layer: int, found: dict[str, Counts]) -> dict:
    """The evaluation as the page reads it: precision, recall and F1, of all and by language."""
    rounded = {name: [round(one, 3) for one in counts.scores] for name, counts in found.items()}
    whole, marked = sum(found.values(), Counts(0, 0, 0)), rows()
    return {
        "model": model, "layer": layer, "english_sentences": len({row["meaning"] for row in marked}), "sentence_pairs": len(marked),
        "pairs": sum(len(row["pairs"]) for row in marked), "links": whole.marked, "drawn": whole.drawn, "judged": whole.found,
        "all": [round(one, 3) for one in whole.scores], "languages": rounded,
    }  # fmt: skip


def main() -> None:
    model = loader.load(bundled.E5)
    print(f"{bundled.E5}\n     layer  precision  recall  F1")
    for layer in range(model.n_layers + 1):
        print(line(layer, sum(evaluate(model.id, layer).values(), Counts(0, 0, 0))), flush=True)
    found = evaluate(model.id, model.n_layers // 2)
    for language, counts in found.items():
        print(line(language, counts))
    written = json.dumps(plain(model.id, model.n_layers // 2, found), indent=1)
    (languages.DATA / "correspondence.json").write_text(written + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
