"""The Positions lab."""

from attention.share.settings.positions import Positions
from attention.tabs._lab import Lab, lab_tab

LAB = Lab(
    "positions",
    "Positions",
    Positions,
    (
        "attention.core.positions:sinusoidal",
        "attention.core.positions:rotate",
        "attention.core.positions:alibi_bias",
        "attention.core.positions:closeness",
    ),
)
TAB = lab_tab(LAB)
