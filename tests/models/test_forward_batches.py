"""Which texts are read together: none is padded, none is left out, and no batch is larger than one long text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from attention.models import catalog, loader
from attention.models.forward import BATCH_TOKENS, batches, run_together


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 700), st.booleans()), max_size=40))
def test_batches_hold_every_text_once_and_only_texts_alike(kinds: list[tuple[int, bool]]) -> None:
    texts = [
        {"input_ids": (5,) * n, **({"token_type_ids": (0,) * n} if typed else {})} for n, typed in kinds
    ]  # fmt: skip
    found = list(batches(texts))
    assert sorted(at for batch in found for at in batch) == list(range(len(texts)))
    for batch in found:
        assert len({kinds[at] for at in batch}) == 1
        assert len(batch) == 1 or len(batch) * kinds[batch[0]][0] <= BATCH_TOKENS


def test_short_texts_of_one_length_are_one_batch() -> None:
    assert list(batches([{"input_ids": (5,) * n} for n in (9, 8, 9, 9)])) == [[1], [0, 2, 3]]


def test_without_norms_everything_else_is_the_same() -> None:
    model = loader.load(catalog.INDUCTION)
    texts = [{"input_ids": (5, 6, 7)}, {"input_ids": (7, 6, 5)}]
    for with_them, without in zip(
        run_together(model, texts), run_together(model, texts, with_norms=False), strict=True
    ):
        assert bool(without.value_norms.isnan().all())
        assert not bool(with_them.value_norms.isnan().any())
        assert without.value_norms.shape == with_them.value_norms.shape
        for one, other in zip(with_them.layers, without.layers, strict=True):
            assert all(bool((a == b).all()) for a, b in zip(one.arrays, other.arrays, strict=True))
