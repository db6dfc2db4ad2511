"""Which texts are read together: none is padded, none is left out, and no batch is larger than one long text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from attention.models.forward import BATCH_TOKENS, batches


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
