"""The Scoring lab."""

from attention.share.settings.scoring import Scoring
from attention.tabs._lab import Lab, lab_tab

LAB = Lab(
    "scoring",
    "Scoring",
    Scoring,
    (
        "attention.core.attention:scores",
        "attention.core.scoring:scored_by",
        "attention.core.scoring:naive_softmax",
        "attention.core.softmax:gradient_size",
    ),
    picks="row",
)
TAB = lab_tab(LAB)
