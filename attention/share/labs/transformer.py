"""The Transformer lab: what took the chain's place, one block, and an encoder and a decoder at work."""

from dataclasses import replace

from attention.share.labs import transformer_block, transformer_cross, transformer_paths
from attention.share.labs.revealed import Revealed
from attention.share.settings.transformer import Transformer
from attention.views import lab

ASKED = Transformer(view="cross", typed="52318", row=2)
"""“52318” is read, “fifty two” is written, “thousand” comes next."""


def picture(settings: Transformer) -> dict:
    """The figure of the chosen view. Encoder and decoder are a trained model also while other numbers are made up."""
    if settings.view == "paths":
        panels, caption = transformer_paths.panels(settings)
    elif settings.view == "block":
        panels, caption = transformer_block.panels(settings)
    else:
        shown = transformer_cross.stacks if settings.view == "stacks" else transformer_cross.cross
        panels, caption = shown(settings)
    return lab.render(panels, caption=caption)


def reveal(settings: Transformer) -> Revealed:
    """Where the decoder looks as it writes “thousand”: the weights of the word's row, summed over each choice."""
    asked = replace(
        ASKED, **{name: getattr(settings, name) for name in ("source", "model", "text", "other", "layer", "head")}
    )
    found = transformer_cross.read(asked)
    row = transformer_cross.weights_of(found.cross, asked.cross_head)[asked.row]
    shares = [row[0].item(), row[1].item(), row[2:5].sum().item(), row[5].item()]
    right = shares.index(max(shares))
    places = ("the digit 5", "the digit 2", "the digits 3, 1 and 8", "the end mark")
    said = ", ".join(f"{share:.2f} on {place}" for share, place in zip(shares, places, strict=True))
    return Revealed(asked, right, 4, f"As it writes “{found.written[asked.row]}”, the weights are {said}.")
