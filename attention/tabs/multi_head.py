"""The Multi-head lab."""

from attention.share.settings.multi_head import MultiHead
from attention.tabs._lab import Lab, lab_tab

LAB = Lab(
    "multi_head",
    "Multi-head",
    MultiHead,
    (
        "attention.core.heads:split_heads",
        "attention.core.heads:expand_groups",
        "attention.core.multihead:multi_head",
        "attention.core.measures:js_distance",
        "attention.core.measures:averaging_loss",
    ),
    picks="head",
)
TAB = lab_tab(LAB)
