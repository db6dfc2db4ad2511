"""The Transformer lab's question, and what every one of its figures keeps; its views have files of their own."""

import json
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import torch

from attention.errors import AttentionError
from attention.models import speller
from attention.share.labs import transformer, transformer_cross
from attention.share.labs.transformer import picture, reveal
from attention.share.settings.kinds import Number, checked, kinds
from attention.share.settings.transformer import HEADS, VIEWS, Transformer
from attention.views.panels.frame import decode_values
from tests.share.lab_transformer import shown


def test_the_answer_is_read_off_the_figure_it_moves_to() -> None:
    found = reveal(Transformer(n=3, seed=9))
    row = decode_values(shown(found.settings)["cross"]["values"])[found.settings.row]
    assert shown(found.settings)["cross"]["rows"]["texts"][found.settings.row] == "thousand"
    shares = [row[0], row[1], row[2:5].sum(), row[5]]
    assert found.right == max(range(4), key=lambda at: shares[at])
    assert found.choices == 4


@pytest.mark.parametrize(("weight_on", "right"), [(0, 0), (1, 1), (3, 2), (5, 3)])
def test_other_weights_have_another_answer(weight_on: int, right: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = speller.spell("52318")
    cross = torch.zeros_like(found.cross)
    cross[..., weight_on] = 1.0
    monkeypatch.setattr(transformer_cross, "spell", lambda *_: replace(found, cross=cross))
    assert reveal(Transformer()).right == right


def numbers_in(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    return [one for part in value for one in numbers_in(part)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("source", ["made", "real"])
def test_every_end_of_every_setting_gives_a_figure_of_numbers(view: str, source: str) -> None:
    own = {name: kind for name, kind in kinds(Transformer).items() if isinstance(kind, Number)}
    names = ("n", "blocks", "row", "seed")
    for ends in product(*((own[name].low, own[name].high) for name in names)):
        for pre_norm in (True, False):
            settings = checked(
                Transformer,
                {**dict(zip(names, ends, strict=True)), "view": view, "source": source, "pre_norm": pre_norm},
            )
            found = picture(settings)
            assert len(json.dumps(found)) < 300_000
            assert None not in [one for panel in found["panels"] for one in numbers_in(_values(panel))]
            assert "NaN" not in json.dumps(found, ensure_ascii=False)


def _values(panel: dict) -> list[Any]:
    """What is shown as numbers."""
    return [
        panel.get("values") if isinstance(panel.get("values"), list) else [],
        [one["values"] for one in panel.get("series", [])],
        [edge[2] for edge in panel.get("edges", [])],
    ]


@pytest.mark.parametrize("number", ["0", "999999", "7", "٤٠٧", "1 000"])
@pytest.mark.parametrize("chosen", ["mean", *list(HEADS)[1::3]])
def test_every_number_and_head_gives_a_figure(number: str, chosen: str) -> None:
    panels = shown(Transformer(view="cross", typed=number, cross_head=chosen, row=63))
    rows = decode_values(panels["cross"]["values"]).sum(dim=-1)
    torch.testing.assert_close(rows, torch.ones(len(rows)), atol=1e-3, rtol=0)
    assert panels["cross"]["selected"] == len(rows) - 1


@pytest.mark.parametrize(
    "changes",
    [
        {"typed": "seven"}, {"typed": ""}, {"typed": "-3"}, {"typed": "1.5"}, {"typed": "🙂"}, {"typed": "12345678"},
        {"typed": "nan"}, {"written": "blue"}, {"written": "four " * 50}, {"translator": "../../etc"},
        {"view": "block", "source": "real", "text": ""}, {"view": "paths", "source": "real", "text": "word " * 500},
        {"view": "block", "source": "real", "text": "word " * 500}, {"view": "block", "source": "real", "model": "no such model"},
        {"view": "paths", "source": "real", "layer": 40},
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused_with_a_sentence(changes: dict[str, Any]) -> None:
    with pytest.raises(AttentionError) as refused:
        picture(replace(Transformer(view="cross"), **changes))
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("text", ["word", "🙂", "a"])
@pytest.mark.parametrize("view", ["paths", "block"])
def test_one_word_or_none_at_all_can_be_read(text: str, view: str) -> None:
    assert shown(Transformer(view=view, source="real", text=text))


def test_one_seed_gives_one_figure() -> None:
    for view in VIEWS:
        assert picture(Transformer(view=view, seed=4)) == picture(Transformer(view=view, seed=4))
    assert picture(Transformer(seed=4)) != picture(Transformer(seed=5))


def test_the_caption_says_what_is_random_and_what_is_trained() -> None:
    captions = {view: picture(Transformer(view=view))["caption"] for view in VIEWS}
    assert all("untrained" in captions[view].lower() and "seed 0" in captions[view] for view in ("paths", "block"))
    assert all("speller (ours, trained)" in captions[view] for view in ("stacks", "cross"))
    assert transformer.ASKED.typed == "52318"
