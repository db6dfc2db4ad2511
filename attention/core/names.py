"""How things are called on screen, in files and in messages: one function per kind of name."""


def head_name(layer: int, head: int | None) -> str:
    """L3H5 for layer 3, head 5 (zero-based); L3 mean for the average over the layer's heads."""
    return f"L{layer} mean" if head is None else f"L{layer}H{head}"
