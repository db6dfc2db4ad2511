"""What a lab's question is answered with."""

from dataclasses import dataclass

from attention.share.settings.real_head import RealHead


@dataclass(frozen=True, slots=True)
class Revealed:
    """The answer, computed from the figure that shows it.

    settings: where the controls go. right: zero-based index of the right choice among `choices`. sentence: what the figure says.
    """

    settings: RealHead
    right: int
    choices: int
    sentence: str
