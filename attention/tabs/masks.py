"""The Masks lab."""

from attention.share.settings.masks import Masks
from attention.tabs._lab import Lab, lab_tab

LAB = Lab(
    "masks",
    "Masks",
    Masks,
    (
        "attention.core.masks:of_kind",
        "attention.core.attention:masked",
        "attention.core.attention:weights",
        "attention.core.masks:change_of_output",
        "attention.core.masks:torch_answers",
    ),
    picks="row",
)
TAB = lab_tab(LAB)
