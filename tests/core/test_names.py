"""One spelling per name."""

from attention.core.names import head_name


def test_heads_are_zero_based_and_an_average_says_so() -> None:
    assert (head_name(3, 5), head_name(0, 0), head_name(11, None)) == ("L3H5", "L0H0", "L11 mean")
