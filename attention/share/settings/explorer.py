"""What the Explore tab can be set to: a text, one of its heads, and how that head is shown."""

from dataclasses import dataclass

from attention.models import catalog
from attention.share.selection import LEVELS, MEASURES, Selection
from attention.share.settings.kinds import choice, number, words

MEAN, NONE = -1, -1
MODES = {"matrix": "Matrix", "arcs": "Arcs"}
EXAMPLE = "The animal didn't cross the street because it was too tired, so the other animal waited."


@dataclass(frozen=True, slots=True, kw_only=True)
class Explorer:
    """head: MEAN for the average over the layer. query: the kept row at this level, or NONE.

    pattern: whose cells are outlined; color: the score that heads are colored by; both empty for none.
    """

    model: str = words(catalog.default(), 200, label="Model, or any Hub id")
    text: str = words(EXAMPLE, 20_000, label="Text")
    pair: str = words("", 20_000, label="Second text")
    layer: int = number(0, 0, 199, label="Layer")
    head: int = number(0, MEAN, 199, label="Head", info="-1 for the mean of all heads")
    query: int = number(NONE, NONE, 1023, label="Kept row", info="-1 for none")
    level: str = choice("token", LEVELS, label="Between")
    measure: str = choice("raw", MEASURES, label="Showing")
    mode: str = choice("matrix", MODES, label="Picture")
    pattern: str = words("", 40, label="Outline")
    color: str = words("", 40, label="Color by")

    @property
    def selection(self) -> Selection:
        """The same view, as pictures take it; whether the text has it is checked there."""
        return Selection(
            layer=self.layer,
            head=None if self.head == MEAN else self.head,
            query=None if self.query == NONE else self.query,
            level=self.level,
            measure=self.measure,
            pattern=self.pattern or None,
        )


def of(
    model: str, text: str, pair: str | None, selection: Selection, mode: str = "matrix", color: str = ""
) -> Explorer:
    """The settings that show this selection of this reading."""
    return Explorer(
        model=model,
        text=text,
        pair=pair or "",
        layer=selection.layer,
        head=MEAN if selection.head is None else selection.head,
        query=NONE if selection.query is None else selection.query,
        level=selection.level,
        measure=selection.measure,
        mode=mode,
        pattern=selection.pattern or "",
        color=color,
    )
