"""What a person is looking at, small enough for a session, a URL or a file name."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from attention.errors import SelectionError

if TYPE_CHECKING:  # a page is served before torch is there
    import attention.core.capture

LEVELS = {"token": "Tokens", "word": "Words"}
MEASURES = {"raw": "Weights", "content": "No specials", "value": "× value", "rollout": "Rollout"}


@dataclass(frozen=True, slots=True)
class Selection:
    """One view of one capture.

    head: None for the average over the layer's heads. query: the pinned row at the present level, or None.
    pattern: the pattern whose cells are outlined, or None.
    """

    layer: int = 0
    head: int | None = 0
    query: int | None = None
    level: str = "token"
    measure: str = "raw"
    pattern: str | None = None

    def checked(self, capture: "attention.core.capture.Capture") -> "Selection":
        """Itself. Raises: SelectionError where the capture has no such layer, head, level, measure or pattern."""
        capture.check(self.layer, self.head)
        _check_options(self.level, self.measure)
        return self.outlining(self.pattern)

    def pick(self, capture: "attention.core.capture.Capture", layer: Any, head: Any) -> "Selection":
        """The same view of another head. Raises: SelectionError, whatever a browser may send."""
        capture.check(layer, head)
        return replace(self, layer=layer, head=head)

    def shown(self, level: Any, measure: Any) -> "Selection":
        """The same head with other numbers; between words rows mean something else, so the pinned one is let go.

        Raises: SelectionError, whatever a browser may send.
        """
        _check_options(level, measure)
        return replace(self, level=level, measure=measure, query=self.query if level == self.level else None)

    def outlining(self, pattern: Any) -> "Selection":
        """The same view with this pattern's cells outlined, or none. Raises: SelectionError, whatever a browser may send."""
        from attention.core.patterns import LISTED

        names = [row.name for row in LISTED]
        if pattern is not None and (not isinstance(pattern, str) or pattern not in names):
            raise SelectionError("bad_choice", name="pattern", choices=", ".join(names), got=str(pattern)[:40])
        return replace(self, pattern=pattern)


def _check_options(level: object, measure: object) -> None:
    for name, got, choices in (("level", level, LEVELS), ("measure", measure, MEASURES)):
        if not isinstance(got, str) or got not in choices:
            raise SelectionError("bad_choice", name=name, choices=", ".join(choices), got=str(got)[:40])
