"""Many dimensions seen in two."""

import torch
from jaxtyping import Float
from torch import Tensor


def principal_plane(
    points: Float[Tensor, "point d_model"],
) -> tuple[Float[Tensor, "d_model 2"], float]:
    """Two directions at right angles in which the points spread most, and the share of their variance in that plane, 0 to 1.

    Each direction's largest component is positive, so that the picture is the same on every machine. Needs two dimensions.
    """
    centered = (points - points.mean(dim=0)).double()
    _, sizes, directions = torch.linalg.svd(centered, full_matrices=True)
    plane = directions[:2].mT
    largest = plane.gather(0, plane.abs().argmax(dim=0, keepdim=True))
    total = sizes.square().sum().item()
    share = sizes[:2].square().sum().item() / total if total else 1.0
    return (plane * largest.sign()).float(), share
