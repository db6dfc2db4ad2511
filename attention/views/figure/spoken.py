"""Numbers as people read them on axes and in bars, as static/panel_frame.js says them."""

import math

from attention.views.figure.real import Real

Given = Real | str | None


def plain(value: Given) -> Real:
    """The number behind JSON's: None is NaN, "inf" and "-inf" are themselves."""
    return math.nan if value is None else float(value)


def say(value: Real, digits: int = 2) -> str:
    """The number with fixed digits, a real minus sign and no "-0.00"."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if abs(value) >= 1e6:
        return _power(f"{value:.1e}")
    return f"{0.0 if abs(value) < 0.5 * 10**-digits else value:.{digits}f}".replace("-", "−")


def say_tick(value: Real) -> str:
    """As few digits as say it, for axes and color bars."""
    if value == 0:
        return "0"
    if abs(value) >= 1e5 or abs(value) < 1e-3:
        return _power(f"{value:.0e}")
    text = f"{value:.3g}"
    return (text if "e" not in text else str(int(float(text)))).replace("-", "−")


def say_short(weight: Real) -> str:
    """ ".98": the leading zero says nothing when every number has it."""
    text = f"{weight:.2f}"
    return text[1:] if text.startswith("0") else "1"


def round_ticks(low: Real, high: Real, wanted: Real, log: bool = False) -> list[Real]:
    """Round numbers between two ends, about `wanted` of them; powers of ten on a logarithmic axis."""
    if log:
        start, end = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
        tens = [10.0**at for at in range(start, end + 1, max(1, math.ceil((end - start) / wanted)))]
        return tens if len(tens) > 1 else [low, high]
    rough = (high - low) / max(1.0, wanted)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(part * power for part in (1, 2, 5, 10) if part * power >= rough * 0.999)
    start = math.ceil(low / step - 1e-9)
    return [at * step for at in range(start, start + 100) if at * step <= high + 1e-9 * step]


def rounded_up(size: Real) -> Real:
    """The next of 1, 1.5, 2, 3, 4, 5, 8 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(step for step in (1, 1.5, 2, 3, 4, 5, 8, 10) if step * power >= size * 0.999) * power


def _power(text: str) -> str:
    mantissa, power = text.split("e")
    return f"{mantissa}e{int(power)}".replace("-", "−")
