"""The plane in which points spread most, against points one can see and against the covariance matrix."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attention.core.planes import principal_plane
from attention.core.scoring import draw


def test_points_in_a_plane_are_found_whole() -> None:
    points = torch.tensor([[3.0, 0, 0], [-3, 0, 0], [0, 0, 1], [0, 0, -1]]) + torch.tensor([5.0, 5, 5])
    plane, share = principal_plane(points)
    torch.testing.assert_close(plane, torch.tensor([[1.0, 0], [0, 0], [0, 1]]), atol=1e-6, rtol=0)
    assert share == pytest.approx(1.0)


@given(st.integers(3, 20), st.integers(2, 9), st.integers(0, 1000))
@settings(deadline=None)
def test_the_share_is_the_two_largest_eigenvalues(n: int, width: int, seed: int) -> None:
    points = draw(seed, n, width).double()
    plane, share = principal_plane(points.float())
    values = torch.linalg.eigvalsh(torch.cov(points.T)).clamp(min=0)
    assert share == pytest.approx((values[-2:].sum() / values.sum()).item(), abs=1e-5)
    torch.testing.assert_close(plane.T @ plane, torch.eye(2), atol=1e-5, rtol=0)
    assert bool((plane.gather(0, plane.abs().argmax(dim=0, keepdim=True)) > 0).all())


def test_one_point_repeated_has_a_plane_and_no_variance() -> None:
    plane, share = principal_plane(torch.ones(3, 4))
    assert plane.shape == (4, 2)
    assert share == 1.0
