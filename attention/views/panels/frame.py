"""What every panel has, and how its numbers travel: matrices as bytes, short series as rounded numbers."""

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from attention.core.tokens import right_to_left
from attention.errors import SelectionError, ShapeError
from attention.views.coding import text_of_bytes

COLUMNS = 12
EXACT_TO = 96 * 96  # cells coded in 16 bits; above, 8 bits are within 0.2% of the range
SPECIAL = 3  # the highest codes: -inf, inf, NaN


class Panel(dict[str, Any]):
    """What the browser gets of a panel, plain JSON. exact: the numbers it shows as they were before they were coded, float32."""

    def __init__(self, content: Mapping[str, Any], exact: Mapping[str, Tensor]) -> None:
        super().__init__(content)
        self.exact = {name: numbers.detach().to("cpu", torch.float32) for name, numbers in exact.items()}

    def __or__(self, changed: Mapping[str, Any]) -> "Panel":  # type: ignore[override]
        return Panel({**self, **changed}, self.exact)


def framed(
    kind: str, panel: str, *, title: str, aside: str, span: int, exact: Mapping[str, Tensor], **content: object
) -> Panel:
    """The panel. `panel` is its id: a panel that keeps it is redrawn in place. exact: see Panel.

    Raises: SelectionError: no id, or a span outside 1 to 12.
    """
    if not panel:
        raise SelectionError("bad_choice", name="panel", choices="a name of at least one character", got="an empty one")
    if not 1 <= span <= COLUMNS:
        raise SelectionError("bad_choice", name="span", choices=f"1 to {COLUMNS}", got=span)
    drawn = {"kind": kind, "id": panel, "title": title, "aside": aside, "span": span, "mirrored": False}
    return Panel({**drawn, **content}, exact)


def directed(panels: Iterable[dict], text: str) -> list[dict]:
    """The panels of a sentence, mirrored where it is read from right to left.

    Then row labels of a matrix stand on the right, and its columns run from right to left where they are tokens; bars grow to
    the left, and words stand on their right. Numeric axes stay as they are in every language.
    """
    return [panel | {"mirrored": right_to_left(text)} for panel in panels]


def check_choice(name: str, got: str, choices: Iterable[str]) -> None:
    """Raises: SelectionError when `got` is not one of the choices."""
    allowed = list(choices)
    if got not in allowed:
        raise SelectionError("bad_choice", name=name, choices=", ".join(repr(choice) for choice in allowed), got=got)


def check_size(name: str, got: int, expected: int) -> None:
    """Raises: ShapeError when a list beside an axis is not as long as the axis."""
    if got != expected:
        raise ShapeError("shape", name=name, got=(got,), expected=(expected,))


def check_row(selected: int | None, count: int) -> None:
    """Raises: SelectionError when the selected row or token does not exist."""
    if selected is not None and not 0 <= selected < count:
        raise SelectionError("bad_query", got=selected, last=count - 1)


def encode_values(values: Float[Tensor, "row column"], *, coarse: bool = False) -> dict:
    """`{rows, cols, bits, low, high, data}`: even steps from the lowest to the highest finite value, row after row, base64.

    16 bits (little-endian) up to EXACT_TO cells, 8 bits above or where `coarse`. The three highest codes are -inf, inf and NaN.
    Raises: ShapeError: no cells.
    """
    if values.numel() == 0:
        raise ShapeError("shape", name="values", got=tuple(values.shape), expected="at least one row and one column")
    numbers = values.detach().to("cpu", torch.float64)
    finite = numbers[numbers.isfinite()]
    low, high = (finite.min().item(), finite.max().item()) if finite.numel() else (0.0, 0.0)
    bits = 8 if coarse or values.numel() > EXACT_TO else 16
    top = 2**bits - 1 - SPECIAL
    step = (high - low) / top or 1.0
    codes = ((numbers.nan_to_num(low, high, low).clamp(low, high) - low) / step).round().long()
    for code, where in enumerate((numbers == -math.inf, numbers == math.inf, numbers.isnan()), start=top + 1):
        codes[where] = code
    parts = codes if bits == 8 else torch.stack([codes % 256, codes // 256], dim=-1)
    data = text_of_bytes(parts.to(torch.uint8))
    return {"rows": values.shape[0], "cols": values.shape[1], "bits": bits, "low": low, "high": high, "data": data}


def decode_values(coded: dict) -> Float[Tensor, "row column"]:
    """The values behind `encode_values`'s answer, as the browser reads them."""
    kind = "<u2" if coded["bits"] == 16 else "u1"
    codes = torch.from_numpy(np.frombuffer(base64.b64decode(coded["data"]), dtype=kind).astype(np.int64))
    top = 2 ** coded["bits"] - 1 - SPECIAL
    values = coded["low"] + codes.double() * ((coded["high"] - coded["low"]) / top)
    for code, special in enumerate((-math.inf, math.inf, math.nan), start=top + 1):
        values[codes == code] = special
    return values.reshape(coded["rows"], coded["cols"]).float()


def listed(values: Iterable[float | int]) -> list[float | str | None]:
    """The numbers to six figures; JSON has no word for NaN (None here), "inf" and "-inf"."""
    return [None if math.isnan(v) else float(f"{v:.6g}") if math.isfinite(v) else str(v) for v in values]


def known_numbers(cells: Sequence[str | float | int]) -> Float[Tensor, " cell"]:
    """The numbers among words, in float64; NaN for the words."""
    return torch.tensor([math.nan if isinstance(cell, str) else cell for cell in cells], dtype=torch.float64)


def spoken(number: float, digits: int) -> str:
    """The number as people read it: fixed digits, or 1.2×10⁻⁷ where those would show only zeros or very many."""
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "∞" if number > 0 else "−∞"
    if number and not 0.5 * 10**-digits <= abs(number) < 1e6:
        mantissa, power = f"{number:.1e}".split("e")
        raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{mantissa}×10{raised}".replace("-", "−")
    return f"{number:.{digits}f}".replace("-", "−")


def reference_lines(lines: Sequence[tuple[str, float | int]]) -> list[list[object]]:
    """[label, value] of each reference line."""
    return [[label, *listed([value])] for label, value in lines]
