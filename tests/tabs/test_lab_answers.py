"""What a lab's answers say beside the figure: which settings it shows, which lists and controls go with them."""

import asyncio
import inspect
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anyio
import gradio as gr
import pytest
import torch
from tokenizers import decoders
from transformers import MarianConfig, MarianMTModel

from attention.models.catalog import INDUCTION, MINILM
from attention.share.settings.transformer import HEADS, heads
from attention.tabs import _lab, transformer
from attention.tabs._lab import Lab
from attention.tabs._lab_answers import Answers
from tests.models.tiny_tokenizers import metaspace
from tests.tabs.answered import event
from tests.tabs.test_labs import FOUND, each_lab


@each_lab
def test_an_answer_hides_or_shows_the_real_head_with_the_numbers_it_moves_to(lab: Lab) -> None:
    """Answered from a real head: what chooses a head stays only where the answer is a real head's."""
    _, status, figure, real, source, *_ = Answers(lab).on_guess({"source": "real", "text": "A cat."}, 0)
    assert status["kind"] == ""
    assert source == json.loads(figure)["settings"]["source"]
    assert real.visible == (source == "real")


@each_lab
def test_a_figure_says_which_settings_it_shows(lab: Lab) -> None:
    """What the page goes by when figures overtake one another, and whether Enter is heard."""
    given = Answers(lab)
    for name, value in (("seed", 5), ("source", "made")):
        figure = json.loads(given.on_move({name: value})["figure"])
        assert figure["settings"] == asdict(lab.settings(**{name: value}))
        assert figure["moved"] == {}
        assert figure["picks"] == bool(lab.picks)
    if lab.picks:
        _, figure, _ = given.on_pick({"seed": 5}, event({"query": 1}))
        assert json.loads(figure)["moved"] == {lab.picks: 1}
        assert json.loads(figure)["settings"] == asdict(lab.settings(seed=5, **{lab.picks: 1}))


@pytest.mark.parametrize(
    ("model", "layers", "heads"), [(MINILM, 6, 12), (INDUCTION, 2, 4), ("HuggingFaceTB/SmolLM2-135M", 30, 9)]
)
def test_layers_and_heads_offered_are_those_of_the_model(model: str, layers: int, heads: int) -> None:
    """After a link, whether its model is here or not; never without the ones that are chosen."""
    lab = FOUND[0]
    for chosen in (1, 20):
        _real, *controls = Answers(lab).on_restore({"source": "real", "model": model, "layer": chosen})
        layer, head = controls[4:6]
        assert layer.value == chosen
        assert [key for _, key in layer.choices] == list(range(max(layers, chosen + 1)))
        assert len(head.choices) == max(heads, lab.settings().head + 1)


def test_a_waiting_move_holds_no_thread_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradio runs events in 40 threads: moves that wait for a slow model must leave them to everybody else."""
    lab, hold, asked = FOUND[0], threading.Event(), list[Any]()

    def slowly(_self: Answers, sent: Any) -> dict[str, Any]:
        asked.append(sent)
        hold.wait(20)
        return {}

    monkeypatch.setattr(Answers, "on_move", slowly)
    with gr.Blocks():
        figure, link = _lab._figure(lab, Answers(lab)).server_fns
    assert all(inspect.iscoroutinefunction(one) for one in (figure, link))

    async def visit() -> int:
        moves = [asyncio.create_task(figure({"source": "real"})) for _ in range(60)]
        while len(asked) < 2:
            await asyncio.sleep(0.01)
        others = await asyncio.wait_for(anyio.to_thread.run_sync(len, asked), 5)  # another visitor's event
        hold.set()
        await asyncio.gather(*moves)
        return others

    with ThreadPoolExecutor(1) as apart:  # the browser's driver keeps an event loop running in our thread
        assert apart.submit(lambda: asyncio.run(visit())).result() == 2
    assert len(asked) == 60


def test_the_heads_offered_are_those_of_the_model_that_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The speller's eight, a translation model's own, and after it the speller's again; a head that is gone is the mean."""
    given = Answers(transformer.LAB)
    asked = {"view": "cross", "typed": "407"}
    titles = dict(given.on_offer(asked).choices)
    assert titles == {title: key for key, title in HEADS.items()}
    torch.manual_seed(0)
    config = MarianConfig(
        d_model=32, encoder_layers=1, decoder_layers=6, encoder_attention_heads=2, decoder_attention_heads=8,
        encoder_ffn_dim=16, decoder_ffn_dim=16, max_position_embeddings=32, vocab_size=30, pad_token_id=0, eos_token_id=1,
        forced_eos_token_id=None, decoder_start_token_id=0,
    )  # fmt: skip
    MarianMTModel(config).save_pretrained(tmp_path / "mine")
    tokenizer = metaspace()
    tokenizer.backend_tokenizer.decoder = decoders.Metaspace()
    tokenizer.save_pretrained(tmp_path / "mine")
    monkeypatch.setenv("ATTENTION_MODEL_DIR", str(tmp_path))
    theirs = {"view": "cross", "typed": "Hello a b", "translator": "mine", "cross_head": "5.7"}
    offered = given.on_offer(theirs)
    assert {key: title for title, key in offered.choices} == heads(6, 8)
    assert offered.value == "5.7"
    assert "L5H7" in given.on_move(theirs)["figure"]
    restored = given.on_restore(theirs)
    assert [one.value for one in restored if getattr(one, "choices", None) == offered.choices] == ["5.7"]
    assert given.on_offer({**asked, "cross_head": "5.7"}).value == "mean"
    assert given.on_offer({**theirs, "translator": "another"}) == gr.skip()
    assert all(
        one.value != "mean"
        for one in given.on_restore({**theirs, "translator": "another"})
        if isinstance(one, gr.Dropdown)
    )
