"""The Softmax lab."""

from attention.share.settings.softmax import Softmax
from attention.tabs._lab import Lab, lab_tab

LAB = Lab(
    "softmax",
    "Softmax",
    Softmax,
    (
        "attention.core.softmax:softmax",
        "attention.core.softmax:entmax15",
        "attention.core.softmax:sparsemax",
        "attention.core.softmax:top_k",
        "attention.core.measures:entropy",
    ),
    picks="row",
)
TAB = lab_tab(LAB)
