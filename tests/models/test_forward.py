"""Heads that are switched off: for as long as asked, in the thread that asked, and in no model that cannot do it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from torch import Tensor

from attention.errors import ModelError, SelectionError
from attention.models import catalog, loader
from attention.models.behavior import repeat_check
from attention.models.forward import switched_off

pytestmark = pytest.mark.usefixtures("one_thread")

FolderOf = Callable[[str], Path]

IDS = torch.arange(40).view(2, 20)


def test_heads_that_do_not_exist_or_cannot_be_switched_off_are_refused(folder_of: FolderOf) -> None:
    ours = loader.load(catalog.INDUCTION)
    for off, key in (((2, 0), "bad_layer"), ((-1, 0), "bad_layer"), ((0, 4), "bad_head")):
        with pytest.raises(SelectionError) as refused, switched_off(ours, [off]):
            pytest.fail("it was opened")
        assert refused.value.key == key
    for model_type in ("mpnet", "albert"):
        model = loader.load(folder_of(model_type), folders=True)
        with pytest.raises(ModelError, match="cannot be switched off"), switched_off(model, [(0, 0)]):
            pytest.fail("it was opened")


def _hidden(ids: Tensor) -> Tensor:
    with torch.inference_mode():
        return loader.load(catalog.INDUCTION).module(input_ids=ids, use_cache=False).last_hidden_state


def test_nothing_stays_off_not_even_after_an_error() -> None:
    model = loader.load(catalog.INDUCTION)
    before = _hidden(IDS)
    seen: list[Tensor] = []

    def fail() -> None:
        with switched_off(model, [(0, 0)]):
            seen.append(_hidden(IDS))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not torch.equal(seen[0], before)
    assert torch.equal(_hidden(IDS), before)

    def burst(done: int, _total: int) -> None:
        if done == 10:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        repeat_check(catalog.INDUCTION, progress=burst)
    assert torch.equal(_hidden(IDS), before)


def test_a_head_is_off_in_one_thread_alone() -> None:
    model = loader.load(catalog.INDUCTION)
    intact = _hidden(IDS)
    with ThreadPoolExecutor(2) as pool:
        with switched_off(model, [(0, 0)]):
            off = _hidden(IDS)
            elsewhere = pool.submit(_hidden, IDS).result()
        assert torch.equal(elsewhere, intact)
        assert not torch.equal(off, intact)
        opened = threading.Barrier(2, timeout=30)

        def alone(head: int) -> Tensor:
            with switched_off(model, [(0, head)]):
                opened.wait()
                return _hidden(IDS)

        first, second = pool.map(alone, (0, 1))
    assert torch.equal(first, off)
    assert not torch.equal(first, second)
