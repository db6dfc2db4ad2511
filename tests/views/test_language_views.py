"""What the pictures of the Languages tab are handed: plain JSON that a browser reads, and what does not fit is refused."""

import json
import re

import pytest
import torch

from attention.errors import ShapeError
from attention.views import heatmap, language_heads, language_table, pieces, side_by_side
from attention.views.labels import Label
from attention.views.palette import css_variables
from attention.views.side_by_side import Bar, Column
from attention.views.static_files import LANGUAGES, Picture

FIGURE = heatmap.render(torch.eye(2), labels=[Label("a"), Label("b")])
COLUMN = Column("English", "English", "en", False, "", [("a", 0), (" ", -1), ("b", 1)], [(0, 0), (1, 1)], [], FIGURE, 1.0, [Bar(0.51234, None)])  # fmt: skip
SAID = {"key": "k", "title": "L0H0", "said": "", "aside": "", "caption": ""}


def test_columns_share_the_largest_weight_and_bars_are_rounded() -> None:
    value = json.loads(json.dumps(side_by_side.render([COLUMN], patterns=["Next token"], selected=(0, 0), **SAID)))
    (column,) = value["columns"]
    assert (value["largest"], value["selected"], column["bars"]) == (1.0, [0, 0], [[0.512, None]])
    assert column["sentence"] == [["a", 0], [" ", -1], ["b", 1]]
    with pytest.raises(ShapeError):
        side_by_side.render([COLUMN], patterns=[], **SAID)


def test_links_are_numbers_by_pair() -> None:
    value = side_by_side.render_links("k", {(0, 1): [(2, 3, 0.12345)]})
    assert value == {"key": "k", "pairs": [[0, 1, [[2, 3, 0.123]]]]}


def test_a_list_has_a_score_for_every_language() -> None:
    row = language_heads.Row(2, 6, "next", "Next token", [0.98765, None], 0.98765, 0.9, 1.0, "A", "A")
    value = language_heads.render([row], languages=["A", "B"], measure="smallest", note="")
    assert value["rows"][0]["scores"] == [0.988, None]
    with pytest.raises(ShapeError):
        language_heads.render([row], languages=["A"], measure="smallest", note="")


def test_blocks_have_a_row_for_every_tokenizer() -> None:
    line = pieces.Line("one", "BPE", 1, 1.0, 0.5, 0, 2, True)
    block = pieces.Block(1, [[pieces.Cell(0, 1, [pieces.Piece("ab", 5, True, "odd")])]], True)
    value = pieces.render([line], [block], mirrored=False, code="en", caption="", note="")
    assert value["blocks"] == [{"columns": 1, "spaced": True, "rows": [[[0, 1, [["ab", 5, 1, "odd"]], ""]]]}]
    with pytest.raises(ShapeError):
        pieces.render([line, line], [block], mirrored=False, code="", caption="", note="")


def test_a_table_has_a_number_or_a_gap_in_every_cell() -> None:
    one = language_table.Language("Thai", "ไทย", "th")
    value = language_table.render([one], ["a", "b"], {"m": [[1, None]]}, titles={"m": "M"}, caption="")
    assert value["numbers"] == {"m": [[1.0, None]]}
    with pytest.raises(ShapeError):
        language_table.render([one], ["a"], {"m": [[1, 2]]}, titles={}, caption="")


@pytest.mark.parametrize("picture", LANGUAGES, ids=lambda picture: picture.mount)
def test_scripts_and_styles_keep_to_the_rules_of_all_pictures(picture: Picture) -> None:
    text, style = picture.script(), picture.style()
    names = re.findall(r"^function (\w+)", text, re.MULTILINE)
    assert names.count(picture.mount) == 1
    assert len(names) == len(set(names))
    for dangerous in ("innerHTML", "insertAdjacentHTML", "document.write", "eval(", "</script"):
        assert dangerous not in text
    assert re.findall(r"#[0-9A-Fa-f]{3,6}\b", style) == []
    own = set(re.findall(r"(--hl-\w+):", style)) | {"--font"}
    assert set(re.findall(r"var\((--[a-z-]+)", style)) <= own | set(re.findall(r"(--[a-z-]+):", css_variables()))
