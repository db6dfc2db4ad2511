"""The Weighted sum lab."""

from attention.share.settings.weighted_sum import WeightedSum
from attention.tabs._lab import Lab, lab_tab

LAB = Lab(
    "weighted_sum",
    "Weighted sum",
    WeightedSum,
    ("attention.core.attention:scores", "attention.core.softmax:softmax", "attention.core.attention:output"),
    picks="focus",
)
TAB = lab_tab(LAB)
